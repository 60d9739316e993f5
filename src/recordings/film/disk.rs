//! Where the files of runs are: a folder for each stream, and in it a film and an index for each run.
//! It must not know what is in them, nor which of them there should be.

use crate::{
    domain::StreamId,
    store::{database::size, recordings::RunId},
};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Their place in the data directory.
const FOLDER: &str = "media";
const FILM: &str = "mp4";
const INDEX: &str = "idx";
/// Lies beside the films: a folder without it is another disk, or none.
const MARK: &str = "recordings-of-livehouse";

/// The files of all runs of one node. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// In this data directory.
    pub(crate) fn below(data_dir: &Path) -> Self {
        Self(data_dir.join(FOLDER))
    }

    /// Where the pictures and the sound of a run are.
    pub(crate) fn film(&self, id: RunId) -> PathBuf {
        self.path(id, FILM)
    }

    /// Where it says what is where in that.
    pub(crate) fn index(&self, id: RunId) -> PathBuf {
        self.path(id, INDEX)
    }

    fn path(&self, id: RunId, kind: &str) -> PathBuf {
        self.folder(id.stream).join(format!("{:04}.{kind}", id.run))
    }

    fn folder(&self, stream: StreamId) -> PathBuf {
        self.0.join(stream.to_string())
    }

    /// Makes the folder of a stream, for this user alone.
    pub(in crate::recordings) fn make(&self, stream: StreamId) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(self.folder(stream))?;
        self.mark()
    }

    fn mark(&self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.0.join(MARK)).map(drop)
    }

    /// Whether it is known that films were kept here.
    pub(in crate::recordings) fn is_marked(&self) -> bool {
        self.0.join(MARK).exists()
    }

    /// Of a folder without a mark, makes sure that so many runs were kept there, or none anywhere.
    /// Errors: [`io::ErrorKind::NotFound`] where it is not so.
    pub(in crate::recordings) fn must_be_that_of(&self, runs: usize) -> io::Result<()> {
        if runs == 0 {
            return Ok(());
        }
        // Of an earlier version there is no mark, but there are films.
        if !self.runs()?.is_empty() {
            return self.mark();
        }
        let (films, mark) = (self.0.display(), self.0.join(MARK));
        let told = format!(
            "none of {runs} recorded parts is in {films}: is its disk there? If they are gone, make the file {}",
            mark.display()
        );
        Err(io::Error::new(io::ErrorKind::NotFound, told))
    }

    /// Makes it last that a file was made in the folder of a stream, and that folder.
    pub(in crate::recordings) fn sync(&self, stream: StreamId) -> io::Result<()> {
        File::open(self.folder(stream))?.sync_all()?;
        File::open(&self.0)?.sync_all()
    }

    /// Bytes that may still be written; none where the system does not say.
    pub(in crate::recordings) fn free_bytes(&self) -> Option<u64> {
        size::disk(&self.0).map(|disk| disk.free_bytes)
    }

    /// All runs of which there is a film.
    /// Errors: where a folder cannot be read; where there is none, there are no runs.
    pub(in crate::recordings) fn runs(&self) -> io::Result<Vec<RunId>> {
        let mut runs = Vec::new();
        for stream in self.streams()? {
            let files = match fs::read_dir(self.folder(stream)) {
                // A file by such a name is somebody else's.
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => continue,
                files => files?,
            };
            for file in files {
                let path = file?.path();
                let run = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
                let is_film = path.extension().is_some_and(|kind| kind == FILM);
                runs.extend(run.filter(|_| is_film).map(|run| RunId { stream, run }));
            }
        }
        runs.sort_unstable();
        Ok(runs)
    }

    fn streams(&self) -> io::Result<Vec<StreamId>> {
        let folders = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            folders => folders?,
        };
        // What bears no name of ours is somebody else's.
        let names = folders.filter_map(|folder| folder.ok()?.file_name().into_string().ok());
        Ok(names.filter_map(|name| name.parse().ok()).collect())
    }

    /// Removes the files of a run, and the folder of its stream with the last.
    pub(in crate::recordings) fn remove(&self, id: RunId) -> io::Result<()> {
        for path in [self.film(id), self.index(id)] {
            is_gone(fs::remove_file(path))?;
        }
        // One that is not empty stays.
        _ = fs::remove_dir(self.folder(id.stream));
        Ok(())
    }

    /// Removes all files of a stream.
    pub(in crate::recordings) fn remove_all(&self, stream: StreamId) -> io::Result<()> {
        is_gone(fs::remove_dir_all(self.folder(stream)))
    }
}

/// What was not there is gone as well.
fn is_gone(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
