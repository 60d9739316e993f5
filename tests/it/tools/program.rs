//! The `livehouse` program as a shell runs it, with nothing of this machine's environment.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

/// A directory to run in, gone at the end of its test.
pub struct Place(PathBuf);

/// What a program that has ended leaves.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Place {
        let path = std::env::temp_dir().join(format!("livehouse-program-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&path).expect("a directory for a test");
        Place(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).expect("a file for a test");
        self.path(name).to_str().expect("a temporary directory has a plain name").to_owned()
    }

    /// Runs `livehouse` with these arguments, separated by spaces, to its end.
    pub fn run(&self, arguments: &str) -> Ended {
        self.run_with(arguments, &[], "")
    }

    /// The same with variables and standard input.
    pub fn run_with(&self, arguments: &str, environment: &[(&str, &str)], input: &str) -> Ended {
        let mut child = self
            .command(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that does not read its input may be gone already.
        let _unread = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// `livehouse` with these arguments, to be run with so many file descriptors at first, and at most.
    pub fn command_with_descriptors(&self, arguments: &str, soft: u64, hard: u64) -> Command {
        let mut command = Command::new("sh");
        let script = format!("ulimit -Sn {soft} && ulimit -Hn {hard} && exec \"$0\" {arguments}");
        command.current_dir(&self.0).env_clear().arg("-c").arg(script).arg(binary());
        command
    }

    /// `livehouse` with these arguments, to be run.
    pub fn command(&self, arguments: &str) -> Command {
        self.command_of(&binary(), arguments)
    }

    /// Another program with these arguments, such as an earlier version.
    pub fn command_of(&self, program: &OsStr, arguments: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.0).env_clear().args(arguments.split_whitespace());
        command
    }

    /// The same, begun by a shell that has done something first, such as `umask 0;`.
    pub fn command_after(&self, shell: &str, arguments: &str) -> Command {
        let mut command = Command::new("sh");
        let script = format!("{shell} exec \"$0\" \"$@\"");
        command.current_dir(&self.0).env_clear().args(["-c", &script]).arg(binary());
        command.args(arguments.split_whitespace());
        command
    }
}

/// The program: cargo's, or another, such as a release build, that `LIVEHOUSE_TEST_BINARY` names.
fn binary() -> OsString {
    std::env::var_os("LIVEHOUSE_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_livehouse").into())
}

/// Whether the program is as fast as those that people run.
pub fn is_fast() -> bool {
    std::env::var_os("LIVEHOUSE_TEST_BINARY").is_some() || !cfg!(debug_assertions)
}

impl Drop for Place {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

impl Ended {
    /// What it said, having done what it was told.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The one line it said, having refused with this code.
    #[track_caller]
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        self.stderr
    }
}
