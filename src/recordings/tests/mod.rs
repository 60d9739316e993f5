//! Films that are cut at any byte, disks and accounts that are full, and what is left of streams that are gone.

mod gone;

use super::{
    film::{self, Film, disk::Disk, index},
    fragment::Fragment,
    recorder::{self, Recorder, Running, Settings},
    space::Limits,
};
use crate::{
    domain::{Millis, Status, StreamId, UserId, stream::picture::IngestWarning},
    metrics::Metrics,
    store::{
        recordings::{self as rows, Keeper, Run, RunId, Wanted},
        streams::{self, ingest},
        tests::{NOW, TestDatabase},
    },
};
use bytes::Bytes;
use mp4_atom::{Encode, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

const TICKS: u32 = 180_000;
const FRAGMENTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory that is gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("livehouse-films-{}", UserId::new()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

fn boxed(kind: &[u8; 4], text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32 + 8).to_be_bytes()[..], kind, text].concat()
}

fn head() -> Vec<u8> {
    [boxed(b"ftyp", b"iso6"), boxed(b"moov", b"two tracks")].concat()
}

/// A segment of two parts.
fn fragment(number: u32) -> Vec<u8> {
    parts(number).concat()
}

fn parts(number: u32) -> [Vec<u8>; 2] {
    [true, false].map(|is_key| {
        let flags = if is_key { 0x0200_0000 } else { 0x0101_0000 };
        let sample = TrunEntry { duration: Some(TICKS / 2), size: Some(9), flags: Some(flags), cts: None };
        let traf = Traf {
            tfhd: Tfhd { track_id: 1, ..Tfhd::default() },
            tfdt: Some(Tfdt { base_media_decode_time: u64::from(number * TICKS) }),
            trun: vec![Trun { data_offset: Some(0), samples: vec![sample].into() }],
            ..Traf::default()
        };
        let moof = Moof { mfhd: Mfhd { sequence_number: number }, traf: vec![traf] };
        let mut bytes = Vec::new();
        moof.encode(&mut bytes).unwrap();
        bytes.extend(boxed(b"mdat", b"a picture"));
        bytes
    })
}

/// A film under way, to which so many parts have come.
fn begun(disk: &Disk, count: usize) -> (RunId, Film) {
    let id = RunId { stream: StreamId::new(), run: 1 };
    let mut film = Film::create(disk, id, &head()).unwrap();
    let all = (0..).flat_map(parts).zip([true, false].into_iter().cycle());
    for (bytes, is_first) in all.take(count) {
        let of_segment = Fragment { is_key: is_first, begins_segment: is_first, ..came(1, 0) };
        film.append(&Fragment { ticks: TICKS / 2, bytes: bytes.into(), ..of_segment }).unwrap();
    }
    (id, film)
}

fn film(disk: &Disk) -> RunId {
    let (id, film) = begun(disk, 2 * FRAGMENTS);
    film.finish().unwrap();
    id
}

#[test]
fn of_a_program_that_is_killed_each_part_is_there_and_whole_segments_are_in_the_index_before_that() {
    let scratch = Scratch::new();
    let disk = Disk::below(&scratch.0);
    for count in 1..2 * FRAGMENTS {
        let (id, killed) = begun(&disk, count);
        let size = killed.size();
        drop(killed);
        assert_eq!(film::entries(&disk, id).unwrap().len(), (count - 1) / 2);
        assert_eq!(film::repair(&disk, id).unwrap(), Some(size));
        assert_eq!(size.duration_ms, count as i64 * 1000);
        assert_eq!(film::entries(&disk, id).unwrap().len(), count.div_ceil(2));
    }
}

#[test]
fn a_film_that_is_cut_at_any_byte_ends_with_its_last_whole_part_with_and_without_its_index() {
    let scratch = Scratch::new();
    let disk = Disk::below(&scratch.0);
    let id = film(&disk);
    let (whole, text) = (fs::read(disk.film(id)).unwrap(), fs::read(disk.index(id)).unwrap());
    // Where something ends that can be shown: the head, and each part.
    let part = fragment(0).len() / 2;
    let ends: Vec<usize> = (0..=FRAGMENTS * 2).map(|parts| head().len() + parts * part).collect();
    assert_eq!(ends.last(), Some(&whole.len()));
    let indexes =
        [&text[..], &text[..text.len() / 2], &[], b"nothing of that kind, and longer than an entry"];
    for cut in 0..=whole.len() {
        for index in indexes {
            fs::write(disk.film(id), &whole[..cut]).unwrap();
            fs::write(disk.index(id), index).unwrap();
            let size = film::repair(&disk, id).unwrap();
            let parts = ends.iter().rposition(|&end| end <= cut).unwrap_or(0);
            let shown_ms = size.map_or(0, |size| size.duration_ms);
            assert_eq!(shown_ms, parts as i64 * 1000, "cut at {cut}");
            if parts > 0 {
                assert_eq!(fs::read(disk.film(id)).unwrap(), &whole[..ends[parts]], "cut at {cut}");
                assert_eq!(film::entries(&disk, id).unwrap().len(), parts.div_ceil(2), "cut at {cut}");
                assert_eq!(film::repair(&disk, id).unwrap(), size, "it is whole by now");
            }
        }
    }
}

