//! What this site lets people do, so that a page can say it before anybody has tried.
//! It must not know what is refused where: the calls themselves do that.

pub(crate) mod logo;
pub(crate) mod setup;

use crate::{
    config::{Registration, StreamsBy},
    domain::text::style::Color,
    http::{Answer, Services, extract::Caller},
    services::site::Site,
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// What holds on a site, whoever has decided it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InForce {
    /// What it is called.
    name: String,
    /// What it is, in a line; may be empty.
    description: String,
    /// The colour of its buttons and links, `#rrggbb`; null for the usual one.
    accent: Option<Color>,
    /// Where its logo is; null where it has none of its own.
    logo_url: Option<String>,
    /// What it asks of its people; may be empty.
    rules: String,
    /// Whether strangers may register.
    registration: Registration,
    /// Who may create streams.
    streams_by: StreamsBy,
}

impl From<&Site> for InForce {
    fn from(site: &Site) -> Self {
        let decided = site.decided();
        Self {
            name: site.name(),
            description: decided.description.clone().unwrap_or_default(),
            accent: decided.accent,
            logo_url: decided.logo_version.as_deref().map(logo::address),
            rules: decided.rules.clone().unwrap_or_default(),
            registration: site.registration(),
            streams_by: site.streams_by(),
        }
    }
}

/// What this site is, and what it lets people do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteView {
    /// The same for everybody who looks.
    #[serde(flatten)]
    in_force: InForce,
    /// Whether the caller may create streams; absent for guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    may_host: Option<bool>,
    /// Whether the caller looks after the site; absent where not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    is_admin: bool,
    /// The version of the server.
    version: &'static str,
    /// What there is here.
    features: Features,
}

/// What there is on a site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Features {
    /// Whether streams may have a picture here.
    picture: bool,
    /// Whether encoders may send by RTMP.
    rtmp: bool,
    /// Whether streams may be recorded.
    recordings: bool,
}

/// What this site is, and what it lets people do.
#[utoipa::path(get, operation_id = "getSite", path = "/api/v1/site", tag = "site",
    responses((status = 200, description = "What it is, who may register, and who may host", body = SiteView)))]
pub(crate) async fn read(services: web::Data<Services>, caller: Caller) -> Answer {
    let site = &services.site;
    Ok(HttpResponse::Ok().json(SiteView {
        in_force: site.into(),
        may_host: caller.account().map(|account| site.may_host(&account.user)),
        is_admin: caller.account().is_some_and(|account| account.user.is_admin),
        version: env!("CARGO_PKG_VERSION"),
        features: Features {
            picture: services.picture.media.is_some(),
            rtmp: services.picture.rtmp_port.is_some(),
            recordings: services.picture.recorder.is_on(),
        },
    }))
}
