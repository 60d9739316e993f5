//! One run in its two files: what is written to them, what is made of them after a crash, and pieces of them for whoever fetches
//! them. It must not know why a run begins or ends, nor who fetches it.

mod boxes;
pub(super) mod disk;
pub(super) mod index;
mod rebase;

use self::{disk::Disk, index::Entry, rebase::Beginning};
use super::fragment::Fragment;
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
    /// Bytes of the film: where the next part begins.
    end: u64,
    /// Bytes of the index.
    indexed: u64,
    /// The segment under way, as far as it has come.
    segment: Option<Entry>,
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
        let (end, beginning) = (head.len() as u64, Beginning::of(head));
        Ok(Self { film, index, end, indexed: 0, segment: None, ticks: 0, beginning })
    }

    /// Adds a part: a program that is killed loses nothing of it. With the next segment the one before it is on the disk, and in the
    /// index.
    /// Errors: those of the disk; what had come of it is taken away again.
    pub(super) fn append(&mut self, part: &Fragment) -> io::Result<()> {
        if part.begins_segment {
            self.end_segment()?;
        }
        let bytes = self.beginning.rebased(&part.bytes);
        let segment =
            self.segment.unwrap_or(Entry { offset: self.end, bytes: 0, ticks: 0, is_key: part.is_key });
        let longer = segment.with(&bytes, part.ticks).ok_or(io::ErrorKind::FileTooLarge)?;
        add(&mut self.film, self.end, &bytes)?;
        self.segment = Some(longer);
        self.end = longer.end();
        self.ticks += i64::from(part.ticks);
        Ok(())
    }

    /// Nothing more comes.
    /// Errors: those of the disk; an index that lacks the end is made anew at the next start.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.end_segment()
    }

    /// The index says of nothing that it is there before it is on the disk.
    fn end_segment(&mut self) -> io::Result<()> {
        let Some(segment) = self.segment else { return Ok(()) };
        self.film.sync_data()?;
        let entry = segment.write();
        add(&mut self.index, self.indexed, &entry)?;
        self.indexed += entry.len() as u64;
        self.segment = None;
        Ok(())
    }

    /// How much there is of it.
    pub(super) fn size(&self) -> Size {
        let duration_ms = self.ticks * 1000 / i64::from(index::TICKS_A_SECOND);
        Size { duration_ms, bytes: self.end.try_into().unwrap_or(i64::MAX) }
    }
}

/// Adds to the end of a file.
/// Errors: those of the disk; what had come of it is taken away again.
fn add(file: &mut File, end: u64, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes).or_else(|error| {
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        Err(error)
    })
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

/// Makes a run whole after a crash: what is behind its last whole part is cut off, and the index made anew from where it does
/// not fit. None where nothing is left of it.
/// Errors: those of the disk.
pub(super) fn repair(disk: &Disk, id: RunId) -> io::Result<Option<Size>> {
    let mut film = OpenOptions::new().read(true).write(true).open(disk.film(id))?;
    let length = film.metadata()?.len();
    let told = entries(disk, id).unwrap_or_default();
    let fitting = fitting(&mut film, &told, length)?;
    let found = boxes::scan(&mut film, length, fitting)?;
    if found.end() < length {
        film.set_len(found.end())?;
        film.sync_all()?;
    }
    if found.entries != told {
        fs::write(disk.index(id), index::write(&found.entries))?;
    }
    let Some(last) = found.entries.last() else { return Ok(None) };
    let bytes = last.end().try_into().unwrap_or(i64::MAX);
    Ok(Some(Size { duration_ms: index::duration_ms(&found.entries), bytes }))
}

/// The entries of an index that are true for as far as can be seen: each begins where the one before it ends, with a part. The last
/// of them is left out, since nothing says that it ends where it should.
fn fitting(film: &mut File, told: &[Entry], length: u64) -> io::Result<Vec<Entry>> {
    let Some(mut end) = boxes::head(film, length)? else { return Ok(Vec::new()) };
    let mut fitting = Vec::with_capacity(told.len());
    for entry in told {
        if entry.offset != end || entry.end() > length || !boxes::has_fragment(film, end, length)? {
            break;
        }
        end = entry.end();
        fitting.push(*entry);
    }
    fitting.pop();
    Ok(fitting)
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
