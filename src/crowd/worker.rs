//! One thread's part of the crowd: seats its sockets, drops and resumes some, reports what it counted. It must not
//! know when a run begins or ends; it is told.

use super::{
    client::{
        context::{Context, Plan},
        ledger::Goal,
        reader::{Reader, Visit},
        socket::{Role, Seat},
    },
    stamp::Program,
    tally::Tally,
};
use std::rc::Rc;
use std::sync::{
    Arc,
    mpsc::{Receiver, Sender},
};
use std::time::Duration;
use tokio::sync::{mpsc, mpsc::error::TryRecvError, watch};
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// How often a thread reports.
pub(super) const TICK: Duration = Duration::from_millis(250);
const LOOK: Duration = Duration::from_millis(20);

/// What a thread is told.
pub(super) enum Order {
    /// Seat everyone: the first at `first_us`, the last `ramp` later.
    Join { first_us: u64, ramp: Duration },
    /// Writing is over: wait until all have everything, at most `grace`, and judge.
    Finish { goal: Goal, grace: Duration },
    /// Leave the room and stop.
    Leave,
}

/// What a thread says.
pub(super) enum News {
    Tick(Box<Tally>),
    /// All that one waits for is heard, and judged.
    Finished,
    Left,
}

/// Which of a crowd's sockets is what. Commenters come first, so that they are in before the rest.
pub(super) fn role(plan: &Plan, number: usize) -> Role {
    match number.checked_sub(plan.commenters) {
        None => Role::Commenter(number),
        Some(viewer) if viewer < plan.slow => Role::Silent,
        Some(viewer) if viewer < plan.slow + plan.drip => Role::Dripping,
        Some(_) if plan.readers > 0 => Role::Read,
        Some(_) => Role::Viewer,
    }
}

/// Runs thread `index` of `threads` on its own runtime until told to leave.
pub(super) fn run(
    plan: Arc<Plan>,
    (index, threads): (usize, usize),
    timetable: watch::Receiver<Option<Program>>,
    readers: Vec<Sender<Visit>>,
    orders: mpsc::UnboundedReceiver<Order>,
    news: mpsc::UnboundedSender<News>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let seats = (0..plan.seats()).skip(index).step_by(threads);
    let seats: Vec<_> = seats.map(|number| Rc::new(Seat::new(number, role(&plan, number)))).collect();
    let context = Rc::new(Context::new(plan, timetable, readers));
    let section = Section { context, stays: Vec::new(), seats, news, dropped: 0, owed: 0.0 };
    LocalSet::new().block_on(&runtime, section.obey(orders));
}

/// Reads for the viewers it is given until told to leave.
pub(super) fn read(
    plan: &Plan,
    visits: Receiver<Visit>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    news: mpsc::UnboundedSender<News>,
) {
    let mut reader = Reader::new(plan.dialect, plan.clock).expect("an epoll");
    let mut told = std::time::Instant::now();
    let mut finish = None;
    loop {
        visits.try_iter().for_each(|visit| reader.take(visit));
        reader.read(LOOK);
        match orders.try_recv() {
            Ok(Order::Join { .. }) | Err(TryRecvError::Empty) => {}
            Ok(Order::Finish { goal, grace }) => finish = Some((goal, Instant::now() + grace)),
            Ok(Order::Leave) | Err(TryRecvError::Disconnected) => break,
        }
        let has_all = |(goal, until): &(Goal, Instant)| reader.reaches(*goal) || Instant::now() >= *until;
        let finished = finish.take_if(|finish| has_all(finish));
        if let Some((goal, _)) = finished {
            reader.judge(goal);
        }
        if finished.is_some() || told.elapsed() >= TICK {
            told = std::time::Instant::now();
            let _ = news.send(News::Tick(Box::new(reader.counted())));
        }
        if finished.is_some() {
            let _ = news.send(News::Finished);
        }
    }
    reader.leave();
    let _ = news.send(News::Tick(Box::new(reader.counted())));
    let _ = news.send(News::Left);
}

struct Section {
    context: Rc<Context>,
    seats: Vec<Rc<Seat>>,
    stays: Vec<JoinHandle<()>>,
    news: mpsc::UnboundedSender<News>,
    /// Seats dropped so far by churn, and the fraction of one still owed.
    dropped: usize,
    owed: f64,
}

impl Section {
    async fn obey(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut churning = true;
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    if churning { self.churn() }
                    self.report();
                }
                order = orders.recv() => match order {
                    Some(Order::Join { first_us, ramp }) => self.seat_all(first_us, ramp),
                    Some(Order::Finish { goal, grace }) => {
                        churning = false;
                        self.finish(goal, grace).await;
                    }
                    Some(Order::Leave) | None => break,
                },
            }
        }
        for stay in self.stays.drain(..) {
            stay.abort();
            let _ = stay.await;
        }
        self.report();
        let _ = self.news.send(News::Left);
    }

    fn report(&self) {
        let _ = self.news.send(News::Tick(Box::new(self.context.tally.take())));
    }

    fn seat_all(&mut self, first_us: u64, ramp: Duration) {
        let seats = self.context.plan.seats().max(1) as u64;
        for seat in &self.seats {
            let intended_us = first_us + ramp.as_micros() as u64 * seat.number as u64 / seats;
            self.stays.push(spawn_local(seat.clone().attend(self.context.clone(), intended_us)));
        }
    }

    /// Drops this tick's share of the viewers; each comes back at once and resumes.
    fn churn(&mut self) {
        if self.context.plan.churn == 0.0 || self.context.timetable.borrow().is_none() {
            return;
        }
        self.owed += self.context.plan.churn * self.seats.len() as f64 * TICK.as_secs_f64();
        for _ in 0..self.owed as usize {
            let at = self.dropped % self.seats.len();
            self.dropped += 1;
            self.owed -= 1.0;
            if self.seats[at].role != Role::Viewer {
                continue;
            }
            self.stays[at].abort();
            let now_us = self.context.now_us();
            self.stays[at] = spawn_local(self.seats[at].clone().attend(self.context.clone(), now_us));
        }
    }

    async fn finish(&mut self, goal: Goal, grace: Duration) {
        let until = Instant::now() + grace;
        let listeners =
            || self.seats.iter().filter(|seat| matches!(seat.role, Role::Viewer | Role::Commenter(_)));
        while Instant::now() < until && !listeners().all(|seat| seat.reaches(goal)) {
            sleep(LOOK).await;
        }
        for seat in listeners().filter(|seat| seat.is_inside()) {
            let (breaches, missed) = seat.close(goal);
            let pulse_rate = seat.pulse_rate(self.context.now_us());
            let mut tally = self.context.tally.borrow_mut();
            tally.missed += missed;
            tally.pulse_rate = tally.pulse_rate.max(pulse_rate);
            breaches.iter().for_each(|breach| tally.breach(breach));
        }
        self.report();
        let _ = self.news.send(News::Finished);
    }
}
