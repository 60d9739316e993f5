//! How a time was spread over all that took it. It must not know what took it.

use hdrhistogram::Histogram;
use serde::Serialize;

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

/// The spread of what was recorded in microseconds.
pub(super) fn spread(histogram: &Histogram<u64>) -> Spread {
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

/// The same at rising quantiles, for a plot: (1 / (1 - quantile), milliseconds).
pub(super) fn curve(histogram: &Histogram<u64>) -> Vec<(f64, f64)> {
    let most = (histogram.len() as f64).min(1e5);
    let tails = std::iter::successors(Some(1.0), |tail| Some(tail * 1.25)).take_while(|&tail| tail <= most);
    tails.map(|tail| (tail, histogram.value_at_quantile(1.0 - 1.0 / tail) as f64 / 1e3)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
