//! A point in time, in milliseconds since 1970 (UTC), written as RFC 3339 with milliseconds.
//! Reading the clock is allowed only through [`Millis::now`], and never in `room`'s pure modules.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    fmt,
    ops::{Add, Sub},
    time::{SystemTime, UNIX_EPOCH},
};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Millis(pub i64);

/// The years a time may lie in: what PostgreSQL, JavaScript and RFC 3339 all can hold.
const EARLIEST_MS: i64 = 0;
const LATEST_MS: i64 = 253_402_300_799_999;

impl Millis {
    /// The clock of this machine.
    pub fn now() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since_epoch.as_millis() as i64)
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
        let timestamp: jiff::Timestamp =
            text.parse().map_err(|_| de::Error::custom("not an RFC 3339 time"))?;
        let ms = timestamp.as_millisecond();
        if !(EARLIEST_MS..=LATEST_MS).contains(&ms) {
            return Err(de::Error::custom("a time between the years 1970 and 9999 is allowed"));
        }
        Ok(Self(ms))
    }
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
        assert!(read("yesterday").is_err());
        assert!(read("1969-12-31T23:59:59Z").is_err());
        assert!(read("-009999-01-01T00:00:00Z").is_err());
    }
}
