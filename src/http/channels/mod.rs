//! Channels over REST: what a host keeps from stream to stream, found by the host's name. Every account has one.
//! It must not know what a page makes of it.

mod asked;
pub(crate) mod bans;
pub(crate) mod moderators;
pub(crate) mod settings;
pub(crate) mod terms;

use super::{
    Answer, ClientAddress, Services,
    accounts::users::named,
    extract::{Identity, Json, Path, patch::Change},
    moderation::record,
};
use crate::{
    domain::{
        Millis, StreamId, Username,
        channel::{Link, Links},
        text::Bio,
    },
    room::operations::Publication,
    store::{
        self, Stream, User,
        channels::{
            self,
            front::{self, Front},
            profile::{self, Profile},
        },
        interactions::reactions,
        moderation::audit,
    },
    wire::{
        Code, Refusal,
        view::{StreamView, UserView},
    },
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A channel, as anybody sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelView {
    /// Whose it is.
    user: UserView,
    /// What they say of themselves, may be empty.
    bio: String,
    /// Where else they are, in their order.
    links: Vec<Link>,
    /// How many follow them.
    followers: i64,
    /// Of their public streams the latest started of those that are live.
    live: Option<StreamView>,
    /// Of their public streams the next that is to start; one that should have started half a day ago is none. Without a date,
    /// the newest.
    next: Option<StreamView>,
    /// Of their public streams the latest that has ended.
    last: Option<StreamView>,
}

/// What to change of a channel: an absent member keeps its value, null clears it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelPatchBody {
    #[serde(default)]
    #[schema(value_type = Option<Bio>)]
    bio: Change<Bio>,
    #[serde(default)]
    #[schema(value_type = Option<Links>)]
    links: Change<Links>,
}

/// A channel as the tables have it.
struct Found {
    user: User,
    profile: Profile,
    followers: i64,
    front: Front,
}

/// The channel of an account.
#[utoipa::path(get, operation_id = "getChannel", path = "/api/v1/channels/{username}", tag = "channels",
    params(("username" = String, Path, description = "In any case")),
    responses((status = 200, description = "The channel", body = ChannelView)))]
pub(crate) async fn read(services: web::Data<Services>, Path(username): Path<Username>) -> Answer {
    document(&services, username).await
}

/// Changes what a host says of themselves; the host's right, and that of admins.
#[utoipa::path(patch, operation_id = "updateChannel", path = "/api/v1/channels/{username}", tag = "channels",
    request_body = ChannelPatchBody, params(("username" = String, Path, description = "In any case")),
    responses((status = 200, description = "As it is now", body = ChannelView)), security(("bearer" = [])))]
pub(crate) async fn edit(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Path(username): Path<Username>,
    Json(body): Json<ChannelPatchBody>,
) -> Answer {
    let (actor, entry) = (account.account(), record::of(&account, address, "channel.update"));
    let (bio, links) =
        (body.bio.or_cleared(Bio::from_stored(String::new())), body.links.or_cleared(Links::default()));
    let name = username.clone();
    let changed = services.streams.act_anywhere(move |tx| {
        let host = named(tx, &name)?;
        if host.id != actor.user.id && !actor.is_admin {
            return Err(Refusal::new(Code::Forbidden, "This is not your channel.").into());
        }
        channels::lock(tx, host.id)?;
        profile::update(tx, host.id, bio.as_ref(), links.as_ref().map(|links| &links.0[..]))?;
        let entry = audit::NewEntry { target: Some(host.id.to_string()), ..entry.clone() };
        audit::append(tx, &entry, Millis::now())?;
        Ok(((), Publication::default()))
    });
    changed.await?;
    document(&services, username).await
}

async fn document(services: &Services, username: Username) -> Answer {
    let found = services.store.read::<_, store::Error>(move |conn| {
        let user = named(conn, &username)?;
        let (profile, followers) = (profile::read(conn, user.id)?, profile::followers(conn, user.id)?);
        let front = front::of(conn, user.id, Millis::now())?;
        let totals = reactions::totals(conn, &ids(&front))?;
        Ok((Found { profile, followers, front, user }, totals))
    });
    let (Found { user, profile, followers, front }, mut totals) = found.await?;
    let viewers = services.streams.viewer_counts.of_all(&ids(&front)).await;
    let mut shown = |stream: Option<Stream>| {
        let stream = stream?;
        let reactions = totals.remove(&stream.id).unwrap_or_default().into_iter().collect();
        let viewers = viewers.get(&stream.id).copied().unwrap_or(0);
        let picture = services.streams.pictures.shown(stream.id, stream.status, false);
        Some(StreamView::new(stream, viewers, reactions, picture))
    };
    Ok(HttpResponse::Ok().json(ChannelView {
        user: user.into(),
        bio: profile.bio,
        links: profile.links,
        followers,
        live: shown(front.live),
        next: shown(front.next),
        last: shown(front.last),
    }))
}

fn ids(front: &Front) -> Vec<StreamId> {
    [&front.live, &front.next, &front.last].into_iter().flatten().map(|stream| stream.id).collect()
}
