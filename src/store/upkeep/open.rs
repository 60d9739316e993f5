//! How a store is opened: the files found, the database looked at, brought to its shape, and tried.
//! It must not know any table but the epoch's.

use crate::{
    domain::Millis,
    store::{
        connection::{Conn, Connector, Location, Purpose},
        database::{
            files::{Files, Missing},
            meta,
            migrate::{self, Shape},
            name_keys,
        },
        error::{Error, Result},
        pool::{Opened, Options, Store},
        transaction::{self, Tx},
    },
};
use r2d2::ManageConnection;

impl Store {
    /// Opens `sqlite:<path>[?vfs=<name>]` (made if it is not there) or `postgres://…` and migrates it. Blocks.
    /// Errors: [`Error::Url`] where the address is of no use, [`Error::Unusable`] where the database is not one to work on,
    /// [`Error::Unavailable`] where nobody answers there.
    pub fn open(url: &str) -> Result<Self> {
        let location = Location::parse(url)?;
        let options = Options::for_location(&location);
        Self::with(open(location, Missing::Make)?, &options)
    }

    /// Opens a database that is there, in the shape of this program. Blocks.
    /// Errors: As [`Store::open`].
    pub fn open_existing(url: &str) -> Result<Self> {
        let location = Location::parse(url)?;
        let options = Options::for_location(&location);
        Self::with(open(location, Missing::Refuse)?, &options)
    }

    /// As [`Store::open`], with other numbers than the usual ones.
    /// Errors: As [`Store::open`].
    pub fn open_with(url: &str, options: &Options) -> Result<Self> {
        Self::with(open(Location::parse(url)?, Missing::Make)?, options)
    }
}

fn open(location: Location, missing: Missing) -> Result<Opened> {
    let (location, files) = match location {
        Location::Sqlite { path, vfs } => {
            let files = Files::find(&path, missing)?;
            files.prepare(missing)?;
            let path = files.database().to_str().map(str::to_owned);
            let path = path.ok_or_else(|| files.cannot_use(&"its path is not UTF-8"))?;
            (Location::Sqlite { path, vfs }, Some(files))
        }
        location => (location, None),
    };
    let first = connect(&location, missing).map_err(|error| match (&files, error) {
        // What SQLite cannot open or write to is for its operator to put right; PostgreSQL may come back by itself.
        (Some(files), Error::Unavailable(error) | Error::Internal(error)) => files.cannot_use(&error),
        (_, error) => error,
    })?;
    Ok(Opened { location, first, files })
}

fn connect(location: &Location, missing: Missing) -> Result<Conn> {
    let connector = Connector { location: location.clone(), purpose: Purpose::Migrate };
    let mut conn = connector.connect()?;
    let shape = migrate::shape(&mut conn)?;
    let unusable = |why: &str| Err(Error::Unusable(format!("the database {} {why}", location.shown())));
    match (shape, missing) {
        (Shape::Current, _) => {}
        (Shape::Empty | Shape::Older, Missing::Make) => migrate::run(&mut conn)?,
        (Shape::Empty, Missing::Refuse) => return unusable("is empty; `livehouse serve` fills it"),
        (Shape::Older, Missing::Refuse) => {
            return unusable("is of an older version: start the server once, which brings it up to date");
        }
        (Shape::Foreign, _) => return unusable("has tables of another program"),
        (Shape::Newer(migration), _) => {
            return unusable(&format!(
                "is of a newer version of livehouse (migration {migration}) than this one, {}: use the newer program, or \
                 restore the backup from before the upgrade",
                env!("CARGO_PKG_VERSION")
            ));
        }
    }
    if missing == Missing::Make {
        // Also proves that it can be written to.
        let prepare = |tx: &mut Tx<'_>| {
            meta::ensure_epoch(tx)?;
            name_keys::follow_the_rule(tx)?;
            meta::touch(tx, Millis::now())
        };
        transaction::writing(prepare, |work| transaction::write(&mut conn, work))?;
    }
    Ok(conn)
}
