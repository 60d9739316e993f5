//! One node among the others: it says each second that it lives, and soon what has changed in its rooms; it looks what it may
//! not have heard, and clears what the dead have left. It must not know rooms but by their ids.

use super::{
    calls::{Beat, Calls},
    place::Place,
    places::Places,
};
use crate::{
    bus::redis::Away,
    domain::{BootId, StreamId},
    metrics::Metrics,
};
use actix::{Message, Recipient};
use futures_util::{StreamExt, stream};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{self, MissedTickBehavior, interval, sleep_until},
};

/// Rooms of which something is said at once.
const AT_ONCE: usize = 32;
/// Rooms that are looked for at once.
const LOOKED_AT_ONCE: usize = 500;

/// Another number of viewers may be shown of a stream.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct Recounted(pub StreamId);

/// How long what takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// How often a node says that it lives, and looks what it has not heard.
    pub beat: Duration,
    /// Who has not said so for so long is taken for dead.
    pub life: Duration,
    /// Of a room, changes are said at most once in this time.
    pub say: Duration,
    /// What was heard of others is shown for so long after the last answer.
    pub shown: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(1),
            life: Duration::from_secs(5),
            say: Duration::from_millis(250),
            shown: Duration::from_secs(30),
        }
    }
}

pub(super) struct Node {
    pub calls: Calls,
    pub places: Arc<Places>,
    pub told: Recipient<Recounted>,
    pub metrics: Metrics,
    /// What the others may know of it.
    pub about: String,
    pub is_away: Arc<AtomicBool>,
    pub times: Times,
    pub name: Name,
}

/// What a node is called: by another name each time it was taken for dead.
pub(super) struct Name {
    now: BootId,
    former: Option<BootId>,
    /// Whether it was never said that a node of this name lives.
    is_new: bool,
    /// When Redis has answered last.
    answered: Instant,
    clearing: Option<JoinHandle<()>>,
}

impl Name {
    pub(super) fn new() -> Self {
        Self { now: BootId::new(), former: None, is_new: true, answered: Instant::now(), clearing: None }
    }
}

/// What came of saying something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    All,
    /// Redis does not answer.
    Away,
    /// This node was taken for dead.
    Dead,
}

impl Node {
    /// Until `stop` is sent, or dropped: then all that it has left is taken away.
    pub(super) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut beats = interval(self.times.beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = time::Instant::now();
        loop {
            tokio::select! {
                biased;
                _ = &mut stop => break,
                _ = beats.tick() => self.beat().await,
                () = self.has_to_say(next) => {
                    next = time::Instant::now() + self.times.say;
                    self.say().await;
                }
            }
        }
        self.say().await;
        if self.calls.die(self.name.now).await.is_ok() {
            clear(&self.calls, self.name.now).await;
        }
    }

    async fn has_to_say(&self, next: time::Instant) {
        if self.is_away.load(Ordering::Relaxed) {
            // The next beat finds out whether that is over.
            return std::future::pending().await;
        }
        sleep_until(next).await;
        self.places.due().await;
    }

    async fn beat(&mut self) {
        let answer = self.say_alive().await;
        let answer = match answer {
            Ok(None) => {
                self.take_another_name();
                self.say_alive().await
            }
            answer => answer,
        };
        let Ok(Some(beat)) = answer else { return self.is_gone() };
        self.name.is_new = false;
        self.name.answered = Instant::now();
        self.is_away.store(false, Ordering::Relaxed);
        self.look().await;
        self.clear(beat.dead);
    }

    async fn say_alive(&self) -> Result<Option<Beat>, Away> {
        self.calls.beat(self.name.now, &self.about, self.times.life, self.name.is_new).await
    }

