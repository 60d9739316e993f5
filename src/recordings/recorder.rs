//! The way to the recorder's thread: a bounded queue, into which the picture's thread puts parts without waiting.
//! It must not know files.

use super::{
    film::disk::Disk,
    fragment::Fragment,
    space::Limits,
    wishes::Wishes,
    writer::{self, Writer},
};
use crate::{
    domain::{StreamId, stream::picture::IngestWarning},
    metrics::Metrics,
    store::{
        Store,
        recordings::{Keeper, Wanted},
    },
};
use std::{
    cell::Cell,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// Most orders that wait: a hundred pictures bring that many parts in 20 seconds.
const QUEUE_MAX: usize = 8192;
/// Most bytes of fragments that wait: a disk that stands still for seconds must not take the memory.
const QUEUE_BYTES_MAX: usize = 128 << 20;

/// What the thread is asked to do; each is done in its turn.
pub(super) enum Order {
    /// Keep this; where something before it was lost, another run begins.
    Keep { stream: StreamId, fragment: Fragment, is_after_hole: bool },
    /// There is no picture any more, or it is not to be kept.
    End(StreamId),
    /// The stream is gone.
    Forget(StreamId),
    /// Some of what was kept may be gone from the table.
    Sweep,
    /// End all, and then the thread.
    Stop,
}

/// What the recorder is started with.
pub(crate) struct Settings<'a> {
    pub data_dir: &'a Path,
    /// This node as others know it.
    pub keeper: Keeper,
    pub limits: Limits,
}

/// The way to the recorder. Cloning shares it; one that was made by default keeps nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    wishes: Arc<Wishes>,
    queue: Option<Queue>,
    /// Whether its limits let it keep anything.
    keeps: bool,
}

#[derive(Clone, Debug)]
struct Queue {
    orders: SyncSender<Order>,
    bytes: Arc<AtomicUsize>,
    metrics: Metrics,
}

/// The recorder's thread, which ends when this is dropped, once all that was given to it is on the disk.
#[derive(Debug)]
pub(crate) struct Running {
    orders: SyncSender<Order>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error says that it has stopped.
        _ = self.orders.send(Order::Stop);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            log::error!("the recorder's thread has panicked");
        }
    }
}

/// Starts the recorder's thread, which first makes whole what a crash has left.
pub(crate) fn start(
    settings: Settings<'_>,
    store: Store,
    metrics: Metrics,
) -> io::Result<(Recorder, Running)> {
    let (orders, of_thread) = sync_channel(QUEUE_MAX);
    let (wishes, bytes) = (Arc::new(Wishes::default()), Arc::new(AtomicUsize::new(0)));
    let Settings { data_dir, keeper, limits } = settings;
    let parts =
        writer::Parts { disk: Disk::below(data_dir), keeper, limits, store, metrics: metrics.clone() };
    let (writer, waiting) = (Writer::new(parts, wishes.clone()), bytes.clone());
    let thread = thread::Builder::new().name("recorder".to_owned());
    let thread = thread.spawn(move || run(writer, &of_thread, &waiting))?;
    let queue = Queue { orders: orders.clone(), bytes, metrics };
    Ok((
        Recorder { wishes, queue: Some(queue), keeps: limits.of_node > 0 },
        Running { orders, thread: Some(thread) },
    ))
}

fn run(mut writer: Writer, orders: &Receiver<Order>, waiting: &AtomicUsize) {
    writer.tidy_up();
    loop {
        match orders.recv_timeout(writer.rest()) {
            Ok(Order::Keep { stream, fragment, is_after_hole }) => {
                let bytes = fragment.bytes.len();
                writer.keep(stream, fragment, is_after_hole);
                waiting.fetch_sub(bytes, Ordering::Relaxed);
            }
            Ok(Order::End(stream)) => writer.end(stream),
            Ok(Order::Forget(stream)) => writer.forget(stream),
            Ok(Order::Sweep) => writer.sweep(),
            Ok(Order::Stop) => break,
            Err(_) => {}
        }
        writer.tick();
    }
    writer.end_all();
}

impl Recorder {
    /// Whether anything can be kept here.
    pub(crate) fn is_on(&self) -> bool {
        self.keeps
    }

    /// These streams are to be kept, and no others.
    pub(crate) fn want(&self, wanted: Vec<Wanted>) {
        for stream in self.wishes.set(wanted) {
            self.order(Order::End(stream));
        }
    }

    /// A stream is gone, and what was kept of it goes.
    pub(crate) fn forget(&self, stream: StreamId) {
        self.wishes.forget(stream);
        self.order(Order::Forget(stream));
    }

    /// Something has gone from the table, and its files go soon.
    pub(crate) fn sweep(&self) {
        self.order(Order::Sweep);
    }

    /// Why a stream is not kept that should be.
    pub(crate) fn warning(&self, stream: StreamId) -> Option<IngestWarning> {
        self.wishes.warning(stream)
    }

