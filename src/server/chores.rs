//! What a server does by itself: hears of sessions ended by another hand, ends streams whose host stays away, and
//! reminds its operator of lifted limits. It must not know how a stream ends or a socket closes.

use super::{due_polls, parts::Parts, revocations};
use crate::{
    domain::{ids::StreamId, time::Millis},
    http::App,
    room::acts,
    store::{sessions::Revoked, streams},
    wire::frame::Close,
};
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// How long a host may be away from a live stream, in seconds.
const AWAY_MAX_S: i64 = 12 * 3600;
/// How often is looked for streams that were left alone.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How often lifted limits are called to mind.
const REMIND_EVERY: Duration = Duration::from_secs(60);

/// The chores under way; they end when it is dropped.
pub struct Chores(JoinSet<()>);

impl Chores {
    /// Ends them.
    pub fn stop(mut self) {
        self.0.abort_all();
    }
}

/// Starts them.
pub fn start(parts: &Parts) -> Chores {
    let mut chores = JoinSet::new();
    let app = parts.app.clone();
    let connections = app.connections.clone();
    chores.spawn_local(revocations::watch(app.desk.store.clone(), move |revoked| match revoked {
        Revoked::Session(session) => connections.close_session(session, Close::Revoked),
        Revoked::User(user) => connections.close_user(user, None, Close::Revoked),
    }));
    if app.config.limits.lifted {
        chores.spawn_local(remind());
    }
    chores.spawn_local(due_polls::close(app.desk.clone()));
    chores.spawn_local(end_abandoned(app));
    Chores(chores)
}

async fn remind() {
    let mut ticks = interval(REMIND_EVERY);
    loop {
        ticks.tick().await;
        log::warn!("limits are off: anybody can overload this server");
    }
}

async fn end_abandoned(app: App) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let before = Millis::now().plus_s(-AWAY_MAX_S);
        match app.desk.store.reading(move |conn| streams::abandoned(conn, before)).await {
            Ok(abandoned) => end(&app, abandoned).await,
            Err(error) => log::warn!("abandoned streams cannot be looked for: {error}"),
        }
    }
}

async fn end(app: &App, streams: Vec<StreamId>) {
    for stream in streams {
        match app.desk.act(stream, move |tx, now| acts::end_stream(tx, stream, now)).await {
            Ok(_) => log::info!("stream {stream} ended: its host was away"),
            Err(error) => log::warn!("stream {stream} could not be ended: {error:?}"),
        }
    }
}
