//! One of something that goes on, counted until it is over, whichever way it ends.
//! It must not know what it is.

use prometheus_client::metrics::gauge::Gauge;

/// Counts one in a gauge, until it is dropped.
pub(crate) struct Counted(Gauge);

impl Counted {
    /// One more of what this gauge counts.
    pub(crate) fn one(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
