//! The model, continued: bans and moderators, of one stream and of all streams of its host.

use super::{
    acts::{ADMIN, Act, HOST, Who},
    world::{Fate, Kind, State, World},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A ban: why, whether for good, and the how many-eth it was of all.
pub type Ban = (&'static str, bool, usize);
/// Whose bans are in force.
pub type Bans = BTreeMap<usize, Ban>;

/// What a host keeps from stream to stream.
#[derive(Debug, Default)]
pub struct Channel {
    pub moderators: BTreeSet<usize>,
    pub bans: Bans,
    /// Bans so far.
    count: usize,
}

/// A ban that somebody wants.
pub struct Wanted {
    pub whom: usize,
    pub for_good: bool,
    pub reason: &'static str,
    pub purge: bool,
    /// Where it is to hold; none where nothing is said.
    pub scope: Option<&'static str>,
    /// Whether a stream is named.
    pub in_stream: bool,
}

impl World {
    pub fn role(&self, who: Who) -> &'static str {
        match who {
            None => "guest",
            Some(HOST) => "host",
            Some(ADMIN) => "admin",
            Some(who) if self.moderators.contains(&who) => "moderator",
            Some(who) if self.channel.moderators.contains(&who) => "moderator",
            Some(_) => "viewer",
        }
    }

    pub fn is_staff(&self, who: usize) -> bool {
        self.role(Some(who)) != "viewer"
    }

    /// The ban that holds against somebody: of two the longer, of two for good the channel's.
    pub fn ban_of(&self, who: usize) -> Option<Ban> {
        let (own, of_channel) = (self.bans.get(&who), self.channel.bans.get(&who));
        let end = |ban: &&Ban| if ban.1 { usize::MAX } else { ban.2 };
        own.into_iter().chain(of_channel).max_by_key(end).copied()
    }

    pub fn is_banned(&self, who: Who) -> bool {
        who.is_some_and(|who| !self.is_staff(who) && self.ban_of(who).is_some())
    }

    pub fn may_see(&self, who: Who) -> bool {
        self.visibility != "private"
            || who.is_some_and(|who| self.is_staff(who) || self.members.contains(&who))
    }

    fn manages(who: usize) -> bool {
        matches!(who, HOST | ADMIN)
    }

    fn is_staff_everywhere(&self, who: usize) -> bool {
        Self::manages(who) || self.channel.moderators.contains(&who)
    }

    /// What is done to the channel, without a word of a stream: nothing of that is on a stream's record, and the log of one that
    /// is over says nothing.
    pub(super) fn act_in_channel(&mut self, who: usize, act: &Act) -> Fate {
        let may = match act {
            Act::ChannelBan { .. } | Act::ChannelUnban(_) => self.is_staff_everywhere(who),
            _ => Self::manages(who),
        };
        if !may {
            return Err("forbidden");
        }
        match *act {
            Act::ChannelBan { whom, for_good, reason, purge } => {
                self.ban(who, &Wanted { whom, for_good, reason, purge, scope: None, in_stream: false })
            }
            Act::ChannelUnban(whom) if self.channel.bans.remove(&whom).is_some() => {
                let event = if self.bans.contains_key(&whom) { "viewer.banned" } else { "viewer.unbanned" };
                self.say_unless_over(event, whom)
            }
            Act::ChannelAppoint(HOST) => Err("conflict"),
            Act::ChannelAppoint(whom) if self.channel.moderators.insert(whom) => {
                self.say_unless_over("moderator.added", whom)
            }
            Act::ChannelDismiss(whom) if self.channel.moderators.remove(&whom) => {
                let is_one_still = self.moderators.contains(&whom);
                self.say_unless_over(if is_one_still { "moderator.added" } else { "moderator.removed" }, whom)
            }
            _ => Ok(Kind::Done),
        }
    }

    fn say_unless_over(&mut self, event: &str, whom: usize) -> Fate {
        if self.status != "ended" {
            self.say(json!({"type": event, "user_id": format!("u{whom}")}));
        }
        Ok(Kind::Done)
    }

    pub(super) fn ban(&mut self, who: usize, wanted: &Wanted) -> Fate {
        let Wanted { whom, for_good, reason, purge, scope, in_stream } = *wanted;
        let may_everywhere = self.is_staff_everywhere(who);
        if Self::manages(whom) || (scope == Some("channel") && !may_everywhere) {
            return Err("forbidden");
        }
        let is_everywhere = !in_stream || scope == Some("channel") || (scope.is_none() && may_everywhere);
        let is_told = in_stream || self.status != "ended";
        let was_moderator = self.dismiss(who, whom, is_everywhere, is_told)?;
        if was_moderator && is_told {
            self.say(json!({"type": "moderator.removed", "user_id": format!("u{whom}")}));
        }
        self.channel.count += 1;
        let ban = (reason, for_good, self.channel.count);
        let bans = if is_everywhere { &mut self.channel.bans } else { &mut self.bans };
        // A timeout begins anew each time.
        let is_new =
            bans.insert(whom, ban).is_none_or(|before| (before.0, before.1) != (reason, true) || !for_good);
        if is_new && in_stream {
            self.record(who, "ban");
        }
        if is_new && is_told {
            self.say(json!({"type": "viewer.banned", "user_id": format!("u{whom}")}));
        }
        if purge && is_told {
            self.purge(who, whom, in_stream);
        }
        Ok(Kind::Done)
    }

    /// Whether somebody was a moderator here and is none any more.
    fn dismiss(
        &mut self,
        who: usize,
        whom: usize,
        is_everywhere: bool,
        is_held: bool,
    ) -> Result<bool, &'static str> {
        let of_channel = self.channel.moderators.contains(&whom);
        // A moderator of a stream that is over stands in the way of no moderator of the channel, where it is not named.
        let of_stream = self.moderators.contains(&whom) && (is_held || Self::manages(who));
        if !of_channel && !of_stream {
            return Ok(false);
        }
        if !Self::manages(who) {
            return Err("forbidden");
        }
        if of_channel && !is_everywhere {
            return Err("conflict");
        }
        self.channel.moderators.remove(&whom);
        self.moderators.remove(&whom);
        Ok(true)
    }

    /// Lifts what holds against somebody in this stream, here or everywhere.
    pub(super) fn unban(&mut self, who: usize, whom: usize) -> Fate {
        if self.channel.bans.contains_key(&whom) && !self.is_staff_everywhere(who) {
            return Err("forbidden");
        }
        let of_channel = self.channel.bans.remove(&whom).is_some();
        if self.bans.remove(&whom).is_some() || of_channel {
            self.record(who, "unban");
            self.say(json!({"type": "viewer.unbanned", "user_id": format!("u{whom}")}));
        }
        Ok(Kind::Done)
    }

    fn purge(&mut self, who: usize, whom: usize, is_on_record: bool) {
        let mut has_gone = false;
        for comment in self.comments.iter_mut().filter(|c| c.author == whom && c.state != State::Deleted) {
            comment.state = State::Deleted;
            has_gone = true;
        }
        for question in self.questions.iter_mut().filter(|q| q.author == whom && !q.is_gone) {
            question.is_gone = true;
            has_gone = true;
        }
        if has_gone {
            if is_on_record {
                self.record(who, "comments.purge");
            }
            self.say(json!({"type": "comments.purged", "user_id": format!("u{whom}")}));
        }
        let of_whom: Vec<usize> =
            (0..self.comments.len()).filter(|&at| self.comments[at].author == whom).collect();
        self.unpin_where(|pinned| of_whom.contains(&pinned));
    }
}
