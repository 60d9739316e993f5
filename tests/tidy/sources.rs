//! The sources of this repository, as the rules read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub struct Source {
    /// Below the directory that was asked for, with slashes.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Without comments and without the tests at its end.
    pub fn code(&self) -> String {
        let without_comment = |line: &str| line.split("//").next().unwrap_or("").to_owned();
        // A module of tests in a file of its own is one line, wherever it stands; one in this file is its end.
        let is_end =
            |item: &str| item.starts_with("#[path") || item.starts_with("mod ") && item.ends_with('{');
        let mut lines = self.text.lines();
        let mut code = Vec::new();
        while let Some(line) = lines.next() {
            if line != "#[cfg(test)]" {
                code.push(without_comment(line));
                continue;
            }
            let item = lines.next().unwrap_or("");
            if is_end(item) {
                break;
            }
            if !item.starts_with("mod ") {
                code.extend([without_comment(line), without_comment(item)]);
            }
        }
        code.join("\n")
    }

    pub fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("tests/") || self.path.ends_with("samples.rs")
    }

    /// Whether it stands for its folder.
    pub fn is_folder(&self) -> bool {
        self.path.ends_with("/mod.rs")
    }

    /// The path of its module: `room/core/mod.rs` is `room::core`.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        path.split('/').map(str::to_owned).collect()
    }

    /// The module on a floor that it belongs to.
    pub fn floor_module(&self) -> &str {
        self.path.split('/').next().unwrap_or("").trim_end_matches(".rs")
    }
}

pub fn rust_files(directory: &str) -> Vec<Source> {
    files(directory, &["rs"])
}

/// The files of a directory that end in one of these.
pub fn files(directory: &str, endings: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut waiting = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(&path).expect("a directory") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
                let text = fs::read_to_string(&path).expect("a text");
                let path = path.strip_prefix(&root).expect("below").display().to_string().replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "{directory} has no {endings:?}");
    found
}

/// The code of the server, without its tests.
pub fn code() -> Vec<Source> {
    rust_files("src").into_iter().filter(|source| !source.is_test()).collect()
}

/// The name that a text begins with.
pub fn name(text: &str) -> Option<String> {
    let name: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}
