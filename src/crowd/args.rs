//! The command line of `livehouse crowd`. It must not know what becomes of it.

use super::{client::cache::MOST_NODES, net::target::Dialect};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A crowd of viewers and commenters against any running Livehouse server: it measures, and checks while it counts
/// that every viewer gets every event once, in order, with no hole that was not announced.
///
/// Exit code 0: all held; 1: an invariant broke; 2: it could not run as asked.
#[derive(Debug, Clone, clap::Args)]
pub struct CrowdArgs {
    /// Which server to test; several are the nodes of one house, and sockets go to them in turn
    #[arg(long = "url", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// Viewers, each with a socket of its own.
    #[arg(long, default_value_t = 100)]
    pub(crate) viewers: usize,
    /// Sockets that write, each with an account of its own; they hear everything too.
    #[arg(long, default_value_t = 10)]
    pub(crate) commenters: usize,
    /// Comments a second, all commenters together, at intended times: a late server does not slow them down.
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    pub(crate) rate: f64,
    /// Reactions a second, all commenters together; totals must come out exact.
    #[arg(long, default_value_t = 0.0, value_parser = rate)]
    pub(crate) reactions: f64,
    /// How long comments are written: `30s`, `500ms`, `2m`.
    #[arg(long = "for", default_value = "10s", value_parser = duration, value_name = "TIME")]
    pub(crate) length: Duration,
    /// Time over which the crowd comes in [default: a second for each 1,000 sockets].
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) ramp: Option<Duration>,
    /// Puts 50 comments into the room first, so that each join has a full snapshot to fetch.
    #[arg(long)]
    pub(crate) join_storm: bool,
    /// Time to wait after the crowd has left, before the server's memory is looked at again.
    #[arg(long, default_value = "0s", value_parser = duration, value_name = "TIME")]
    pub(crate) linger: Duration,
    /// Of the viewers: how many stop reading once comments are written.
    #[arg(long, default_value_t = 0)]
    pub(crate) slow: usize,
    /// Of the viewers: how many read a few bytes at a time from then on.
    #[arg(long, default_value_t = 0)]
    pub(crate) drip: usize,
    /// How fast those read, in kilobits a second.
    #[arg(long, default_value_t = 5.0, value_parser = kilobits, value_name = "KBITS")]
    pub(crate) drip_kbits: f64,
    /// Share of the viewers that drops and resumes each second, 0 to 1.
    #[arg(long, default_value_t = 0.0, value_parser = share, value_name = "SHARE")]
    pub(crate) churn: f64,
    /// Length of a comment, in bytes.
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u16).range(50..=4000))]
    pub(crate) content_bytes: u16,
    /// Process id of the server on this machine: its CPU time and memory are then reported; of several, together.
    #[arg(long = "server-pid", value_name = "PID")]
    pub(crate) server_pids: Vec<u32>,
    /// How many addresses to come from, 127.0.0.2 and on; one has about 28,000 ports.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) source_addresses: u16,
    /// Goes to this stream instead of making one.
    #[arg(long, value_name = "ID")]
    pub(crate) stream: Option<String>,
    /// An access token: every socket uses it, and no account is registered.
    #[arg(long)]
    pub(crate) token: Option<String>,
    /// What the names of registered accounts begin with.
    #[arg(long, default_value = "crowd")]
    pub(crate) username_prefix: String,
    /// Threads of the crowd [default: one a core].
    #[arg(long, value_parser = at_least_one)]
    pub(crate) threads: Option<usize>,
    /// Threads that read for all viewers by one epoll each and look at the lengths of frames alone: the cheapest client there is,
    /// where the server is to have the machine. What comes is counted, not checked; commenters check as always [default: 0, each
    /// viewer reads and checks].
    #[arg(long, default_value_t = 0, value_name = "THREADS")]
    pub(crate) readers: usize,
    /// Sockets offer to take what rooms say compressed, as browsers do; bytes are then counted as they travel.
    #[arg(long)]
    pub(crate) deflate: bool,
    /// Prints JSON, and nothing else, to standard output.
    #[arg(long)]
    pub(crate) json: bool,
    /// Writes one self-contained HTML page with plots.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Speaks to another server than Livehouse, for comparison.
    #[arg(long, hide = true, value_enum)]
    pub(crate) peer: Option<Dialect>,
}

impl CrowdArgs {
    pub(crate) fn dialect(&self) -> Dialect {
        self.peer.unwrap_or(Dialect::Livehouse)
    }

    pub(crate) fn ramp(&self) -> Duration {
        let sockets = self.viewers + self.commenters;
        self.ramp.unwrap_or(Duration::from_millis(sockets as u64).max(Duration::from_secs(1)))
    }

