//! Who is in the demonstration, what is on, and what is said: read from `cast.json`, which belongs to the program.
//! It must not know a server.

use serde::Deserialize;
use serde_json::Value;

const CAST: &str = include_str!("cast.json");

/// Everybody, and everything that is on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cast {
    pub people: Vec<Person>,
    pub streams: Vec<Programme>,
}

/// An account to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub username: String,
    pub display_name: String,
    pub bio: Option<String>,
    /// Hosts speak in their own rooms alone.
    #[serde(default)]
    pub is_host: bool,
}

/// A stream to be.
#[derive(Deserialize)]
pub(super) struct Programme {
    /// The username of whoever hosts it.
    pub host: String,
    pub title: String,
    pub description: String,
    pub tags: Vec<String>,
    #[serde(flatten)]
    pub state: State,
}

/// How far a stream has come.
#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(super) enum State {
    /// On air, with people who talk.
    Live(Show),
    /// To come, in so many seconds.
    Scheduled { in_s: i64 },
    /// Over, with what was said.
    Ended { lines: Vec<String> },
}

/// What goes on in a stream that is on air.
#[derive(Clone, Deserialize)]
pub(super) struct Show {
    /// Its share of the viewers, beside those of the others.
    pub weight: usize,
    /// The mean time between two comments.
    pub pause_ms: u64,
    pub announcement: String,
    /// The body of a poll, without its duration.
    pub poll: Option<Value>,
    pub questions: Vec<String>,
    pub lines: Vec<String>,
}

impl Cast {
    /// The one that the program has.
    pub(super) fn of_program() -> Self {
        serde_json::from_str(CAST).expect("a test reads the cast")
    }

    /// Those who go from room to room and talk.
    pub(super) fn guests(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|person| !person.is_host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_host_and_what_is_on_has_enough_to_say() {
        let cast = Cast::of_program();
        for programme in &cast.streams {
            let host = cast.people.iter().find(|person| person.username == programme.host);
            assert!(host.is_some_and(|host| host.is_host), "{}", programme.host);
            if let State::Live(show) = &programme.state {
                assert!(show.weight > 0 && show.pause_ms > 0 && show.lines.len() > 10, "{}", programme.title);
            }
        }
        assert!(cast.guests().count() > 10);
    }
}
