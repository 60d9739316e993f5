//! The picture's thread as this server runs it: started with its sockets, listened to, and looked after.
//! It must not know how a picture travels.

mod alone;
mod nodes;
mod notices;
pub(super) mod recordings;
mod servers;
mod told;

use crate::{
    bus::Bus,
    config::{Cap, Config, Limits},
    http::Services,
    media::{
        handle::{IngestKeys, Media},
        settings::{MediaLimits, MediaSettings},
        thread::MediaThread,
    },
    metrics::Metrics,
    recordings::Recorder,
    room::pictures::Pictures,
    services::picture::{claims::Claims, servers::publishers::Remote},
};
use std::sync::Arc;
use tokio::{sync::mpsc::Receiver, task::JoinSet};
pub(super) use told::Heard;

/// The picture's thread, and what it tells.
pub(super) struct Started {
    pub media: Media,
    /// Ends with the server.
    pub thread: MediaThread,
    pub heard: Heard,
}

/// Binds the sockets of pictures and starts their thread. A server without is better than none.
pub(super) fn start(
    config: &Config,
    metrics: Metrics,
    pictures: Pictures,
    claims: Claims,
    keys: Arc<dyn IngestKeys>,
    recorder: Recorder,
) -> Option<Started> {
    let settings = MediaSettings {
        listen: config.media_listen,
        addresses: config.media_addresses.iter().map(|address| address.0).collect(),
        rtmp: config.rtmp_listen.address(),
        limits: limits(&config.limits),
    };
    let (tell, heard) = told::way(pictures, claims, recorder.clone());
    match Media::start(settings, tell, keys, recorder, metrics) {
        Ok((media, thread)) => Some(Started { media, thread, heard }),
        Err(error) => {
            log::warn!("no picture: cannot listen on {}: {error}", config.media_listen);
            None
        }
    }
}

/// The limits of the contract, as the thread takes them.
fn limits(limits: &Limits) -> MediaLimits {
    let count = |cap: Cap| cap.limit().unwrap_or(u32::MAX);
    MediaLimits {
        publishers: count(limits.publishers),
        viewers: count(limits.media_viewers),
        viewers_per_ip: count(limits.media_viewers_per_ip),
        offers_per_ip: count(limits.media_offers_per_ip),
        ingest_kbps: count(limits.ingest_kbps),
        access_unit_bytes: limits.access_unit_bytes,
        gop_bytes: limits.gop_bytes,
    }
}

/// What is done for pictures while the server runs.
pub(super) fn look_after(
    services: &Services,
    bus: &Bus,
    heard: Option<Heard>,
    sent_away: Option<Receiver<Remote>>,
    chores: &mut JoinSet<()>,
) {
    if let Some(sent_away) = sent_away {
        chores.spawn_local(servers::send_away(services.clone(), sent_away));
    }
    chores.spawn_local(servers::look_after(services.clone()));
    if let Some(heard) = heard {
        let (tell, changes) = notices::way();
        chores.spawn_local(notices::store(services.clone(), changes));
        chores.spawn_local(heard.pass_on(services.streams.clone(), bus.clone(), tell));
        chores.spawn_local(alone::end(services.clone()));
        if services.picture.recorder.is_on() {
            chores.spawn_local(recordings::look(services.clone()));
        }
    }
    if services.store.is_shared() {
        chores.spawn_local(nodes::share(services.clone(), bus.clone()));
    }
}
