//! The run second by second, for the plots. It must not know how it is drawn.

use crate::crowd::{
    process::Sample,
    tally::{Tally, histogram},
};
use hdrhistogram::Histogram;
use serde::Serialize;

/// One second of a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Second {
    /// Seconds since the crowd began to come in.
    pub at_s: f64,
    pub deliveries_per_s: f64,
    /// None where nothing was received in this second.
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub joined: u64,
    /// Cores in use by the server, where its process is known.
    pub server_cores: Option<f64>,
    pub server_rss_mb: Option<f64>,
}

/// Gathers ticks into seconds.
pub(crate) struct Series {
    pub seconds: Vec<Second>,
    latency: Histogram<u64>,
    deliveries: u64,
    joined: u64,
    since_s: f64,
    cpu_s: Option<f64>,
}

impl Series {
    pub(crate) fn new() -> Self {
        Self {
            seconds: Vec::new(),
            latency: histogram(),
            deliveries: 0,
            joined: 0,
            since_s: 0.0,
            cpu_s: None,
        }
    }

    pub(crate) fn take(&mut self, tick: &Tally) {
        self.deliveries += tick.deliveries;
        self.joined += tick.joins;
        if !tick.latency.is_empty() {
            self.latency.add(&tick.latency).expect("histograms of equal bounds");
        }
    }

    fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        let some = !self.latency.is_empty();
        some.then(|| self.latency.value_at_quantile(quantile) as f64 / 1e3)
    }

    /// Closes the current second at `at_s`.
    pub(crate) fn close(&mut self, at_s: f64, server: Option<Sample>) {
        let lasted_s = (at_s - self.since_s).max(0.001);
        let cores = server.and_then(|sample| Some((sample.cpu_s - self.cpu_s?) / lasted_s));
        self.seconds.push(Second {
            at_s,
            deliveries_per_s: self.deliveries as f64 / lasted_s,
            p50_ms: self.quantile_ms(0.5),
            p99_ms: self.quantile_ms(0.99),
            joined: self.joined,
            server_cores: cores,
            server_rss_mb: server.map(|sample| sample.rss_bytes as f64 / 1e6),
        });
        self.latency.reset();
        self.deliveries = 0;
        self.since_s = at_s;
        self.cpu_s = server.map(|sample| sample.cpu_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_without_deliveries_has_no_latency() {
        let mut series = Series::new();
        let mut tick = Tally { deliveries: 1, ..Tally::default() };
        tick.latency.record(5_000).unwrap();
        series.take(&tick);
        series.close(1.0, None);
        series.close(2.0, None);
        let told: Vec<_> =
            series.seconds.iter().map(|second| (second.p50_ms.is_some(), second.deliveries_per_s)).collect();
        assert_eq!(told, [(true, 1.0), (false, 0.0)]);
    }
}
