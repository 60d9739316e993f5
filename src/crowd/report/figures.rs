//! What a run comes to: figures with names, as they are printed as JSON. It must not know how they are shown.

use super::{
    checks::{check_answers, check_places, check_unanswered, fell_short},
    far::far_delays,
    limits,
    series::{Second, Series},
    spread::{Spread, curve, spread},
};
use crate::crowd::{
    args::CrowdArgs,
    client::reactions::Reactions,
    process::Sample,
    tally::{Counts, Tally},
};
use serde::Serialize;
use std::time::Duration;

/// Looks taken at certain moments of a run.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub before: Option<Sample>,
    pub joined: Option<Sample>,
    pub settled: Option<Sample>,
    pub left: Option<Sample>,
    pub own_joined: Sample,
    pub own_settled: Sample,
    /// Between the first comment and the last delivery.
    pub deliveries: u64,
    pub lasted: Duration,
    pub viewers: Option<u64>,
    pub slow_gone: Option<Duration>,
    /// By how much the totals of reactions grew.
    pub reactions: Option<u64>,
}

/// The processes of the server, as the kernel saw them, all together.
#[derive(Debug, Serialize)]
pub(crate) struct ServerFigures {
    pub cpu_s: f64,
    pub cores: f64,
    pub cpu_us_per_delivery: Option<f64>,
    pub rss_before_mb: f64,
    pub rss_joined_mb: f64,
    pub rss_settled_mb: f64,
    pub rss_left_mb: f64,
    pub kb_per_connection: Option<f64>,
    pub descriptors_joined: u64,
    pub descriptors_settled: u64,
    pub descriptors_left: u64,
}

/// A limit of the server that this run met.
#[derive(Debug, Serialize)]
pub(crate) struct LimitMet {
    pub limit: String,
    pub code: String,
    pub times: u64,
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub(crate) struct Setup {
    /// All of them.
    pub url: String,
    pub sockets: usize,
    pub viewers: usize,
    pub commenters: usize,
    pub rate: f64,
    pub for_s: f64,
    pub threads: usize,
}

/// Who came, came back and was sent away.
#[derive(Debug, Serialize)]
pub(crate) struct Joining {
    pub joins: u64,
    pub rejoins: u64,
    pub resumes_refused: u64,
    pub join_failures: Counts,
    pub ended: Counts,
}

/// What was written, and how it was answered.
#[derive(Debug, Serialize)]
pub(crate) struct Writing {
    pub posted: u64,
    pub acked: u64,
    pub acks_per_s: f64,
    pub held: u64,
    /// Where any were sent.
    pub reactions: Option<Reactions>,
    pub refused: Counts,
    pub unanswered: u64,
}

/// What was received.
#[derive(Debug, Serialize)]
pub(crate) struct Receiving {
    pub deliveries: u64,
    pub deliveries_per_s: f64,
    pub lasted_s: f64,
    pub event_bytes: f64,
    pub bytes: u64,
    pub lagged: u64,
    pub missed: u64,
    pub viewers_seen: Option<u64>,
}

/// How long things took.
#[derive(Debug, Serialize)]
pub(crate) struct Times {
    pub latency_ms: Spread,
    pub ack_ms: Spread,
    pub join_ms: Spread,
    /// From the `ack` on one node to the first receipt on another; none where there is one.
    pub far_ms: Option<Spread>,
    pub send_delay_ms: Spread,
}

/// Viewers that stopped reading, or read slowly.
#[derive(Debug, Serialize)]
pub(crate) struct SlowViewers {
    pub slow: usize,
    /// From the first comment until the room's pulse no longer counted them, in seconds.
    pub slow_gone_s: Option<f64>,
    /// Until they noticed it themselves, which those that read nothing mostly cannot.
    pub slow_ended_ms: Spread,
}

/// The whole result. In JSON all its parts are members of one object.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    #[serde(flatten)]
    pub setup: Setup,
    pub breaches: u64,
    pub breaches_told: Vec<String>,
    /// Why this is not the run that was asked for.
    pub fell_short: Option<String>,
    pub limits_met: Vec<LimitMet>,
    #[serde(flatten)]
    pub joining: Joining,
    #[serde(flatten)]
    pub writing: Writing,
    #[serde(flatten)]
    pub receiving: Receiving,
    #[serde(flatten)]
    pub times: Times,
    #[serde(flatten)]
    pub slow_viewers: SlowViewers,
    pub own_cpu_s: f64,
    pub own_cpu_us_per_delivery: Option<f64>,
    pub server: Option<ServerFigures>,
    pub seconds: Vec<Second>,
    /// Latency at rising quantiles, for the plot.
    #[serde(skip)]
    pub curve: Vec<(f64, f64)>,
}

