//! Asides: what is asked of a room, or said to a few in it, beside its log. A room that nobody is in has nothing to say.
//! It must not change what is true in the room.

use super::{registry::Find, streams::Desk};
use crate::{
    domain::{
        ids::{StreamId, UserId},
        role::Role,
    },
    room::{
        actor::room::Room,
        core::{Stage, roster::Account, tell},
        message::{Part, TurnedDown},
    },
    wire::{
        frame::{Frame, HeldState},
        view::UserRef,
    },
};
use actix::prelude::*;
use std::collections::HashMap;

/// Who watches?
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "Audience")]
pub struct WhoIsHere;

/// Who watches.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// Accounts, each once.
    pub accounts: Vec<(UserRef, Role)>,
    /// Guests, by socket.
    pub guests: u64,
}

/// May somebody, a guest where there is none, know of this stream? No answer where the room cannot tell.
#[derive(Message, Clone, Debug)]
#[rtype(result = "Option<bool>")]
pub struct Sees(pub Option<Account>);

impl Desk {
    /// Who watches a stream.
    pub async fn audience(&self, id: StreamId) -> Audience {
        match self.room(id).await {
            Some(room) => room.send(WhoIsHere).await.unwrap_or_default(),
            None => Audience::default(),
        }
    }

    /// The room of a stream, if it is open.
    pub(crate) async fn room(&self, id: StreamId) -> Option<Addr<Room>> {
        self.lobby.send(Find(id)).await.ok().flatten()
    }
}

impl Stage {
    fn audience(&self) -> Audience {
        let present = || self.roster.iter().map(|(_, occupant)| occupant).filter(|occupant| occupant.counts);
        let accounts: HashMap<UserId, (UserRef, Role)> = present()
            .filter_map(|occupant| occupant.account.as_ref())
            .map(|account| (account.user.id, (account.user.clone(), self.hall.role_of(Some(account)))))
            .collect();
        let guests = present().filter(|occupant| occupant.account.is_none()).count() as u64;
        Audience { accounts: accounts.into_values().collect(), guests }
    }

    fn turn_down(&self, TurnedDown { author, comment, .. }: TurnedDown) {
        let frame = Frame::Held { reference: None, comment_id: comment, state: HeldState::Rejected };
        self.roster.of(author).for_each(|(_, occupant)| tell(&occupant.line.line, &frame));
    }
}

impl Handler<Sees> for Room {
    type Result = Option<bool>;

    fn handle(&mut self, Sees(who): Sees, _: &mut Self::Context) -> Option<bool> {
        let stage = self.stage.as_ref().filter(|_| !self.unsure.contains_key(&Part::Members))?;
        Some(stage.hall.may_see(who.as_ref()))
    }
}

impl Handler<WhoIsHere> for Room {
    type Result = MessageResult<WhoIsHere>;

    fn handle(&mut self, _: WhoIsHere, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.stage.as_ref().map(Stage::audience).unwrap_or_default())
    }
}

impl Handler<TurnedDown> for Room {
    type Result = ();

    fn handle(&mut self, turned_down: TurnedDown, _: &mut Self::Context) {
        self.handled += 1;
        if let Some(stage) = &self.stage {
            stage.turn_down(turned_down);
        }
    }
}
