//! What nodes ask of Redis, in its own words: the scripts and keys of who is here.
//! It must not decide when.

use super::{
    place::{AT_ONCE, Saying},
    sum::Total,
};
use crate::{
    bus::redis::{Away, COMMAND_MAX, Commands, message::Message},
    domain::{BootId, Millis, StreamId, UserId},
};
use bytes::Bytes;
use redis::{Script, ScriptInvocation, pipe};
use std::{fmt::Display, sync::Arc, time::Duration};

/// What nobody waits for may take so long.
const WITHIN: Duration = Duration::from_millis(500);
/// Nobody else clears what a dead node has left for so long after the last step.
const CLAIM: Duration = Duration::from_secs(10);
/// Rooms of a dead node that are looked for at once.
const ROOMS_AT_ONCE: usize = 100;

/// The way to ask. Cheap to clone.
#[derive(Clone)]
pub(super) struct Calls {
    commands: Commands,
    boot: BootId,
    scripts: Arc<Scripts>,
}

struct Scripts {
    change: Script,
    beat: Script,
    look: Script,
}

/// What a node hears when it says that it lives.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beat {
    /// How many nodes live.
    pub living: i64,
    /// Those that should not be there any more.
    pub dead: Vec<BootId>,
}

/// A page of those who are in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// In the order of ids, at most as many as were asked for.
    pub accounts: Vec<UserId>,
    /// Guests, by socket.
    pub guests: u64,
}

impl Calls {
    /// Says it as this run of a server, which does not hear its own words.
    pub(super) fn new(commands: Commands, boot: BootId) -> Self {
        let scripts = Scripts {
            change: Script::new(include_str!("scripts/change.lua")),
            beat: Script::new(include_str!("scripts/beat.lua")),
            look: Script::new(include_str!("scripts/look.lua")),
        };
        Self { commands, boot, scripts: Arc::new(scripts) }
    }

    fn key(&self, of: impl Display) -> String {
        self.commands.names().key(of)
    }

    /// Says that a node lives. None where it was taken for dead.
    pub(super) async fn beat(
        &self,
        node: BootId,
        about: &str,
        life: Duration,
        is_new: bool,
    ) -> Result<Option<Beat>, Away> {
        let mut asked = self.scripts.beat.key(self.key(format_args!("node:{node}")));
        asked.key(self.key("nodes")).arg(node.to_string()).arg(about).arg(ms(life));
        asked.arg(if is_new { "new" } else { "" });
        let answer: Vec<redis::Value> = self.commands.script(&asked, WITHIN).await?;
        let living = answer.get(1).and_then(|living| redis::from_redis_value_ref::<i64>(living).ok());
        let dead = |value: &redis::Value| redis::from_redis_value_ref::<String>(value).ok()?.parse().ok();
        Ok(living.map(|living| Beat { living, dead: answer[2..].iter().filter_map(dead).collect() }))
    }

    /// Says who is in a room by a node, which was `former` before it was taken for dead. None where it is taken for dead now.
    pub(super) async fn say(
        &self,
        node: BootId,
        former: Option<BootId>,
        stream: StreamId,
        saying: &Saying,
    ) -> Result<Option<Total>, Away> {
        let mut asked = self.change("say", node, &stream.to_string());
        asked.arg(former.map(|former| former.to_string()).unwrap_or_default());
        asked.arg(saying.guests).arg(if saying.has_more { "more" } else { "" }).arg(saying.come.len());
        for account in saying.come.iter().chain(&saying.gone) {
            asked.arg(account.to_string());
        }
        let answer: Vec<u64> = self.commands.script(&asked, WITHIN).await?;
        Ok(total(&answer))
    }

    /// Takes away some of what a dead node has left in a room: how many accounts remain. None where it is not dead.
    pub(super) async fn clear(&self, dead: BootId, room: &str) -> Result<Option<u64>, Away> {
        let mut asked = self.change("clear", dead, room);
        asked.arg("").arg(0).arg("").arg(AT_ONCE);
        let answer: Vec<u64> = self.commands.script(&asked, WITHIN).await?;
        Ok(answer.get(3).copied())
    }

