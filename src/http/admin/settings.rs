//! What the site is called, how it looks, and whom it lets in, as administrators set it.
//! It must not know what follows from it.

use super::Asked;
use crate::{
    config::{Registration, StreamsBy},
    domain::text::{SiteDescription, SiteName, SiteRules, style::Color},
    http::{
        Answer, Services,
        extract::{Json, patch::Change},
        site::InForce,
    },
    operate::orders::settings,
    room::operations::Publication,
    services::site::Site,
    store::site::settings::Decision,
    wire::Refusal,
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What holds on this site, and what of it cannot be changed here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteSettings {
    /// As everybody sees it.
    #[serde(flatten)]
    in_force: InForce,
    /// Which of these a flag or variable has set, so that they cannot be changed here.
    locked: Vec<&'static str>,
}

impl From<&Site> for SiteSettings {
    fn from(site: &Site) -> Self {
        let locked = site.locked();
        let names = [locked.registration.map(|_| "registration"), locked.streams_by.map(|_| "streams_by")];
        Self { in_force: site.into(), locked: names.into_iter().flatten().collect() }
    }
}

/// What to set anew: an absent member keeps its value, null returns it to what holds where nobody has set it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteSettingsPatch {
    #[serde(default)]
    #[schema(value_type = Option<SiteName>)]
    name: Change<SiteName>,
    #[serde(default)]
    #[schema(value_type = Option<SiteDescription>)]
    description: Change<SiteDescription>,
    #[serde(default)]
    #[schema(value_type = Option<Color>)]
    accent: Change<Color>,
    #[serde(default)]
    #[schema(value_type = Option<SiteRules>)]
    rules: Change<SiteRules>,
    #[serde(default)]
    #[schema(value_type = Option<Registration>)]
    registration: Change<Registration>,
    #[serde(default)]
    #[schema(value_type = Option<StreamsBy>)]
    streams_by: Change<StreamsBy>,
}

impl SiteSettingsPatch {
    /// What is to be decided.
    /// Errors: `invalid_field` where a flag or variable has set it.
    fn decision(self, site: &Site) -> Result<Decision, Refusal> {
        let locked = site.locked();
        refuse_locked("registration", locked.registration.is_some() && self.registration != Change::Keep)?;
        refuse_locked("streams_by", locked.streams_by.is_some() && self.streams_by != Change::Keep)?;
        let text = |text: Option<Option<String>>| text.map(|text| text.filter(|text| !text.is_empty()));
        Ok(Decision {
            name: self.name.nullable().map(|name| name.map(String::from)),
            description: text(self.description.nullable().map(|value| value.map(String::from))),
            accent: self.accent.nullable(),
            rules: text(self.rules.nullable().map(|value| value.map(String::from))),
            registration: self.registration.nullable(),
            streams_by: self.streams_by.nullable(),
        })
    }
}

fn refuse_locked(field: &'static str, is_locked: bool) -> Result<(), Refusal> {
    let why = "a flag, a variable or the configuration file of the server sets this";
    if is_locked { Err(Refusal::invalid_field(field, "locked", why)) } else { Ok(()) }
}

/// What holds on this site.
#[utoipa::path(get, operation_id = "getSiteSettings", path = "/api/v1/admin/settings", tag = "operator",
    responses((status = 200, description = "What holds", body = SiteSettings)), security(("bearer" = [])))]
pub(crate) async fn read(services: web::Data<Services>, _asked: Asked<()>) -> Answer {
    Ok(HttpResponse::Ok().json(SiteSettings::from(&services.site)))
}

/// Sets it anew, on all nodes within a second.
#[utoipa::path(patch, operation_id = "updateSiteSettings", path = "/api/v1/admin/settings", tag = "operator",
    request_body = SiteSettingsPatch,
    responses((status = 200, description = "What holds now", body = SiteSettings)), security(("bearer" = [])))]
pub(crate) async fn edit(services: web::Data<Services>, asked: Asked<Json<SiteSettingsPatch>>) -> Answer {
    let Asked(operator, Json(body)) = asked;
    let (by, decision) = (operator.by(), body.decision(&services.site)?);
    let decided = services
        .streams
        .act_anywhere(move |tx| Ok((settings::decide(tx, &by, &decision)?, Publication::default())));
    services.site.see(decided.await?);
    Ok(HttpResponse::Ok().json(SiteSettings::from(&services.site)))
}
