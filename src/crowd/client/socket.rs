//! One socket of the crowd: joins, hears, checks, and comes back when it is dropped. It must not know how many
//! others there are.

use super::{
    cache::Recalled,
    context::Context,
    frames::Heard,
    ledger::{Breach, Goal, Ledger},
    reactions::Pulses,
};
use crate::crowd::{
    net::{
        handshake::{Knock, Refusal},
        link::{Answers, Came, Ending, Link},
        target::source_address,
    },
    tally::count,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{sleep, sleep_until, timeout};

const LONGEST_HANDSHAKE: Duration = Duration::from_secs(30);
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const MOST_FAILURES: u32 = 5;

/// What a socket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Viewer,
    /// Is read by another thread once it is inside.
    Read,
    /// Writes every n-th comment, beginning with this one.
    Commenter(usize),
    /// Stops reading once comments are written.
    Silent,
    /// Reads a few bytes at a time once comments are written.
    Dripping,
}

/// How far a socket has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Outside,
    Opened,
    Welcomed,
    Inside,
}

pub(crate) struct Seat {
    pub number: usize,
    pub role: Role,
    stage: Cell<Progress>,
    ledger: RefCell<Ledger>,
    epoch: RefCell<String>,
    /// Whether it was let in before: then it resumes.
    known: Cell<bool>,
    intended_us: Cell<u64>,
    /// The server's last word: code, whether to come back, after how many milliseconds.
    bye: Cell<Option<(u64, bool, u64)>>,
    /// Comments relayed by a peer without numbers.
    heard: Cell<u64>,
    pub next_comment: Cell<u64>,
    pub next_reaction: Cell<u64>,
    pulses: RefCell<Pulses>,
}

impl Seat {
    pub(crate) fn new(number: usize, role: Role) -> Self {
        let first = if let Role::Commenter(first) = role { first as u64 } else { 0 };
        Self {
            number,
            role,
            stage: Cell::new(Progress::Outside),
            ledger: RefCell::default(),
            epoch: RefCell::default(),
            known: Cell::new(false),
            intended_us: Cell::new(0),
            bye: Cell::new(None),
            heard: Cell::new(0),
            next_comment: Cell::new(first),
            next_reaction: Cell::new(first),
            pulses: RefCell::default(),
        }
    }

    pub(crate) fn is_inside(&self) -> bool {
        self.stage.get() == Progress::Inside
    }

    /// Whether everything of a log up to the head, or all relayed comments, came or was announced as left out, and the
    /// last pulse said it all.
    pub(crate) fn reaches(&self, goal: Goal) -> bool {
        let has_pulse = goal.reactions.is_none_or(|total| self.pulses.borrow().total() == total);
        let has_log =
            goal.head.map_or(self.heard.get() >= goal.heard, |head| self.ledger.borrow().reaches(head));
        has_pulse && has_log
    }

    /// The number of the event that comes next; none before the first snapshot.
    pub(super) fn next_event(&self) -> Option<u64> {
        self.ledger.borrow().next()
    }

    /// Pulses a second, over this visit.
    pub(crate) fn pulse_rate(&self, now_us: u64) -> f64 {
        self.pulses.borrow().rate(now_us)
    }

    /// What is missing at the end, and how many events were rightly announced as left out.
    pub(crate) fn close(&self, goal: Goal) -> (Vec<String>, u64) {
        let mut breaches = Vec::new();
        let total = self.pulses.borrow().total();
        if let Some(wanted) = goal.reactions.filter(|&wanted| wanted != total) {
            breaches.push(format!("the last pulse has {total} reactions of {wanted}"));
        }
        let got = self.heard.get();
        match goal.head {
            Some(head) => {
                breaches.extend(self.ledger.borrow_mut().close(head).iter().map(Breach::to_string));
            }
            None if got != goal.heard => breaches.push(format!("{got} comments of {}", goal.heard)),
            None => {}
        }
        let missed = goal.head.map_or(0, |_| self.ledger.borrow().missed);
        (breaches.iter().map(|breach| format!("socket {}: {breach}", self.number)).collect(), missed)
    }

