//! Settings of all streams of a host; a stream's own win where it has set them.
//! It must not know how they are enforced.

use super::asked::{self, OfChannel};
use crate::{
    domain::{Right, Settings, stream::settings::SomeSettings},
    http::{
        Answer,
        extract::Json,
        streams::settings::{SettingsPatchBody, SettingsView},
    },
    room::operations::{ChannelAct, ChannelEffects, ChannelOf, Effects, Fault},
    store::channels::settings,
    wire::event::SettingsUpdated,
};
use actix_web::HttpResponse;

/// The settings of a channel.
#[utoipa::path(get, operation_id = "getChannelSettings", path = "/api/v1/channels/{username}/settings", tag = "channels",
    params(("username" = String, Path)),
    responses((status = 200, description = "The settings", body = SettingsView)), security(("bearer" = [])))]
pub(crate) async fn read(asked: OfChannel) -> Answer {
    let own =
        asked::read(asked, asked::has(Right::Settings), |conn, host| Ok(settings::of_channel(conn, host)?));
    Ok(HttpResponse::Ok().json(SettingsView::of_channel(own.await?)))
}

/// Changes the settings of a channel: of each of its streams those that it has not set itself. Null returns a member to what
/// every channel begins with.
#[utoipa::path(patch, operation_id = "updateChannelSettings", path = "/api/v1/channels/{username}/settings", tag = "channels",
    request_body = SettingsPatchBody, params(("username" = String, Path)),
    responses((status = 200, description = "As they are now", body = SettingsView)), security(("bearer" = [])))]
pub(crate) async fn edit((services, account, name): OfChannel, body: Json<SettingsPatchBody>) -> Answer {
    let (actor, of, changes) = (account.account(), ChannelOf::Host(name.0), body.0);
    let changed = services.streams.act_in_channel(Right::Settings, actor, of, move |act| {
        let before = settings::of_channel(act.tx, act.host)?;
        let after = changes.onto(before);
        if after == before { Ok(ChannelEffects::none(after)) } else { put(act, before, after) }
    });
    Ok(HttpResponse::Ok().json(SettingsView::of_channel(changed.await?)))
}

fn put(
    act: &mut ChannelAct<'_, '_>,
    before: SomeSettings,
    after: SomeSettings,
) -> Result<ChannelEffects<SomeSettings>, Fault> {
    let [inherited, to_inherit] = [before, after].map(|of_channel| of_channel.over(&Settings::default()));
    settings::put(act.tx, act.host, after)?;
    act.record("settings.update", None, None)?;
    let mut effects = ChannelEffects::none(after);
    for &id in &act.streams {
        let own = settings::own(act.tx, id, &inherited)?;
        let settings = settings::put_own(act.tx, id, own, &to_inherit)?;
        effects.streams.push((id, Effects::event((), SettingsUpdated { settings })));
    }
    Ok(effects)
}
