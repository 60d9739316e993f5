//! The figures for people: a table for the terminal, a page for the archive. It must not know where they come from.

mod checks;
mod far;
pub(super) mod figures;
pub(super) mod limits;
pub(super) mod progress;
pub(super) mod series;
mod spread;
pub(super) mod svg;

use self::{
    figures::{Figures, SlowViewers},
    series::Second,
    spread::Spread,
    svg::{Line, Plot, escape},
};
use super::{client::reactions::Reactions, tally::Counts};
use std::fmt::Write;

const STYLE: &str = ":root{color-scheme:light dark;--ink:#1b1d22;--paper:#fff;--rule:#0002;--a:#0b62d6;--b:#c2410c}\
@media(prefers-color-scheme:dark){:root{--ink:#e8e8ea;--paper:#16171b;--rule:#fff3;--a:#7ab8ff;--b:#ffa066}}\
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:760px;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--rule);\
vertical-align:top;font-variant-numeric:tabular-nums}th{font-weight:500;width:34%}figure{margin:2rem 0}figcaption{font-weight:600}\
svg{width:100%;height:auto}svg text{font-size:12px;fill:var(--ink)}.rule{stroke:var(--rule);fill:none}\
.line{fill:none;stroke-width:2;stroke-linecap:round}.l0{stroke:var(--a)}.l1{stroke:var(--b);stroke-dasharray:6 3}\
.k0{color:var(--a)}.k1{color:var(--b)}.bad{color:#c2410c;font-weight:600}";

/// The rows that both show: a name and what to say about it.
fn rows(figures: &Figures) -> Vec<(&'static str, String)> {
    let (setup, joining) = (&figures.setup, &figures.joining);
    let mut rows = vec![
        ("server", setup.url.clone()),
        (
            "crowd",
            format!("{} viewers, {} commenters, {} threads", setup.viewers, setup.commenters, setup.threads),
        ),
        ("asked for", format!("{} comments/s for {} s", setup.rate, setup.for_s)),
        ("invariants", verdict(figures)),
        ("joined", format!("{} of {}, {} came back", joining.joins, setup.sockets, joining.rejoins)),
        ("join to snapshot", spread(&figures.times.join_ms)),
    ];
    rows.extend(counts("joins failed", &joining.join_failures));
    rows.extend(counts("ended by server", &joining.ended));
    rows.extend(counts("comments refused", &figures.writing.refused));
    for met in &figures.limits_met {
        rows.push(("limit met", format!("{} ({}), {} times", met.limit, met.code, met.times)));
    }
    if figures.writing.posted > 0 {
        rows.extend(writing(figures));
    }
    rows.extend(figures.writing.reactions.as_ref().map(reactions));
    rows.extend(slow(&figures.slow_viewers));
    rows.push(("crowd's own CPU", cpu(figures.own_cpu_s, figures.own_cpu_us_per_delivery)));
    rows.extend(server(figures));
    rows.extend(figures.fell_short.clone().map(|reason| ("fell short", reason)));
    rows
}

fn counts(name: &'static str, counts: &Counts) -> Option<(&'static str, String)> {
    let each = counts.iter().map(|(code, n)| format!("{code}: {n}")).collect::<Vec<_>>();
    (!each.is_empty()).then(|| (name, each.join(", ")))
}

fn reactions(reactions: &Reactions) -> (&'static str, String) {
    let Reactions { sent, counted, refused, grown, pulses_per_s_max } = reactions;
    let answers = format!("{sent} sent, {counted} counted, {refused} refused; the totals grew by {grown}");
    ("reactions", format!("{answers}; at most {pulses_per_s_max:.2} pulses/s a viewer"))
}

fn slow(viewers: &SlowViewers) -> Option<(&'static str, String)> {
    let gone = match viewers.slow_gone_s {
        Some(seconds) => format!("all gone from the room after {seconds:.1} s"),
        None => "never all gone from the room".to_owned(),
    };
    let (noticed, of) = (viewers.slow_ended_ms.count, viewers.slow);
    (of > 0).then(|| ("slow viewers", format!("{gone}; {noticed} of {of} noticed it")))
}

