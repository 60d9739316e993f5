//! Which of the server's limits stood in the way, told from its codes. It must not know how they were met.

use crate::crowd::tally::{Counts, Tally};
use std::fmt;

/// Why there was no run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CannotRun {
    /// A limit of the server.
    Limit {
        limit: &'static str,
        code: String,
        at: String,
    },
    Other(String),
}

impl fmt::Display for CannotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit { limit, code, at } => {
                write!(f, "met the limit {limit} ({code}) at {at}; start the server with --limits off")
            }
            Self::Other(why) => f.write_str(why),
        }
    }
}

/// The limit behind a refused REST call.
pub(crate) fn of_call(path: &str, status: u16, code: &str) -> Option<&'static str> {
    match (status, code) {
        (429, _) if path.ends_with("/users") => Some("REGISTRATIONS_PER_IP"),
        (429, _) if path.contains("/sessions") => Some("LOGINS_PER_IP"),
        (429, _) => of_comment(code),
        (413, _) => Some("BODY_BYTES"),
        (503, "overloaded") => Some("CONNECTIONS"),
        _ => None,
    }
}

fn of_comment(code: &str) -> Option<&'static str> {
    match code {
        "too_fast" | "rate_limited" => Some("COMMENTS_PER_USER"),
        "slow_mode" => Some("slow_mode_s of the stream"),
        "repeated" => Some("repeat_window_s of the stream"),
        "overloaded" => Some("what the server can take"),
        _ => None,
    }
}

fn of_join(name: &str) -> Option<&'static str> {
    match name.split(' ').next() {
        Some("429") => Some("CONNECTIONS_PER_IP"),
        Some("503") => Some("CONNECTIONS, or what the server can take"),
        _ => None,
    }
}

fn of_ending(name: &str) -> Option<&'static str> {
    match name {
        "4429" => Some("FRAMES_PER_CONNECTION"),
        "4409" => Some("CONNECTIONS_PER_USER"),
        "1009" => Some("FRAME_BYTES"),
        "1013" => Some("OUTBOX_BYTES"),
        _ => None,
    }
}

/// Every limit that a run met: its name, the code it was told by, how often.
pub(crate) fn met(tally: &Tally) -> Vec<(String, String, u64)> {
    let of = |counts: &Counts, judge: fn(&str) -> Option<&'static str>| {
        let met =
            counts.iter().filter_map(|(name, times)| Some((judge(name)?.to_owned(), name.clone(), *times)));
        met.collect::<Vec<_>>()
    };
    let mut met = of(&tally.join_failures, of_join);
    met.extend(of(&tally.refused, of_comment));
    met.extend(of(&tally.ended, of_ending));
    if tally.lagged > 0 {
        met.push(("ROOM_COMMENTS_PER_SECOND or OUTBOX_BYTES".into(), "lagged".into(), tally.lagged));
    }
    met
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crowd::tally::count;

    #[test]
    fn each_code_names_its_limit() {
        assert_eq!(of_call("/api/v1/users", 429, "rate_limited"), Some("REGISTRATIONS_PER_IP"));
        assert_eq!(of_call("/api/v1/streams/x/comments", 429, "too_fast"), Some("COMMENTS_PER_USER"));
        assert_eq!(of_call("/api/v1/users", 422, "invalid_field"), None);
    }

    #[test]
    fn what_was_met_is_told_with_how_often() {
        let mut tally = Tally { lagged: 3, ..Tally::default() };
        count(&mut tally.join_failures, "429 rate_limited");
        count(&mut tally.join_failures, "connection refused");
        count(&mut tally.refused, "banned");
        count(&mut tally.ended, "4429");
        let names: Vec<_> = met(&tally).into_iter().map(|(limit, _, times)| (limit, times)).collect();
        let expected = [
            ("CONNECTIONS_PER_IP".into(), 1),
            ("FRAMES_PER_CONNECTION".into(), 1),
            ("ROOM_COMMENTS_PER_SECOND or OUTBOX_BYTES".into(), 3),
        ];
        assert_eq!(names, expected);
    }
}
