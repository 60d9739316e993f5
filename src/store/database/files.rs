//! The files of an SQLite database: who may see them, whether they are whole, and whether they are still there.
//! It must not open the database's own files: to close one would give back SQLite's locks on it (POSIX).

use crate::{
    config::ownership,
    store::error::{Error, Result},
};
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// What to do where there is no database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Make,
    Refuse,
}

/// Where the files of a database are; each path is free of symbolic links.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    directory: PathBuf,
    database: PathBuf,
}

impl Files {
    /// Finds the directory, made here for the owner alone where it is missing and may be made.
    pub(crate) fn find(path: &str, missing: Missing) -> Result<Self> {
        let path = Path::new(path);
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if missing == Missing::Make {
            make_directory(parent).map_err(|error| cannot_use(parent, &error))?;
        }
        let found = parent.canonicalize().map_err(|error| match error.kind() {
            ErrorKind::NotFound => no_database(path),
            _ => cannot_use(parent, &error),
        })?;
        let name = path.file_name().ok_or_else(|| no_database(path))?;
        // The database itself may be a link to where it really is.
        let database = found.join(name);
        let database = database.canonicalize().unwrap_or(database);
        Ok(Self { directory: database.parent().unwrap_or(&found).to_owned(), database })
    }

    /// Makes the database file where it is missing and may be made, and sees that nobody else can read any.
    /// An empty database beside the traces of a full one is refused, instead of being taken for a new one.
    pub(crate) fn prepare(&self, missing: Missing) -> Result<()> {
        let size = match self.database.metadata() {
            Ok(found) if found.is_file() => Some(found.len()),
            Ok(_) => return Err(Error::Unusable(format!("{:?} is no file", self.database))),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(self.cannot_use(&error)),
        };
        if size.unwrap_or(0) == 0 {
            self.refuse_lost_database()?;
            match (missing, size) {
                (Missing::Refuse, _) => return Err(no_database(&self.database)),
                (Missing::Make, None) => self.make()?,
                (Missing::Make, Some(_)) => {}
            }
        }
        [self.database.clone(), self.beside("-wal"), self.beside("-shm")]
            .iter()
            .for_each(|file| close_to_others(file));
        Ok(())
    }

    fn make(&self) -> Result<()> {
        match make_file(&self.database) {
            // Two who begin at once share what the first one made.
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(self.cannot_use(&error)),
            _ => Ok(()),
        }
    }

    fn refuse_lost_database(&self) -> Result<()> {
        let (log, mark) = (self.log(), self.mark());
        let trace = match log.metadata() {
            Ok(found) if found.len() > 0 => log,
            _ if mark.exists() => mark,
            _ => return Ok(()),
        };
        Err(Error::Unusable(format!(
            "the database {:?} is missing or empty, but {trace:?} shows that there was one: restore it from a backup, \
             or remove {trace:?} to begin anew",
            self.database
        )))
    }

    pub(crate) fn database(&self) -> &Path {
        &self.database
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its write-ahead log.
    pub(crate) fn log(&self) -> PathBuf {
        self.beside("-wal")
    }

    /// What is locked while a server runs.
    pub(crate) fn lock(&self) -> PathBuf {
        self.beside("-lock")
    }

    /// What a server has seen of the database.
    pub(crate) fn mark(&self) -> PathBuf {
        self.beside("-mark")
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.database.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    /// The line that stops a start: what cannot be used, whose it is, who asks, and why not.
    pub(crate) fn cannot_use(&self, why: &dyn std::fmt::Display) -> Error {
        let what = ownership::described_in(&self.directory, &self.database);
        Error::Unusable(format!("the database {what}, cannot be used: {why}"))
    }

    /// Which files these are now.
    pub(crate) fn identity(&self) -> Identity {
        let files = [self.database.clone(), self.beside("-wal"), self.beside("-shm")];
        Identity(files.map(|path| (number(&path), path)))
    }
}

/// The files that were opened, by their numbers in the file system.
#[derive(Debug)]
pub(crate) struct Identity([(Option<u64>, PathBuf); 3]);

impl Identity {
    /// Fails where one of them was deleted or replaced: what is written then is lost.
    pub(crate) fn must_be_there(&self) -> Result<()> {
        match self.0.iter().find(|(opened, path)| number(path) != *opened) {
            None => Ok(()),
            Some((_, path)) => {
                Err(Error::Unavailable(format!("{path:?} was deleted or replaced under the server").into()))
            }
        }
    }

    /// The number of the database file.
    pub(crate) fn number(&self) -> Option<u64> {
        self.0[0].0
    }
}

#[cfg(unix)]
fn number(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|found| found.ino())
}

/// Without numbers it is only seen whether a file is there.
#[cfg(not(unix))]
fn number(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|_| 0)
}

fn no_database(path: &Path) -> Error {
    Error::Unusable(format!("there is no database {path:?}; `livehouse serve` makes one"))
}

fn cannot_use(directory: &Path, why: &std::io::Error) -> Error {
    let existing = directory.ancestors().find(|path| path.exists()).unwrap_or(directory);
    Error::Unusable(format!(
        "the directory {directory:?} cannot be used: {why}; {}",
        ownership::described(existing)
    ))
}

fn make_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file, the owner's alone from the first moment; SQLite gives its other files the same mode.
pub(crate) fn make_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Takes from others what they may do with a file that was made by an earlier version or with a wider mask.
#[cfg(unix)]
fn close_to_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let is_open = path.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if is_open && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
        log::warn!("{path:?} can be read by others, and that cannot be changed: {error}");
    }
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) {}
