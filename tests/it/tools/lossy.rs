//! What a power cut takes: compiles `lossy.c`, the disk that can forget, lets a server run on it, and makes it forget.

use super::Place;
use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
};

const CHANGED: u64 = 1;
const REMOVED: u64 = 2;
const SYNCED: u64 = 3;

/// A disk under a server's data directory.
pub struct LossyDisk {
    library: PathBuf,
    house: PathBuf,
    undo: PathBuf,
    lie: PathBuf,
}

struct Entry {
    kind: u64,
    number: u64,
    path: PathBuf,
    offset: u64,
    old_size: u64,
    old: Vec<u8>,
}

impl LossyDisk {
    /// Under the directory `data` of a place.
    pub fn under(place: &Place) -> LossyDisk {
        let library = place.path("lossy.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tools/lossy.c");
        let made =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
        assert!(made.expect("there is a C compiler").success(), "lossy.c compiles");
        fs::create_dir(place.path("data")).expect("a directory for a test");
        let house = place.path("data").canonicalize().expect("it was just made");
        LossyDisk { library, house, undo: place.path("undo"), lie: place.path("lie") }
    }

    /// What a server must be started with to run on it.
    pub fn environment(&self) -> Vec<(&str, &str)> {
        let text =
            |path: &'static str, value: &Path| (path, value.to_str().expect("a plain name").to_owned());
        let variables = [
            text("LD_PRELOAD", &self.library),
            text("LOSSY_HOUSE", &self.house),
            text("LOSSY_UNDO", &self.undo),
            text("LOSSY_LIE", &self.lie),
        ];
        variables.map(|(name, value)| (name, &*value.leak())).into()
    }

    /// From now on `fsync` says that all is well and does nothing.
    pub fn begin_to_lie(&self) {
        File::create(&self.lie).expect("a file for a test");
    }

    /// Takes back all that was not synced, last first. How many changes that were.
    pub fn forget(&self) -> usize {
        let log = fs::read(&self.undo).expect("the server ran on this disk");
        let unsynced = unsynced(read_all(&log));
        unsynced.iter().rev().for_each(Entry::take_back);
        unsynced.len()
    }
}

/// The last entry may have been cut by the kill; what it announced was not done.
fn read_all(mut log: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some(entry) = read_one(&mut log) {
        entries.push(entry);
    }
    entries
}

fn read_one(log: &mut &[u8]) -> Option<Entry> {
    let mut number = || {
        let (bytes, rest) = log.split_first_chunk::<8>()?;
        *log = rest;
        Some(u64::from_ne_bytes(*bytes))
    };
    let [kind, entry_number, path_len, offset, old_size, old_len] =
        [number()?, number()?, number()?, number()?, number()?, number()?];
    let (path, rest) = log.split_at_checked(path_len as usize)?;
    let (old, rest) = rest.split_at_checked(old_len as usize)?;
    *log = rest;
    let path = PathBuf::from(std::str::from_utf8(path).expect("a plain name"));
    Some(Entry { kind, number: entry_number, path, offset, old_size, old: old.to_vec() })
}

fn unsynced(entries: Vec<Entry>) -> Vec<Entry> {
    let (syncs, changes): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.kind == SYNCED);
    // A sync of a file covers what it holds, one of a directory which files there are.
    // They come in their order, so that the last one of a path stays.
    let last_sync: HashMap<&Path, u64> = syncs.iter().map(|sync| (&*sync.path, sync.number)).collect();
    let is_synced = |path: &Path, number: u64| last_sync.get(path).is_some_and(|&last| number < last);
    let removals: Vec<&Entry> = changes.iter().filter(|entry| entry.kind == REMOVED).collect();
    let is_removed_for_good = |entry: &Entry| {
        let parent = entry.path.parent().expect("it is in the house");
        let removal = |one: &&&Entry| one.path == entry.path && entry.number <= one.number;
        removals.iter().filter(removal).any(|one| is_synced(parent, one.number))
    };
    let is_lost = |entry: &Entry| match entry.kind {
        CHANGED => !is_synced(&entry.path, entry.number) && !is_removed_for_good(entry),
        _ => !is_removed_for_good(entry),
    };
    let lost: Vec<bool> = changes.iter().map(is_lost).collect();
    changes.into_iter().zip(lost).filter_map(|(entry, is_lost)| is_lost.then_some(entry)).collect()
}

impl Entry {
    fn take_back(&self) {
        if self.kind == REMOVED {
            let mut file = File::create(&self.path).expect("a file of the house");
            return file.write_all(&self.old).expect("a file of the house");
        }
        let file = OpenOptions::new().write(true).open(&self.path).expect("a file of the house");
        file.write_all_at(&self.old, self.offset).expect("a file of the house");
        file.set_len(self.old_size).expect("a file of the house");
    }
}