impl Figures {
    pub(crate) fn draw(
        args: &CrowdArgs,
        threads: usize,
        mut tally: Tally,
        series: Series,
        marks: Marks,
    ) -> Self {
        let far_ms = (args.urls.len() > 1).then(|| spread(&far_delays(&tally)));
        check_places(&mut tally);
        check_answers(&mut tally);
        let unanswered = check_unanswered(args, &mut tally);
        let reactions = Reactions::draw(&mut tally, marks.reactions);
        let own_cpu_s = marks.own_settled.cpu_s - marks.own_joined.cpu_s;
        Self {
            setup: setup(args, threads),
            breaches: tally.breaches,
            fell_short: fell_short(args, &tally),
            limits_met: limits_met(&tally),
            joining: joining(&tally),
            receiving: receiving(&tally, &marks),
            times: times(&tally, far_ms),
            slow_viewers: slow_viewers(args, &tally, &marks),
            own_cpu_s,
            own_cpu_us_per_delivery: marks.us_per_delivery(own_cpu_s),
            server: server(&marks, tally.joins),
            seconds: series.seconds,
            curve: curve(&tally.latency),
            breaches_told: tally.breaches_told,
            writing: Writing {
                posted: tally.posted,
                acked: tally.acked,
                acks_per_s: tally.acked as f64 / marks.lasted.max(args.length).as_secs_f64(),
                held: tally.held,
                reactions,
                refused: tally.refused,
                unanswered,
            },
        }
    }
}

impl Marks {
    /// What a delivery took of so much CPU time, in microseconds.
    fn us_per_delivery(&self, cpu_s: f64) -> Option<f64> {
        (self.deliveries > 0).then(|| cpu_s * 1e6 / self.deliveries as f64)
    }
}

fn setup(args: &CrowdArgs, threads: usize) -> Setup {
    Setup {
        url: args.urls.join(", "),
        sockets: args.viewers + args.commenters,
        viewers: args.viewers,
        commenters: args.commenters,
        rate: args.rate,
        for_s: args.length.as_secs_f64(),
        threads,
    }
}

fn limits_met(tally: &Tally) -> Vec<LimitMet> {
    let told = |(limit, code, times)| LimitMet { limit, code, times };
    limits::met(tally).into_iter().map(told).collect()
}

fn joining(tally: &Tally) -> Joining {
    Joining {
        joins: tally.joins,
        rejoins: tally.rejoins,
        resumes_refused: tally.resumes_refused,
        join_failures: tally.join_failures.clone(),
        ended: tally.ended.clone(),
    }
}

fn receiving(tally: &Tally, marks: &Marks) -> Receiving {
    let lasted_s = marks.lasted.as_secs_f64();
    Receiving {
        deliveries: marks.deliveries,
        deliveries_per_s: marks.deliveries as f64 / lasted_s,
        lasted_s,
        event_bytes: tally.delivered_bytes as f64 / tally.deliveries.max(1) as f64,
        bytes: tally.bytes,
        lagged: tally.lagged,
        missed: tally.missed,
        viewers_seen: marks.viewers,
    }
}

fn times(tally: &Tally, far_ms: Option<Spread>) -> Times {
    Times {
        latency_ms: spread(&tally.latency),
        ack_ms: spread(&tally.ack_latency),
        join_ms: spread(&tally.join_latency),
        far_ms,
        send_delay_ms: spread(&tally.send_delay),
    }
}

fn slow_viewers(args: &CrowdArgs, tally: &Tally, marks: &Marks) -> SlowViewers {
    SlowViewers {
        slow: args.slow + args.drip,
        slow_gone_s: marks.slow_gone.map(|gone| gone.as_secs_f64()),
        slow_ended_ms: spread(&tally.slow_ended),
    }
}

fn server(marks: &Marks, joins: u64) -> Option<ServerFigures> {
    let (before, joined) = (marks.before?, marks.joined?);
    let (settled, left) = (marks.settled?, marks.left?);
    let cpu_s = settled.cpu_s - joined.cpu_s;
    // Where nothing was written, the later look is the better one: what joining took has been given back by then.
    let idle = if marks.deliveries > 0 { joined } else { settled };
    let grown = idle.rss_bytes as f64 - before.rss_bytes as f64;
    let mb = |sample: Sample| sample.rss_bytes as f64 / 1e6;
    Some(ServerFigures {
        cpu_s,
        cores: cpu_s / marks.lasted.as_secs_f64(),
        cpu_us_per_delivery: marks.us_per_delivery(cpu_s),
        rss_before_mb: mb(before),
        rss_joined_mb: mb(joined),
        rss_settled_mb: mb(settled),
        rss_left_mb: mb(left),
        kb_per_connection: (joins > 0).then(|| grown / 1e3 / joins as f64),
        descriptors_joined: joined.descriptors,
        descriptors_settled: settled.descriptors,
        descriptors_left: left.descriptors,
    })
}
