//! What the server counts, for operators: one set a server, read at `/metrics`.
//! It must not know who counts; adding a metric is its doc line and its field in `metrics!`.

mod counted;
pub(crate) mod descriptors;
mod exposition;
mod process;

pub(crate) use counted::Counted;
pub use exposition::Exposition;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::Registry,
};
use std::{
    fmt,
    ops::Deref,
    sync::{Arc, atomic::AtomicU64},
};

macro_rules! metrics {
    ($($doc:literal $name:ident: $kind:ty,)+) => {
        /// The counters, gauges and histograms themselves.
        #[derive(Debug, Default)]
        pub struct Fields {
            $(#[doc = $doc] pub $name: $kind,)+
        }

        impl Fields {
            fn register(&self, registry: &mut Registry) {
                $(self.$name.register_as(stringify!($name), $doc, registry);)+
            }
        }
    };
}

metrics! {
    "HTTP answers, by class of status (2xx, 4xx)" http_requests: CountersBy<Status>,
    "Time from the head of a request to that of its answer, by method and route" http_request_seconds: SecondsBy<Route>,
    "Open WebSocket connections" ws_connections: Gauge,
    "Connections that were closed at once for want of file descriptors" refused_accepts: Counter,
    "Open connections that belong to an account" signed_in_connections: Gauge,
    "Seats taken by viewers and readers" seats: Gauge,
    "Rooms with an actor" rooms: Gauge,
    "Times this node was taken for dead, or Redis came back empty, and all who are here were told of again" presence_resyncs: Counter,
    "Comments made durable" comments_accepted: Counter,
    "Comments refused, by code" comments_refused: CountersBy<Code>,
    "Comments refused for what their authors had said on other nodes, by code" fences: CountersBy<Code>,
    "Times a limit was reached, by its name" limit_hits: CountersBy<Limit>,
    "Comments in one commit of the journal" journal_batch_comments: Sizes,
    "Time of one commit of the journal, in seconds" journal_commit_seconds: Seconds,
    "Time of one step that merges what searches use, its wait for others who write included, in seconds" search_merge_seconds: Seconds,
    "Comments that wait for the journal" journal_queue: Gauge,
    "Fan-outs: batches handed to a room's viewers" fanout_flushes: Counter,
    "Of them, those that waited longer than usual since the last ones took most of a worker's time: more than this machine carries" fanout_stretched: Counter,
    "Time from a room having something to say to its being handed to the sockets of a worker" fanout_delay_seconds: Seconds,
    "Time of a worker's processor for one fan-out to its viewers of a room" fanout_cost_seconds: Seconds,
    "Frames handed to viewers" fanout_deliveries: Counter,
    "Bytes handed to viewers" fanout_bytes: Counter,
    "Fan-outs compressed for viewers who take them so" fanout_deflated: Counter,
    "Fan-outs left plain though viewers take them compressed: too little to gain, or no time for it" fanout_not_deflated: Counter,
    "Encoders connected by RTMP, with those whose key is not accepted yet" rtmp_connections: Gauge,
    "Encoders by RTMP that were sent away, by reason" rtmp_refused: CountersBy<Code>,
    "Times a viewer was left behind" lagged_viewers: Counter,
    "WebSocket closes by the server, by close code" ws_closes: CountersBy<CloseCode>,
    "Publishers of pictures let in, by protocol (whip, rtmp; srt, rtsp and other by way of media servers)" media_publishers: CountersBy<Protocol>,
    "WebRTC peers that publish or view a picture" media_peers: Gauge,
    "WebRTC peers that connected, by transport (udp, tcp)" media_connections: CountersBy<Transport>,
    "Packets of pictures and sound, by direction (in, out)" media_packets: CountersBy<Direction>,
    "Bytes of pictures and sound, by direction (in, out)" media_bytes: CountersBy<Direction>,
    "Datagrams that belong to no peer, or come from more addresses than a peer may have" media_unmatched_datagrams: Counter,
    "Datagrams that were dropped because the system did not take them" media_dropped_datagrams: Counter,
    "Keyframes asked of publishers" media_keyframe_requests: Counter,
    "Viewers that were given the packets since the last keyframe" media_bursts: Counter,
    "Time from an offer of a viewer to its first packet of a picture" media_join_seconds: Seconds,
    "Times a picture stalled" media_stalls: Counter,
    "Publishers and viewers refused, by code" media_refused: CountersBy<Code>,
    "Publishers sent away at media servers, by outcome (done, gone, failed)" media_kicks: CountersBy<Outcome>,
    "Recordings under way" recordings_under_way: Gauge,
    "Bytes of recordings written" recording_bytes: Counter,
    "Fragments that are missing in recordings since the disk was too slow" recording_holes: Counter,
    "Times a recording ended before its picture, by code" recording_failures: CountersBy<Code>,
    "WebRTC peers ended because something in them failed" media_peer_failures: Counter,
    "Whether what other nodes say is heard: 1 or 0" bus_up: Gauge,
    "What was said to other nodes" bus_said: Counter,
    "What was heard from other nodes" bus_heard: Counter,
    "What was not said or not heard, by reason (queue, error, size, ear)" bus_dropped: CountersBy<Reason>,
    "Time from another node saying something to its being heard here, by the clocks of both" bus_lag_seconds: Seconds,
    "Times the way to the other nodes was found again" bus_reconnects: Counter,
    "Logins, by outcome" logins: CountersBy<Outcome>,
    "Passwords that wait to be hashed or checked" login_queue: Gauge,
    "Avatars and covers that are being decoded" images_under_way: Gauge,
    "Refusals that did not get on record" audit_lost: Counter,
    "Uses of keys that were not noted, since too many waited" key_uses_lost: Counter,
    "Tries to send something to a webhook, by outcome (ok, refused, timeout, no_connection, no_answer, not_allowed)" webhooks_tried: CountersBy<Outcome>,
    "Messages to webhooks under way" webhooks_sending: Gauge,
    "Notices that wait for webhooks, as the database has them" webhooks_waiting: Gauge,
    "Webhooks that fail, and hold back what is behind" webhooks_failing: Gauge,
    "Webhooks that the server has disabled" webhooks_disabled: Gauge,
    "Time waited for a database connection, in seconds" db_pool_wait_seconds: Seconds,
    "Database calls that failed" db_errors: Counter,
    "Servers that work on the database, with this one" nodes_alive: Gauge,
    "How far the database's clock is ahead of this server's, in seconds" clock_skew_seconds: Level,
    "Size of the database, as it was within the last minute" db_bytes: Gauge,
    "Size of the write-ahead log of an embedded database, at the time of asking" db_wal_bytes: Gauge,
    "What may still be filled of the disk of the data directory, at the time of asking; NaN where the system does not say" disk_free_bytes: Level,
    "Size of that disk; NaN where the system does not say" disk_bytes: Level,
}

/// The metrics of one server. Cloning shares them.
#[derive(Clone)]
pub struct Metrics {
    fields: Arc<Fields>,
    registry: Arc<Registry>,
}

impl Metrics {
    /// A set in which everything is zero.
    pub fn new() -> Self {
        let fields = Arc::new(Fields::default());
        let mut registry = Registry::default();
        registry.register_collector(Box::new(process::Process::this()));
        registry.register_collector(Box::new(descriptors::Descriptors));
        let house = registry.sub_registry_with_prefix("livehouse");
        house.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        fields.register(house);
        Self { fields, registry: Arc::new(registry) }
    }

    /// All of it, in the format that a scraper reads.
    pub fn encode(&self, format: Exposition) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a String takes all that is written to it");
        format.written(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Metrics {
    type Target = Fields;
    fn deref(&self) -> &Fields {
        &self.fields
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.fmt(f)
    }
}

/// A number that goes up and down, and has fractions.
pub(crate) type Level = Gauge<f64, AtomicU64>;

/// Counters of one name that differ in one label. The values of a label must be few and known beforehand:
/// never a name, an address or anything else that a client chooses.
#[derive(Debug)]
pub struct CountersBy<L: Label>(Family<L, Counter>);

impl<L: Label> CountersBy<L> {
    /// The counter of this value of the label.
    pub fn of(&self, value: impl Into<L>) -> Counter {
        self.0.get_or_create_owned(&value.into())
    }
}

impl<L: Label> Default for CountersBy<L> {
    fn default() -> Self {
        Self(Family::default())
    }
}

/// Histograms of times of one name that differ in their labels; the same goes for those.
#[derive(Debug)]
pub struct SecondsBy<L: Label>(Family<L, Histogram, fn() -> Histogram>);

impl<L: Label> SecondsBy<L> {
    /// Counts one observation.
    pub fn observe(&self, labels: &L, seconds: f64) {
        match self.0.get(labels) {
            Some(histogram) => histogram.observe(seconds),
            None => self.0.get_or_create(labels).observe(seconds),
        }
    }
}

impl<L: Label> Default for SecondsBy<L> {
    fn default() -> Self {
        // Fewer than a single histogram has, because there is one for each route.
        Self(Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 4.0, 8))))
    }
}

