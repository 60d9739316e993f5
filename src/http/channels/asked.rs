//! Requests about what holds in all streams of a host: who asks, whose channel it is, and whether they may.
//! It must not know what is asked for.

use crate::{
    domain::{Right, Role, UserId},
    http::{
        Answer, Services,
        extract::{
            Identity, Path, Query,
            list::{self, Key, List, Paging},
        },
    },
    room::operations::{ChannelAct, ChannelEffects, ChannelOf, Fault, account_named, channel},
    store::{Conn, Page, User, moderation::relations},
};
use actix_web::{HttpResponse, web};
use serde::Serialize;

/// A request about a channel.
pub(super) type OfChannel = (web::Data<Services>, Identity, Path<String>);
/// A request about an account in a channel.
pub(super) type Named = (web::Data<Services>, Identity, Path<(String, String)>);

/// Reads something of a channel, for those who `may`; it is given whose that is.
/// Errors: `not_found` where nobody has that name; `forbidden`; what `read` refuses.
pub(super) async fn read<T: Send + 'static>(
    (services, account, name): OfChannel,
    may: impl FnOnce(Role) -> bool + Send + 'static,
    read: impl FnOnce(&mut Conn, UserId) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let asking = account.account();
    let found = services.store.read(move |conn| {
        let host = account_named(conn, &name.0)?.id;
        let standing = relations::standing_in_channel(conn, host, asking.user.id, asking.is_admin)?;
        match may(standing.role()) {
            true => read(conn, host),
            false => Err(channel::denied().into()),
        }
    });
    found.await
}

/// A page of what a channel has, for those who `may` see it.
/// Errors: As [`read`], and where the cursor is of another list.
pub(super) async fn list<K: Key, V: Serialize + Send + 'static>(
    asked: OfChannel,
    paging: Query<Paging>,
    may: impl FnOnce(Role) -> bool + Send + 'static,
    page: impl FnOnce(&mut Conn, UserId, Option<K>, usize) -> Result<Page<V, K>, Fault> + Send + 'static,
) -> Answer {
    let listed = read(asked, may, move |conn, host| {
        let after = list::after(paging.0.cursor.as_ref())?;
        Ok(List::new(page(conn, host, after, paging.0.limit.count())?))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}

/// Changes something about an account in a channel, for who has the right.
/// Errors: Where they have not the right, nobody has that name, or `change` refuses.
pub(super) async fn change(
    (services, account, path): Named,
    right: Right,
    mut change: impl FnMut(&mut ChannelAct<'_, '_>, &User) -> Result<ChannelEffects<()>, Fault> + Send + 'static,
) -> Answer {
    let (host, username) = path.0;
    let changed =
        services.streams.act_in_channel(right, account.account(), ChannelOf::Host(host), move |act| {
            let user = account_named(act.tx, &username)?;
            change(act, &user)
        });
    changed.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether a role has a right in a channel.
pub(super) fn has(right: Right) -> impl FnOnce(Role) -> bool + Send + 'static {
    move |role| role.may(right, false)
}
