//! A copy of an SQLite database while others write to it: one moment of it, in one file.
//! It must not know who wants it.

use crate::{
    domain::Millis,
    store::{
        connection::{Conn, Connector, Location, Purpose},
        database::{files::make_file, meta},
        error::{Error, Result},
        pool::Store,
        transaction,
    },
};
use diesel::{RunQueryDsl, sql_types::Text};
use r2d2::ManageConnection;
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};
use uuid::Uuid;

impl Store {
    /// Copies the database into a new file, the owner's alone, durable when this returns. Writers go on meanwhile; what is
    /// deleted is not in the copy. Whoever serves the copy begins a new epoch. Blocks.
    /// Errors: [`Error::Unusable`] where there is such a file, or it cannot be made, or the database is PostgreSQL's.
    pub fn backup(&self, target: &Path) -> Result<()> {
        let Some((files, _)) = self.files() else {
            return Err(Error::Unusable(
                "a PostgreSQL database is backed up by pg_dump, not by livehouse".into(),
            ));
        };
        let cannot =
            |error: &dyn std::fmt::Display| Error::Unusable(format!("the backup {target:?}: {error}"));
        let target = std::path::absolute(target).map_err(|error| cannot(&error))?;
        if target.symlink_metadata().is_ok() {
            return Err(cannot(&"there is such a file already; it is kept as it is"));
        }
        let part = Part::beside(&target).map_err(|error| cannot(&error))?;
        copy(files.database(), &part.0).map_err(|error| cannot(&error))?;
        part.publish(&target).map_err(|error| cannot(&error))
    }
}

/// `VACUUM INTO` reads in one transaction: writers go on, and the log cannot shrink until it is done.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let path = to.to_str().ok_or_else(|| Error::internal("its path is not UTF-8"))?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(path).execute(&mut connect(from)?)?;
    let mut copy = connect(to)?;
    transaction::writing(|tx| meta::set_copied(tx, Millis::now()), |work| transaction::write(&mut copy, work))
}

fn connect(path: &Path) -> Result<Conn> {
    let path = path.to_str().ok_or_else(|| Error::internal("its path is not UTF-8"))?.to_owned();
    Connector { location: Location::Sqlite { path, vfs: None }, purpose: Purpose::Copy }.connect()
}

/// A copy in the making, gone when dropped.
struct Part(PathBuf);

impl Part {
    fn beside(target: &Path) -> io::Result<Part> {
        let mut path = target.to_owned().into_os_string();
        path.push(format!(".{}.part", Uuid::now_v7().simple()));
        let path = PathBuf::from(path);
        make_file(&path)?;
        Ok(Part(path))
    }

    /// Gives it its name, unless somebody else has taken that meanwhile.
    fn publish(self, target: &Path) -> io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        match fs::hard_link(&self.0, target) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
            // Not every file system knows links.
            Err(_) if !target.exists() => fs::rename(&self.0, target)?,
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Where it was renamed there is nothing left.
        _ = fs::remove_file(&self.0);
    }
}
