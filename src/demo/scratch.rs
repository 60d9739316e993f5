//! A directory that is there for as long as it is held. It must not know what is in it.

use std::{env, fs, io, path::PathBuf};
use uuid::Uuid;

/// Removed with all that is in it when it is dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> io::Result<Self> {
        let place = env::temp_dir().join(format!("livehouse-demo-{}", Uuid::now_v7()));
        fs::create_dir(&place)?;
        Ok(Self(place))
    }

    pub(super) fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            log::warn!("{} stays: {error}", self.0.display());
        }
    }
}