#[test]
fn what_was_never_written_behind_the_last_fragment_is_cut_off() {
    let scratch = Scratch::new();
    let disk = Disk::below(&scratch.0);
    let id = film(&disk);
    let whole = fs::read(disk.film(id)).unwrap();
    let huge = boxed(b"moof", &[0xff; 64]);
    for junk in
        [&[0; 4096][..], &[0xff; 4096], b"x", &huge, &boxed(b"mdat", b"alone"), &boxed(b"free", &[0; 9])]
    {
        fs::write(disk.film(id), [&whole, junk].concat()).unwrap();
        assert_eq!(film::repair(&disk, id).unwrap().unwrap().duration_ms, 6000);
        assert_eq!(fs::read(disk.film(id)).unwrap(), whole);
    }
    fs::write(disk.film(id), [0; 4096]).unwrap();
    assert_eq!(film::repair(&disk, id).unwrap(), None);
}

#[test]
fn an_index_that_is_made_anew_is_the_one_that_was_written() {
    let scratch = Scratch::new();
    let disk = Disk::below(&scratch.0);
    let id = film(&disk);
    let text = fs::read(disk.index(id)).unwrap();
    fs::remove_file(disk.index(id)).unwrap();
    film::repair(&disk, id).unwrap();
    assert_eq!(fs::read(disk.index(id)).unwrap(), text);
    assert_eq!(index::duration_ms(&film::entries(&disk, id).unwrap()), 6000);
}

/// A recorder over a database, and a stream on air whose host wants it to be kept.
struct House {
    database: TestDatabase,
    scratch: Scratch,
    disk: Disk,
    stream: StreamId,
    wanted: Wanted,
    metrics: Metrics,
    recorder: Recorder,
    running: Option<Running>,
}

const ENOUGH: Limits = Limits { of_node: 1 << 40, of_host: 1 << 40, left_free: 0, days: 36_500 };

impl House {
    fn new(limits: Limits) -> Self {
        let (database, scratch) = (TestDatabase::sqlite(), Scratch::new());
        let host = database.user("ana");
        let stream = database.stream(&host);
        database.write(|tx| streams::transition(tx, stream, Status::Live, NOW));
        database.write(|tx| ingest::set(tx, stream, None, Some(true)));
        let wanted = Wanted { stream, host: host.id, started_at: NOW };
        assert_eq!(database.read(|conn| rows::wanted(conn, &[stream])), [wanted]);
        let disk = Disk::below(&scratch.0);
        let (metrics, recorder) = (Metrics::new(), Recorder::default());
        let mut house = Self { database, scratch, disk, stream, wanted, metrics, recorder, running: None };
        house.start(limits);
        house
    }

    fn start(&mut self, limits: Limits) {
        self.running = None;
        let keeper = Keeper { node: "here".to_owned(), url: None };
        let settings = Settings { data_dir: &self.scratch.0, keeper, limits };
        let started = recorder::start(settings, self.database.store.clone(), self.metrics.clone());
        let (recorder, running) = started.unwrap();
        recorder.want(vec![self.wanted]);
        (self.recorder, self.running) = (recorder, Some(running));
    }

    /// Stops it once all that was given to it is done.
    fn stop(&mut self) {
        self.running = None;
    }

    fn runs(&self) -> Vec<Run> {
        self.database.read(|conn| rows::of_stream(conn, self.stream))
    }

    /// What of each run shows for how long, and which is still open.
    fn shown(&self) -> Vec<(i64, i64, bool)> {
        self.runs().iter().map(|run| (run.offset_ms, run.size.duration_ms, run.is_open)).collect()
    }

    fn wait(&self, is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.runs());
            std::thread::yield_now();
        }
    }
}