/// Which call of the API, or page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Route {
    /// The method; `other` for one that no route knows.
    pub method: &'static str,
    /// The path with the names of its variable parts; `none` where there is no such route.
    pub route: String,
}

impl Label for Route {}

/// Labels with their values.
pub trait Label: EncodeLabelSet + Clone + fmt::Debug + Eq + std::hash::Hash + Send + Sync + 'static {}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident($field:ident: $value:ty);)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub struct $name { $field: $value }

        impl From<$value> for $name {
            fn from($field: $value) -> Self {
                Self { $field }
            }
        }

        impl Label for $name {}
    )+};
}

labels! {
    /// A problem code, `too_fast`, or another short word for why.
    Code(code: &'static str);
    /// How a picture comes in: `whip`, `rtmp`.
    Protocol(protocol: &'static str);
    /// How packets travel: `udp`, `tcp`.
    Transport(transport: &'static str);
    /// From here or to here: `out`, `in`.
    Direction(direction: &'static str);
    /// The close code of a WebSocket: 4401.
    CloseCode(code: u16);
    /// The name of a limit, as in the table of limits: `COMMENTS_PER_USER`.
    Limit(limit: &'static str);
    /// Why something was lost: `queue`, `error`, `size`, `ear`.
    Reason(reason: &'static str);
    /// How it ended: `ok`, `wrong`, `busy`, `throttled`.
    Outcome(outcome: &'static str);
    /// The class of an HTTP status: `2xx`, see [`status_class`].
    Status(status: &'static str);
}

/// The class of an HTTP status.
pub fn status_class(status: u16) -> &'static str {
    match status {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

macro_rules! histograms {
    ($($(#[$doc:meta])* $name:ident($buckets:expr);)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(Histogram);

        impl $name {
            /// Counts one observation.
            pub fn observe(&self, value: f64) {
                self.0.observe(value);
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self(Histogram::new($buckets))
            }
        }

        impl Register for $name {
            fn register_as(&self, name: &str, help: &str, registry: &mut Registry) {
                registry.register(name, help, self.0.clone());
            }
        }
    )+};
}

histograms! {
    /// Times in seconds, from 0.1 ms to 6.5 s.
    Seconds(exponential_buckets(0.0001, 2.0, 17));
    /// Counts of things, from 1 to 4096.
    Sizes(exponential_buckets(1.0, 2.0, 13));
}

/// How a kind of metric enters the registry.
trait Register {
    fn register_as(&self, name: &str, help: &str, registry: &mut Registry);
}

impl Register for Counter {
    fn register_as(&self, name: &str, help: &str, registry: &mut Registry) {
        registry.register(name, help, self.clone());
    }
}

impl Register for Gauge {
    fn register_as(&self, name: &str, help: &str, registry: &mut Registry) {
        registry.register(name, help, self.clone());
    }
}

impl Register for Level {
    fn register_as(&self, name: &str, help: &str, registry: &mut Registry) {
        registry.register(name, help, self.clone());
    }
}

impl<L: Label> Register for SecondsBy<L> {
    fn register_as(&self, name: &str, help: &str, registry: &mut Registry) {
        registry.register(name, help, self.0.clone());
    }
}

impl<L: Label> Register for CountersBy<L> {
    fn register_as(&self, name: &str, help: &str, registry: &mut Registry) {
        registry.register(name, help, self.0.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_can_be_read() {
        let metrics = Metrics::new();
        metrics.ws_connections.inc();
        metrics.limit_hits.of("COMMENTS_PER_USER").inc();
        metrics.ws_closes.of(4401).inc_by(2);
        metrics.http_requests.of(status_class(404)).inc();
        metrics.clone().journal_commit_seconds.observe(0.001);

        metrics.http_request_seconds.observe(&Route { method: "GET", route: "/s/{id}".into() }, 0.002);

        let text = metrics.encode(Exposition::OpenMetrics);
        for line in [
            "livehouse_ws_connections 1",
            "livehouse_limit_hits_total{limit=\"COMMENTS_PER_USER\"} 1",
            "livehouse_ws_closes_total{code=\"4401\"} 2",
            "livehouse_http_requests_total{status=\"4xx\"} 1",
            "livehouse_journal_commit_seconds_count 1",
            "livehouse_http_request_seconds_count{method=\"GET\",route=\"/s/{id}\"} 1",
            "# HELP livehouse_comments_accepted Comments made durable.",
            concat!("livehouse_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
    }

    #[test]
    fn two_servers_of_one_process_count_apart() {
        let (one, other) = (Metrics::new(), Metrics::new());
        one.rooms.inc();
        assert!(other.encode(Exposition::Prometheus).contains("livehouse_rooms 0"));
    }
}
