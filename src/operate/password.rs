//! A new password from a file, from the terminal without echo, or from standard input.
//! It must not know whose it will be.

use crate::domain::{Username, accounts::password::Password};
use anyhow::{Context, anyhow, bail};
use console::Term;
use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::PathBuf,
};

/// More is no password.
const INPUT_BYTES_MAX: u64 = 4096;

/// Where a new password comes from.
#[derive(clap::Args)]
pub(super) struct PasswordFrom {
    /// File that holds the password; without it, it is asked for, or read from standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordFrom {
    /// The password, if this account may have it.
    pub(super) fn read(&self, username: &Username) -> anyhow::Result<Password> {
        let text = match &self.password_file {
            Some(path) => {
                let file = File::open(path).with_context(|| format!("the password file {path:?}"))?;
                read_all(file)?
            }
            None if io::stdin().is_terminal() => ask()?,
            None => read_all(io::stdin())?,
        };
        let password = Password::parse(&text).map_err(|refused| anyhow!("password: {refused}"))?;
        password.check_against(username).map_err(|refused| anyhow!("password: {refused}"))?;
        Ok(password)
    }
}

/// All there is, without the newline at its end.
fn read_all(from: impl Read) -> anyhow::Result<String> {
    let mut text = String::new();
    from.take(INPUT_BYTES_MAX).read_to_string(&mut text).context("the password")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn ask() -> anyhow::Result<String> {
    let terminal = Term::stderr();
    terminal.write_str("New password: ")?;
    let first = terminal.read_secure_line()?;
    terminal.write_str("Once more: ")?;
    if terminal.read_secure_line()? != first {
        bail!("the two passwords differ");
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newline_at_the_end_is_not_part_of_a_password() {
        assert_eq!(read_all(" correct horse \r\n".as_bytes()).unwrap(), " correct horse ");
    }

    #[test]
    fn an_endless_input_is_not_read_to_its_end() {
        assert_eq!(read_all(io::repeat(b'a')).unwrap().len() as u64, INPUT_BYTES_MAX);
    }
}
