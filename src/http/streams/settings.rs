//! The room's settings.
//! It must not know how they are enforced.

use crate::{
    domain::{
        Right, Settings, StreamId,
        invalid::Invalid,
        stream::settings::{
            CommentsBy, LinkPolicy, MIN_ACCOUNT_AGE_MAX_S, REPEAT_WINDOW_MAX_S, SLOW_MODE_MAX_S,
        },
    },
    http::{
        Answer, Services,
        extract::{Identity, Json, Path, patch::Change},
    },
    room::operations::Effects,
    store::streams,
    wire::{Refusal, event::SettingsUpdated},
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// Seconds, at most `MAX`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct Seconds<const MAX: u32>(u32);

impl<const MAX: u32> TryFrom<u32> for Seconds<MAX> {
    type Error = Invalid;

    fn try_from(seconds: u32) -> Result<Self, Invalid> {
        if seconds <= MAX {
            Ok(Self(seconds))
        } else {
            Err(Invalid::out_of_range(format!("from 0 to {MAX}")))
        }
    }
}

/// What to change of the settings; an absent member keeps its value, none can be null.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsPatchBody {
    #[serde(default)]
    #[schema(value_type = Option<CommentsBy>, nullable = false)]
    comments: Change<CommentsBy>,
    #[serde(default)]
    #[schema(value_type = Option<u32>, nullable = false, maximum = 3600)]
    slow_mode_s: Change<Seconds<SLOW_MODE_MAX_S>>,
    #[serde(default)]
    #[schema(value_type = Option<u32>, nullable = false, maximum = 31_536_000)]
    min_account_age_s: Change<Seconds<MIN_ACCOUNT_AGE_MAX_S>>,
    #[serde(default)]
    #[schema(value_type = Option<u32>, nullable = false, maximum = 86_400)]
    repeat_window_s: Change<Seconds<REPEAT_WINDOW_MAX_S>>,
    #[serde(default)]
    #[schema(value_type = Option<LinkPolicy>, nullable = false)]
    links: Change<LinkPolicy>,
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    hold_all: Change<bool>,
}

/// The members that have a new value.
#[derive(Clone, Copy, Debug)]
struct NewValues {
    comments: Option<CommentsBy>,
    slow_mode_s: Option<u32>,
    min_account_age_s: Option<u32>,
    repeat_window_s: Option<u32>,
    links: Option<LinkPolicy>,
    hold_all: Option<bool>,
}

impl SettingsPatchBody {
    fn new_values(self) -> Result<NewValues, Refusal> {
        Ok(NewValues {
            comments: self.comments.required("comments")?,
            slow_mode_s: self.slow_mode_s.required("slow_mode_s")?.map(|seconds| seconds.0),
            min_account_age_s: self.min_account_age_s.required("min_account_age_s")?.map(|seconds| seconds.0),
            repeat_window_s: self.repeat_window_s.required("repeat_window_s")?.map(|seconds| seconds.0),
            links: self.links.required("links")?,
            hold_all: self.hold_all.required("hold_all")?,
        })
    }
}

impl NewValues {
    fn over(self, old: &Settings) -> Settings {
        Settings {
            comments: self.comments.unwrap_or(old.comments),
            slow_mode_s: self.slow_mode_s.unwrap_or(old.slow_mode_s),
            min_account_age_s: self.min_account_age_s.unwrap_or(old.min_account_age_s),
            repeat_window_s: self.repeat_window_s.unwrap_or(old.repeat_window_s),
            links: self.links.unwrap_or(old.links),
            hold_all: self.hold_all.unwrap_or(old.hold_all),
        }
    }
}

/// The room's settings.
#[utoipa::path(get, operation_id = "getSettings", path = "/api/v1/streams/{id}/settings", tag = "moderation", params(("id" = StreamId, Path)),
    responses((status = 200, description = "The settings", body = Settings)), security(("bearer" = [])))]
pub(crate) async fn read(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let settings = services.streams.read_as(id.0, Some(account.account()), |_, access| {
        access.require(Right::Settings)?;
        Ok(access.stream.settings)
    });
    Ok(HttpResponse::Ok().json(settings.await?))
}

/// Changes the room's settings.
#[utoipa::path(patch, operation_id = "updateSettings", path = "/api/v1/streams/{id}/settings", tag = "moderation", request_body = SettingsPatchBody,
    params(("id" = StreamId, Path)),
    responses((status = 200, description = "As they are now", body = Settings)), security(("bearer" = [])))]
pub(crate) async fn edit(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<SettingsPatchBody>,
) -> Answer {
    let (id, actor, new) = (id.0, account.account(), body.0.new_values()?);
    let changed = services.streams.act_as(Right::Settings, actor, id, move |act| {
        let settings = new.over(&act.access.stream.settings);
        if settings == act.access.stream.settings {
            return Ok(Effects::none(settings));
        }
        streams::set_settings(act.tx, id, &settings)?;
        act.record("settings.update", id, None)?;
        Ok(Effects::event(settings, SettingsUpdated { settings }))
    });
    Ok(HttpResponse::Ok().json(changed.await?))
}
