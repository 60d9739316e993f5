//! How a server notices that it is given another database than the one it served, such as a restored backup: beside an SQLite
//! database lies a mark that says how far it was seen. It must not know what an epoch means to clients.

use super::{epoch, home};
use crate::store::{
    connection::Conn,
    database::meta,
    error::{Error, Result},
    pool::Store,
};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

const EXPLANATION: &str =
    "# What the server has seen of the database beside this file. It is no part of a backup.";

/// What a server has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    epoch: String,
    /// How often it was noted; the database counts too, and first.
    count: i64,
    /// The number that the database file has in its file system: a copy has another.
    file: u64,
}

impl Store {
    /// For a server, before it serves: begins a new epoch where this is not the database that was served here last, or not
    /// as it was then, because clients may have seen what it does not hold. Says why.
    /// Errors: As [`Store::write`].
    pub fn begin_epoch_if_restored(&self) -> Result<Option<&'static str>> {
        let Some((files, number)) = self.files() else {
            return self.write_blocking(home::begin_epoch_if_moved);
        };
        let mark = Mark::load(&files.mark());
        let why = self.write_blocking::<_, Error>(|tx| {
            let why = why_not_the_same(tx, mark.as_ref(), number)?;
            if let Some(why) = why {
                epoch::begin(tx, why)?;
            }
            Ok(why)
        })?;
        self.mark()?;
        Ok(why)
    }

    /// Notes how far the database was seen; now and then, while a server writes.
    /// Errors: As [`Store::write`]; [`Error::Unavailable`] where the mark cannot be written.
    pub fn mark(&self) -> Result<()> {
        let Some((files, Some(file))) = self.files() else { return Ok(()) };
        // The database first: it must never be behind its mark by itself.
        let (epoch, count) =
            self.write_blocking::<_, Error>(|tx| Ok((meta::epoch(tx)?, meta::count_mark(tx)?)))?;
        let saved = Mark { epoch, count, file }.save(&files.mark());
        saved.map_err(|error| Error::Unavailable(format!("{:?}: {error}", files.mark()).into()))
    }
}

fn why_not_the_same(
    conn: &mut Conn,
    mark: Option<&Mark>,
    number: Option<u64>,
) -> Result<Option<&'static str>> {
    if meta::is_copied(conn)? {
        return Ok(Some("the database is a restored backup"));
    }
    let Some(count) = meta::marks(conn)? else { return Ok(None) };
    let Some(mark) = mark else { return Ok(Some("the database was served elsewhere before")) };
    Ok(if mark.epoch != meta::epoch(conn)? {
        Some("another database was served here before")
    } else if mark.count > count {
        Some("the database is older than it was when it was served last")
    } else if Some(mark.file) != number {
        Some("the database file was put here since it was served last")
    } else {
        None
    })
}

impl Mark {
    /// What cannot be read is no mark.
    fn load(path: &Path) -> Option<Mark> {
        Mark::parse(&fs::read_to_string(path).ok()?)
    }

    fn parse(text: &str) -> Option<Mark> {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        Some(Mark {
            epoch: value("epoch")?.to_owned(),
            count: value("count")?.parse().ok()?,
            file: value("file")?.parse().ok()?,
        })
    }

    fn text(&self) -> String {
        let Mark { epoch, count, file } = self;
        format!("{EXPLANATION}\nepoch={epoch}\ncount={count}\nfile={file}\n")
    }

    /// In place: it fits into one sector, and half a mark is none.
    fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let (mut file, text) = (options.open(path)?, self.text());
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)?;
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_half_a_mark_is_none() {
        let mark = Mark { epoch: "e".into(), count: 7, file: u64::MAX };
        assert_eq!(Mark::parse(&mark.text()), Some(mark.clone()));
        assert_eq!(Mark::parse(&mark.text().replace("count=7\n", "")), None);
        assert_eq!(Mark::parse(""), None);
    }
}