    /// Where the parts of one stream's pictures go, one after the other.
    pub(crate) fn taps(&self, stream: StreamId) -> Taps {
        Taps { recorder: self.clone(), stream }
    }

    /// One that finds no place is made up for: the thread looks by itself what is over, and what is gone.
    fn order(&self, order: Order) {
        if let Some(queue) = &self.queue {
            _ = queue.orders.try_send(order);
        }
    }
}

#[cfg(test)]
impl Recorder {
    /// One that writes nothing: what it would keep comes out.
    pub(crate) fn dry() -> (Self, impl FnMut() -> Vec<Fragment>) {
        let (orders, came) = sync_channel(QUEUE_MAX);
        let queue = Queue { orders, bytes: Arc::default(), metrics: Metrics::new() };
        let fragments = move || {
            let of = |order| if let Order::Keep { fragment, .. } = order { Some(fragment) } else { None };
            came.try_iter().filter_map(of).collect()
        };
        (Self { wishes: Arc::default(), queue: Some(queue), keeps: true }, fragments)
    }
}

/// Opens a tap for each picture of one stream. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Taps {
    recorder: Recorder,
    stream: StreamId,
}

impl Taps {
    /// For a picture that begins.
    pub(crate) fn open(&self) -> Tap {
        Tap { recorder: self.recorder.clone(), stream: self.stream, has_hole: Cell::new(false) }
    }
}

/// Where the parts of one stream's picture go, for as long as it has one: its drop ends what is kept.
#[derive(Debug)]
pub(crate) struct Tap {
    recorder: Recorder,
    stream: StreamId,
    /// Whether something was lost since the last fragment.
    has_hole: Cell<bool>,
}

impl Tap {
    /// One that leads nowhere.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Recorder::default().taps(StreamId::new()).open()
    }

    /// Takes a fragment without waiting: where there is no place for it, it is lost. False where its stream is not to be kept.
    pub(crate) fn take(&self, fragment: impl FnOnce() -> Fragment) -> bool {
        let Some(queue) = &self.recorder.queue else { return false };
        if self.recorder.wishes.of(self.stream).is_none() {
            return false;
        }
        let is_kept = queue.keep(self.stream, fragment(), self.has_hole.get());
        self.has_hole.set(!is_kept);
        if !is_kept {
            queue.metrics.recording_holes.inc();
            log::warn!("the recording of {} has a hole: the disk is too slow", self.stream);
        }
        true
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.recorder.order(Order::End(self.stream));
    }
}

impl Queue {
    /// Whether there was a place for it.
    fn keep(&self, stream: StreamId, fragment: Fragment, is_after_hole: bool) -> bool {
        let bytes = fragment.bytes.len();
        let waiting = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let has_place = waiting == 0 || waiting + bytes <= QUEUE_BYTES_MAX;
        let order = Order::Keep { stream, fragment, is_after_hole };
        let is_kept = has_place && self.orders.try_send(order).is_ok();
        if !is_kept {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        is_kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Millis, UserId};
    use bytes::Bytes;

    #[test]
    fn at_its_limits_the_queue_takes_nothing_more_and_says_that_there_is_a_hole() {
        let fragment = |bytes: usize| Fragment {
            run: 1,
            head: Bytes::new(),
            codecs: String::new(),
            size: (1, 1),
            date: Millis(0),
            ticks: 1,
            is_key: true,
            begins_segment: true,
            bytes: vec![0; bytes].into(),
        };
        let stream = StreamId::new();
        let wanted = Wanted { stream, host: UserId::new(), started_at: Millis(0) };
        let (orders, came) = sync_channel(2);
        let metrics = Metrics::new();
        let queue = Queue { orders, bytes: Arc::default(), metrics: metrics.clone() };
        let recorder = Recorder { wishes: Arc::default(), queue: Some(queue), keeps: true };
        recorder.want(vec![wanted]);
        let tap = recorder.taps(stream).open();
        let next = || match came.try_recv() {
            Ok(Order::Keep { is_after_hole, .. }) => Some(is_after_hole),
            _ => None,
        };
        // One alone always has a place, however large; the next one is too much.
        assert!(tap.take(|| fragment(QUEUE_BYTES_MAX + 1)) && tap.take(|| fragment(1)));
        assert_eq!((next(), next(), metrics.recording_holes.get()), (Some(false), None, 1));
        recorder.queue.as_ref().unwrap().bytes.store(0, Ordering::Relaxed);
        (0..3).for_each(|_| assert!(tap.take(|| fragment(1))));
        assert_eq!([next(), next(), next()], [Some(true), Some(false), None]);
        assert_eq!(metrics.recording_holes.get(), 2);
        assert_eq!(recorder.queue.as_ref().unwrap().bytes.load(Ordering::Relaxed), 2);
        // What nobody wants is not even made.
        recorder.want(Vec::new());
        assert!(!tap.take(|| panic!("nobody wants it")));
        assert!(matches!(came.try_recv(), Ok(Order::End(of)) if of == stream));
    }
}
