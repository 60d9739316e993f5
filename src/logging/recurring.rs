//! A failure that may come again and again: said at most once a minute, and once more when it is over.
//! It must not know what failed.

use super::OncePerMinute;
use std::{fmt::Display, time::Instant};

/// One thing that is tried again and again.
#[derive(Debug)]
pub struct Recurring {
    what: &'static str,
    line: OncePerMinute,
}

impl Recurring {
    /// `what` reads well before a colon: "abandoned streams cannot be looked for".
    pub fn new(what: &'static str) -> Self {
        Self { what, line: OncePerMinute::default() }
    }

    /// It failed: a warning, unless there was one within a minute.
    pub fn failed(&self, error: impl Display) {
        match self.line.due(Instant::now()) {
            Some(0) => log::warn!("{}: {error}", self.what),
            Some(unsaid) => log::warn!("{}: {error} (and {unsaid} times before)", self.what),
            None => {}
        }
    }

    /// It worked: said where it had failed before.
    pub fn worked(&self) {
        if self.line.end() {
            log::info!("{}: over", self.what);
        }
    }
}
