//! What the kernel says about a process: CPU time, memory, descriptors. It must not know what the process does.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;

/// One look at a process.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sample {
    /// User and system time of all its threads, in seconds.
    pub cpu_s: f64,
    /// Resident memory, in bytes.
    pub rss_bytes: u64,
    pub descriptors: u64,
}

/// Looks at process `pid`; none where it is gone or not ours to see.
pub(super) fn sample(pid: u32) -> Option<Sample> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, |entries| entries.count() as u64);
    let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
    Some(Sample {
        cpu_s: cpu_ticks(&stat)? as f64 / ticks_per_second,
        rss_bytes: rss_bytes(&status)?,
        descriptors,
    })
}

/// All of them together; none where one is gone or not ours to see.
pub(super) fn sample_all(pids: &[u32]) -> Option<Sample> {
    pids.iter().try_fold(Sample::default(), |sum, &pid| {
        let one = sample(pid)?;
        Some(Sample {
            cpu_s: sum.cpu_s + one.cpu_s,
            rss_bytes: sum.rss_bytes + one.rss_bytes,
            descriptors: sum.descriptors + one.descriptors,
        })
    })
}

/// The fields 14 and 15 of `/proc/PID/stat`; the second field may hold spaces and brackets.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

fn rss_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Raises the number of files this process may open to at least `wanted`, or says how to.
pub(super) fn allow_descriptors(wanted: u64) -> Result<(), String> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if maximum.is_some_and(|maximum| maximum < wanted) {
        let maximum = maximum.unwrap_or_default();
        return Err(format!(
            "{wanted} open files are needed and this process may have {maximum}: raise the limit (`ulimit -Hn {wanted}` \
             as root), or run several crowds in one room with --stream"
        ));
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
        .map_err(|error| format!("{wanted} open files: {error}; try `ulimit -n {wanted}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0";
        assert_eq!(cpu_ticks(stat), Some(300));
    }

    #[test]
    fn memory_is_in_bytes() {
        assert_eq!(rss_bytes("Name:\tx\nVmRSS:\t   12 kB\n"), Some(12 * 1024));
    }

    #[test]
    fn this_process_can_be_seen_and_one_that_is_not_cannot() {
        let own = sample(std::process::id()).unwrap();
        assert!(own.rss_bytes > 0 && own.descriptors > 0, "{own:?}");
        assert_eq!(sample(u32::MAX), None);
    }

    #[test]
    fn a_limit_that_cannot_be_had_is_explained() {
        assert_eq!(allow_descriptors(1), Ok(()));
        if getrlimit(Resource::Nofile).maximum.is_some() {
            assert!(allow_descriptors(u64::MAX - 1).unwrap_err().contains("ulimit"));
        }
    }
}
