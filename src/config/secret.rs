//! The secret key: given, or made in the data directory where none is given.
//! It must not know what is derived from it.

use super::one_line;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

/// Fewer bytes than this are weak.
pub(super) const SECRET_BYTES_MIN: usize = 32;
/// Random bytes of a generated secret, before they are written as base64.
const GENERATED_BYTES: usize = 32;
/// More bytes than this are another file.
const SECRET_BYTES_MAX: u64 = 4096;
const FILE_NAME: &str = "secret.key";
/// How a masked value begins.
pub(super) const MASK: &str = "***";
/// The secret of servers in tests, which all who read this know.
pub(super) const OF_TESTS: &str = "a key for tests alone, never for a server";
/// Different bytes of a secret that can be random: 32 random hexadecimal digits have fewer with odds of 1 to 10^7.
const DIFFERENT_BYTES_MIN: usize = 8;
/// Words of examples and of impatience; none is in a random secret by chance.
const SAMPLE_WORDS: &[&str] = &[
    "secret",
    "password",
    "changeme",
    "change-me",
    "change_me",
    "example",
    "sample",
    "default",
    "livehouse",
    "insecure",
    "12345678",
    "abcdefgh",
];

/// Why nobody should rely on a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Weakness {
    /// It is none, short or known.
    Refused(String),
    /// It looks as if somebody could guess it.
    Doubtful(String),
}

/// The secret from which keys of tokens are derived.
#[derive(Clone, Debug)]
pub struct SecretKey {
    secret: SecretString,
    origin: SecretOrigin,
}

/// Where a secret is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// From the operator.
    Given,
    /// From this file of the data directory, made by the server.
    Generated,
    /// Nobody's: none is given, and looking at a configuration makes none.
    Missing,
}

impl SecretKey {
    /// A secret of the operator.
    pub fn given(secret: impl Into<SecretString>) -> SecretKey {
        SecretKey { secret: secret.into(), origin: SecretOrigin::Given }
    }

    /// The bytes of the key, for deriving others.
    pub fn expose_bytes(&self) -> &[u8] {
        self.secret.expose_secret().as_bytes()
    }

    /// Where it is from.
    pub fn origin(&self) -> SecretOrigin {
        self.origin
    }

    /// Why nobody should rely on it; `None` for a good one.
    pub(super) fn weakness(&self) -> Option<Weakness> {
        use Weakness::{Doubtful, Refused};
        let bytes = self.expose_bytes();
        let lower = self.secret.expose_secret().to_lowercase();
        match bytes.len() {
            0 => Some(Refused("an empty secret".into())),
            _ if lower.starts_with(MASK) => Some(Refused("a masked secret, not the secret itself".into())),
            length if length < SECRET_BYTES_MIN => Some(Refused(format!("a secret of {length} bytes"))),
            _ if is_known(&lower) => Some(Refused("a sample secret".into())),
            _ if SAMPLE_WORDS.iter().any(|word| lower.contains(word)) => {
                Some(Doubtful("a sample secret".into()))
            }
            _ if different(bytes) < DIFFERENT_BYTES_MIN => {
                Some(Doubtful("a secret of few different characters".into()))
            }
            _ => None,
        }
    }

    /// The secret of the data directory, made there if it has none; says whether it was.
    pub(super) fn load_or_generate(data_dir: &Path) -> Result<(SecretKey, bool), String> {
        if let Some(key) = SecretKey::load(data_dir)? {
            return Ok((key, false));
        }
        let mut random = [0; GENERATED_BYTES];
        getrandom::fill(&mut random).map_err(|error| one_line(&error))?;
        let text = URL_SAFE_NO_PAD.encode(random);
        match write_new(&path_in(data_dir), &text) {
            Ok(()) => Ok((SecretKey { secret: text.into(), origin: SecretOrigin::Generated }, true)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let other = SecretKey::load(data_dir)?.ok_or("a key file that comes and goes")?;
                Ok((other, false))
            }
            Err(error) => Err(one_line(&error)),
        }
    }

    /// The secret of the data directory, if it has one.
    pub(super) fn load(data_dir: &Path) -> Result<Option<SecretKey>, String> {
        let mut text = String::new();
        let file = match File::open(path_in(data_dir)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(one_line(&error)),
        };
        file.take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(|error| one_line(&error))?;
        let key = SecretKey { secret: text.trim_end().into(), origin: SecretOrigin::Generated };
        match key.weakness() {
            None => Ok(Some(key)),
            Some(Weakness::Refused(weakness) | Weakness::Doubtful(weakness)) => Err(weakness),
        }
    }

    /// Stands where no secret is, and is not one.
    pub(super) fn missing() -> SecretKey {
        SecretKey { secret: SecretString::default(), origin: SecretOrigin::Missing }
    }
}

/// One that is printed somewhere, or made of nothing but the words of examples.
fn is_known(lower: &str) -> bool {
    let rest = SAMPLE_WORDS.iter().fold(lower.to_owned(), |rest, word| rest.replace(word, ""));
    lower == OF_TESTS || !rest.contains(char::is_alphanumeric)
}

fn different(bytes: &[u8]) -> usize {
    std::collections::BTreeSet::from_iter(bytes).len()
}

/// The file of the generated secret.
pub(super) fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE_NAME)
}

/// Whether others than the owner may read the file.
pub(super) fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Never follows or replaces what is there (`O_EXCL`), readable by the owner alone from the first moment.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
