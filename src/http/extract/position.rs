//! Places in a stream's log, as clients name them.
//! It must not know what is there.

use crate::{
    domain::{Seq, invalid::Invalid},
    wire::Refusal,
};
use serde::Deserialize;

/// A place in the log: 0, before the first event, to 2^53 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub(crate) struct Position(pub Seq);

impl TryFrom<i64> for Position {
    type Error = Invalid;

    fn try_from(seq: i64) -> Result<Self, Invalid> {
        match seq {
            0..=0x1f_ffff_ffff_ffff => Ok(Self(Seq(seq))),
            _ => Err(Invalid::out_of_range("a seq, from 0 on")),
        }
    }
}

/// A place that a client names: digits alone. One too big to be ours is beyond every head.
pub(crate) fn place(text: &str) -> Option<Seq> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Seq(text.parse().unwrap_or(i64::MAX)))
}

/// A place that is none.
pub(crate) fn malformed(field: &'static str) -> Refusal {
    Refusal::invalid_field(field, "malformed", "a whole number of at least 0")
}
