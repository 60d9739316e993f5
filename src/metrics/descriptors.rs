//! File descriptors of this process: as many as the system allows, and how many are open.
//! It must not know what they are of.

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{fmt, fs};

/// Lets this process open as many as it may: service managers start programs with 1,024.
pub(crate) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        log::warn!("no more than {current:?} file descriptors can be open: {error}");
    }
}

/// How many may be open; none where there is no limit.
pub(crate) fn max() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// How many are open; none where the system does not tell.
pub(crate) fn open() -> Option<u64> {
    fs::read_dir("/proc/self/fd").ok().map(|found| found.count() as u64)
}

/// The two as metrics, under the names that all programs have for them.
#[derive(Debug)]
pub(super) struct Descriptors;

impl Collector for Descriptors {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        for (name, help, value) in [
            ("process_open_fds", "File descriptors that are open.", open()),
            ("process_max_fds", "File descriptors that may be open.", max()),
        ] {
            let Some(value) = value else { continue };
            let gauge = ConstGauge::new(value.min(i64::MAX as u64) as i64);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
