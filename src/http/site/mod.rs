//! What this site lets people do, so that a page can say it before anybody has tried.
//! It must not know what is refused where: the calls themselves do that.

pub(crate) mod setup;

use crate::{
    config::{Config, Registration, StreamsBy},
    http::{Answer, Services, extract::Caller},
    store::User,
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// What this site lets people do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteView {
    /// Whether strangers may register.
    registration: Registration,
    /// Who may create streams.
    streams_by: StreamsBy,
    /// Whether the caller may create streams; absent for guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_host: Option<bool>,
}

/// What this site lets people do.
#[utoipa::path(get, operation_id = "getSite", path = "/api/v1/site", tag = "site",
    responses((status = 200, description = "Who may register, and who may host", body = SiteView)))]
pub(crate) async fn read(services: web::Data<Services>, caller: Caller) -> Answer {
    let config = &services.config;
    Ok(HttpResponse::Ok().json(SiteView {
        registration: config.registration,
        streams_by: config.streams_by,
        may_host: caller.account().map(|account| may_host(config, &account.user)),
    }))
}

/// Whether an account may create streams.
pub(crate) fn may_host(config: &Config, user: &User) -> bool {
    config.streams_by == StreamsBy::Everyone || user.may_host || user.is_admin
}