    /// Redis does not answer.
    fn is_gone(&mut self) {
        self.is_away.store(true, Ordering::Relaxed);
        let for_long = self.name.answered.elapsed();
        if for_long > 2 * self.times.life && !self.name.is_new {
            // By now it is dead there; if not, it is soon, for nobody uses that name again.
            self.take_another_name();
        }
        if self.name.is_new {
            self.places.forget_closed();
        }
        if for_long > self.times.shown {
            self.places.all().iter().filter(|place| place.forget()).for_each(|place| self.tell(place.stream));
        }
    }

    /// Redis has forgotten this node, or it was taken for dead while it was frozen or cut off: all is said anew.
    fn take_another_name(&mut self) {
        self.name.former = Some(std::mem::take(&mut self.name.now));
        self.name.is_new = true;
        self.metrics.presence_resyncs.inc();
        self.places.say_all();
    }

    /// Says all that is due.
    async fn say(&mut self) {
        let is_over = AtomicBool::new(false);
        let said: Vec<Said> = stream::iter(self.places.take_due())
            .map(|place| self.say_one(place, &is_over))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        if said.contains(&Said::Dead) {
            self.beat().await;
        } else if said.contains(&Said::Away) {
            self.is_away.store(true, Ordering::Relaxed);
        }
    }

    /// Says of one room what is due, unless it is of no use any more.
    async fn say_one(&self, place: Arc<Place>, is_over: &AtomicBool) -> Said {
        while let Some(saying) = place.next() {
            let answer = match is_over.load(Ordering::Relaxed) {
                true => Err(Away),
                false => self.calls.say(self.name.now, self.name.former, place.stream, &saying).await,
            };
            match answer {
                Ok(Some(_)) if saying.has_more => {}
                Ok(Some(total)) => {
                    if place.said(saying.viewers, total) {
                        self.tell(place.stream);
                    }
                }
                failed => {
                    is_over.store(true, Ordering::Relaxed);
                    place.say_again(saying);
                    self.places.make_due(&place);
                    return if failed.is_ok() { Said::Dead } else { Said::Away };
                }
            }
        }
        self.places.let_go(&place);
        Said::All
    }

    /// What others have said may have been lost on the way.
    async fn look(&self) {
        for places in self.places.all().chunks(LOOKED_AT_ONCE) {
            let marks: Vec<u64> = places.iter().map(|place| place.mark()).collect();
            let streams: Vec<StreamId> = places.iter().map(|place| place.stream).collect();
            let Ok(totals) = self.calls.look(&streams).await else { return };
            for ((place, mark), total) in places.iter().zip(marks).zip(totals) {
                if place.look(total, mark) {
                    self.tell(place.stream);
                }
            }
        }
    }

    fn tell(&self, stream: StreamId) {
        if self.told.try_send(Recounted(stream)).is_err() {
            log::debug!("the room of {stream} is not told of its viewers");
        }
    }

    /// Beside the beats, which must not wait for it.
    fn clear(&mut self, dead: Vec<BootId>) {
        if dead.is_empty() || self.name.clearing.as_ref().is_some_and(|clearing| !clearing.is_finished()) {
            return;
        }
        let calls = self.calls.clone();
        self.name.clearing = Some(tokio::spawn(async move {
            for dead in dead {
                match calls.claim(dead).await {
                    Ok(true) => clear(&calls, dead).await,
                    Ok(false) => {}
                    Err(Away) => return,
                }
            }
        }));
    }
}

/// Takes away all that a dead node has left. Where that is cut short, somebody begins anew once the claim has run out.
async fn clear(calls: &Calls, dead: BootId) {
    if let Err(Away) = clear_rooms(calls, dead).await {
        log::debug!("what the node {dead} has left is not cleared yet");
    }
}

async fn clear_rooms(calls: &Calls, dead: BootId) -> Result<(), Away> {
    loop {
        let rooms = calls.rooms_of(dead).await?;
        if rooms.is_empty() {
            return calls.forget(dead).await;
        }
        for room in rooms {
            while calls.clear(dead, &room).await?.ok_or(Away)? > 0 {}
        }
    }
}
