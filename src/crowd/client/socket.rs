//! One socket of the crowd: joins, hears, checks, and comes back when it is dropped. It must not know how many
//! others there are.

use super::{
    commenter,
    context::Desk,
    frames::Said,
    handshake::{Knock, Refusal},
    ledger::{Breach, Ledger},
    link::{Answers, Ending, Link},
    reactions::Pulses,
    slow,
};
use crate::crowd::{report::tally::count, target::source_address};
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
pub enum Role {
    Viewer,
    /// Writes every n-th comment, beginning with this one.
    Commenter(usize),
    /// Stops reading once comments are written.
    Silent,
    /// Reads a few bytes at a time once comments are written.
    Dripping,
}

/// How far a socket has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Outside,
    Opened,
    Welcomed,
    Inside,
}

pub struct Seat {
    pub number: usize,
    pub role: Role,
    stage: Cell<Stage>,
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

/// What everybody must have heard at the end.
#[derive(Debug, Clone, Copy)]
pub struct Goal {
    /// The number of the log's last event; none for a peer without numbers.
    pub head: Option<u64>,
    /// Comments that such a peer passed on.
    pub heard: u64,
    /// The total of reactions; none where nobody reacts.
    pub reactions: Option<u64>,
}

impl Seat {
    pub fn new(number: usize, role: Role) -> Self {
        let first = if let Role::Commenter(first) = role { first as u64 } else { 0 };
        Self {
            number,
            role,
            stage: Cell::new(Stage::Outside),
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

    pub fn is_inside(&self) -> bool {
        self.stage.get() == Stage::Inside
    }

    /// Whether everything of a log up to the head, or all relayed comments, came or was announced as left out, and the
    /// last pulse said it all.
    pub fn reaches(&self, goal: Goal) -> bool {
        let has_pulse = goal.reactions.is_none_or(|total| self.pulses.borrow().total() == total);
        let has_log =
            goal.head.map_or(self.heard.get() >= goal.heard, |head| self.ledger.borrow().reaches(head));
        has_pulse && has_log
    }

    /// Pulses a second, over this visit.
    pub fn pulse_rate(&self, now_us: u64) -> f64 {
        self.pulses.borrow().rate(now_us)
    }

    /// What is missing at the end, and how many events were rightly announced as left out.
    pub fn close(&self, goal: Goal) -> (Vec<String>, u64) {
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
    pub async fn attend(self: Rc<Self>, desk: Rc<Desk>, intended_us: u64) {
        self.intended_us.set(intended_us);
        sleep_until(desk.plan.clock.instant(intended_us).into()).await;
        let (mut failures, mut wait) = (0, FIRST_WAIT);
        loop {
            self.stage.set(Stage::Outside);
            self.bye.set(None);
            let outcome = self.visit(&desk).await;
            let was_inside = self.is_inside();
            self.stage.set(Stage::Outside);
            match outcome {
                Err(refusal) => {
                    count(&mut desk.tally.borrow_mut().join_failures, refusal.name());
                    failures += 1;
                    let decided = matches!(refusal, Refusal::Status { status: 400..=499, .. });
                    if decided || failures == MOST_FAILURES {
                        return self.give_up(&desk);
                    }
                }
                Ok(ending) => {
                    count(&mut desk.tally.borrow_mut().ended, self.ending_name(&ending));
                    if self.bye.get().is_some_and(|(_, retry, _)| !retry) || self.is_slow() {
                        return self.give_up(&desk);
                    }
                    if was_inside {
                        (failures, wait) = (0, FIRST_WAIT);
                    }
                }
            }
            let asked = Duration::from_millis(self.bye.get().map_or(0, |(_, _, after_ms)| after_ms));
            sleep(wait.max(asked)).await;
            wait = (wait * 2).min(LONGEST_WAIT);
            self.intended_us.set(desk.now_us());
        }
    }

    fn give_up(&self, desk: &Desk) {
        if !self.known.get() {
            desk.tally.borrow_mut().gone += 1;
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

    async fn visit(&self, desk: &Rc<Desk>) -> Result<Ending, Refusal> {
        let plan = &desk.plan;
        self.pulses.borrow_mut().begin(desk.now_us());
        let path = self.path(desk);
        let token = match self.role {
            Role::Commenter(index) => plan.pens.get(index).or(plan.viewer_token.as_ref()),
            _ => plan.viewer_token.as_ref(),
        };
        let from = source_address(self.number, plan.source_addresses);
        let token = token.map(String::as_str);
        let knock = Knock { target: &plan.target, path: &path, token, from, slow: self.is_slow() };
        let opened = timeout(LONGEST_HANDSHAKE, knock.open()).await;
        let mut link = opened.unwrap_or_else(|_| Err(Refusal::Unreachable("no answer in 30 s".into())))?;
        self.stage.set(Stage::Opened);
        if plan.dialect.admits_at_once() {
            self.admit(desk);
        }
        Ok(match self.role {
            Role::Viewer => self.listen(&mut link, desk).await,
            Role::Commenter(_) => commenter::write(self, &mut link, desk).await,
            Role::Silent | Role::Dripping => slow::stall(self, link, desk).await,
        })
    }

    fn path(&self, desk: &Desk) -> String {
        let path = desk.plan.path.clone();
        match self.ledger.borrow().next().filter(|_| self.known.get()) {
            Some(next) => format!("{path}?since={}&epoch={}", next - 1, self.epoch.borrow()),
            None => path,
        }
    }

    /// Hears until the socket ends.
    pub async fn listen(&self, link: &mut Link, desk: &Desk) -> Ending {
        link.run(&desk.scratch, |text, read_us, answers| self.hear(text, read_us, answers, desk)).await
    }

    fn hear(&self, text: &[u8], read_us: u64, answers: &mut Answers, desk: &Desk) {
        desk.tally.borrow_mut().bytes += text.len() as u64;
        let next = self.ledger.borrow().next().filter(|_| self.is_inside());
        let recalled = next.and_then(|next| Some((next, desk.memo.borrow().recall(next, text)?)));
        if let Some((seq, stamp)) = recalled {
            desk.deliver(stamp, read_us, text.len());
            return self.judge(seq, desk);
        }
        match desk.plan.dialect.read(text) {
            Ok(said) => self.understand(said, text, read_us, answers, desk),
            Err(why) => self.breach(why, desk),
        }
    }

    fn judge(&self, seq: u64, desk: &Desk) {
        let judged = self.ledger.borrow_mut().event(seq);
        self.check(judged, desk);
    }

    fn check(&self, judged: Result<(), Breach>, desk: &Desk) {
        if let Err(breach) = judged {
            self.breach(breach, desk);
        }
    }

    fn breach(&self, words: impl std::fmt::Display, desk: &Desk) {
        desk.tally.borrow_mut().breach(format!("socket {}: {words}", self.number));
    }

    fn understand(&self, said: Said, text: &[u8], read_us: u64, answers: &mut Answers, desk: &Desk) {
        self.check_opening(&said, desk);
        match said {
            Said::Welcome => self.stage.set(Stage::Welcomed),
            Said::Snapshot { seq, epoch } => {
                if self.known.get() {
                    desk.tally.borrow_mut().resumes_refused += 1;
                }
                let judged = self.ledger.borrow_mut().snapshot(seq);
                self.check(judged, desk);
                self.enter(epoch, desk);
            }
            Said::Resumed { from, epoch } => {
                let judged = self.ledger.borrow_mut().resumed(from);
                self.check(judged, desk);
                self.enter(epoch, desk);
            }
            Said::Event { seq, stamp } => {
                if desk.memo.borrow_mut().learn(seq, text, stamp) {
                    desk.sight(seq, stamp);
                }
                desk.deliver(stamp, read_us, text.len());
                self.judge(seq, desk);
            }
            Said::Lagged { from, to, missed } => {
                desk.tally.borrow_mut().lagged += 1;
                let judged = self.ledger.borrow_mut().lagged(from, to, missed);
                self.check(judged, desk);
            }
            Said::Relay(stamp) => {
                self.heard.set(self.heard.get() + 1);
                desk.deliver(stamp, read_us, text.len());
            }
            Said::Admitted => self.admit(desk),
            Said::Answer(answer) => answers.push(answer),
            Said::Pulse { viewers, reactions } => {
                desk.tally.borrow_mut().viewers = Some(viewers);
                let judged = self.pulses.borrow_mut().hear(reactions, desk.now_us());
                if let Err(breach) = judged {
                    self.breach(breach, desk);
                }
            }
            Said::Bye { code, retry, retry_after_ms } => self.bye.set(Some((code, retry, retry_after_ms))),
            Said::Ack { .. } | Said::Held { .. } | Said::Refused { .. } | Said::Reacted { .. } => {
                commenter::answered(said, read_us, desk)
            }
            Said::Other => {}
        }
    }

    /// `welcome` comes first and once; `snapshot` or `resumed` second.
    fn check_opening(&self, said: &Said, desk: &Desk) {
        let right = match (self.stage.get(), said) {
            (Stage::Opened, Said::Welcome | Said::Bye { .. } | Said::Admitted | Said::Answer(_)) => true,
            (Stage::Opened, Said::Relay(_) | Said::Other) => true,
            (Stage::Welcomed, Said::Snapshot { .. } | Said::Resumed { .. } | Said::Bye { .. }) => true,
            (Stage::Inside, said) => *said != Said::Welcome,
            _ => false,
        };
        if !right {
            self.breach(format!("{said:?} while {:?}", self.stage.get()), desk);
        }
    }

    fn enter(&self, epoch: String, desk: &Desk) {
        *self.epoch.borrow_mut() = epoch;
        self.admit(desk);
    }

    fn admit(&self, desk: &Desk) {
        if self.is_inside() {
            return; // a snapshot within a visit starts the log over, not the visit
        }
        self.stage.set(Stage::Inside);
        let mut tally = desk.tally.borrow_mut();
        if self.known.replace(true) {
            tally.rejoins += 1;
            return;
        }
        tally.joins += 1;
        tally.join_latency.saturating_record(desk.now_us().saturating_sub(self.intended_us.get()).max(1));
    }
}
