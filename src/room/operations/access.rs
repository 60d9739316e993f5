//! What somebody is in a stream, read from the database in the caller's transaction: the one place that says 404, 401 or 403.
//! It must not know of requests or sockets, nor read the clock.

use super::Fault;
use crate::{
    domain::{Millis, Right, Role, Status, StreamId, UserId, Username},
    identity::Account,
    room::rules,
    store::{
        self, Comment, Conn, Stream, Tx, User,
        accounts::users,
        comments::State,
        moderation::{
            audit::{self, NewEntry},
            bans, relations,
        },
        site, streams,
    },
    wire::{Code, Refusal, view::BanView},
};

/// Somebody in a stream that they may see.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub stream: Stream,
    /// What they are there.
    pub role: Role,
    /// Their ban, where one is in force and takes something away.
    pub ban: Option<BanView>,
    /// What they are told who may write nowhere on the site.
    barred: Option<Refusal>,
}

impl Access {
    /// Looks a stream up for somebody; none is a guest.
    /// Errors: `not_found` where there is no such stream, or none that they may know of.
    pub(crate) fn of(
        conn: &mut Conn,
        id: StreamId,
        who: Option<&Account>,
        now: Millis,
    ) -> Result<Self, Fault> {
        let stream = streams::by_id(conn, id)?.ok_or_else(Refusal::not_found)?;
        let user_id = who.map(|account| account.user.id);
        let is_admin = who.is_some_and(|account| account.is_admin);
        let standing = relations::standing(conn, &stream, user_id, is_admin)?;
        if !standing.may_see(stream.visibility) {
            return Err(Refusal::concealed().into());
        }
        let everywhere = barred(conn, who, now)?;
        let role = if everywhere.is_some() { standing.role().barred() } else { standing.role() };
        let here = match (role, user_id) {
            (Role::Viewer, Some(user_id)) => bans::of_user(conn, (id, stream.host.id), user_id, now)?,
            _ => None,
        };
        let here = here.map(|ban| BanView { until: ban.until, reason: ban.reason });
        let barred = everywhere.as_ref().map(|ban| rules::banned(ban, now));
        let end = |ban: &BanView| ban.until.map_or(i64::MAX, |until| until.0);
        let ban = here.into_iter().chain(everywhere).max_by_key(end);
        Ok(Self { stream, role, ban, barred })
    }

    /// Whether they have a right.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.role.may(right, self.ban.is_some())
    }

    /// Fails unless they have a right.
    /// Errors: `unauthenticated` for guests, `banned` for who is barred from the site, `forbidden` for others.
    pub(crate) fn require(&self, right: Right) -> Result<(), Refusal> {
        if self.may(right) { Ok(()) } else { Err(self.denied()) }
    }

    /// Fails unless they are host, moderator or admin.
    /// Errors: As [`Access::require`].
    pub(crate) fn require_staff(&self) -> Result<(), Refusal> {
        if self.role.is_staff() { Ok(()) } else { Err(self.denied()) }
    }

    fn denied(&self) -> Refusal {
        match (&self.barred, self.role) {
            (Some(refusal), _) => refusal.clone(),
            (None, Role::Guest) => Refusal::new(Code::Unauthenticated, "Log in first."),
            _ => Refusal::new(Code::Forbidden, "You have not the right to do this here."),
        }
    }

    /// Fails where they may write nowhere on the site.
    /// Errors: `banned`.
    pub(crate) fn refuse_barred(&self) -> Result<(), Refusal> {
        self.barred.clone().map_or(Ok(()), Err)
    }

    /// Fails unless they may act by a right. The rights of all who write end with the stream and are taken by a ban.
    /// Errors: As [`Access::require`]; for who writes `banned` and `stream_ended`, too.
    pub(crate) fn may_act_by(&self, right: Right, now: Millis) -> Result<(), Refusal> {
        match right {
            Right::Comment | Right::React | Right::Vote | Right::Ask => {
                rules::may_write(self.stream.status, self.role, self.ban.as_ref(), now)
            }
            _ => self.require(right),
        }
    }

    /// Fails where the stream is over.
    /// Errors: `stream_ended`.
    pub(crate) fn not_ended(&self) -> Result<(), Refusal> {
        match self.stream.status {
            Status::Ended => Err(Refusal::new(Code::StreamEnded, "This stream is over.")),
            _ => Ok(()),
        }
    }

    /// Whether they may know of a comment: a held one is for reviewers alone, a rejected one for nobody.
    pub(crate) fn may_read(&self, comment: &Comment) -> bool {
        match comment.state {
            State::Visible => true,
            State::Held => self.may(Right::Review),
            State::Rejected => false,
        }
    }
}

/// Somebody who acts on a stream, in the transaction of the act.
pub(crate) struct Act<'a, 'c> {
    pub tx: &'a mut Tx<'c>,
    /// The stream, and what they are there.
    pub access: Access,
    pub actor: &'a Account,
    pub now: Millis,
}

impl Act<'_, '_> {
    /// Puts the act on record, with what it was done to.
    pub(crate) fn record(
        &mut self,
        action: &'static str,
        target: impl ToString,
        reason: Option<String>,
    ) -> Result<(), Fault> {
        let entry = entry_of(self.actor, action, Some(self.access.stream.id), target.to_string(), reason);
        Ok(audit::append(self.tx, &entry, self.now)?)
    }
}

/// What is put on record of an act that was done.
pub(crate) fn entry_of(
    actor: &Account,
    action: &'static str,
    stream_id: Option<StreamId>,
    target: String,
    reason: Option<String>,
) -> NewEntry {
    NewEntry {
        actor_id: Some(actor.user.id),
        login: Some(actor.login),
        ip: Some(actor.address.to_string()),
        action,
        stream_id,
        target: Some(target),
        outcome: "ok",
        reason,
    }
}

/// The ban of somebody from the whole site; operators have none.
pub(crate) fn barred(
    conn: &mut Conn,
    who: Option<&Account>,
    now: Millis,
) -> Result<Option<BanView>, store::Error> {
    who.map_or(Ok(None), |account| ban_of(conn, account.user.id, account.is_admin, now))
}

/// The ban of an account from the whole site; operators have none.
pub(crate) fn ban_of(
    conn: &mut Conn,
    user: UserId,
    is_admin: bool,
    now: Millis,
) -> Result<Option<BanView>, store::Error> {
    if is_admin {
        return Ok(None);
    }
    let ban = site::bans::of_user(conn, user, now)?;
    Ok(ban.map(|ban| BanView { until: ban.until, reason: ban.reason }))
}

/// Fails where somebody may write nowhere on the site.
/// Errors: `banned`.
pub(crate) fn refuse_barred(conn: &mut Conn, who: &Account, now: Millis) -> Result<(), Fault> {
    match barred(conn, Some(who), now)? {
        Some(ban) => Err(rules::banned(&ban, now).into()),
        None => Ok(()),
    }
}

/// The account of a username, however it is written.
/// Errors: `not_found` where nobody has that name.
pub(crate) fn account_named(conn: &mut Conn, username: &str) -> Result<User, Fault> {
    let user = users::by_name_key(conn, &Username::key_of(username))?;
    // Nobody knows of an account that was not let in.
    Ok(user.filter(|user| user.pending_since.is_none()).ok_or_else(Refusal::not_found)?)
}
