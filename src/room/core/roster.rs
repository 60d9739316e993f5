//! The roster: who is here, with which right to be told what.
//! It must not know of actors (what it keeps for each is opaque), nor read the clock.

use crate::{
    domain::{
        ids::{ConnectionId, SessionId, UserId},
        time::Millis,
    },
    wire::view::UserRef,
};
use std::{collections::HashMap, net::IpAddr};

/// A verified account, as a room needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub user: UserRef,
    /// When the account was made.
    pub created_at: Millis,
    /// Whether an operator of the server.
    pub is_admin: bool,
    /// The login it came with.
    pub session_id: SessionId,
    /// From where, for the record.
    pub address: IpAddr,
}

/// Somebody who is here.
#[derive(Debug)]
pub struct Occupant<T> {
    /// Their account; none for a guest.
    pub account: Option<Account>,
    /// Whether they count: readers of the event stream do not.
    pub counts: bool,
    /// How to reach them.
    pub line: T,
}

/// Who is here, by connection.
#[derive(Debug)]
pub struct Roster<T> {
    occupants: HashMap<ConnectionId, Occupant<T>>,
    sockets: HashMap<UserId, u32>,
    guests: u64,
}

impl<T> Default for Roster<T> {
    fn default() -> Self {
        Self { occupants: HashMap::new(), sockets: HashMap::new(), guests: 0 }
    }
}

impl<T> Roster<T> {
    /// Somebody comes in.
    pub fn enter(&mut self, connection: ConnectionId, occupant: Occupant<T>) {
        self.leave(connection);
        self.count(&occupant);
        self.occupants.insert(connection, occupant);
    }

    /// Somebody leaves.
    pub fn leave(&mut self, connection: ConnectionId) -> Option<Occupant<T>> {
        let occupant = self.occupants.remove(&connection)?;
        self.uncount(&occupant);
        Some(occupant)
    }

    /// Somebody signs in, or becomes a guest again.
    pub fn identify(&mut self, connection: ConnectionId, account: Option<Account>) {
        let Some(occupant) = self.leave(connection) else { return };
        self.enter(connection, Occupant { account, ..occupant });
    }

    fn count(&mut self, occupant: &Occupant<T>) {
        match &occupant.account {
            _ if !occupant.counts => {}
            Some(account) => *self.sockets.entry(account.user.id).or_default() += 1,
            None => self.guests += 1,
        }
    }

    fn uncount(&mut self, occupant: &Occupant<T>) {
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
    pub fn viewers(&self) -> u64 {
        self.sockets.len() as u64 + self.guests
    }

    /// Somebody who is here.
    pub fn find(&self, connection: ConnectionId) -> Option<&Occupant<T>> {
        self.occupants.get(&connection)
    }

    /// The same, to be changed without changing who they are.
    pub fn line_mut(&mut self, connection: ConnectionId) -> Option<&mut T> {
        self.occupants.get_mut(&connection).map(|occupant| &mut occupant.line)
    }

    /// All who are here.
    pub fn iter(&self) -> impl Iterator<Item = (ConnectionId, &Occupant<T>)> {
        self.occupants.iter().map(|(&connection, occupant)| (connection, occupant))
    }

    /// All sockets of an account.
    pub fn of(&self, user: UserId) -> impl Iterator<Item = (ConnectionId, &Occupant<T>)> {
        self.iter().filter(move |(_, occupant)| occupant.account.as_ref().is_some_and(|a| a.user.id == user))
    }

    /// Whether an account is here.
    pub fn has(&self, user: UserId) -> bool {
        self.sockets.contains_key(&user)
    }

    /// An account's shown name has changed.
    pub fn rename(&mut self, user: &UserRef) {
        let accounts = self.occupants.values_mut().filter_map(|occupant| occupant.account.as_mut());
        accounts.filter(|account| account.user.id == user.id).for_each(|account| account.user = user.clone());
    }

    /// Whether nobody is here, readers neither.
    pub fn is_empty(&self) -> bool {
        self.occupants.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(user: UserId) -> Option<Account> {
        let user = UserRef { id: user, username: "ana".into(), display_name: "Ana".into() };
        Some(Account {
            user,
            created_at: Millis(0),
            is_admin: false,
            session_id: SessionId::new(),
            address: IpAddr::from([0; 4]),
        })
    }

    fn occupant(account: Option<Account>, counts: bool) -> Occupant<()> {
        Occupant { account, counts, line: () }
    }

    #[test]
    fn an_account_counts_once_and_each_guest_socket_once() {
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
        assert_eq!((roster.viewers(), roster.has(ana)), (2, true));
        roster.identify(three, None);
        [three, four, five].into_iter().for_each(|connection| drop(roster.leave(connection)));
        assert_eq!((roster.viewers(), roster.is_empty()), (0, true));
    }
}
