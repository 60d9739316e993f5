//! Bans and timeouts in all streams of a host.
//! It must not know what a ban takes away.

use super::asked::{self, Named, OfChannel};
use crate::{
    domain::{Millis, Right, channel::Scope},
    http::{
        Answer,
        extract::{
            Json, Query,
            list::{List, Paging},
        },
        moderation::bans::{BanBody, BanEntry},
    },
    room::operations::bans as acts,
    store::moderation::bans,
    wire::Refusal,
};

/// The bans of a channel that are in force, earliest first.
#[utoipa::path(get, operation_id = "listChannelBans", path = "/api/v1/channels/{username}/bans", tag = "channels",
    params(("username" = String, Path), Paging),
    responses((status = 200, description = "A page of bans", body = List<BanEntry>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfChannel, paging: Query<Paging>) -> Answer {
    let page = |conn: &mut _, host, after, limit| {
        let page = bans::of_channel::list(conn, host, Millis::now(), after, limit)?;
        Ok(page.map(|ban| BanEntry::from((Scope::Channel, ban))))
    };
    asked::list(asked, paging, asked::has(Right::Ban), page).await
}

/// Bans somebody in all streams of a host, present and future. Host and admins cannot be banned, and moderators by host and
/// admins alone, who thereby dismiss them everywhere.
#[utoipa::path(put, operation_id = "banInChannel", path = "/api/v1/channels/{host}/bans/{username}", tag = "channels",
    request_body = BanBody, params(("host" = String, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are banned")), security(("bearer" = [])))]
pub(crate) async fn put(named: Named, body: Json<BanBody>) -> Answer {
    if body.0.scope == Some(Scope::Stream) {
        return Err(Refusal::invalid_field("scope", "out_of_range", "no stream is named here").into());
    }
    let wanted = body.0.wanted();
    asked::change(named, Right::Ban, move |act, user| acts::ban(act, user, &wanted)).await
}

/// Lifts the ban of a channel; one of a single stream stays.
#[utoipa::path(delete, operation_id = "unbanInChannel", path = "/api/v1/channels/{host}/bans/{username}", tag = "channels",
    params(("host" = String, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are not banned in the channel")), security(("bearer" = [])))]
pub(crate) async fn delete(named: Named) -> Answer {
    asked::change(named, Right::Ban, acts::lift).await
}
