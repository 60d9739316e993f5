//! What a run comes to: figures with names, as they are printed as JSON. It must not know how they are shown.

use super::{
    limits,
    series::{Second, Series},
};
use crate::crowd::{
    args::CrowdArgs,
    client::reactions::Reactions,
    process::Sample,
    tally::{Counts, Tally},
};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
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

/// Times in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Spread {
    pub count: u64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

/// The server's process, as the kernel saw it.
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

/// The whole result.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub url: String,
    pub sockets: usize,
    pub viewers: usize,
    pub commenters: usize,
    pub rate: f64,
    pub for_s: f64,
    pub threads: usize,
    pub breaches: u64,
    pub breaches_told: Vec<String>,
    /// Why this is not the run that was asked for.
    pub fell_short: Option<String>,
    pub limits_met: Vec<LimitMet>,
    pub joins: u64,
    pub rejoins: u64,
    pub resumes_refused: u64,
    pub join_failures: Counts,
    pub ended: Counts,
    pub posted: u64,
    pub acked: u64,
    pub acks_per_s: f64,
    pub held: u64,
    /// Where any were sent.
    pub reactions: Option<Reactions>,
    pub refused: Counts,
    pub unanswered: u64,
    pub deliveries: u64,
    pub deliveries_per_s: f64,
    pub lasted_s: f64,
    pub event_bytes: f64,
    pub bytes: u64,
    pub lagged: u64,
    pub missed: u64,
    pub viewers_seen: Option<u64>,
    pub latency_ms: Spread,
    pub ack_ms: Spread,
    pub join_ms: Spread,
    pub send_delay_ms: Spread,
    pub slow: usize,
    /// From the first comment until the room's pulse no longer counted them, in seconds.
    pub slow_gone_s: Option<f64>,
    /// Until they noticed it themselves, which those that read nothing mostly cannot.
    pub slow_ended_ms: Spread,
    pub own_cpu_s: f64,
    pub own_cpu_us_per_delivery: Option<f64>,
    pub server: Option<ServerFigures>,
    pub seconds: Vec<Second>,
    /// Latency at rising quantiles, for the plot: (1 / (1 - quantile), milliseconds).
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
        check_answers(&mut tally);
        let lasted_s = marks.lasted.as_secs_f64();
        let each = |cpu_s: f64| (marks.deliveries > 0).then(|| cpu_s * 1e6 / marks.deliveries as f64);
        let own_cpu_s = marks.own_settled.cpu_s - marks.own_joined.cpu_s;
        let unanswered = if args.peer.is_some() { 0 } else { tally.posted.saturating_sub(tally.answered()) };
        if unanswered > 0 && tally.ended.is_empty() {
            tally.breach(format!("{unanswered} comments were never answered"));
        }
        let reactions = Reactions::draw(&mut tally, marks.reactions);
        let told = |(limit, code, times)| LimitMet { limit, code, times };
        let limits_met = limits::met(&tally).into_iter().map(told).collect();
        Self {
            url: args.url.clone(),
            sockets: args.viewers + args.commenters,
            viewers: args.viewers,
            commenters: args.commenters,
            rate: args.rate,
            for_s: args.length.as_secs_f64(),
            threads,
            fell_short: fell_short(args, &tally),
            limits_met,
            joins: tally.joins,
            rejoins: tally.rejoins,
            resumes_refused: tally.resumes_refused,
            posted: tally.posted,
            acked: tally.acked,
            acks_per_s: tally.acked as f64 / lasted_s.max(args.length.as_secs_f64()),
            held: tally.held,
            reactions,
            unanswered,
            deliveries: marks.deliveries,
            deliveries_per_s: marks.deliveries as f64 / lasted_s,
            lasted_s,
            event_bytes: tally.delivered_bytes as f64 / tally.deliveries.max(1) as f64,
            bytes: tally.bytes,
            lagged: tally.lagged,
            missed: tally.missed,
            viewers_seen: marks.viewers,
            latency_ms: spread(&tally.latency),
            ack_ms: spread(&tally.ack_latency),
            join_ms: spread(&tally.join_latency),
            send_delay_ms: spread(&tally.send_delay),
            slow: args.slow + args.drip,
            slow_gone_s: marks.slow_gone.map(|gone| gone.as_secs_f64()),
            slow_ended_ms: spread(&tally.slow_ended),
            own_cpu_s,
            own_cpu_us_per_delivery: each(own_cpu_s),
            server: server(&marks, tally.joins, lasted_s, each),
            seconds: series.seconds,
            curve: curve(&tally.latency),
            breaches: tally.breaches,
            breaches_told: tally.breaches_told,
            join_failures: tally.join_failures,
            ended: tally.ended,
            refused: tally.refused,
        }
    }
}

