//! One server at a time on an SQLite database: its rooms keep in memory what another server would change.
//! It must not stand in the way of operator commands, which only write to tables.

use super::files::{Files, Missing};
use crate::store::{
    connection::Location,
    error::{Error, Result},
};
use std::fs::{File, OpenOptions, TryLockError};

/// Held for as long as a server runs; the system gives it back however the process ends.
#[derive(Debug)]
#[must_use = "the lock is given back when this is dropped"]
pub(crate) struct ServerLock {
    _file: Option<File>,
}

impl ServerLock {
    /// Takes it, for the database that `url` names. PostgreSQL needs none. Makes the directory.
    /// Errors: [`Error::Unusable`] where another server has it, or the directory cannot be written to.
    pub(crate) fn take(url: &str) -> Result<Self> {
        let Location::Sqlite { path, .. } = Location::parse(url)? else { return Ok(Self { _file: None }) };
        let files = Files::find(&path, Missing::Make)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(files.lock()).map_err(|error| files.cannot_use(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::Unusable(format!(
                "another livehouse server runs on the data directory {:?} (database {:?}); SQLite serves one at a time",
                files.directory(),
                files.database(),
            ))),
            Err(TryLockError::Error(error)) => Err(files.cannot_use(&error)),
        }
    }
}
