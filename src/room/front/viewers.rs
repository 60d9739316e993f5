//! Who watches a stream: on all nodes, where they can be asked, else on this one.
//! It must not know who may ask.

use super::streams::Streams;
use crate::{
    bus::presence,
    domain::{Role, StreamId, UserId, role::Standing},
    room::{
        actor::who_is_here::{Viewers, WhoIsHere},
        operations::Fault,
    },
    store::{Conn, accounts::users, moderation::relations, streams},
    wire::view::UserRef,
};

/// A page of those who watch, in the order of their ids.
#[derive(Clone, Debug)]
pub(crate) struct Watching {
    /// Accounts, each once.
    pub accounts: Vec<(UserRef, Role)>,
    /// The last one, where there are more.
    pub next: Option<UserId>,
    /// Guests, by socket.
    pub guests: u64,
    /// Whether those on other nodes are missing.
    pub is_partial: bool,
}

impl Streams {
    /// Who watches a stream, behind an account, at most `limit`.
    /// Errors: Those of the store.
    pub(crate) async fn viewers(
        &self,
        id: StreamId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Watching, Fault> {
        match self.presence.page(id, after, limit + 1).await {
            Some(page) => self.named(id, page, limit).await,
            None => Ok(self.viewers_here(id, after, limit).await),
        }
    }

    async fn named(&self, id: StreamId, page: presence::Page, limit: usize) -> Result<Watching, Fault> {
        let (mut ids, guests) = (page.accounts, page.guests);
        let next = (ids.len() > limit).then(|| ids[limit - 1]);
        ids.truncate(limit);
        let accounts = self.store.read::<_, Fault>(move |conn| Ok(with_roles(conn, id, &ids)?)).await?;
        Ok(Watching { accounts, next, guests, is_partial: false })
    }

    async fn viewers_here(&self, id: StreamId, after: Option<UserId>, limit: usize) -> Watching {
        let here = match self.room(id).await {
            Some(room) => room.send(WhoIsHere).await.unwrap_or_default(),
            None => Viewers::default(),
        };
        let mut accounts = here.accounts;
        accounts.retain(|(user, _)| after.is_none_or(|after| user.id > after));
        accounts.sort_by_key(|(user, _)| user.id);
        let next = (accounts.len() > limit).then(|| accounts[limit - 1].0.id);
        accounts.truncate(limit);
        Watching { accounts, next, guests: here.guests, is_partial: self.presence.has_others() }
    }
}

/// Their names, and what they are in a stream.
fn with_roles(
    conn: &mut Conn,
    id: StreamId,
    ids: &[UserId],
) -> Result<Vec<(UserRef, Role)>, crate::store::Error> {
    let Some(stream) = streams::by_id(conn, id)? else { return Ok(Vec::new()) };
    let moderators = relations::all_moderators(conn, id, stream.host.id)?;
    let role = |user: UserId, is_admin: bool| {
        let (is_host, is_moderator) = (user == stream.host.id, moderators.contains(&user));
        Standing { is_signed_in: true, is_host, is_admin, is_moderator, is_member: false }.role()
    };
    let known = users::with_admins(conn, ids)?;
    Ok(known
        .into_iter()
        .map(|(person, is_admin)| (person.clone().into(), role(person.id, is_admin)))
        .collect())
}
