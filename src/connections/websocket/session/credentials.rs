//! Whose a session is: tokens on an open socket, their end, and the record of what was refused.
//! It must not know what an account may do.

use super::{Session, Socket};
use crate::{
    domain::{KeyScope, Millis},
    identity::{Account, Identity},
    room::actor::joining::Identify,
    store::moderation::audit::NewEntry,
    wire::{Close, Frame, Refusal},
};
use actix::prelude::*;
use std::time::Duration;

/// Refused tokens: the last one closes.
const REFUSED_TOKENS_MAX: u32 = 3;
/// How long before its end a token is said to expire, in milliseconds.
const EXPIRING_MS: i64 = 60_000;

impl Session {
    /// As the room knows it; none for a guest.
    pub(crate) fn account(&self) -> Option<Account> {
        self.newcomer.identity.as_ref().map(|identity| identity.account())
    }

    /// Puts on record what was refused for want of rights, or of proof of who one is.
    pub(crate) fn note(&self, refusal: &Refusal) {
        if !refusal.concerns_rights() {
            return;
        }
        let identity = self.newcomer.identity.as_ref();
        self.worker.audit_queue.note(NewEntry {
            actor_id: identity.map(|identity| identity.user.id),
            login: identity.map(|identity| identity.login),
            ip: Some(self.newcomer.address.to_string()),
            action: "op",
            target: Some(format!("/streams/{}/ws", self.newcomer.room)),
            outcome: "refused",
            reason: Some(refusal.to_string()),
            ..NewEntry::default()
        });
    }

    pub(crate) fn auth(&mut self, reference: Option<String>, token: String, ctx: &mut Socket) {
        let (identities, address) = (self.worker.identities.clone(), self.newcomer.address);
        let identified = async move {
            let identity = identities.identify(&token, address, Millis::now()).await?;
            // Whoever is in a room reads it.
            identity.require(KeyScope::Read)?;
            Ok(identity)
        };
        // In order with the frames that follow: they are meant as the account.
        ctx.wait(identified.into_actor(self).map(move |identified, session, ctx| match identified {
            Ok(identity) => session.become_(reference, identity, ctx),
            Err(refusal) => session.token_refused(reference, &refusal, ctx),
        }));
    }

    fn token_refused(&mut self, reference: Option<String>, refusal: &Refusal, ctx: &mut Socket) {
        self.refused_tokens += 1;
        self.refuse(reference, refusal, ctx);
        if self.refused_tokens >= REFUSED_TOKENS_MAX {
            self.close(Close::RefusedAuth, ctx);
        }
    }

    fn become_(&mut self, reference: Option<String>, identity: Identity, ctx: &mut Socket) {
        let Some(membership) = &self.membership else { return };
        let account = Some(identity.account());
        let told = membership.room().send(Identify { connection: self.newcomer.connection, account });
        ctx.wait(told.into_actor(self).map(move |told, session, ctx| match told {
            Ok(Ok(you)) => {
                session.sign_in(&identity, ctx);
                session.newcomer.identity = Some(Box::new(identity));
                session.say(&Frame::You { reference, you }, ctx);
            }
            Ok(Err(refusal)) => {
                session.note(&refusal);
                session.close(Close::Gone, ctx);
            }
            Err(_) => session.close(Close::Overloaded, ctx),
        }));
    }

    pub(crate) fn sign_in(&mut self, identity: &Identity, ctx: &mut Socket) {
        let (user, login) = (identity.user.id, identity.login);
        self.signed_in = Some(self.worker.connections.sign_in(user, login, self.own_handle(ctx)));
        self.watch_token(identity.expires_at, ctx);
        let has_ended = self.worker.identities.clone().has_ended(login, identity.address);
        ctx.spawn(has_ended.into_actor(self).map(|has_ended, session, ctx| {
            if has_ended {
                session.close(Close::Revoked, ctx);
            }
        }));
    }

    fn watch_token(&mut self, expires_at: Option<Millis>, ctx: &mut Socket) {
        self.token_timers.drain(..).for_each(|timer| _ = ctx.cancel_future(timer));
        let Some(expires_at) = expires_at else { return };
        let left_ms = expires_at.since(Millis::now());
        let after = |ms: i64| Duration::from_millis(ms.max(0) as u64);
        self.token_timers.push(ctx.run_later(after(left_ms - EXPIRING_MS), move |session, ctx| {
            session.say(&Frame::TokenExpiring { expires_at }, ctx);
        }));
        self.token_timers.push(ctx.run_later(after(left_ms), Session::token_ended));
    }

    /// The viewer becomes a guest, or leaves where guests may not be.
    fn token_ended(&mut self, ctx: &mut Socket) {
        let connection = self.newcomer.connection;
        self.newcomer.identity = None;
        self.signed_in = None;
        let Some(membership) = &self.membership else { return };
        let told = membership.room().send(Identify { connection, account: None });
        ctx.spawn(told.into_actor(self).map(|told, session, ctx| match told {
            Ok(Ok(you)) => session.say(&Frame::You { reference: None, you }, ctx),
            Ok(Err(_)) => session.close(Close::TokenEnded, ctx),
            Err(_) => session.close(Close::Overloaded, ctx),
        }));
    }
}