    /// Comes in at `intended_us` and stays until told to go for good.
    pub(crate) async fn attend(self: Rc<Self>, context: Rc<Context>, intended_us: u64) {
        self.intended_us.set(intended_us);
        sleep_until(context.plan.clock.instant(intended_us).into()).await;
        let (mut failures, mut wait) = (0, FIRST_WAIT);
        loop {
            self.stage.set(Progress::Outside);
            self.bye.set(None);
            let outcome = self.visit(&context).await;
            let was_inside = self.is_inside();
            self.stage.set(Progress::Outside);
            match outcome {
                Err(refusal) => {
                    count(&mut context.tally.borrow_mut().join_failures, refusal.name());
                    failures += 1;
                    let decided = matches!(refusal, Refusal::Status { status: 400..=499, .. });
                    if decided || failures == MOST_FAILURES {
                        return self.give_up(&context);
                    }
                }
                Ok(ending) => {
                    count(&mut context.tally.borrow_mut().ended, self.ending_name(&ending));
                    if self.bye.get().is_some_and(|(_, retry, _)| !retry) || self.is_slow() {
                        return self.give_up(&context);
                    }
                    if was_inside {
                        (failures, wait) = (0, FIRST_WAIT);
                    }
                }
            }
            let asked = Duration::from_millis(self.bye.get().map_or(0, |(_, _, after_ms)| after_ms));
            sleep(wait.max(asked)).await;
            wait = (wait * 2).min(LONGEST_WAIT);
            self.intended_us.set(context.now_us());
        }
    }

    fn give_up(&self, context: &Context) {
        if !self.known.get() {
            context.tally.borrow_mut().gone += 1;
        }
    }

    fn is_slow(&self) -> bool {
        matches!(self.role, Role::Silent | Role::Dripping)
    }

    fn ending_name(&self, ending: &Ending) -> String {
        match (self.bye.get(), ending) {
            (Some((code, ..)), _) => code.to_string(),
            (None, Ending::Closed(Some(code))) => format!("{code} without bye"),
            (None, Ending::Closed(None)) => "closed without a word".into(),
            (None, Ending::Lost(why)) => why.clone(),
            (None, Ending::Broken(why)) => (*why).into(),
        }
    }

    async fn visit(&self, context: &Rc<Context>) -> Result<Ending, Refusal> {
        let plan = &context.plan;
        self.pulses.borrow_mut().begin(context.now_us());
        let path = self.path(context);
        let token = match self.role {
            Role::Commenter(index) => plan.pens.get(index).or(plan.viewer_token.as_ref()),
            _ => plan.viewer_token.as_ref(),
        };
        let from = source_address(self.number, plan.source_addresses);
        let token = token.map(String::as_str);
        let target = &plan.targets[plan.node_of(self.number)];
        let knock = Knock { target, path: &path, token, from, slow: self.is_slow(), deflate: plan.deflate };
        let opened = timeout(LONGEST_HANDSHAKE, knock.open()).await;
        let mut link = opened.unwrap_or_else(|_| Err(Refusal::Unreachable("no answer in 30 s".into())))?;
        self.stage.set(Progress::Opened);
        if plan.dialect.admits_at_once() {
            self.admit(context);
        }
        Ok(match self.role {
            Role::Viewer => self.listen(&mut link, context).await,
            Role::Read => self.be_read(link, context).await,
            Role::Commenter(_) => self.write_comments(&mut link, context).await,
            Role::Silent | Role::Dripping => self.stall(link, context).await,
        })
    }

    fn path(&self, context: &Context) -> String {
        let path = context.plan.path.clone();
        match self.ledger.borrow().next().filter(|_| self.known.get()) {
            Some(next) => format!("{path}?since={}&epoch={}", next - 1, self.epoch.borrow()),
            None => path,
        }
    }

    /// Hears until the socket ends.
    pub(crate) async fn listen(&self, link: &mut Link, context: &Context) -> Ending {
        link.run(&context.scratch, |text, came, answers| self.hear(text, came, answers, context)).await
    }

    pub(super) fn hear(&self, text: &[u8], came: Came, answers: &mut Answers, context: &Context) {
        context.tally.borrow_mut().bytes += came.bytes as u64;
        let next = self.ledger.borrow().next().filter(|_| self.is_inside());
        let node = context.plan.node_of(self.number);
        let recalled =
            next.and_then(|next| Some((next, context.cache.borrow_mut().recall(next, node, text)?)));
        if let Some((seq, Recalled { stamp, new_here })) = recalled {
            if new_here {
                context.sight(seq, stamp, node, came.read_us);
            }
            context.deliver(stamp, came);
            return self.judge(seq, context);
        }
        match context.plan.dialect.read(text) {
            Ok(said) => self.understand(said, text, came, answers, context),
            Err(why) => self.breach(why, context),
        }
    }

