//! Ends what is seen by WebRTC of whoever is not in the room any more, so that the count of viewers and the picture agree.
//! It must not know how a picture travels.

use crate::{
    http::Services,
    room::actor::who_is_here::Whoever,
    services::picture::sessions::{MediaSession, Part},
};
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked, at least.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Looks within the time that a viewer may be alone.
const LOOKS: u32 = 6;

/// Looks for as long as it is polled.
pub(super) async fn end(services: Services) {
    let alone_max = services.config.picture_alone_max;
    let mut ticks = interval(LOOK_EVERY.min(alone_max / LOOKS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        look(&services, alone_max).await;
    }
}

async fn look(services: &Services, alone_max: Duration) {
    let mut by_stream: HashMap<_, Vec<MediaSession>> = HashMap::new();
    for session in services.picture.sessions.find(|session| matches!(session.part, Part::Viewer(_))) {
        by_stream.entry(session.stream).or_default().push(session);
    }
    for (stream, viewers) in by_stream {
        let asked = viewers.iter().map(whoever).collect();
        let are_here = services.streams.are_here(stream, asked).await;
        let now = Instant::now();
        let (here, away): (Vec<_>, Vec<_>) =
            viewers.into_iter().zip(are_here).partition(|(_, is_here)| *is_here);
        let ids: HashSet<_> = here.into_iter().filter_map(|(session, _)| session.id).collect();
        services.picture.sessions.seen(&ids, now);
        // Who was never here may be in the room at another node.
        let may_be_elsewhere = |session: &MediaSession| services.store.is_shared() && !session.was_here;
        for (session, _) in away.into_iter().filter(|(session, _)| !may_be_elsewhere(session)) {
            if now.saturating_duration_since(session.alone_since) >= alone_max {
                services.picture_ends.close(session).await;
            }
        }
    }
}

fn whoever(session: &MediaSession) -> Whoever {
    match (session.login, session.part) {
        (Some((user, _)), _) => Whoever::Account(user),
        (None, Part::Viewer(Some(connection))) => Whoever::Connection(connection),
        (None, _) => Whoever::Stranger,
    }
}
