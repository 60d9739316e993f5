//! What a server does by itself: hears of sessions ended by another hand, ends streams whose host stays away, and
//! notes how far the database was seen, and tells its operator of lifted limits and of clocks that were set, and a service
//! manager that it is alive.
//! It must not know how a stream ends or a socket closes.

mod absences;
mod beats;
mod clock_steps;
mod decisions;
mod due_polls;
mod minutes;
mod search;

use self::{absences::Absences, beats::Heartbeat};
use super::{
    barred,
    nodes::{self, LookNow},
    parts::Parts,
    picture, revocations,
    supervision::Threads,
};
use crate::{
    domain::{Millis, StreamId},
    http::Services,
    logging::Recurring,
    room::operations::{Fault, SignedOut, acts},
    store::{self, Conflict, Store, accounts::revocations::Revoked, streams},
    webhooks::{self, Ways},
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use url::Url;

/// How often is looked for streams that were left alone, at least.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Looks within the time that a host may be away.
const LOOKS: u32 = 10;
/// How often it is noted how far the database was seen, while it is written to.
const MARK_EVERY: Duration = Duration::from_secs(10);
/// How often lifted limits are called to mind.
const REMIND_EVERY: Duration = Duration::from_secs(60);

/// The chores under way; they end when it is dropped.
pub(super) struct Chores {
    tasks: JoinSet<()>,
    /// The thread of webhooks.
    _webhooks: Option<webhooks::Running>,
    heartbeat: Heartbeat,
}

impl Chores {
    /// Ends all of them; what comes back says so to other servers, once this one does nothing more.
    pub(super) fn stop(mut self) -> Heartbeat {
        self.tasks.abort_all();
        self.heartbeat
    }
}

/// Starts them; the server listens at these addresses.
pub(super) fn start(parts: &mut Parts, listening: &[SocketAddr], threads: Threads) -> Chores {
    let mut chores = JoinSet::new();
    let services = parts.services.clone();
    let hears = parts.hears.clone();
    chores.spawn_local(revocations::watch(services.store.clone(), move |revoked| {
        hears(&signed_out(revoked).into());
    }));
    chores.spawn_local(minutes::note(
        services.store.clone(),
        services.course.clone(),
        services.metrics.clone(),
    ));
    chores.spawn_local(decisions::look(services.store.clone(), services.site.clone()));
    let registry = services.streams.registry.clone();
    let (barred, hears) = (parts.barred.clone(), parts.hears.clone());
    chores.spawn_local(barred::look(services.store.clone(), registry, barred, hears));
    if services.store.is_shared() {
        chores.spawn_local(nodes::names::look(services.store.clone(), services.streams.registry.clone()));
        let (registry, look_now) = (services.streams.registry.clone(), LookNow::default());
        if let Some(ear) = parts.ear.take() {
            chores.spawn_local(nodes::hear(ear, registry.clone(), parts.hears.clone(), look_now.clone()));
        }
        chores.spawn_local(nodes::look(services.store.clone(), registry, parts.bus.clone(), look_now));
    }
    picture::look_after(&services, &parts.bus, parts.heard.take(), parts.sent_away.take(), &mut chores);
    if services.config.limits.lifted {
        chores.spawn_local(remind());
    }
    chores.spawn_local(due_polls::close(services.streams.clone()));
    chores.spawn_local(clock_steps::watch());
    chores.spawn_local(threads.watch());
    chores.spawn_local(mark(services.store.clone()));
    if !services.store.is_shared() {
        chores.spawn_local(search::keep_short(services.store.clone(), services.metrics.clone()));
    }
    let heartbeat = heartbeat(parts);
    chores.spawn_local(heartbeat.clone().keep());
    chores.spawn_local(end_abandoned(services));
    Chores { tasks: chores, _webhooks: tell_webhooks(parts, listening), heartbeat }
}

/// Without its thread the server serves on, and webhooks hear nothing.
fn tell_webhooks(
    Parts { services, boot, .. }: &Parts,
    listening: &[SocketAddr],
) -> Option<webhooks::Running> {
    let (config, parts) = (&services.config, &services.webhooks);
    let ways = Ways::new(parts.allowed.clone(), listening.to_vec(), config.webhook_pace.try_within);
    let running = webhooks::start(webhooks::Parts {
        store: services.store.clone(),
        keys: services.keys.clone(),
        metrics: services.metrics.clone(),
        ways,
        hints: parts.hints.clone(),
        pace: config.webhook_pace.clone(),
        boot: *boot,
        site: config.public_url.as_ref().map(Url::to_string),
    });
    running.map_err(|error| log::error!("webhooks hear nothing: {error}")).ok()
}

fn signed_out(revoked: Revoked) -> SignedOut {
    match revoked {
        Revoked::Session(session) => SignedOut::Session(session),
        Revoked::Key(key) => SignedOut::Key(key),
        Revoked::User(user) => SignedOut::Account(user),
    }
}

fn heartbeat(Parts { services, boot, .. }: &Parts) -> Heartbeat {
    let config = &services.config;
    Heartbeat {
        store: services.store.clone(),
        boot: *boot,
        name: config.node_name(),
        has_bus: config.redis_url.is_some(),
        metrics: services.metrics.clone(),
    }
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

async fn end_abandoned(services: Services) {
    let fault = Recurring::new("abandoned streams cannot be looked for");
    let away_max = services.config.host_away_max;
    let mut ticks = interval(LOOK_EVERY.min(away_max / LOOKS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut absences = Absences::new(away_max);
    loop {
        ticks.tick().await;
        match services.store.read(streams::on_air).await {
            Ok(on_air) => {
                fault.worked();
                let is_here = |stream: &streams::OnAir| {
                    let sends = services.streams.pictures.of(stream.id).publisher.is_some();
                    sends || services.connections.has(stream.host_id)
                };
                let here: Vec<StreamId> =
                    on_air.iter().filter(|stream| is_here(stream)).map(|stream| stream.id).collect();
                note_here(&services.store, here).await;
                let abandoned = absences.look(on_air, is_here, Instant::now());
                end(&services, abandoned).await;
            }
            Err(error) => fault.failed(error),
        }
    }
}

/// Tells other servers of hosts whom this one alone sees, in a room or by their picture.
async fn note_here(store: &Store, streams: Vec<StreamId>) {
    if streams.is_empty() || !store.is_shared() {
        return;
    }
    let noted = store.write(move |tx| {
        streams.iter().try_for_each(|&stream| streams::touch_host_seen(tx, stream, Millis::now()))
    });
    if let Err::<_, store::Error>(error) = noted.await {
        log::debug!("it is not noted which hosts are here: {error}");
    }
}

async fn end(services: &Services, streams: Vec<StreamId>) {
    for stream in streams {
        match services.streams.act(stream, move |tx, now| acts::end_stream(tx, stream, now)).await {
            Ok(_) => log::info!("stream {stream} ended: its host was away"),
            Err(Fault::Store(store::Error::Conflict(Conflict::Transition(_)) | store::Error::NotFound)) => {
                log::debug!("stream {stream} was ended by another hand");
            }
            Err(error) => log::warn!("stream {stream} could not be ended: {error:?}"),
        }
    }
}
