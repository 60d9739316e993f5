//! A point in time, in milliseconds since 1970 (UTC), written as RFC 3339 with milliseconds.
//! The clock is read through [`Millis::now`] alone, and never in `room`'s pure modules.

pub(crate) mod clock;
pub(crate) mod now;

use super::invalid::Invalid;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    fmt,
    ops::{Add, Sub},
};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Millis(pub i64);

/// Between what a time may lie: what PostgreSQL, JavaScript, RFC 3339 and jiff all can hold, the latest being
/// 9999-12-30T22:00:00.000Z.
const EARLIEST_MS: i64 = 0;
const LATEST_MS: i64 = 253_402_207_200_000;

impl Millis {
    /// The server's own clock, which follows the system's without its steps: see [`super::time::clock`].
    pub fn now() -> Self {
        Self(super::time::clock::now_ms())
    }

    /// The system's clock, with its steps: for what others compare with clocks of their own, such as the log.
    pub fn by_the_system() -> Self {
        Self(super::time::clock::system_ms())
    }

    /// Milliseconds from `earlier` to this, 0 if `earlier` is later.
    pub fn since(self, earlier: Millis) -> i64 {
        (self.0 - earlier.0).max(0)
    }

    /// This point in time, `seconds` later.
    pub fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)).min(LATEST_MS))
    }
}

impl Add<i64> for Millis {
    type Output = Millis;
    fn add(self, ms: i64) -> Millis {
        Millis(self.0.saturating_add(ms))
    }
}

impl Sub<i64> for Millis {
    type Output = Millis;
    fn sub(self, ms: i64) -> Millis {
        Millis(self.0.saturating_sub(ms))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clamped = self.0.clamp(EARLIEST_MS, LATEST_MS);
        match jiff::Timestamp::from_millisecond(clamped) {
            Ok(timestamp) => write!(f, "{timestamp:.3}"),
            Err(_) => f.write_str("1970-01-01T00:00:00.000Z"),
        }
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        parse(&text).map_err(de::Error::custom)
    }
}

fn parse(text: &str) -> Result<Millis, Invalid> {
    let timestamp: jiff::Timestamp = text.parse().map_err(|_| refusal(text))?;
    match timestamp.as_millisecond() {
        ms @ EARLIEST_MS..=LATEST_MS => Ok(Millis(ms)),
        _ => Err(out_of_range()),
    }
}

/// A time that is one, but too late to be held, is told from what is none; so is a year of more than four digits.
fn refusal(text: &str) -> Invalid {
    let year = text.trim_start_matches(['+', '-']);
    let digits = year.bytes().take_while(u8::is_ascii_digit).count();
    let is_long_year = digits > 4 && year[digits..].starts_with('-');
    let is_time = jiff::fmt::temporal::Pieces::parse(text)
        .is_ok_and(|pieces| pieces.time().is_some() && pieces.offset().is_some());
    match is_long_year || is_time {
        true => out_of_range(),
        false => Invalid::malformed("not an RFC 3339 time"),
    }
}

fn out_of_range() -> Invalid {
    Invalid::out_of_range("a time from 1970-01-01 to 9999-12-30 is allowed")
}

impl utoipa::PartialSchema for Millis {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for Millis {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_milliseconds_in_utc() {
        assert_eq!(Millis(1_700_000_000_000).to_string(), "2023-11-14T22:13:20.000Z");
        assert_eq!(Millis(1_700_000_000_007).to_string(), "2023-11-14T22:13:20.007Z");
    }

    #[test]
    fn a_time_of_another_zone_is_read_as_utc_and_nonsense_is_refused() {
        let read = |text: &str| serde_json::from_value::<Millis>(serde_json::json!(text));
        assert_eq!(read("2023-11-15T00:13:20+02:00").unwrap(), Millis(1_700_000_000_000));
        let refused = |text: &str| Invalid::in_message(&read(text).unwrap_err().to_string()).unwrap().code;
        for text in ["yesterday", "", "2023-11-15", "2023-11-15T00:13:20", "2023-13-15T00:13:20Z", "12345"] {
            assert_eq!(refused(text), "malformed", "{text}");
        }
        for text in [
            "1969-12-31T23:59:59Z",
            "-009999-01-01T00:00:00Z",
            "9999-12-31T00:00:00Z",
            "9999-12-31T23:59:59.999Z",
            "9999-12-30T22:00:01Z",
            "10000-01-01T00:00:00Z",
            "+12026-01-01T00:00:00Z",
        ] {
            assert_eq!(refused(text), "out_of_range", "{text}");
        }
        assert_eq!(read("9999-12-30T22:00:00.000Z").unwrap(), Millis(LATEST_MS));
    }

    #[test]
    fn the_latest_time_is_written_as_it_is() {
        assert_eq!(Millis(0).plus_s(i64::MAX).to_string(), "9999-12-30T22:00:00.000Z");
    }
}