    fn change(&self, act: &str, node: BootId, room: &str) -> ScriptInvocation<'_> {
        let mut asked = self.scripts.change.key(self.key(format_args!("{{{room}}}:accounts")));
        for of in ["several".to_owned(), format!("in:{node}"), "guests".to_owned()] {
            asked.key(self.key(format_args!("{{{room}}}:{of}")));
        }
        asked.key(self.key("top")).key(self.key(format_args!("rooms:{node}")));
        asked.key(self.key(format_args!("node:{node}"))).key(self.key("turn"));
        let begin = Message { from: self.boot, sent: Millis::now(), words: Bytes::new() };
        asked.arg(act).arg(node.to_string()).arg(room);
        asked.arg(self.key(format_args!("s:{room}"))).arg(begin.write());
        asked
    }

    /// Whether this node is to clear what a dead one has left.
    pub(super) async fn claim(&self, dead: BootId) -> Result<bool, Away> {
        let mut asked = pipe();
        asked.cmd("SET").arg(self.key(format_args!("clear:{dead}"))).arg(self.boot.to_string());
        asked.arg("NX").arg("PX").arg(ms(CLAIM));
        let (claimed,): (Option<String>,) = self.commands.pipeline(&asked, WITHIN).await?;
        Ok(claimed.is_some())
    }

    /// Some of the rooms in which a dead node has left something; it stays claimed.
    pub(super) async fn rooms_of(&self, dead: BootId) -> Result<Vec<String>, Away> {
        let mut asked = pipe();
        asked.cmd("PEXPIRE").arg(self.key(format_args!("clear:{dead}"))).arg(ms(CLAIM)).ignore();
        asked.cmd("SRANDMEMBER").arg(self.key(format_args!("rooms:{dead}"))).arg(ROOMS_AT_ONCE);
        let (rooms,): (Vec<String>,) = self.commands.pipeline(&asked, WITHIN).await?;
        Ok(rooms)
    }

    /// A dead node has left nothing.
    pub(super) async fn forget(&self, dead: BootId) -> Result<(), Away> {
        let mut asked = pipe();
        asked.zrem(self.key("nodes"), dead.to_string()).ignore();
        asked.del(self.key(format_args!("clear:{dead}"))).ignore();
        self.commands.pipeline(&asked, WITHIN).await
    }

    /// A node does not live any more.
    pub(super) async fn die(&self, node: BootId) -> Result<(), Away> {
        let mut asked = pipe();
        asked.del(self.key(format_args!("node:{node}"))).ignore();
        self.commands.pipeline(&asked, WITHIN).await
    }

    /// The totals of these rooms, in their order, all at one turn.
    pub(super) async fn look(&self, streams: &[StreamId]) -> Result<Vec<Total>, Away> {
        if streams.is_empty() {
            return Ok(Vec::new());
        }
        let mut asked = self.scripts.look.key(self.key("top"));
        asked.key(self.key("turn"));
        streams.iter().for_each(|stream| _ = asked.arg(stream.to_string()));
        let answer: Vec<u64> = self.commands.script(&asked, COMMAND_MAX).await?;
        let Some((&turn, viewers)) = answer.split_first() else { return Err(Away) };
        Ok(viewers.iter().map(|&viewers| Total { viewers, turn }).collect())
    }

    /// Who is in a room, behind an account.
    pub(super) async fn page(
        &self,
        stream: StreamId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Page, Away> {
        let after = after.map_or_else(|| "-".to_owned(), |after| format!("({after}"));
        let mut asked = pipe();
        asked.zrangebylex_limit(
            self.key(format_args!("{{{stream}}}:accounts")),
            after,
            "+",
            0,
            limit as isize,
        );
        asked.hvals(self.key(format_args!("{{{stream}}}:guests")));
        let (accounts, guests): (Vec<String>, Vec<u64>) = self.commands.pipeline(&asked, COMMAND_MAX).await?;
        let accounts = accounts.iter().filter_map(|account| account.parse().ok()).collect();
        Ok(Page { accounts, guests: guests.iter().sum() })
    }

    /// The rooms with the most viewers, most first, at most `count`.
    pub(super) async fn top(&self, count: usize) -> Result<Vec<(StreamId, u64)>, Away> {
        let mut asked = pipe();
        asked.zrevrange_withscores(self.key("top"), 0, count as isize - 1);
        let (top,): (Vec<(String, u64)>,) = self.commands.pipeline(&asked, COMMAND_MAX).await?;
        Ok(top.into_iter().filter_map(|(room, viewers)| Some((room.parse().ok()?, viewers))).collect())
    }
}

fn total(answer: &[u64]) -> Option<Total> {
    Some(Total { viewers: *answer.get(1)?, turn: *answer.get(2)? })
}

fn ms(time: Duration) -> u64 {
    time.as_millis() as u64
}