    fn judge(&self, seq: u64, context: &Context) {
        let judged = self.ledger.borrow_mut().event(seq);
        self.check(judged, context);
    }

    fn check(&self, judged: Result<(), Breach>, context: &Context) {
        if let Err(breach) = judged {
            self.breach(breach, context);
        }
    }

    fn breach(&self, words: impl std::fmt::Display, context: &Context) {
        context.tally.borrow_mut().breach(format!("socket {}: {words}", self.number));
    }

    fn understand(&self, said: Heard, text: &[u8], came: Came, answers: &mut Answers, context: &Context) {
        self.check_opening(&said, context);
        match said {
            Heard::Welcome => self.stage.set(Progress::Welcomed),
            Heard::Snapshot { seq, epoch } => {
                if self.known.get() {
                    context.tally.borrow_mut().resumes_refused += 1;
                }
                let judged = self.ledger.borrow_mut().snapshot(seq);
                self.check(judged, context);
                self.enter(epoch, context);
            }
            Heard::Resumed { from, epoch } => {
                let judged = self.ledger.borrow_mut().resumed(from);
                self.check(judged, context);
                self.enter(epoch, context);
            }
            Heard::Event { seq, stamp } => {
                let node = context.plan.node_of(self.number);
                if context.cache.borrow_mut().learn(seq, node, text, stamp) {
                    context.sight(seq, stamp, node, came.read_us);
                }
                context.deliver(stamp, came);
                self.judge(seq, context);
            }
            Heard::Lagged { from, to, missed } => {
                context.tally.borrow_mut().lagged += 1;
                let judged = self.ledger.borrow_mut().lagged(from, to, missed);
                self.check(judged, context);
            }
            Heard::Relay(stamp) => {
                self.heard.set(self.heard.get() + 1);
                context.deliver(stamp, came);
            }
            Heard::Admitted => self.admit(context),
            Heard::Answer(answer) => answers.push(answer),
            Heard::Pulse { viewers, reactions } => {
                context.tally.borrow_mut().viewers = Some(viewers);
                let judged = self.pulses.borrow_mut().hear(reactions, context.now_us());
                if let Err(breach) = judged {
                    self.breach(breach, context);
                }
            }
            Heard::Bye { code, retry, retry_after_ms } => self.bye.set(Some((code, retry, retry_after_ms))),
            Heard::Ack { .. } | Heard::Held { .. } | Heard::Refused { .. } | Heard::Reacted { .. } => {
                self.answered(said, came.read_us, context)
            }
            Heard::Other => {}
        }
    }

    /// `welcome` comes first and once; `snapshot` or `resumed` second.
    fn check_opening(&self, said: &Heard, context: &Context) {
        let right = match (self.stage.get(), said) {
            (Progress::Opened, Heard::Welcome | Heard::Bye { .. } | Heard::Admitted | Heard::Answer(_)) => {
                true
            }
            (Progress::Opened, Heard::Relay(_) | Heard::Other) => true,
            (Progress::Welcomed, Heard::Snapshot { .. } | Heard::Resumed { .. } | Heard::Bye { .. }) => true,
            (Progress::Inside, said) => *said != Heard::Welcome,
            _ => false,
        };
        if !right {
            self.breach(format!("{said:?} while {:?}", self.stage.get()), context);
        }
    }

    fn enter(&self, epoch: String, context: &Context) {
        *self.epoch.borrow_mut() = epoch;
        self.admit(context);
    }

    fn admit(&self, context: &Context) {
        if self.is_inside() {
            return; // a snapshot within a visit starts the log over, not the visit
        }
        self.stage.set(Progress::Inside);
        let mut tally = context.tally.borrow_mut();
        if self.known.replace(true) {
            tally.rejoins += 1;
            return;
        }
        tally.joins += 1;
        tally.join_latency.saturating_record(context.now_us().saturating_sub(self.intended_us.get()).max(1));
    }
}
