//! What handlers ask a room that is open: who is here, and whether somebody may know of its stream.
//! It must not change what is true in the room.

use super::room::Room;
use crate::{
    domain::{ConnectionId, Role, UserId},
    identity::Account,
    room::{
        core::{Part, RoomCore},
        state::roster::Roster,
    },
    wire::view::UserRef,
};
use actix::prelude::*;
use std::collections::HashMap;

#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "Viewers")]
pub(crate) struct WhoIsHere;

#[derive(Clone, Debug, Default)]
pub(crate) struct Viewers {
    /// Accounts, each once.
    pub accounts: Vec<(UserRef, Role)>,
    /// Guests, by socket.
    pub guests: u64,
}

/// Which of these are here, in their order?
#[derive(Message, Clone, Debug)]
#[rtype(result = "Vec<bool>")]
pub(crate) struct AreHere(pub Vec<Whoever>);

/// Somebody who may be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whoever {
    /// By any of its sockets.
    Account(UserId),
    /// Whoever has this connection.
    Connection(ConnectionId),
    /// Some guest, of whom nothing else is known.
    Stranger,
}

/// May somebody, a guest where there is none, know of this stream? No answer where the room cannot tell.
#[derive(Message, Clone, Debug)]
#[rtype(result = "Option<bool>")]
pub(crate) struct Sees(pub Option<Account>);

impl Viewers {
    fn of(core: &RoomCore) -> Self {
        let present = || core.roster.iter().map(|(_, occupant)| occupant).filter(|occupant| occupant.counts);
        let accounts: HashMap<UserId, (UserRef, Role)> = present()
            .filter_map(|occupant| occupant.account.as_ref())
            .map(|account| (account.user.id, (account.user.clone(), core.role_of(Some(account)))))
            .collect();
        let guests = present().filter(|occupant| occupant.account.is_none()).count() as u64;
        Self { accounts: accounts.into_values().collect(), guests }
    }
}

impl Handler<WhoIsHere> for Room {
    type Result = MessageResult<WhoIsHere>;

    fn handle(&mut self, _: WhoIsHere, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.core.as_ref().map(Viewers::of).unwrap_or_default())
    }
}

impl Handler<AreHere> for Room {
    type Result = Vec<bool>;

    fn handle(&mut self, AreHere(asked): AreHere, _: &mut Self::Context) -> Vec<bool> {
        let roster = self.core.as_ref().map(|core| &core.roster);
        let is_here = |whoever| match whoever {
            Whoever::Account(user) => roster.is_some_and(|roster| roster.has_socket_of(user)),
            Whoever::Connection(connection) => roster.is_some_and(|roster| roster.find(connection).is_some()),
            Whoever::Stranger => roster.is_some_and(Roster::has_guests),
        };
        asked.into_iter().map(is_here).collect()
    }
}

impl Handler<Sees> for Room {
    type Result = Option<bool>;

    fn handle(&mut self, Sees(who): Sees, _: &mut Self::Context) -> Option<bool> {
        let core = self.core.as_ref().filter(|_| !self.unsure.contains_key(&Part::Members))?;
        Some(core.state.may_see(who.as_ref()))
    }
}
