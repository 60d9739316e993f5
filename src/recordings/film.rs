//! One run in its two files: what is written to them, and what is made of them after a crash.
//! It must not know why a run begins or ends.

use super::{
    boxes,
    disk::Disk,
    index::{self, Entry},
};
use crate::store::recordings::{RunId, Size};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
};

/// A run that is being written.
#[derive(Debug)]
pub(super) struct Film {
    film: File,
    index: File,
    /// Where the next fragment begins.
    end: u64,
    ticks: i64,
}

impl Film {
    /// Makes the files of a run, which begin with its head.
    pub(super) fn create(disk: &Disk, id: RunId, head: &[u8]) -> io::Result<Self> {
        disk.make(id.stream)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let (mut film, index) = (options.open(disk.film(id))?, options.open(disk.index(id))?);
        film.write_all(head)?;
        film.sync_data()?;
        disk.sync(id.stream)?;
        Ok(Self { film, index, end: head.len() as u64, ticks: 0 })
    }

    /// Adds a fragment, and returns when it is on the disk.
    /// Errors: those of the disk; what had come of it is taken away again.
    pub(super) fn append(&mut self, fragment: &[u8], ticks: u32, is_key: bool) -> io::Result<()> {
        let bytes = u32::try_from(fragment.len()).map_err(io::Error::other)?;
        let entry = Entry { offset: self.end, bytes, ticks, is_key };
        let written = self.film.write_all(fragment).and_then(|()| self.film.sync_data());
        // An index that is not there is made anew.
        if let Err(error) = written.and_then(|()| self.index.write_all(&entry.write())) {
            self.film.set_len(self.end)?;
            return Err(error);
        }
        self.end = entry.end();
        self.ticks += i64::from(ticks);
        Ok(())
    }

    /// How much there is of it.
    pub(super) fn size(&self) -> Size {
        let duration_ms = self.ticks * 1000 / i64::from(index::TICKS_A_SECOND);
        Size { duration_ms, bytes: self.end.try_into().unwrap_or(i64::MAX) }
    }
}

/// The fragments of a run, as its index has them.
/// Errors: where there is no index.
pub(crate) fn entries(disk: &Disk, id: RunId) -> io::Result<Vec<Entry>> {
    fs::read(disk.index(id)).map(|text| index::read(&text))
}

/// Makes a run whole after a crash: what is behind its last whole fragment is cut off, and the index made anew where it does
/// not fit. None where nothing is left of it.
/// Errors: those of the disk.
pub(super) fn repair(disk: &Disk, id: RunId) -> io::Result<Option<Size>> {
    let mut film = OpenOptions::new().read(true).write(true).open(disk.film(id))?;
    let length = film.metadata()?.len();
    let mut entries = entries(disk, id).unwrap_or_default();
    if !fits(&mut film, &entries, length)? {
        let found = boxes::scan(&mut film, length)?;
        film.set_len(found.end())?;
        film.sync_all()?;
        fs::write(disk.index(id), index::write(&found.entries))?;
        entries = found.entries;
    }
    let Some(last) = entries.last() else { return Ok(None) };
    let bytes = last.end().try_into().unwrap_or(i64::MAX);
    Ok(Some(Size { duration_ms: index::duration_ms(&entries), bytes }))
}

/// Whether an index says of every byte what it is, and each fragment begins where it says.
fn fits(film: &mut File, entries: &[Entry], length: u64) -> io::Result<bool> {
    let Some(mut end) = boxes::head(film, length)? else { return Ok(false) };
    for entry in entries {
        if entry.offset != end || !boxes::has_fragment(film, end, length)? {
            return Ok(false);
        }
        end = entry.end();
    }
    Ok(end == length && !entries.is_empty())
}