/// The fragment of a run that came so long after the start, in seconds.
fn came(run: u64, after_s: i64) -> Fragment {
    Fragment {
        run,
        head: head().into(),
        codecs: "avc1.42c01e,opus".to_owned(),
        size: (640, 360),
        date: NOW.plus_s(after_s),
        ticks: TICKS,
        is_key: true,
        begins_segment: true,
        bytes: Bytes::from(fragment(after_s.unsigned_abs() as u32)),
    }
}

#[test]
fn each_run_of_a_picture_is_a_film_from_the_start_of_the_stream_on() {
    let mut house = House::new(ENOUGH);
    let tap = house.recorder.taps(house.stream).open();
    tap.take(|| came(1, -2));
    tap.take(|| came(1, 0));
    tap.take(|| came(1, 2));
    // The encoder has come back, and what begins without a keyframe is not shown.
    tap.take(|| Fragment { is_key: false, ..came(2, 20) });
    tap.take(|| came(2, 22));
    drop(tap);
    house.stop();
    assert_eq!(house.shown(), [(0, 4000, false), (22_000, 2000, false)]);
    let first = house.runs()[0].id;
    let film = fs::read(house.disk.film(first)).unwrap();
    assert_eq!(film, [head(), fragment(0), fragment(2)].concat());
    assert_eq!(house.runs()[0].size.bytes, film.len() as i64);
    assert_eq!(house.metrics.recordings_under_way.get(), 0);
    assert_eq!(house.metrics.recording_bytes.get(), 3 * fragment(0).len() as u64);
}

#[test]
fn nothing_begins_once_the_stream_is_over_and_what_goes_on_is_kept() {
    let mut house = House::new(ENOUGH);
    let tap = house.recorder.taps(house.stream).open();
    tap.take(|| came(1, 0));
    house.wait(|| house.metrics.recordings_under_way.get() == 1);
    house.database.write(|tx| streams::transition(tx, house.stream, Status::Ended, NOW.plus_s(3)));
    tap.take(|| came(1, 2));
    // Its encoder has come back in the last moment: the recording is told as complete with the end of the first run.
    tap.take(|| came(2, 3));
    drop(tap);
    house.stop();
    assert_eq!(house.shown(), [(0, 4000, false)]);
}

#[test]
fn what_a_crash_has_left_is_whole_after_the_next_start_and_the_next_run_has_another_number() {
    let mut house = House::new(ENOUGH);
    let tap = house.recorder.taps(house.stream).open();
    [0, 2].into_iter().for_each(|at| assert!(tap.take(|| came(1, at))));
    house.stop();
    let id = house.runs()[0].id;
    // As it is when the machine stops in the middle of a fragment.
    house.database.write(|tx| rows::measure(tx, id, rows::Size { duration_ms: 0, bytes: 0 }, true));
    let film = [fs::read(house.disk.film(id)).unwrap(), fragment(4)[..20].to_vec()].concat();
    fs::write(house.disk.film(id), film).unwrap();
    house.start(ENOUGH);
    house.recorder.taps(house.stream).open().take(|| came(7, 9));
    house.stop();
    assert_eq!(house.shown(), [(0, 4000, false), (9000, 2000, false)]);
    assert_eq!(house.runs().iter().map(|run| run.id.run).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn an_account_a_site_and_a_disk_that_are_full_end_what_is_kept_and_say_so() {
    let bytes = fragment(0).len() as u64;
    let full = [
        (Limits { of_host: 5 * bytes / 2, ..ENOUGH }, IngestWarning::RecordingQuota),
        (Limits { of_node: 5 * bytes / 2, ..ENOUGH }, IngestWarning::RecordingNoSpace),
        (Limits { left_free: u64::MAX / 2, ..ENOUGH }, IngestWarning::RecordingNoSpace),
    ];
    for (limits, warning) in full {
        let mut house = House::new(limits);
        let tap = house.recorder.taps(house.stream).open();
        [0, 2, 4].into_iter().for_each(|at| assert!(tap.take(|| came(1, at))));
        house.wait(|| house.recorder.warning(house.stream).is_some());
        assert_eq!(house.recorder.warning(house.stream), Some(warning));
        house.stop();
        let kept = if limits.left_free > 0 { vec![] } else { vec![(0, 4000, false)] };
        assert_eq!(house.shown(), kept);
        assert_eq!(house.metrics.recording_failures.of(warning.as_str()).get(), 1);
        // Who does not want it any more is not warned.
        house.recorder.want(Vec::new());
        assert_eq!(house.recorder.warning(house.stream), None);
    }
}
