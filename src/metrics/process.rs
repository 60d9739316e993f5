//! What the kernel says about this process, under the names that all of Prometheus' clients use.
//! It must not know what the process does.

use crate::domain::Millis;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};
use rustix::{
    param::page_size,
    time::{ClockId, clock_gettime},
};
use std::{fmt, fs};

/// Asked anew at each scrape.
#[derive(Debug)]
pub(super) struct Process {
    started_at_s: f64,
}

impl Process {
    /// This process, taken to have started now: metrics are among the first things that a server makes.
    pub(super) fn this() -> Self {
        Self { started_at_s: Millis::by_the_system().0 as f64 / 1e3 }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut gauge = |name, help, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge(
            "process_start_time_seconds",
            "When it was started, in seconds since 1970.",
            self.started_at_s,
        )?;
        if let Some(Memory { virtual_bytes, resident_bytes }) = memory() {
            gauge("process_virtual_memory_bytes", "Memory that it has asked for.", virtual_bytes as f64)?;
            gauge("process_resident_memory_bytes", "Memory that it occupies.", resident_bytes as f64)?;
        }
        let cpu = ConstCounter::new(cpu_seconds());
        let help = "User and system time of all its threads.";
        cpu.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, cpu.metric_type())?)
    }
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

struct Memory {
    virtual_bytes: u64,
    resident_bytes: u64,
}

/// None where the system does not say.
fn memory() -> Option<Memory> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let mut sizes =
        pages.split_ascii_whitespace().map(|pages| Some(pages.parse::<u64>().ok()? * page_size() as u64));
    Some(Memory { virtual_bytes: sizes.next()??, resident_bytes: sizes.next()?? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_time_and_memory() {
        assert!(cpu_seconds() > 0.0);
        if cfg!(target_os = "linux") {
            let memory = memory().unwrap();
            assert!(memory.resident_bytes > 1_000_000);
            assert!(memory.virtual_bytes >= memory.resident_bytes);
        }
        assert!(Process::this().started_at_s > 1.7e9);
    }
}
