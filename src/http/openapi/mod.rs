//! The API as a document: OpenAPI 3.1, made from the handlers and types themselves.
//! It must not say anything that the code does not; what the generator cannot say is added in the modules below.

mod asyncapi;
mod guide;
mod operations;
mod presence;
mod schemas;
#[cfg(test)]
mod tests;
mod unions;
mod webhook_message;

use super::{
    Answer, Services,
    accounts::{follows, ignored, images, keys, me, password_resets, sessions, users},
    admin, channels,
    elsewhere::{calendar, feeds, oembed},
    error::Problem,
    health,
    interactions::{announcements, comments, pins, polls, questions, reactions},
    media::{hls, hooks, ingest, playback, recording, sessions as media_sessions, whep, whip},
    moderation::{bans, held, moderators, terms},
    site::{self, setup},
    streams,
    streams::{events, export, list, members, reports, settings, socket},
    webhooks,
};
use crate::{
    config::limits::Limits,
    domain::accounts::standing::AccountsWanted,
    wire::{
        Frame,
        event::LogEvent,
        op::{AuthBody, CommentBody, DeleteBody, ReactBody, VoteBody},
    },
};
use actix_web::{HttpResponse, http::header, web};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Livehouse",
        version = "1",
        contact(name = "The operator of this site"),
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "accounts", description = "Who one is"),
        (name = "channels", description = "What a host keeps from stream to stream"),
        (name = "sessions", description = "Logins and their tokens"),
        (name = "keys", description = "Keys of an account, for programs"),
        (name = "webhooks", description = "Addresses that are told of events, by Standard Webhooks 1.0"),
        (name = "streams", description = "Streams and their lists"),
        (name = "comments", description = "What is said, and the log it is numbered in"),
        (name = "moderation", description = "For host and moderators"),
        (name = "room", description = "The socket"),
        (name = "picture", description = "Sending and seeing a picture"),
        (name = "site", description = "What this site lets people do, and its first administrator"),
        (name = "operator", description = "What administrators do"),
        (name = "elsewhere", description = "The site as others show it"),
        (name = "operations", description = "For operators"),
    ),
    paths(
        document, socket_document,
        site::read, site::logo::read, setup::set_up, admin::logo::put, admin::logo::delete,
        admin::settings::read, admin::settings::edit, admin::users::list, admin::users::edit, admin::users::end_sessions,
        admin::users::reset_link, admin::bans::list, admin::bans::put, admin::bans::delete, admin::invitations::list, admin::invitations::create, admin::invitations::delete,
        admin::streams::list, admin::record::reports, admin::record::audit, admin::stats::read, password_resets::reset,
        users::register, users::read,
        me::read, me::update, me::delete, me::change_password,
        images::put_avatar, images::delete_avatar, images::remove_avatar, images::avatar, images::put_cover, images::delete_cover, images::remove_cover, images::cover,
        follows::follow, follows::unfollow, follows::list,
        ignored::read, ignored::put, ignored::delete, ignored::list,
        keys::create, keys::list, keys::read, keys::delete,
        webhooks::create, webhooks::list, webhooks::read, webhooks::edit, webhooks::delete, webhooks::rotate,
        webhooks::deliveries::test, webhooks::deliveries::list, webhooks::deliveries::retry,
        channels::read, channels::edit, channels::settings::read, channels::settings::edit, channels::terms::read,
        channels::terms::replace, channels::moderators::list, channels::moderators::put, channels::moderators::delete,
        channels::bans::list, channels::bans::put, channels::bans::delete,
        sessions::log_in, sessions::refresh, sessions::list, sessions::end_one, sessions::end_current, sessions::end_all,
        streams::create, list::list, streams::read, streams::edit, streams::delete, streams::start, streams::end,
        members::list, members::put, members::delete,
        comments::create, comments::list, comments::read, comments::delete, comments::report, export::export,
        events::list, socket::open,
        settings::read, settings::edit, terms::read, terms::replace, terms::test,
        moderators::list, moderators::put, moderators::delete, bans::list, bans::put, bans::delete,
        held::list, held::approve, held::reject, pins::put, pins::delete, announcements::create, announcements::delete,
        polls::open, polls::vote, polls::close, questions::create, questions::vote, questions::answered,
        reactions::create, reports::viewers, reports::audit, reports::stats,
        whip::publish_by_key, whip::publish, whep::view, media_sessions::end, playback::read, hls::playlist, hls::segment,
        recording::view::read, recording::removal::remove, recording::files::file,
        hooks::hear, ingest::read, ingest::edit, ingest::rotate, ingest::remove_publisher, ingest::read_account, ingest::rotate_account,
        oembed::read, feeds::of_site, feeds::of_channel, calendar::of_channel,
        health::live, health::ready,
    ),
    components(schemas(ClientFrame, ServerFrame, LogEvent, Problem, list::SortBy, AccountsWanted, export::Format, export::Clock, comments::Direction)),
)]
pub(crate) struct Document;

/// A frame from a client. Each may have a `ref`, a string of at most 64 characters, which comes back on its answer.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[serde(tag = "op", rename_all = "snake_case")]
#[allow(dead_code)]
pub(crate) enum ClientFrame {
    /// Sign in, or renew the token.
    Auth(AuthBody),
    /// Write a comment.
    Comment(CommentBody),
    /// Delete a comment.
    Delete(DeleteBody),
    /// Send reactions of one kind.
    React(ReactBody),
    /// Vote in a poll.
    Vote(VoteBody),
    /// Ask for a `pong`.
    Ping {},
}

/// A frame from the server: an answer, a latest value, or a numbered event of the log.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code)]
pub(crate) enum ServerFrame {
    /// What has no number.
    Frame(Frame),
    /// Numbered: it has `seq` and `ts`, too.
    Event(LogEvent),
}

/// Reads this very document.
#[utoipa::path(get, operation_id = "getApiDocument", path = "/api/v1/openapi.json", tag = "operations", responses(
    (status = 200, description = "OpenAPI 3.1", content_type = "application/json"),
))]
pub(crate) async fn document(services: web::Data<Services>) -> Answer {
    let api = whole(&services.config.limits).map_err(super::Error::internal)?;
    Ok(as_json(&api))
}

/// Reads what goes over the socket, as AsyncAPI 3.0.
#[utoipa::path(get, operation_id = "getSocketDocument", path = "/api/v1/asyncapi.json", tag = "operations", responses(
    (status = 200, description = "AsyncAPI 3.0", content_type = "application/json"),
))]
pub(crate) async fn socket_document(services: web::Data<Services>) -> Answer {
    let api = whole(&services.config.limits).map_err(super::Error::internal)?;
    Ok(as_json(&asyncapi::of_socket(&api)))
}

fn as_json(document: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(document)
}

/// The document of a server with these limits.
fn whole(limits: &Limits) -> serde_json::Result<Value> {
    let mut document = serde_json::to_value(Document::openapi())?;
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        presence::require(schemas);
        unions::tell_apart(schemas);
        schemas::share_items(schemas);
        schemas::exemplify(schemas);
    }
    operations::complete(&mut document);
    schemas::prune(&mut document);
    webhook_message::write(&mut document);
    guide::write(&mut document, limits);
    Ok(document)
}
