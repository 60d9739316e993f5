//! What the recorder's thread does: begins films, adds to them, ends them, and says in the table how much there is.
//! It must not know who sends a picture.

use super::{
    film::{Film, disk::Disk},
    fragment::Fragment,
    ready,
    space::{Fault, Limits, Space},
    sweep,
    wishes::Wishes,
};
use crate::{
    domain::{Millis, StreamId, UserId},
    logging::Recurring,
    metrics::Metrics,
    store::{
        self, Store,
        recordings::{self, Keeper, NewRun, RunId, Wanted},
    },
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How often the table is told how much there is, and what may be kept is read anew.
const NOTE_EVERY: Duration = Duration::from_secs(10);
/// How often it is looked for what should not be there any more: another node may have deleted it.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// Parts are shorter than this: a film that has had none for so long is over.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// When it is tried again what could not be done.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// What it is made of.
pub(super) struct Parts {
    pub disk: Disk,
    pub keeper: Keeper,
    pub limits: Limits,
    pub store: Store,
    pub metrics: Metrics,
}

/// A film under way.
#[derive(Debug)]
struct Open {
    id: RunId,
    /// The run of the picture.
    run: u64,
    host: UserId,
    film: Film,
    /// When something was last added to it.
    at: Instant,
}

/// All films under way.
pub(super) struct Writer {
    parts: Parts,
    wishes: Arc<Wishes>,
    space: Space,
    open: HashMap<StreamId, Open>,
    /// Streams that could not be kept, and when.
    failed: HashMap<StreamId, Instant>,
    next_note: Instant,
    next_sweep: Instant,
    fault: Recurring,
}

impl Writer {
    pub(super) fn new(parts: Parts, wishes: Arc<Wishes>) -> Self {
        let (now, space) = (Instant::now(), Space::new(parts.disk.clone(), parts.limits));
        let fault = Recurring::new("what is kept of pictures cannot be told or looked through");
        let (next_note, next_sweep) = (now + NOTE_EVERY, now + SWEEP_EVERY);
        let (open, failed) = (HashMap::new(), HashMap::new());
        Self { parts, wishes, space, open, failed, next_note, next_sweep, fault }
    }

    /// Makes whole what a crash has left, and removes what should not be there.
    pub(super) fn tidy_up(&mut self) {
        let Parts { disk, keeper, store, .. } = &self.parts;
        let repaired = sweep::repair(disk, keeper, store);
        self.tell_fault(repaired);
        self.sweep();
    }

    /// How long nothing has to be done without being asked.
    pub(super) fn rest(&self) -> Duration {
        self.next_note.min(self.next_sweep).saturating_duration_since(Instant::now())
    }

    /// Keeps a fragment, if its stream is still to be kept; without a keyframe nothing begins.
    pub(super) fn keep(&mut self, stream: StreamId, fragment: Fragment, is_after_hole: bool) {
        let goes_on = self.open.get(&stream).is_some_and(|open| open.run == fragment.run) && !is_after_hole;
        if !goes_on {
            self.end(stream);
        }
        let Some(wanted) = self.wishes.of(stream) else { return self.end(stream) };
        let is_seen = fragment.date >= wanted.started_at;
        let is_too_soon = self.failed.get(&stream).is_some_and(|failed| failed.elapsed() < AGAIN_AFTER);
        if !is_seen || is_too_soon || !(goes_on || fragment.is_key) {
            return;
        }
        match self.add(wanted, &fragment, goes_on) {
            Ok(()) => self.works(stream),
            Err(fault) => self.fails(stream, &fault),
        }
    }

    fn add(&mut self, wanted: Wanted, fragment: &Fragment, goes_on: bool) -> Result<(), Fault> {
        let bytes = fragment.bytes.len() as u64;
        if !goes_on {
            self.begin(wanted, fragment)?;
        }
        self.space.admit(wanted.host, bytes)?;
        let Some(open) = self.open.get_mut(&wanted.stream) else { return Ok(()) };
        open.film.append(fragment)?;
        open.at = Instant::now();
        self.space.add(wanted.host, bytes);
        self.parts.metrics.recording_bytes.inc_by(bytes);
        Ok(())
    }

    /// Begins a film: its row is there before its files, so that none of them is nobody's.
    fn begin(&mut self, wanted: Wanted, fragment: &Fragment) -> Result<(), Fault> {
        self.measure(Some(wanted.host))?;
        self.space.admit(wanted.host, fragment.bytes.len() as u64)?;
        let Parts { disk, keeper, store, .. } = &self.parts;
        sweep::find_disk(disk, keeper, store)?;
        let new = NewRun {
            stream: wanted.stream,
            keeper: self.parts.keeper.clone(),
            offset_ms: fragment.date.since(wanted.started_at),
            codecs: fragment.codecs.clone(),
            size: fragment.size,
            at: Millis::now(),
        };
        let id = self.parts.store.write_blocking(|tx| recordings::begin(tx, &new))?;
        let film = Film::create(&self.parts.disk, id, &fragment.head).inspect_err(|_| {
            // What is left is found later.
            _ = self.parts.disk.remove(id);
            _ = self.parts.store.write_blocking(|tx| recordings::remove(tx, id));
        })?;
        let open = Open { id, run: fragment.run, host: wanted.host, film, at: Instant::now() };
        self.open.insert(wanted.stream, open);
        self.parts.metrics.recordings_under_way.inc();
        Ok(())
    }

    fn works(&mut self, stream: StreamId) {
        if self.failed.remove(&stream).is_some() {
            self.wishes.warn(stream, None);
        }
    }

    fn fails(&mut self, stream: StreamId, fault: &Fault) {
        self.end(stream);
        if let Fault::Store(store::Error::NotFound) = fault {
            return self.wishes.forget(stream);
        }
        let warning = fault.warning();
        log::warn!("stream {stream} is not kept for now: {fault}");
        self.parts.metrics.recording_failures.of(warning.as_str()).inc();
        self.failed.insert(stream, Instant::now());
        self.wishes.warn(stream, Some(warning));
    }

    /// Ends the film of a stream, if there is one.
    pub(super) fn end(&mut self, stream: StreamId) {
        let Some(Open { id, film, .. }) = self.open.remove(&stream) else { return };
        self.parts.metrics.recordings_under_way.dec();
        let size = film.size();
        let finished = film.finish().map_err(Fault::from);
        let is_empty = size.duration_ms == 0;
        let ended = self.parts.store.write_blocking(|tx| {
            ready::end_run(tx, stream, Millis::now(), |tx| match is_empty {
                true => recordings::remove(tx, id),
                false => recordings::close(tx, id, size),
            })
        });
        if is_empty {
            _ = self.parts.disk.remove(id);
        }
        self.tell_fault(finished.and(ended.map(drop).map_err(Fault::from)));
    }

    /// Ends all films.
    pub(super) fn end_all(&mut self) {
        let streams: Vec<StreamId> = self.open.keys().copied().collect();
        streams.into_iter().for_each(|stream| self.end(stream));
    }

    /// Removes all that was kept of a stream.
    pub(super) fn forget(&mut self, stream: StreamId) {
        self.end(stream);
        self.failed.remove(&stream);
        let removed = self.parts.disk.remove_all(stream);
        self.tell_fault(removed.map_err(Fault::from));
    }

    /// Does what is due.
    pub(super) fn tick(&mut self) {
        let now = Instant::now();
        if self.next_note <= now {
            self.next_note = now + NOTE_EVERY;
            self.end_silent();
            if !self.open.is_empty() {
                let measured = self.measure(None);
                self.tell_fault(measured.map_err(Fault::from));
            }
            self.failed.retain(|stream, _| self.wishes.of(*stream).is_some());
        }
        if self.next_sweep <= now {
            self.next_sweep = now + SWEEP_EVERY;
            self.sweep();
        }
    }

    fn end_silent(&mut self) {
        let silent = self.open.iter().filter(|(_, open)| open.at.elapsed() >= SILENT_MAX);
        let silent: Vec<StreamId> = silent.map(|(stream, _)| *stream).collect();
        silent.into_iter().for_each(|stream| self.end(stream));
    }

    /// Says how much there is of each film under way, and reads what may still be kept: of their hosts, and of one more.
    fn measure(&mut self, host: Option<UserId>) -> store::Result<()> {
        let sizes: Vec<_> = self.open.values().map(|open| (open.id, open.film.size())).collect();
        let hosts: Vec<UserId> = self.open.values().map(|open| open.host).chain(host).collect();
        let Self { parts: Parts { store, keeper, .. }, space, .. } = self;
        store.write_blocking(|tx| {
            sizes.iter().try_for_each(|(id, size)| recordings::measure(tx, *id, *size, true))?;
            space.read(tx, &keeper.node, &hosts)
        })
    }

    /// Removes the files of what is gone.
    pub(super) fn sweep(&mut self) {
        let Parts { disk, keeper, limits, store, .. } = &self.parts;
        let under_way: Vec<RunId> = self.open.values().map(|open| open.id).collect();
        let swept = sweep::sweep(disk, keeper, store, limits.days, &under_way);
        self.tell_fault(swept);
    }

    fn tell_fault(&self, result: Result<(), Fault>) {
        match result {
            Ok(()) => self.fault.worked(),
            Err(fault) => self.fault.failed(fault),
        }
    }
}
