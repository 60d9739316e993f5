//! The whole API on one screen: each route with its handler and, where it changes something, its rate limit. A wrong method
//! is 405 and says which are right; anything else unknown is 404. What a key needs for a route stands in `key_scopes`. It must not
//! do anything but name them.

use super::{
    Error,
    accounts::{follows, ignored, images, keys, me, password_resets, sessions, users},
    admin, channels,
    elsewhere::{calendar, crawlers, feeds, oembed, well_known},
    extract::BodyLimit,
    health,
    interactions::{announcements, comments, pins, polls, questions, reactions},
    media::{hls, hooks, ingest, playback, recording, sessions as media_sessions, whep, whip},
    middleware::rate_limit::{RateLimit::*, Within},
    moderation::{bans, held, moderators, terms},
    openapi,
    site::{self as site_rules, setup},
    streams,
    streams::{events, export, list, members, reports, settings, socket},
    webhooks,
};
use actix_web::{
    HttpResponse, ResponseError,
    web::{self, delete, patch, post, put},
};

/// Everything on the site's listener but the pages.
#[rustfmt::skip]
pub(crate) fn site(cfg: &mut web::ServiceConfig) {
    cfg.service(web::scope("/api/v1")
        .service(web::resource("/openapi.json").get(openapi::document))
        .service(web::resource("/asyncapi.json").get(openapi::socket_document))

        .service(web::resource("/site").get(site_rules::read))
        .service(web::resource("/admin/settings").get(admin::settings::read).within(Unlimited, patch().to(admin::settings::edit)))
        .service(web::resource("/site/logo").get(site_rules::logo::read))
        .service(web::resource("/admin/logo").app_data(BodyLimit(images::BODY_MAX_BYTES)).within(Images, put().to(admin::logo::put)).within(Unlimited, delete().to(admin::logo::delete)))
        .service(web::resource("/admin/users").get(admin::users::list))
        .service(web::resource("/admin/users/{username}").within(Unlimited, patch().to(admin::users::edit)))
        .service(web::resource("/admin/users/{username}/sessions").within(Unlimited, delete().to(admin::users::end_sessions)))
        .service(web::resource("/admin/users/{username}/reset-link").within(Unlimited, post().to(admin::users::reset_link)))
        .service(web::resource("/admin/streams").get(admin::streams::list))
        .service(web::resource("/admin/reports").get(admin::record::reports))
        .service(web::resource("/admin/audit").get(admin::record::audit))
        .service(web::resource("/admin/stats").get(admin::stats::read))
        .service(web::resource("/admin/bans").get(admin::bans::list))
        .service(web::resource("/admin/bans/{username}").within(Unlimited, put().to(admin::bans::put)).within(Unlimited, delete().to(admin::bans::delete)))
        .service(web::resource("/admin/invitations").get(admin::invitations::list).within(Unlimited, post().to(admin::invitations::create)))
        .service(web::resource("/admin/invitations/{id}").within(Unlimited, delete().to(admin::invitations::delete)))
        .service(web::resource("/setup").within(Logins, post().to(setup::set_up)))
        .service(web::resource("/users").within(Registrations, post().to(users::register)))
        .service(web::resource("/password-resets").within(Logins, post().to(password_resets::reset)))
        .service(web::resource("/users/me").get(me::read).within(Unlimited, patch().to(me::update)).within(Logins, delete().to(me::delete)))
        .service(web::resource("/users/me/password").within(Logins, put().to(me::change_password)))
        .service(web::resource("/users/me/following").get(follows::list))
        .service(web::resource("/users/me/ignored").get(ignored::list))
        .service(web::resource("/users/me/ignored/{username}").get(ignored::read).within(Unlimited, put().to(ignored::put)).within(Unlimited, delete().to(ignored::delete)))
        .service(web::resource("/users/me/keys").within(Unlimited, post().to(keys::create)).get(keys::list))
        .service(web::resource("/users/me/keys/{id}").get(keys::read).within(Unlimited, delete().to(keys::delete)))
        .service(web::resource("/users/me/avatar").app_data(BodyLimit(images::BODY_MAX_BYTES)).within(Images, put().to(images::put_avatar)).within(Unlimited, delete().to(images::delete_avatar)))
        .service(web::resource("/users/me/cover").app_data(BodyLimit(images::BODY_MAX_BYTES)).within(Images, put().to(images::put_cover)).within(Unlimited, delete().to(images::delete_cover)))
        .service(web::resource("/users/{username}").get(users::read))
        .service(web::resource("/users/{username}/avatar").get(images::avatar).within(Unlimited, delete().to(images::remove_avatar)))
        .service(web::resource("/users/{username}/cover").get(images::cover).within(Unlimited, delete().to(images::remove_cover)))
        .service(web::resource("/users/{username}/follow").within(Unlimited, put().to(follows::follow)).within(Unlimited, delete().to(follows::unfollow)))

        .service(web::resource("/channels/{username}").get(channels::read).within(Unlimited, patch().to(channels::edit)))
        .service(web::resource("/channels/{username}/settings").get(channels::settings::read).within(Unlimited, patch().to(channels::settings::edit)))
        .service(web::resource("/channels/{username}/terms").app_data(BodyLimit(terms::BODY_MAX_BYTES)).get(channels::terms::read).within(Unlimited, put().to(channels::terms::replace)))
        .service(web::resource("/channels/{username}/moderators").get(channels::moderators::list))
        .service(web::resource("/channels/{host}/moderators/{username}").within(Unlimited, put().to(channels::moderators::put)).within(Unlimited, delete().to(channels::moderators::delete)))
        .service(web::resource("/channels/{username}/bans").get(channels::bans::list))
        .service(web::resource("/channels/{host}/bans/{username}").within(Unlimited, put().to(channels::bans::put)).within(Unlimited, delete().to(channels::bans::delete)))

        .service(web::resource("/webhooks").within(Unlimited, post().to(webhooks::create)).get(webhooks::list))
        .service(web::resource("/webhooks/{id}").get(webhooks::read).within(Unlimited, patch().to(webhooks::edit)).within(Unlimited, delete().to(webhooks::delete)))
        .service(web::resource("/webhooks/{id}/rotate-secret").within(Unlimited, post().to(webhooks::rotate)))
        .service(web::resource("/webhooks/{id}/test").within(WebhookTests, post().to(webhooks::deliveries::test)))
        .service(web::resource("/webhooks/{id}/deliveries").get(webhooks::deliveries::list))
        .service(web::resource("/webhooks/{id}/deliveries/{delivery_id}/retry").within(WebhookTests, post().to(webhooks::deliveries::retry)))

        .service(web::resource("/sessions").within(Logins, post().to(sessions::log_in)).get(sessions::list).within(Unlimited, delete().to(sessions::end_all)))
        .service(web::resource("/sessions/refresh").within(Unlimited, post().to(sessions::refresh)))
        .service(web::resource("/sessions/current").within(Unlimited, delete().to(sessions::end_current)))
        .service(web::resource("/sessions/{id}").within(Unlimited, delete().to(sessions::end_one)))

        .service(web::resource("/streams").within(Unlimited, post().to(streams::create)).get(list::list))
        .service(web::resource("/streams/{id}").get(streams::read).within(Unlimited, patch().to(streams::edit)).within(Unlimited, delete().to(streams::delete)))
        .service(web::resource("/streams/{id}/start").within(Unlimited, post().to(streams::start)))
        .service(web::resource("/streams/{id}/end").within(Unlimited, post().to(streams::end)))
        .service(web::resource("/streams/{id}/members").get(members::list))
        .service(web::resource("/streams/{id}/members/{username}").within(Unlimited, put().to(members::put)).within(Unlimited, delete().to(members::delete)))

        .service(web::resource("/streams/{id}/comments").within(Comments, post().to(comments::create)).get(comments::list))
        .service(web::resource("/streams/{id}/comments/export").get(export::export))
        .service(web::resource("/streams/{id}/comments/{comment_id}").get(comments::read).within(Unlimited, delete().to(comments::delete)))
        .service(web::resource("/streams/{id}/comments/{comment_id}/report").within(Unlimited, post().to(comments::report)))
        .service(web::resource("/streams/{id}/events").get(events::list))
        .service(web::resource("/streams/{id}/ws").get(socket::open))

        .service(web::resource("/streams/{id}/settings").get(settings::read).within(Unlimited, patch().to(settings::edit)))
        .service(web::resource("/streams/{id}/terms").app_data(BodyLimit(terms::BODY_MAX_BYTES)).get(terms::read).within(Unlimited, put().to(terms::replace)))
        .service(web::resource("/streams/{id}/terms/test").app_data(BodyLimit(terms::BODY_MAX_BYTES)).within(Unlimited, post().to(terms::test)))
        .service(web::resource("/streams/{id}/moderators").get(moderators::list))
        .service(web::resource("/streams/{id}/moderators/{username}").within(Unlimited, put().to(moderators::put)).within(Unlimited, delete().to(moderators::delete)))
        .service(web::resource("/streams/{id}/bans").get(bans::list))
        .service(web::resource("/streams/{id}/bans/{username}").within(Unlimited, put().to(bans::put)).within(Unlimited, delete().to(bans::delete)))
        .service(web::resource("/streams/{id}/held").get(held::list))
        .service(web::resource("/streams/{id}/held/{comment_id}/approve").within(Unlimited, post().to(held::approve)))
        .service(web::resource("/streams/{id}/held/{comment_id}/reject").within(Unlimited, post().to(held::reject)))
        .service(web::resource("/streams/{id}/pin").within(Unlimited, put().to(pins::put)).within(Unlimited, delete().to(pins::delete)))
        .service(web::resource("/streams/{id}/announcements").within(Unlimited, post().to(announcements::create)))
        .service(web::resource("/streams/{id}/announcements/{announcement_id}").within(Unlimited, delete().to(announcements::delete)))
        .service(web::resource("/streams/{id}/polls").within(Unlimited, post().to(polls::open)))
        .service(web::resource("/streams/{id}/polls/{poll_id}/vote").within(Unlimited, put().to(polls::vote)))
        .service(web::resource("/streams/{id}/polls/{poll_id}/close").within(Unlimited, post().to(polls::close)))
        .service(web::resource("/streams/{id}/questions").within(Questions, post().to(questions::create)))
        .service(web::resource("/streams/{id}/questions/{question_id}/vote").within(Unlimited, put().to(questions::vote)))
        .service(web::resource("/streams/{id}/questions/{question_id}/answered").within(Unlimited, post().to(questions::answered)))
        .service(web::resource("/streams/{id}/reactions").within(Reactions, post().to(reactions::create)))

        .service(web::resource("/whip").within(MediaOffers, post().to(whip::publish_by_key)))
        .service(web::resource("/streams/{id}/whip").within(MediaOffers, post().to(whip::publish)))
        .service(web::resource("/streams/{id}/whep").within(MediaOffers, post().to(whep::view)))
        .service(web::resource("/media/{session}").within(Unlimited, delete().to(media_sessions::end)))
        .service(web::resource("/streams/{id}/playback").get(playback::read))
        .service(web::resource("/streams/{id}/hls/{ticket}/{file}").get(hls::playlist))
        .service(web::resource("/streams/{id}/hls/{ticket}/{run}/{file}").get(hls::segment))
        .service(web::resource("/streams/{id}/recording").get(recording::view::read).within(Unlimited, delete().to(recording::removal::remove)))
        .service(web::resource("/streams/{id}/recording/{ticket}/{file}").get(recording::files::file))
        .service(web::resource("/streams/{id}/ingest").get(ingest::read).within(Unlimited, patch().to(ingest::edit)))
        .service(web::resource("/streams/{id}/ingest/rotate").within(Unlimited, post().to(ingest::rotate)))
        .service(web::resource("/streams/{id}/ingest/publisher").within(Unlimited, delete().to(ingest::remove_publisher)))
        .service(web::resource("/hooks/media/{secret}/{server}").within(Unlimited, post().to(hooks::hear)))
        .service(web::resource("/users/me/ingest").get(ingest::read_account))
        .service(web::resource("/users/me/ingest/rotate").within(Unlimited, post().to(ingest::rotate_account)))

        .service(web::resource("/streams/{id}/viewers").get(reports::viewers))
        .service(web::resource("/streams/{id}/audit").get(reports::audit))
        .service(web::resource("/streams/{id}/stats").get(reports::stats))
    );
    seen_elsewhere(cfg);
    health(cfg);
}

/// What others read of the site who do not run its pages.
fn seen_elsewhere(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/oembed").get(oembed::read));
    cfg.service(web::resource("/feed.xml").get(feeds::of_site));
    cfg.service(web::resource("/@{username}/feed.xml").get(feeds::of_channel));
    cfg.service(web::resource("/@{username}/calendar.ics").get(calendar::of_channel));
    cfg.service(web::resource("/robots.txt").get(crawlers::robots));
    cfg.service(web::resource("/sitemap.xml").get(crawlers::sitemap));
    cfg.service(web::resource("/.well-known/change-password").get(well_known::change_password));
    cfg.service(web::resource("/.well-known/security.txt").get(well_known::security_txt));
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
