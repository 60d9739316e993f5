//! The roster: who is here, with which right to be told what.
//! It must not tell anybody anything, nor read the clock.

use crate::{
    domain::{ConnectionId, PollId, UserId, rate::SlidingWindow},
    identity::Account,
    room::reply::ConnectionHandle,
    wire::view::UserRef,
};
use std::collections::HashMap;

/// Somebody who is here, and what a room must remember of them.
pub(crate) struct Occupant {
    /// None for a guest.
    pub account: Option<Account>,
    /// Whether they count: readers of the event stream do not.
    pub counts: bool,
    pub handle: ConnectionHandle,
    /// Whether they read the ring by now.
    pub is_admitted: bool,
    /// Whether what they were told of the picture is what host and moderators are told.
    pub is_told_as_staff: bool,
    pub reactions: SlidingWindow,
    pub vote: Option<(PollId, u32)>,
    /// Refresh number of `vote`; an older result is ignored.
    pub vote_refreshed: u64,
}

/// Who is here, by connection.
#[derive(Default)]
pub(crate) struct Roster {
    occupants: HashMap<ConnectionId, Occupant>,
    sockets: HashMap<UserId, u32>,
    guests: u64,
}

impl Roster {
    /// Somebody comes in.
    pub(crate) fn enter(&mut self, connection: ConnectionId, occupant: Occupant) {
        self.leave(connection);
        self.count(&occupant);
        self.occupants.insert(connection, occupant);
    }

    pub(crate) fn leave(&mut self, connection: ConnectionId) -> Option<Occupant> {
        let occupant = self.occupants.remove(&connection)?;
        self.uncount(&occupant);
        Some(occupant)
    }

    /// Somebody signs in, or becomes a guest again.
    pub(crate) fn identify(&mut self, connection: ConnectionId, account: Option<Account>) {
        let Some(occupant) = self.leave(connection) else { return };
        self.enter(connection, Occupant { account, ..occupant });
    }

    fn count(&mut self, occupant: &Occupant) {
        match &occupant.account {
            _ if !occupant.counts => {}
            Some(account) => *self.sockets.entry(account.user.id).or_default() += 1,
            None => self.guests += 1,
        }
    }

    fn uncount(&mut self, occupant: &Occupant) {
        let Some(account) = occupant.account.as_ref().filter(|_| occupant.counts) else {
            self.guests -= u64::from(occupant.counts);
            return;
        };
        if let Some(sockets) = self.sockets.get_mut(&account.user.id) {
            *sockets -= 1;
            if *sockets == 0 {
                self.sockets.remove(&account.user.id);
            }
        }
    }

    /// Each account once however many sockets it has, each guest socket once.
    pub(crate) fn viewers(&self) -> u64 {
        self.sockets.len() as u64 + self.guests
    }

    /// Whether an account watches by any socket.
    pub(crate) fn has_socket_of(&self, user: UserId) -> bool {
        self.sockets.contains_key(&user)
    }

    /// The account of a connection.
    pub(crate) fn user_of(&self, connection: ConnectionId) -> Option<UserId> {
        self.find(connection)?.account.as_ref().map(|account| account.user.id)
    }

    /// How many watch without an account, by socket.
    pub(crate) fn guests(&self) -> u64 {
        self.guests
    }

    /// Whether somebody watches without an account.
    pub(crate) fn has_guests(&self) -> bool {
        self.guests > 0
    }

    /// Somebody who is here.
    pub(crate) fn find(&self, connection: ConnectionId) -> Option<&Occupant> {
        self.occupants.get(&connection)
    }

    /// The same, to be changed without changing who they are.
    pub(crate) fn find_mut(&mut self, connection: ConnectionId) -> Option<&mut Occupant> {
        self.occupants.get_mut(&connection)
    }

    /// All who are here.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ConnectionId, &Occupant)> {
        self.occupants.iter().map(|(&connection, occupant)| (connection, occupant))
    }

    /// All sockets of an account.
    pub(crate) fn of(&self, user: UserId) -> impl Iterator<Item = (ConnectionId, &Occupant)> {
        self.iter().filter(move |(_, occupant)| occupant.account.as_ref().is_some_and(|a| a.user.id == user))
    }

    /// An account's shown name has changed.
    pub(crate) fn rename(&mut self, user: &UserRef) {
        let accounts = self.occupants.values_mut().filter_map(|occupant| occupant.account.as_mut());
        accounts.filter(|account| account.user.id == user.id).for_each(|account| account.user = user.clone());
    }

    /// Whether nobody is here, readers neither.
    pub(crate) fn is_empty(&self) -> bool {
        self.occupants.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::samples;

    fn occupant(account: Option<Account>, counts: bool) -> Occupant {
        Occupant { counts, ..samples::occupant(account) }
    }

    fn account(user: UserId) -> Option<Account> {
        Some(samples::account(user))
    }

    #[actix::test]
    async fn an_account_counts_once_and_each_guest_socket_once() {
        let mut roster = Roster::default();
        let ana = UserId::new();
        let [one, two, three, four, five] = std::array::from_fn(|_| ConnectionId::new());
        roster.enter(one, occupant(account(ana), true));
        roster.enter(two, occupant(account(ana), true));
        roster.enter(three, occupant(None, true));
        roster.enter(four, occupant(None, true));
        roster.enter(five, occupant(account(UserId::new()), false));
        assert_eq!(roster.viewers(), 3);
        roster.leave(one);
        assert_eq!(roster.viewers(), 3);
        roster.leave(two);
        assert_eq!(roster.viewers(), 2);
        roster.identify(three, account(ana));
        assert_eq!((roster.viewers(), roster.of(ana).count()), (2, 1));
        assert!(roster.has_socket_of(ana) && !roster.has_socket_of(UserId::new()));
        roster.identify(three, None);
        [three, four, five].into_iter().for_each(|connection| drop(roster.leave(connection)));
        assert_eq!((roster.viewers(), roster.is_empty()), (0, true));
    }
}
