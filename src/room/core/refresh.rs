//! What was read again takes the place of what was there, and who is concerned is told.
//! It must not know how a part is read.

use super::{Fresh, Part, RoomCore};
use crate::{
    domain::{Millis, PollId, UserId},
    wire::Frame,
};

impl RoomCore {
    /// Parts that were read again take their place, unless one of a higher refresh number has taken it already, and who is
    /// concerned is told.
    pub(crate) fn refresh(&mut self, fresh: Vec<(Part, Fresh)>, number: u64, banned: &[UserId], now: Millis) {
        self.snapshot = None;
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
            let ended = self.bans_not_in(&fresh);
            fresh.put_into(&mut self.state);
            ended.into_iter().for_each(|user| self.tell_rights(user, now));
            if self.state.held != was_held {
                self.tell_queue();
            }
        }
        // Once the reasons have been read.
        banned.iter().for_each(|&user| self.tell_rights(user, now));
        self.close_unseeing();
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
