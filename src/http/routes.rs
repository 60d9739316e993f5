//! The whole API on one screen. A wrong method is 405 and says which are right; anything else unknown is 404.
//! It must not do anything but name handlers.

use super::{
    Error,
    accounts::{follows, me, sessions, users},
    extract::BodyLimit,
    health,
    interactions::{announcements, comments, pins, polls, questions, reactions},
    media::{hls, ingest, playback, sessions as media_sessions, whep, whip},
    moderation::{bans, held, moderators, terms},
    openapi, streams,
    streams::{events, export, list, members, reports, settings, socket},
};
use actix_web::{HttpResponse, ResponseError, web};

/// Everything on the site's listener but the pages.
#[rustfmt::skip]
pub(crate) fn site(cfg: &mut web::ServiceConfig) {
    cfg.service(web::scope("/api/v1")
        .service(web::resource("/openapi.json").get(openapi::document))

        .service(web::resource("/users").post(users::register))
        .service(web::resource("/users/me").get(me::read).patch(me::update).delete(me::delete))
        .service(web::resource("/users/me/password").put(me::change_password))
        .service(web::resource("/users/me/following").get(follows::list))
        .service(web::resource("/users/{username}").get(users::read))
        .service(web::resource("/users/{username}/follow").put(follows::follow).delete(follows::unfollow))

        .service(web::resource("/sessions").post(sessions::log_in).get(sessions::list).delete(sessions::end_all))
        .service(web::resource("/sessions/refresh").post(sessions::refresh))
        .service(web::resource("/sessions/current").delete(sessions::end_current))
        .service(web::resource("/sessions/{id}").delete(sessions::end_one))

        .service(web::resource("/streams").post(streams::create).get(list::list))
        .service(web::resource("/streams/{id}").get(streams::read).patch(streams::edit).delete(streams::delete))
        .service(web::resource("/streams/{id}/start").post(streams::start))
        .service(web::resource("/streams/{id}/end").post(streams::end))
        .service(web::resource("/streams/{id}/members").get(members::list))
        .service(web::resource("/streams/{id}/members/{username}").put(members::put).delete(members::delete))

        .service(web::resource("/streams/{id}/comments").post(comments::create).get(comments::list))
        .service(web::resource("/streams/{id}/comments/export").get(export::export))
        .service(web::resource("/streams/{id}/comments/{comment_id}").get(comments::read).delete(comments::delete))
        .service(web::resource("/streams/{id}/comments/{comment_id}/report").post(comments::report))
        .service(web::resource("/streams/{id}/events").get(events::list))
        .service(web::resource("/streams/{id}/ws").get(socket::open))

        .service(web::resource("/streams/{id}/settings").get(settings::read).patch(settings::edit))
        .service(web::resource("/streams/{id}/terms").app_data(BodyLimit(terms::BODY_MAX_BYTES)).get(terms::read).put(terms::replace))
        .service(web::resource("/streams/{id}/terms/test").app_data(BodyLimit(terms::BODY_MAX_BYTES)).post(terms::test))
        .service(web::resource("/streams/{id}/moderators").get(moderators::list))
        .service(web::resource("/streams/{id}/moderators/{username}").put(moderators::put).delete(moderators::delete))
        .service(web::resource("/streams/{id}/bans").get(bans::list))
        .service(web::resource("/streams/{id}/bans/{username}").put(bans::put).delete(bans::delete))
        .service(web::resource("/streams/{id}/held").get(held::list))
        .service(web::resource("/streams/{id}/held/{comment_id}/approve").post(held::approve))
        .service(web::resource("/streams/{id}/held/{comment_id}/reject").post(held::reject))
        .service(web::resource("/streams/{id}/pin").put(pins::put).delete(pins::delete))
        .service(web::resource("/streams/{id}/announcements").post(announcements::create))
        .service(web::resource("/streams/{id}/announcements/{announcement_id}").delete(announcements::delete))
        .service(web::resource("/streams/{id}/polls").post(polls::open))
        .service(web::resource("/streams/{id}/polls/{poll_id}/vote").put(polls::vote))
        .service(web::resource("/streams/{id}/polls/{poll_id}/close").post(polls::close))
        .service(web::resource("/streams/{id}/questions").post(questions::create))
        .service(web::resource("/streams/{id}/questions/{question_id}/vote").put(questions::vote))
        .service(web::resource("/streams/{id}/questions/{question_id}/answered").post(questions::answered))
        .service(web::resource("/streams/{id}/reactions").post(reactions::create))

        .service(web::resource("/whip").post(whip::publish_by_key))
        .service(web::resource("/streams/{id}/whip").post(whip::publish))
        .service(web::resource("/streams/{id}/whep").post(whep::view))
        .service(web::resource("/media/{session}").delete(media_sessions::end))
        .service(web::resource("/streams/{id}/playback").get(playback::read))
        .service(web::resource("/streams/{id}/hls/{ticket}/{file}").get(hls::playlist))
        .service(web::resource("/streams/{id}/hls/{ticket}/{run}/{file}").get(hls::segment))
        .service(web::resource("/streams/{id}/ingest").get(ingest::read).patch(ingest::edit))
        .service(web::resource("/streams/{id}/ingest/rotate").post(ingest::rotate))
        .service(web::resource("/streams/{id}/ingest/publisher").delete(ingest::remove_publisher))
        .service(web::resource("/users/me/ingest").get(ingest::read_account))
        .service(web::resource("/users/me/ingest/rotate").post(ingest::rotate_account))

        .service(web::resource("/streams/{id}/viewers").get(reports::viewers))
        .service(web::resource("/streams/{id}/audit").get(reports::audit))
        .service(web::resource("/streams/{id}/stats").get(reports::stats))
    );
    health(cfg);
}

/// Everything on the operators' listener.
pub(crate) fn operators(cfg: &mut web::ServiceConfig) {
    health(cfg);
    cfg.service(web::resource("/metrics").get(health::metrics));
}

fn health(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/health/live").get(health::live));
    cfg.service(web::resource("/health/ready").get(health::ready));
}

/// For all that is not there.
pub(crate) async fn nothing() -> HttpResponse {
    Error::not_found().error_response()
}
