//! The metrics, as the tool of Prometheus judges them.

use crate::need;
use libtest_mimic::Trial;
use livehouse::internals::{Exposition, Metrics, Route, status_class};
use std::{
    io::Write,
    process::{Command, Stdio},
};

pub fn tests() -> Vec<Trial> {
    need::tests![[Promtool]: promtool_has_no_complaint]
}

async fn promtool_has_no_complaint() {
    let metrics = Metrics::new();
    metrics.http_requests.of(status_class(200)).inc();
    metrics.http_request_seconds.observe(&Route { method: "GET", route: "/s/{id}".into() }, 0.1);
    metrics.limit_hits.of("BODY_BYTES").inc();
    metrics.comments_refused.of("too_fast").inc();
    metrics.ws_closes.of(4401).inc();
    metrics.logins.of("ok").inc();
    let program = need::Need::Promtool.found().expect("it was there a moment ago");
    let promtool =
        Command::new(program).args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut promtool = promtool.expect("it starts");
    let text = metrics.encode(Exposition::Prometheus);
    promtool.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it reads");
    let output = promtool.wait_with_output().expect("it ends");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.trim().is_empty(), "{complaints}");
}