    /// Whether these go together: what one of them alone cannot tell.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.viewers == 0 && self.commenters == 0 {
            return Err("--viewers and --commenters are both 0: there is no crowd".into());
        }
        if self.slow + self.drip > self.viewers {
            return Err("--slow and --drip are of the viewers: there are not so many".into());
        }
        if self.reactions > 0.0 && (self.commenters == 0 || self.dialect() != Dialect::Livehouse) {
            return Err("--reactions are of the commenters, to a Livehouse server".into());
        }
        if self.readers > 0 && (self.churn > 0.0 || self.dialect() == Dialect::Socketio) {
            return Err("--readers read what comes: no --churn, nor what must be answered".into());
        }
        if self.readers > 0 && self.urls.iter().any(|url| url.starts_with("https") || url.starts_with("wss"))
        {
            return Err("--readers read bare sockets: no TLS".into());
        }
        if self.readers > 0 && self.deflate {
            return Err("--readers look at lengths alone: no --deflate".into());
        }
        if self.urls.len() > MOST_NODES {
            return Err(format!("--url may be given {MOST_NODES} times"));
        }
        if self.urls.len() > 1 && self.dialect() != Dialect::Livehouse {
            return Err("--url can be several of a Livehouse server alone".into());
        }
        match &self.report {
            Some(file) => writable(file).map_err(|error| format!("--report {}: {error}", file.display())),
            None => Ok(()),
        }
    }

    /// Whether anything is to be written.
    pub(crate) fn writes(&self) -> bool {
        self.commenters > 0 && self.rate > 0.0
    }

    /// Whether anybody is to react.
    pub(crate) fn reacts(&self) -> bool {
        self.commenters > 0 && self.reactions > 0.0
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text} is not a time such as 30s, 500ms or 2m");
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let seconds_each = match &text[digits.len()..] {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        _ => return Err(wrong()),
    };
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds_each).map_err(|_| wrong())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| format!("{text} is not a whole number"))?;
    if number > 0 { Ok(number) } else { Err("1 or more".into()) }
}

/// Better known before the run than after it. What is there already stays as it is.
fn writable(file: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().create(true).append(true).open(file).map(drop)
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if (0.0..=1e6).contains(&rate) { Ok(rate) } else { Err("0 to 1000000 a second".into()) }
}

fn kilobits(text: &str) -> Result<f64, String> {
    let kilobits: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if (0.1..=5_000.0).contains(&kilobits) { Ok(kilobits) } else { Err("0.1 to 5000 kbit/s".into()) }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("a share is 0 to 1".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: CrowdArgs,
    }

    fn parse(line: &str) -> Result<CrowdArgs, clap::Error> {
        Line::try_parse_from(line.split(' ')).map(|line| line.args)
    }

    #[test]
    fn the_line_of_the_manual_is_understood() {
        let args =
            parse("crowd --url http://127.0.0.1:8080 --viewers 5000 --commenters 50 --rate 200 --for 30s")
                .unwrap();
        assert_eq!((args.viewers, args.commenters, args.rate), (5000, 50, 200.0));
        assert_eq!((args.length, args.ramp()), (Duration::from_secs(30), Duration::from_millis(5050)));
    }

    #[test]
    fn times_have_units_and_limits() {
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        for wrong in ["", "s", "-1s", "5h", "fast"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (wrong, named) in [
            ("--viewers 0 --commenters 0", "--commenters"),
            ("--viewers 1 --slow 1 --drip 1", "--slow"),
            ("--commenters 0 --reactions 1", "--reactions"),
            ("--readers 1 --churn 0.1", "--readers"),
            ("--readers 1 --url https://127.0.0.1:1", "--readers"),
            ("--peer raw --url http://127.0.0.1:1 --url http://127.0.0.1:2", "--url"),
            ("--report /no/such/folder/report.html", "/no/such/folder/report.html"),
        ] {
            let refused = parse(&format!("crowd {wrong}")).unwrap().check().expect_err(wrong);
            assert!(refused.contains(named), "{wrong}: {refused}");
        }
        assert_eq!(parse("crowd --viewers 0").unwrap().check(), Ok(()));
        let nodes = |count| parse(&format!("crowd{}", " --url http://127.0.0.1:1".repeat(count))).unwrap();
        assert_eq!(nodes(MOST_NODES).check(), Ok(()));
        assert!(nodes(MOST_NODES + 1).check().expect_err("one too many").contains("--url"));
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        for wrong in [
            "--churn 1.1",
            "--rate -1",
            "--rate nan",
            "--content-bytes 10",
            "--threads 0",
            "--source-addresses 0",
        ] {
            assert!(parse(&format!("crowd {wrong}")).is_err(), "{wrong}");
        }
    }
}