fn writing(figures: &Figures) -> Vec<(&'static str, String)> {
    let (written, received, times) = (&figures.writing, &figures.receiving, &figures.times);
    let unanswered = match written.unanswered {
        0 => String::new(),
        some => format!(", {some} without an answer"),
    };
    let mut rows = vec![
        (
            "comments",
            format!(
                "{} sent, {} acked ({:.0}/s), {} held{unanswered}",
                written.posted, written.acked, written.acks_per_s, written.held
            ),
        ),
        ("intended to ack", spread(&times.ack_ms)),
        (
            "deliveries",
            format!(
                "{} in {:.1} s, {:.0}/s, {:.0} bytes each",
                received.deliveries, received.lasted_s, received.deliveries_per_s, received.event_bytes
            ),
        ),
        ("intended to receipt", spread(&times.latency_ms)),
        ("lagged", format!("{} frames announced {} events", received.lagged, received.missed)),
        ("sent late by crowd", spread(&times.send_delay_ms)),
    ];
    rows.extend(times.far_ms.as_ref().map(|far| ("ack to another node", spread(far))));
    rows
}

fn server(figures: &Figures) -> Vec<(&'static str, String)> {
    let Some(server) = &figures.server else { return Vec::new() };
    let per_connection =
        server.kb_per_connection.map_or_else(String::new, |kb| format!("; {kb:.1} kB a connection"));
    vec![
        (
            "server's CPU",
            format!("{}, {:.2} cores", cpu(server.cpu_s, server.cpu_us_per_delivery), server.cores),
        ),
        (
            "server's memory",
            format!(
                "{:.1} MB before, {:.1} joined, {:.1} after comments, {:.1} when left{per_connection}",
                server.rss_before_mb, server.rss_joined_mb, server.rss_settled_mb, server.rss_left_mb
            ),
        ),
        (
            "server's files",
            format!(
                "{} joined, {} after comments, {} when left",
                server.descriptors_joined, server.descriptors_settled, server.descriptors_left
            ),
        ),
    ]
}

fn verdict(figures: &Figures) -> String {
    if figures.breaches == 0 {
        return "every event once, in order, no hole unannounced".into();
    }
    format!("BROKEN {} times: {}", figures.breaches, figures.breaches_told.join("; "))
}

fn cpu(seconds: f64, each_us: Option<f64>) -> String {
    match each_us {
        Some(each_us) => format!("{seconds:.2} s, {each_us:.3} µs a delivery"),
        None => format!("{seconds:.2} s"),
    }
}

fn spread(spread: &Spread) -> String {
    if spread.count == 0 {
        return "-".into();
    }
    let Spread { p50, p90, p99, p999, max, .. } = spread;
    format!("p50 {p50:.1} ms, p90 {p90:.1}, p99 {p99:.1}, p99.9 {p999:.1}, max {max:.1}")
}

/// For the terminal.
pub(super) fn table(figures: &Figures) -> String {
    rows(figures).into_iter().fold(String::new(), |mut table, (name, words)| {
        let _ = writeln!(table, "{name:<20} {words}");
        table
    })
}

/// One HTML page that needs nothing else.
pub(super) fn page(figures: &Figures) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>A crowd at {}</title><style>{STYLE}</style>\n<h1>A crowd at {}</h1>\n<table>\n",
        escape(&figures.setup.url),
        escape(&figures.setup.url)
    );
    for (name, words) in rows(figures) {
        let class = if words.starts_with("BROKEN") { " class=\"bad\"" } else { "" };
        let _ = writeln!(page, "<tr><th scope=\"row\">{name}</th><td{class}>{}</td></tr>", escape(&words));
    }
    page.push_str("</table>\n");
    plots(figures).iter().for_each(|plot| page.push_str(&plot.draw()));
    page + "</html>\n"
}

fn plots(figures: &Figures) -> Vec<Plot<'static>> {
    let over_time = |title, y_name, lines| Plot { title, x_name: "s", y_name, x_log: false, lines };
    let line = |name, value: fn(&Second) -> Option<f64>| Line {
        name,
        points: figures
            .seconds
            .iter()
            .map(|second| (second.at_s, value(second).unwrap_or(f64::NAN)))
            .collect(),
    };
    let curve = Line { name: "latency", points: figures.curve.clone() };
    vec![
        Plot {
            title: "Intended sending to receipt, by percentile",
            x_name: "%",
            y_name: "ms",
            x_log: true,
            lines: vec![curve],
        },
        over_time(
            "Intended sending to receipt, over time",
            "ms",
            vec![line("p50", |second| second.p50_ms), line("p99", |second| second.p99_ms)],
        ),
        over_time(
            "Deliveries a second",
            "",
            vec![line("deliveries", |second| Some(second.deliveries_per_s))],
        ),
        over_time("Sockets in the room", "", vec![line("sockets", |second| Some(second.joined as f64))]),
        over_time("The server's CPU", "cores", vec![line("cores", |second| second.server_cores)]),
        over_time("The server's memory", "MB", vec![line("memory", |second| second.server_rss_mb)]),
    ]
}
