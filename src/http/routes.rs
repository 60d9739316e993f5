//! The whole API on one screen. A wrong method is 405 and says which are right; anything else unknown is 404.
//! It must not do anything but name handlers.

use super::{Error, follows, health, me, openapi, sessions, socket, users};
use actix_web::{HttpResponse, ResponseError, web};

/// Everything on the site's listener but the pages.
#[rustfmt::skip]
pub fn site(cfg: &mut web::ServiceConfig) {
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

        .service(web::resource("/streams/{id}/ws").get(socket::open))
    );
    health(cfg);
}

/// Everything on the operators' listener.
pub fn operators(cfg: &mut web::ServiceConfig) {
    health(cfg);
    cfg.service(web::resource("/metrics").get(health::metrics));
}

fn health(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/health/live").get(health::live));
    cfg.service(web::resource("/health/ready").get(health::ready));
}

/// For all that is not there.
pub async fn nothing() -> HttpResponse {
    Error::not_found().error_response()
}
