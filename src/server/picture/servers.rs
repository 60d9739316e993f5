//! Publishers at media servers: sent away there once the house has ended them, and looked after while they are there, since a
//! server can die without a word. It must not know what a server asks.

use crate::{
    http::Services,
    services::picture::servers::{
        api::Answer,
        publishers::{Remote, RemoteClient},
    },
};
use futures_util::{StreamExt, stream};
use std::time::{Duration, Instant};
use tokio::{
    sync::mpsc::Receiver,
    time::{MissedTickBehavior, interval, sleep},
};

/// How often a server is asked whether its publishers are still there.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Publishers that are asked for at once.
const LOOKS_AT_ONCE: usize = 8;
/// A server that has not answered for so long is gone, and its publishers with it.
const SILENT_MAX: Duration = Duration::from_secs(30);
/// A publisher whose server says itself that it goes on, and has not for so long, is gone: nginx says it each 30 s.
const BEAT_WITHIN: Duration = Duration::from_secs(90);
/// A publisher that was just let in may not be there yet for its server: so often is tried to send it away.
const KICK_TRIES: u32 = 5;
/// The same where the server does not answer.
const KICK_TRIES_MAX: u32 = 20;
const KICK_AGAIN: Duration = Duration::from_millis(300);

/// Sends away whom the house has ended, for as long as it is polled.
pub(super) async fn send_away(services: Services, mut ended: Receiver<Remote>) {
    while let Some(remote) = ended.recv().await {
        // Who stops takes no picture from anybody: encoders elsewhere go on.
        if services.picture.servers.api.is_known() && !services.draining.has_begun() {
            actix::spawn(kick(services.clone(), remote));
        }
    }
}

async fn kick(services: Services, remote: Remote) {
    let mut outcome = "failed";
    for tried in 1..=KICK_TRIES_MAX {
        match services.picture.servers.api.kick(&remote.client).await {
            Answer::Here => {
                outcome = "done";
                break;
            }
            Answer::Gone => {
                outcome = "gone";
                if tried >= KICK_TRIES || has_follower(&services, &remote) {
                    break;
                }
            }
            Answer::Unsaid | Answer::Silent => {}
        }
        sleep(KICK_AGAIN).await;
    }
    services.metrics.media_kicks.of(outcome).inc();
    if outcome == "failed" {
        let RemoteClient { server, id, .. } = &remote.client;
        log::warn!("{server} does not send {id} away, who may not send to {} any more", remote.stream);
    }
}

/// Whether somebody else sends to the stream by now: some servers know streams alone, and no publishers.
fn has_follower(services: &Services, remote: &Remote) -> bool {
    services.picture.servers.publishers.of(remote.stream).is_some()
}

/// Looks for as long as it is polled.
pub(super) async fn look_after(services: Services) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let all = services.picture.servers.publishers.all();
        let looks = stream::iter(all).for_each_concurrent(LOOKS_AT_ONCE, |remote| look(&services, remote));
        looks.await;
    }
}

async fn look(services: &Services, remote: Remote) {
    let (servers, now) = (&services.picture.servers, Instant::now());
    let since =
        |then: Option<Instant>| then.map_or(Duration::ZERO, |then| now.saturating_duration_since(then));
    let is_gone = match servers.api.is_known() {
        false => false,
        true => match servers.api.has(&remote.client).await {
            Answer::Gone => true,
            Answer::Silent => {
                servers.publishers.answered(&remote, remote.unanswered.or(Some(now)));
                since(remote.unanswered) >= SILENT_MAX
            }
            Answer::Here | Answer::Unsaid => {
                servers.publishers.answered(&remote, None);
                false
            }
        },
    };
    let is_gone = is_gone || since(remote.beat) >= BEAT_WITHIN;
    if let (true, Some(media)) = (is_gone, &services.picture.media) {
        log::info!("{} has lost {}, who sent to {}", remote.client.server, remote.client.id, remote.stream);
        servers.lose(media, &remote).await;
    }
}
