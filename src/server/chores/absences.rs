//! How long hosts have been away from their streams on air, in this server's running time: it begins anew with the server,
//! and no clock that somebody sets has a say. It must not know how a stream ends, nor who is connected.

use crate::{
    domain::{Millis, StreamId},
    store::streams::OnAir,
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// When the hosts of streams on air were last seen by this server.
pub(super) struct Absences {
    away_max: Duration,
    seen: HashMap<StreamId, Seen>,
}

struct Seen {
    /// The stamp that whoever sees the host renews; compared, never measured.
    stamp: Millis,
    at: Instant,
}

impl Absences {
    /// None yet; streams end whose hosts stay away for so long.
    pub(super) fn new(away_max: Duration) -> Absences {
        Absences { away_max, seen: HashMap::new() }
    }

    /// Looks at all streams on air, and finds those whose host has been away for too long.
    pub(super) fn look(
        &mut self,
        on_air: Vec<OnAir>,
        is_here: impl Fn(&OnAir) -> bool,
        now: Instant,
    ) -> Vec<StreamId> {
        let mut before = std::mem::take(&mut self.seen);
        let mut too_long = Vec::new();
        for stream in on_air {
            let was = before.remove(&stream.id).filter(|seen| seen.stamp == stream.host_seen_at);
            let at = was.filter(|_| !is_here(&stream)).map_or(now, |seen| seen.at);
            if now.saturating_duration_since(at) >= self.away_max {
                too_long.push(stream.id);
            }
            self.seen.insert(stream.id, Seen { stamp: stream.host_seen_at, at });
        }
        too_long
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UserId;

    const AWAY_MAX: Duration = Duration::from_secs(12 * 3600);

    struct House {
        absences: Absences,
        stream: OnAir,
        now: Instant,
    }

    impl House {
        fn new() -> House {
            let seen_days_ago = Millis(1_000);
            let stream = OnAir { id: StreamId::new(), host_id: UserId::new(), host_seen_at: seen_days_ago };
            House { absences: Absences::new(AWAY_MAX), stream, now: Instant::now() }
        }

        /// Whether the stream ends, so many hours later.
        fn after(&mut self, hours: u64, is_here: bool) -> bool {
            self.now += Duration::from_secs(hours * 3600);
            !self.absences.look(vec![self.stream.clone()], |_| is_here, self.now).is_empty()
        }
    }

    #[test]
    fn absence_begins_anew_with_the_server_and_ends_a_stream_after_twelve_hours() {
        let mut house = House::new();
        assert!(!house.after(0, false), "the server was off, not the host");
        assert!(!house.after(11, false));
        assert!(house.after(1, false));
    }

    #[test]
    fn a_host_who_is_connected_or_was_seen_elsewhere_is_not_away() {
        let mut house = House::new();
        assert!(!house.after(0, true));
        assert!(!house.after(13, true));
        assert!(!house.after(11, false));
        house.stream.host_seen_at = Millis(999);
        assert!(!house.after(2, false), "a stamp of a clock that went back is a stamp");
        assert!(!house.after(11, false));
        assert!(house.after(1, false));
    }

    #[test]
    fn a_stream_that_is_off_air_is_forgotten() {
        let mut house = House::new();
        house.after(0, false);
        assert!(house.absences.look(vec![], |_| false, house.now).is_empty());
        assert!(house.absences.seen.is_empty());
        assert!(!house.after(13, false));
    }
}