/// Every acknowledged comment is in the log where its ack said.
fn check_answers(tally: &mut Tally) {
    let sightings: BTreeMap<u64, u64> = tally.sightings.iter().copied().collect();
    let thinned = tally.lagged > 0;
    for (number, seq) in std::mem::take(&mut tally.acks) {
        match sightings.get(&number) {
            Some(&seen) if seen == seq => {}
            Some(seen) => {
                tally.breach(format!("comment {number} was acked as event {seq} and seen as {seen}"))
            }
            None if thinned || tally.resumes_refused > 0 => {}
            None => tally.breach(format!("comment {number} was acked as event {seq} and never seen")),
        }
    }
}

fn fell_short(args: &CrowdArgs, tally: &Tally) -> Option<String> {
    let asked = (args.viewers + args.commenters) as u64;
    if tally.joins < asked {
        return Some(format!("{} of {asked} sockets came in; see join_failures and limits_met", tally.joins));
    }
    if args.writes() && args.peer.is_none() && tally.acked == 0 {
        return Some("not one comment was accepted; see refused and limits_met".into());
    }
    if args.reacts() && tally.reactions_counted == 0 {
        return Some("not one reaction was counted; see reactions and limits_met".into());
    }
    None
}

fn server(
    marks: &Marks,
    joins: u64,
    lasted_s: f64,
    each: impl Fn(f64) -> Option<f64>,
) -> Option<ServerFigures> {
    let (before, joined) = (marks.before?, marks.joined?);
    let (settled, left) = (marks.settled?, marks.left?);
    let cpu_s = settled.cpu_s - joined.cpu_s;
    // Where nothing was written, the later look is the better one: what joining took has been given back by then.
    let idle = if marks.deliveries > 0 { joined } else { settled };
    let grown = idle.rss_bytes as f64 - before.rss_bytes as f64;
    let mb = |sample: Sample| sample.rss_bytes as f64 / 1e6;
    Some(ServerFigures {
        cpu_s,
        cores: cpu_s / lasted_s,
        cpu_us_per_delivery: each(cpu_s),
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

fn spread(histogram: &Histogram<u64>) -> Spread {
    let at = |quantile| {
        if histogram.is_empty() { 0.0 } else { histogram.value_at_quantile(quantile) as f64 / 1e3 }
    };
    Spread {
        count: histogram.len(),
        mean: histogram.mean() / 1e3,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: histogram.max() as f64 / 1e3,
    }
}

fn curve(histogram: &Histogram<u64>) -> Vec<(f64, f64)> {
    let most = (histogram.len() as f64).min(1e5);
    let tails = std::iter::successors(Some(1.0), |tail| Some(tail * 1.25)).take_while(|&tail| tail <= most);
    tails.map(|tail| (tail, histogram.value_at_quantile(1.0 - 1.0 / tail) as f64 / 1e3)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_that_names_another_place_in_the_log_is_a_breach() {
        let mut tally =
            Tally { acks: vec![(0, 5), (1, 6)], sightings: vec![(0, 5), (1, 7)], ..Tally::default() };
        check_answers(&mut tally);
        assert_eq!(tally.breaches_told, ["comment 1 was acked as event 6 and seen as 7"]);
    }

    #[test]
    fn an_acked_comment_that_nobody_saw_is_a_breach_unless_thinned() {
        let mut tally = Tally { acks: vec![(0, 5)], ..Tally::default() };
        check_answers(&mut tally);
        assert_eq!(tally.breaches, 1);
        let mut thinned = Tally { acks: vec![(0, 5)], lagged: 1, ..Tally::default() };
        check_answers(&mut thinned);
        assert_eq!(thinned.breaches, 0);
    }

    #[test]
    fn a_spread_is_in_milliseconds() {
        let mut latency = crate::crowd::tally::histogram();
        (1..=100).for_each(|ms| latency.record(ms * 1000).unwrap());
        let spread = spread(&latency);
        assert_eq!(spread.count, 100);
        assert!((spread.p50 - 50.0).abs() < 0.1 && (spread.p99 - 99.0).abs() < 0.1, "{spread:?}");
        assert!(curve(&latency).windows(2).all(|pair| pair[0].1 <= pair[1].1));
    }
}
