//! The room's settings.
//! It must not know how they are enforced.

use crate::{
    domain::{
        Right, Settings, StreamId,
        stream::settings::{
            CommentsBy, LinkPolicy, MIN_ACCOUNT_AGE_MAX_S, REPEAT_WINDOW_MAX_S, SLOW_MODE_MAX_S, Seconds,
            SettingName, SomeSettings,
        },
    },
    http::{
        Answer, Services,
        extract::{Identity, Json, Path, patch::Change},
    },
    room::operations::Effects,
    store::{self, Conn, Stream, channels::settings},
    wire::event::SettingsUpdated,
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What holds, and which of it was set here.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    /// What holds there.
    #[serde(flatten)]
    settings: Settings,
    /// The names of those that were set here; the others are inherited.
    own: Vec<SettingName>,
}

impl SettingsView {
    /// Of a stream, where `inherited` is what its channel has.
    fn of_stream(own: SomeSettings, inherited: &Settings) -> Self {
        Self { settings: own.over(inherited), own: own.names() }
    }

    /// Of a channel, which inherits from nobody.
    pub(crate) fn of_channel(own: SomeSettings) -> Self {
        Self::of_stream(own, &Settings::default())
    }
}

/// What to change of the settings: an absent member keeps its value, null returns it to what is inherited.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsPatchBody {
    #[serde(default)]
    #[schema(value_type = Option<CommentsBy>)]
    comments: Change<CommentsBy>,
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 3600)]
    slow_mode_s: Change<Seconds<SLOW_MODE_MAX_S>>,
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 31_536_000)]
    min_account_age_s: Change<Seconds<MIN_ACCOUNT_AGE_MAX_S>>,
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 86_400)]
    repeat_window_s: Change<Seconds<REPEAT_WINDOW_MAX_S>>,
    #[serde(default)]
    #[schema(value_type = Option<LinkPolicy>)]
    links: Change<LinkPolicy>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    hold_all: Change<bool>,
}

impl SettingsPatchBody {
    /// What is set here after this change of what was.
    pub(crate) fn onto(self, own: SomeSettings) -> SomeSettings {
        SomeSettings {
            comments: self.comments.nullable().unwrap_or(own.comments),
            slow_mode_s: seconds(self.slow_mode_s).unwrap_or(own.slow_mode_s),
            min_account_age_s: seconds(self.min_account_age_s).unwrap_or(own.min_account_age_s),
            repeat_window_s: seconds(self.repeat_window_s).unwrap_or(own.repeat_window_s),
            links: self.links.nullable().unwrap_or(own.links),
            hold_all: self.hold_all.nullable().unwrap_or(own.hold_all),
        }
    }
}

fn seconds<const MAX: u32>(change: Change<Seconds<MAX>>) -> Option<Option<u32>> {
    change.nullable().map(|seconds| seconds.map(|seconds| seconds.0))
}

/// The room's settings: what holds, of which `own` names what was set in this stream; the rest is the channel's.
#[utoipa::path(get, operation_id = "getSettings", path = "/api/v1/streams/{id}/settings", tag = "moderation", params(("id" = StreamId, Path)),
    responses((status = 200, description = "The settings", body = SettingsView)), security(("bearer" = [])))]
pub(crate) async fn read(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let settings = services.streams.read_as(id.0, Some(account.account()), |conn, access| {
        access.require(Right::Settings)?;
        let inherited = inherited(conn, &access.stream)?;
        let own = settings::own(conn, access.stream.id, &inherited)?;
        Ok(SettingsView::of_stream(own, &inherited))
    });
    Ok(HttpResponse::Ok().json(settings.await?))
}

/// Changes the room's settings. Null returns a member to the channel's.
#[utoipa::path(patch, operation_id = "updateSettings", path = "/api/v1/streams/{id}/settings", tag = "moderation", request_body = SettingsPatchBody,
    params(("id" = StreamId, Path)),
    responses((status = 200, description = "As they are now", body = SettingsView)), security(("bearer" = [])))]
pub(crate) async fn edit(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<SettingsPatchBody>,
) -> Answer {
    let (id, actor, changes) = (id.0, account.account(), body.0);
    let changed = services.streams.act_as(Right::Settings, actor, id, move |act| {
        let inherited = inherited(act.tx, &act.access.stream)?;
        let before = settings::own(act.tx, id, &inherited)?;
        let own = changes.onto(before);
        let view = SettingsView::of_stream(own, &inherited);
        if own == before {
            return Ok(Effects::none(view));
        }
        let settings = settings::put_own(act.tx, id, own, &inherited)?;
        act.record("settings.update", id, None)?;
        match settings == act.access.stream.settings {
            true => Ok(Effects::none(view)),
            false => Ok(Effects::event(view, SettingsUpdated { settings })),
        }
    });
    Ok(HttpResponse::Ok().json(changed.await?))
}

/// What a stream has from its channel.
fn inherited(conn: &mut Conn, stream: &Stream) -> store::Result<Settings> {
    Ok(settings::of_channel(conn, stream.host.id)?.over(&Settings::default()))
}
