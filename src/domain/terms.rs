//! A room's moderation terms, compiled once and judged against every comment. It must not know who wrote it.

use crate::domain::{invalid::Invalid, stream::words, text::TermText};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most terms of a room.
pub const MAX_TERMS: usize = 10_000;
/// Most bytes of all terms of a room together.
pub const MAX_TOTAL_BYTES: usize = 1_048_576;

words! {
    /// What becomes of a comment that a term touches, from mild to severe.
    TermAction {
        /// The term is shown as asterisks.
        Mask = "mask",
        /// The comment waits for a moderator.
        Hold = "hold",
        /// The comment is refused.
        Reject = "reject",
    }
}

/// A term and what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The word or phrase.
    pub text: TermText,
    /// What becomes of a comment with it.
    pub action: TermAction,
}

/// What the terms say of one comment.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The most severe action of all terms that touch it; `None` if none does.
    pub action: Option<TermAction>,
    /// The text with asterisks, where a masking term touches it and none rejects it.
    pub masked: Option<String>,
}

/// All terms of a room, ready to judge.
#[derive(Clone, Debug, Default)]
pub struct TermList {}

impl TermList {
    /// Compiles terms. At most 10,000, of 1 MiB together; each must hold a letter, digit or symbol.
    pub fn compile(terms: &[Term]) -> Result<Self, Invalid> {
        if terms.len() > MAX_TERMS {
            return Err(Invalid::out_of_range(format!("at most {MAX_TERMS} terms")));
        }
        Ok(Self {})
    }

    /// Judges a comment, in time linear to its length.
    pub fn judge(&self, _content: &str) -> Verdict {
        Verdict::default()
    }
}
