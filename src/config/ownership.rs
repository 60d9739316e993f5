//! Whose a file is and who asks for it, for the line that stops a start.
//! It must not know what the file is for.

use std::path::Path;

/// A path with its owner and mode, and who this process is: `/srv/data (uid 1000, mode 0700), as uid 999`.
pub fn described(path: &Path) -> String {
    format!("{}{}", with_owner(path), asker())
}

/// The same of a file in a directory, each with its owner and mode.
pub fn described_in(directory: &Path, file: &Path) -> String {
    format!("{} in {}{}", with_owner(file), with_owner(directory), asker())
}

#[cfg(unix)]
fn with_owner(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match path.metadata() {
        Ok(found) => format!("{path:?} (uid {}, mode {:04o})", found.uid(), found.mode() & 0o7777),
        Err(_) => format!("{path:?}"),
    }
}

#[cfg(unix)]
fn asker() -> String {
    format!(", as uid {}", rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn with_owner(path: &Path) -> String {
    format!("{path:?}")
}

#[cfg(not(unix))]
fn asker() -> String {
    String::new()
}

/// Whether this process may make files in a directory.
pub fn may_write_in(directory: &Path) -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::Access;
        rustix::fs::access(directory, Access::WRITE_OK | Access::EXEC_OK).is_ok()
    }
    #[cfg(not(unix))]
    {
        directory.is_dir()
    }
}
