//! What was read again takes the place of what was there, and who is concerned is told.
//! It must not know how a part is read.

use super::{Fresh, Part, RoomCore};
use crate::{
    domain::{Millis, News, PollId, Role, Status, UserId},
    identity::Account,
    wire::{Frame, view::BanView},
};
use std::collections::HashMap;

impl RoomCore {
    /// Parts that were read again take their place, unless one of a higher refresh number has taken it already, and who is
    /// concerned is told.
    pub(crate) fn refresh(&mut self, fresh: Vec<(Part, Fresh)>, number: u64, banned: &[UserId], now: Millis) {
        self.snapshot = None;
        let is_of_channel = fresh.iter().any(|(part, _)| *part == Part::Moderators);
        let before = if is_of_channel { self.rights(now) } else { HashMap::new() };
        for (part, fresh) in fresh {
            if let Fresh::Vote(user, vote) = fresh {
                self.refresh_vote(user, vote, number, now);
                continue;
            }
            let refreshed = self.refreshed.entry(part).or_default();
            if *refreshed > number {
                continue;
            }
            *refreshed = number;
            let was_held = self.state.held;
            // Where all whose rights have changed are told, nobody is told twice.
            let ended = if is_of_channel { Vec::new() } else { self.bans_not_in(&fresh) };
            fresh.put_into(&mut self.state);
            ended.into_iter().for_each(|user| self.tell_rights(user, now));
            if self.state.held != was_held {
                self.tell_queue();
            }
        }
        // Once the reasons have been read.
        banned.iter().for_each(|&user| self.tell_rights(user, now));
        if is_of_channel {
            let after = self.rights(now);
            let changed = after.into_iter().filter(|(user, rights)| before.get(user) != Some(rights));
            changed.for_each(|(user, _)| self.tell_rights(user, now));
        }
        self.close_unseeing();
    }

    /// What those who are here are, and their bans.
    fn rights(&self, now: Millis) -> HashMap<UserId, (Role, Option<BanView>)> {
        let accounts = self.roster.iter().filter_map(|(_, occupant)| occupant.account.as_ref());
        let rights = |account: &Account| {
            let ban = self.ban_of(account.user.id, now);
            (account.user.id, (self.role_of(Some(account)), ban))
        };
        accounts.map(rights).collect()
    }

    /// Whether this is a stream of the host, and over: its log does not say what changes in the channel.
    pub(crate) fn is_over_of(&self, host: UserId) -> bool {
        self.state.stream.host.user.id == host && self.is_over()
    }

    /// So many changes of the channel there are by the tables: whether one is to be read that the log does not say.
    pub(crate) fn hear_channel_news(&mut self, news: News) -> bool {
        let is_new = news > self.state.channel_news;
        self.state.channel_news = self.state.channel_news.max(news);
        is_new && self.is_over()
    }

    fn is_over(&self) -> bool {
        self.state.stream.status == Status::Ended
    }

    /// Whose bans are over by what was read: they are told, though no timer has told them.
    fn bans_not_in(&self, fresh: &Fresh) -> Vec<UserId> {
        let Fresh::Bans(bans) = fresh else { return Vec::new() };
        self.state.bans.keys().filter(|user| !bans.contains_key(user)).copied().collect()
    }

    /// Somebody's vote as read: who has not heard of a later one is told.
    fn refresh_vote(&mut self, user: UserId, vote: Option<(PollId, u32)>, number: u64, now: Millis) {
        let connections: Vec<_> = self.roster.of(user).map(|(connection, _)| connection).collect();
        for connection in connections {
            let Some(occupant) = self.roster.find_mut(connection) else { continue };
            if occupant.vote_refreshed >= number {
                continue;
            }
            occupant.vote_refreshed = number;
            if std::mem::replace(&mut occupant.vote, vote) != vote {
                let handle = occupant.handle.clone();
                handle.tell(&Frame::You { reference: None, you: self.you(connection, now) });
            }
        }
    }
}
