//! How often somebody may try over all nodes, counted in Redis. Where that is away, each node counts for itself.
//! It must not know who tries: keys are codes that only the house can make.

use super::redis::{Away, COMMAND_MAX, Commands};
use redis::Script;
use std::{sync::Arc, time::Duration};

/// How long the server may take to check a password, for the quota of others.
const UNDER_WAY_MAX: Duration = Duration::from_secs(30);

/// The counters of the house. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Quotas {
    commands: Commands,
    script: Arc<Script>,
}

/// So many in a window that begins with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// 0 for as many as one likes.
    pub limit: u32,
    /// How long one is.
    pub length: Duration,
}

/// So many wrong passwords, then each doubles the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waits {
    /// 0 for as many as one likes.
    pub free: u32,
    /// While as many as are left are being checked.
    pub under_way: Duration,
    /// After the first that was not free.
    pub first: Duration,
    /// However many there were.
    pub longest: Duration,
    /// They are forgotten so long after the last.
    pub memory: Duration,
}

/// A try of a password: what it is counted by.
#[derive(Clone, Debug)]
pub(crate) struct Try {
    /// The code of the address.
    pub from: String,
    /// The code of account and address.
    pub of: String,
    /// Names this one.
    pub id: String,
}

/// It was let through, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Go {
        /// How many the window has by now.
        used: u32,
        /// When it ends, in milliseconds from now.
        ends_ms: i64,
        /// Wrong passwords so far.
        failed: u32,
    },
    /// The window is full.
    WindowWaits {
        /// When the next one begins, in milliseconds from now.
        ms: i64,
    },
    /// The account was tried too often from there.
    AccountWaits {
        /// When it may be tried again, in milliseconds from now.
        ms: i64,
    },
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Right,
    Wrong,
    Withdrawn,
}

impl Quotas {
    /// Counts by these commands.
    pub(crate) fn new(commands: Commands) -> Self {
        Self { commands, script: Arc::new(Script::new(include_str!("quotas.lua"))) }
    }

    /// Counts something in the window `of`, which is a code of what is counted and from where.
    /// Errors: [`Away`].
    pub(crate) async fn count(&self, of: &str, window: Window) -> Result<Answer, Away> {
        let mut asked = self.script.key(self.key("win", of));
        asked.arg("count").arg(window.limit).arg(ms(window.length));
        read(self.commands.script(&asked, COMMAND_MAX).await?)
    }

    /// Begins a try.
    /// Errors: [`Away`].
    pub(crate) async fn begin(&self, one: &Try, window: Window, waits: Waits) -> Result<Answer, Away> {
        read(self.ask("begin", one, window, waits).await?)
    }

    /// Ends a try.
    /// Errors: [`Away`].
    pub(crate) async fn end(
        &self,
        one: &Try,
        outcome: Outcome,
        window: Window,
        waits: Waits,
    ) -> Result<(), Away> {
        let act = match outcome {
            Outcome::Right => "forget",
            Outcome::Wrong => "fail",
            Outcome::Withdrawn => "withdraw",
        };
        self.ask(act, one, window, waits).await.map(drop)
    }

    /// How long ago the password was right, on whichever node; none where that is not known, or long ago.
    /// Errors: [`Away`].
    pub(crate) async fn right_ago(
        &self,
        one: &Try,
        window: Window,
        waits: Waits,
    ) -> Result<Option<Duration>, Away> {
        let (_, ago) = self.ask("right", one, window, waits).await?;
        Ok(ago.first().map(|ms| Duration::from_millis(ms.unsigned_abs())))
    }

    async fn ask(&self, act: &str, one: &Try, window: Window, waits: Waits) -> Result<Said, Away> {
        let mut asked = self.script.key(self.key("win", &one.from));
        asked.key(self.key("fail", &one.of)).key(self.key("try", &one.of));
        asked.arg(act).arg(window.limit).arg(ms(window.length)).arg(waits.free).arg(&one.id);
        for time in [UNDER_WAY_MAX, waits.under_way, waits.first, waits.longest, waits.memory] {
            asked.arg(ms(time));
        }
        self.commands.script(&asked, COMMAND_MAX).await
    }

    fn key(&self, kind: &str, of: &str) -> String {
        self.commands.names().key(format_args!("{kind}:{of}"))
    }
}

/// What the script says: a word, and numbers that belong to it.
type Said = (String, Vec<i64>);

/// Another version of the script would answer in other words: then it counts as away.
fn read((word, numbers): Said) -> Result<Answer, Away> {
    match (word.as_str(), numbers.as_slice()) {
        ("go", &[used, ends_ms, failed]) => {
            let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
            Ok(Answer::Go { used: count(used), ends_ms, failed: count(failed) })
        }
        ("window", &[ms]) => Ok(Answer::WindowWaits { ms }),
        ("account", &[ms]) => Ok(Answer::AccountWaits { ms }),
        _ => Err(Away),
    }
}

fn ms(time: Duration) -> u64 {
    time.as_millis() as u64
}
