//! What stands in the file of a run, found by its boxes: where fragments begin, and where the last whole one ends.
//! It must not know what comes of that. The file is taken for anything: the machine may have stopped at any byte.

use super::index::{Entry, TICKS_A_SECOND};
use mp4_atom::{Decode, Moof};
use std::io::{self, Read, Seek, SeekFrom};

/// A header names the kind of a box and how long it is.
const HEADER_BYTES: u64 = 8;
/// A box of times and sizes that is longer than this is none of ours.
const TIMES_BYTES_MAX: u64 = 4 << 20;
/// A fragment of the index is no shorter, unless it is the last: as long as a segment of the live picture is at least.
const FRAGMENT_LEAST: u32 = TICKS_A_SECOND * 19 / 10;
/// The bit of a sample's flags that says that decoding cannot begin there (ISO/IEC 14496-12, 8.8.3.1).
const IS_NO_SYNC: u32 = 0x0001_0000;
/// The track of the pictures.
const VIDEO: u32 = 1;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// How long the part is that says how all the others are decoded; none where the file has not even that.
    pub head: Option<u64>,
    pub entries: Vec<Entry>,
}

impl Found {
    /// Where the last whole fragment ends.
    pub(super) fn end(&self) -> u64 {
        self.entries.last().map(Entry::end).or(self.head).unwrap_or(0)
    }
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: [u8; 4],
    begins: u64,
    bytes: u64,
}

impl Frame {
    fn end(&self) -> u64 {
        self.begins + self.bytes
    }
}

/// Looks through a file of so many bytes, from where what is known of it ends.
/// Errors: where it cannot be read; what is wrong in it is its end.
pub(super) fn scan(file: &mut (impl Read + Seek), length: u64, known: Vec<Entry>) -> io::Result<Found> {
    let mut found = Found { head: head(file, length)?, entries: known };
    if found.head.is_none() {
        return Ok(found);
    }
    while let Some(entry) = fragment(file, found.end(), length)? {
        add(&mut found.entries, entry);
    }
    Ok(found)
}

/// The length of what stands before the first fragment: the kind of the file, and its tracks.
pub(super) fn head(file: &mut (impl Read + Seek), length: u64) -> io::Result<Option<u64>> {
    let Some(kind) = frame(file, 0, length)?.filter(|frame| frame.kind == *b"ftyp") else { return Ok(None) };
    let tracks = frame(file, kind.end(), length)?.filter(|frame| frame.kind == *b"moov");
    Ok(tracks.map(|tracks| tracks.end()))
}

/// Whether a box of times begins there.
pub(super) fn has_fragment(file: &mut (impl Read + Seek), at: u64, length: u64) -> io::Result<bool> {
    Ok(frame(file, at, length)?.is_some_and(|frame| frame.kind == *b"moof"))
}

/// A whole box that begins there; none where the file ends before it does.
fn frame(file: &mut (impl Read + Seek), begins: u64, length: u64) -> io::Result<Option<Frame>> {
    if length.saturating_sub(begins) < HEADER_BYTES {
        return Ok(None);
    }
    let mut header = [0; HEADER_BYTES as usize];
    file.seek(SeekFrom::Start(begins))?;
    file.read_exact(&mut header)?;
    let [a, b, c, d, kind @ ..] = header;
    let bytes = u64::from(u32::from_be_bytes([a, b, c, d]));
    let is_whole = bytes >= HEADER_BYTES && bytes <= length - begins;
    Ok(is_whole.then_some(Frame { kind, begins, bytes }))
}

/// A box of times and the box of bytes behind it, as an entry.
fn fragment(file: &mut (impl Read + Seek), begins: u64, length: u64) -> io::Result<Option<Entry>> {
    let is_of_times = |frame: &Frame| frame.kind == *b"moof" && frame.bytes <= TIMES_BYTES_MAX;
    let Some(times) = frame(file, begins, length)?.filter(is_of_times) else { return Ok(None) };
    let bytes = frame(file, times.end(), length)?.filter(|frame| frame.kind == *b"mdat");
    let Some(bytes) = bytes else { return Ok(None) };
    let mut text = vec![0; times.bytes as usize];
    file.seek(SeekFrom::Start(times.begins))?;
    file.read_exact(&mut text)?;
    let Some((ticks, is_key)) = shown(&text) else { return Ok(None) };
    let Ok(of_both) = u32::try_from(bytes.end() - begins) else { return Ok(None) };
    Ok(Some(Entry { offset: begins, bytes: of_both, ticks, is_key }))
}

/// How long the pictures of a fragment show, and whether the first one is a keyframe.
fn shown(times: &[u8]) -> Option<(u32, bool)> {
    let moof = Moof::decode(&mut &*times).ok()?;
    let pictures = moof.traf.iter().find(|track| track.tfhd.track_id == VIDEO)?;
    let samples = || pictures.trun.iter().flat_map(|run| run.samples.iter());
    let ticks = samples().try_fold(0_u32, |sum, sample| sum.checked_add(sample.duration?))?;
    let is_key = samples().next()?.flags.is_some_and(|flags| flags & IS_NO_SYNC == 0);
    Some((ticks, is_key))
}

/// Adds to the last entry what is a part of it, and begins another at a keyframe.
fn add(entries: &mut Vec<Entry>, next: Entry) {
    let last = entries.last_mut().filter(|last| !next.is_key || last.ticks < FRAGMENT_LEAST);
    let together = last.and_then(|last| {
        let (bytes, ticks) = (last.bytes.checked_add(next.bytes)?, last.ticks.checked_add(next.ticks)?);
        (last.bytes, last.ticks) = (bytes, ticks);
        Some(())
    });
    if together.is_none() {
        entries.push(next);
    }
}
