//! What a server does by itself: hears of sessions ended by another hand, ends streams whose host stays away, and
//! notes how far the database was seen, and tells its operator of lifted limits and of clocks that were set.
//! It must not know how a stream ends or a socket closes.

use super::{absences::Absences, clock_steps, due_polls, parts::Parts, revocations};
use crate::{
    domain::ids::StreamId,
    http::App,
    logging::Recurring,
    room::operations::acts,
    store::{Store, accounts::revocations::Revoked, streams},
    wire::frame::Close,
};
use std::time::{Duration, Instant};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// How often is looked for streams that were left alone, at least.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Looks within the time that a host may be away.
const LOOKS: u32 = 10;
/// How often it is noted how far the database was seen, while it is written to.
const MARK_EVERY: Duration = Duration::from_secs(10);
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
    chores.spawn_local(clock_steps::watch());
    chores.spawn_local(mark(app.desk.store.clone()));
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

async fn mark(store: Store) {
    let mut ticks = interval(MARK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let fault = Recurring::new("it cannot be noted how far the database was seen");
    let mut noted = store.commits();
    loop {
        ticks.tick().await;
        if store.commits() == noted {
            continue;
        }
        let marking = store.clone();
        match tokio::task::spawn_blocking(move || marking.mark()).await {
            Ok(Ok(())) => fault.worked(),
            Ok(Err(error)) => fault.failed(error),
            Err(panic) => fault.failed(panic),
        }
        // The note itself is a write, too.
        noted = store.commits();
    }
}

async fn end_abandoned(app: App) {
    let fault = Recurring::new("abandoned streams cannot be looked for");
    let away_max = app.config.host_away_max;
    let mut ticks = interval(LOOK_EVERY.min(away_max / LOOKS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut absences = Absences::new(away_max);
    loop {
        ticks.tick().await;
        match app.desk.store.reading(streams::on_air).await {
            Ok(on_air) => {
                fault.worked();
                let is_here = |stream: &streams::OnAir| app.connections.has(stream.host_id);
                let abandoned = absences.look(on_air, is_here, Instant::now());
                end(&app, abandoned).await;
            }
            Err(error) => fault.failed(error),
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
