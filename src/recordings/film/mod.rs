//! One run in its two files: what is written to them, what is made of them after a crash, and pieces of them for whoever fetches
//! them. It must not know why a run begins or ends, nor who fetches it.

mod boxes;
pub(super) mod disk;
pub(super) mod index;
mod rebase;

use self::{disk::Disk, index::Entry, rebase::Beginning};
use crate::store::recordings::{RunId, Size};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};
use tokio::task::spawn_blocking;

/// So much is read at once.
const PIECE_BYTES: u64 = 256 << 10;

/// A run that is being written.
#[derive(Debug)]
pub(super) struct Film {
    film: File,
    index: File,
    /// Where the next fragment begins.
    end: u64,
    ticks: i64,
    beginning: Beginning,
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
        Ok(Self { film, index, end: head.len() as u64, ticks: 0, beginning: Beginning::of(head) })
    }

    /// Adds a fragment, and returns when it is on the disk.
    /// Errors: those of the disk; what had come of it is taken away again.
    pub(super) fn append(&mut self, fragment: &[u8], ticks: u32, is_key: bool) -> io::Result<()> {
        let fragment = self.beginning.rebased(fragment);
        let bytes = u32::try_from(fragment.len()).map_err(io::Error::other)?;
        let entry = Entry { offset: self.end, bytes, ticks, is_key };
        let written = self.film.write_all(&fragment).and_then(|()| self.film.sync_data());
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

/// The index of a run as it lies there.
/// Errors: where there is none.
pub(crate) fn index_of(disk: &Disk, id: RunId) -> io::Result<Bytes> {
    fs::read(disk.index(id)).map(Bytes::from)
}

/// The fragments of a run, as its index has them.
/// Errors: where there is none.
pub(super) fn entries(disk: &Disk, id: RunId) -> io::Result<Vec<Entry>> {
    index_of(disk, id).map(|text| index::read(&text))
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

/// Bytes of a film that are still to be read.
#[derive(Debug)]
pub(crate) struct Reading {
    film: File,
    path: PathBuf,
    left: u64,
}

impl Reading {
    /// From one byte to before another.
    /// Errors: where the film is not there, or has fewer.
    pub(crate) async fn open(disk: Disk, id: RunId, from: u64, to: u64) -> io::Result<Self> {
        let opening = move || {
            let path = disk.film(id);
            let mut film = File::open(&path)?;
            if film.metadata()?.len() < to {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            film.seek(SeekFrom::Start(from))?;
            Ok(Self { film, path, left: to.saturating_sub(from) })
        };
        spawn_blocking(opening).await.map_err(io::Error::other)?
    }

    /// Those bytes, a piece at a time, no faster than they are taken, and for as long as whoever takes them may.
    pub(crate) fn pieces<M: Future<Output = bool>>(
        self,
        may: impl Fn() -> M,
    ) -> impl Stream<Item = io::Result<Bytes>> {
        stream::unfold((self, may), |(reading, may)| async {
            if reading.left == 0 || !may().await {
                return None;
            }
            let read = spawn_blocking(move || reading.next()).await.map_err(io::Error::other).flatten();
            match read {
                Ok((piece, rest)) => Some((Ok(piece), (rest, may))),
                Err(error) => {
                    log::warn!("a film could not be read to its end: {error}");
                    None
                }
            }
        })
    }

    /// Errors: where the film is not there any more, though it can still be read.
    fn next(mut self) -> io::Result<(Bytes, Self)> {
        fs::metadata(&self.path)?;
        let bytes = self.left.min(PIECE_BYTES);
        let mut piece = BytesMut::zeroed(bytes as usize);
        self.film.read_exact(&mut piece)?;
        self.left -= bytes;
        Ok((piece.freeze(), self))
    }
}
