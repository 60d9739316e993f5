//! A room's moderation terms, compiled once and judged against every comment. It must not know who wrote it.

pub(crate) mod letters;
pub(crate) mod spelling;
#[cfg(test)]
mod tests;

use self::{
    letters::{Reading, has_letter_signs, letters},
    spelling::{Spelled, Spelling, words},
};
use super::{
    invalid::Invalid,
    stream,
    text::{TermText, fold::is_invisible},
};
use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};
use unicode_segmentation::UnicodeSegmentation;
use utoipa::ToSchema;

/// Most terms of a stream, and most of a channel.
pub(crate) const MAX_TERMS: usize = 10_000;
/// Most bytes of all terms of a stream or a channel together.
pub(crate) const MAX_TOTAL_BYTES: usize = 1_048_576;

stream::words! {
    /// What becomes of a comment that a term touches, from mild to severe.
    pub TermAction {
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
///
/// Terms of scripts with words match whole words ("ass" does not touch "class"); those of scripts without spaces
/// between words, and symbols, match anywhere. Case, width, look-alikes, marks over letters and invisible characters
/// make no difference, nor do signs within a word or spaces between single letters ("b.a d" is "bad").
#[derive(Clone, Default)]
pub struct TermList {
    mask: Option<AhoCorasick>,
    hold: Option<AhoCorasick>,
    reject: Option<AhoCorasick>,
}

impl TermList {
    /// Compiles terms: at most 10,000, of 1 MiB together, each with a letter, digit or symbol.
    /// Takes up to a second at the limits, so do it off the event loop.
    pub fn compile(terms: &[Term]) -> Result<Self, Invalid> {
        if terms.len() > MAX_TERMS {
            return Err(Invalid::out_of_range(format!("at most {MAX_TERMS} terms")));
        }
        if terms.iter().map(|term| term.text.as_str().len()).sum::<usize>() > MAX_TOTAL_BYTES {
            return Err(Invalid::too_long(format!("at most {MAX_TOTAL_BYTES} bytes of terms")));
        }
        Self::build(terms)
    }

    /// The same for terms that were within these limits when they were stored: those of a stream and those of its channel.
    pub(crate) fn build(terms: &[Term]) -> Result<Self, Invalid> {
        Ok(Self {
            mask: automaton(terms, TermAction::Mask)?,
            hold: automaton(terms, TermAction::Hold)?,
            reject: automaton(terms, TermAction::Reject)?,
        })
    }

    /// Whether there is no term at all.
    pub fn is_empty(&self) -> bool {
        self.mask.is_none() && self.hold.is_none() && self.reject.is_none()
    }

    /// Judges a comment, in time linear to its length.
    pub fn judge(&self, content: &str) -> Verdict {
        if self.is_empty() {
            return Verdict::default();
        }
        let mut findings = Findings::default();
        self.search(content, Reading::Plain, &mut findings);
        if has_letter_signs(content) && !findings.rejected {
            self.search(content, Reading::Signs, &mut findings);
        }
        findings.verdict(content)
    }

    fn search(&self, content: &str, reading: Reading, findings: &mut Findings) {
        let letters = letters(content, reading);
        let words = words(&letters);
        for spelling in [Spelling::Apart, Spelling::Together] {
            let spelled = Spelled::new(&letters, &words, spelling);
            if spelling != Spelling::Apart && !spelled.differs {
                return;
            }
            findings.rejected |= self.reject.as_ref().is_some_and(|terms| terms.is_match(&spelled.text));
            if findings.rejected {
                return;
            }
            findings.held |= self.hold.as_ref().is_some_and(|terms| terms.is_match(&spelled.text));
            if let Some(mask) = &self.mask {
                let found = mask.find_iter(&spelled.text);
                findings.masked.extend(found.map(|found| spelled.original(&letters, found.range())));
            }
        }
    }
}

impl fmt::Debug for TermList {
    /// The automata would print megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TermList").finish_non_exhaustive()
    }
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    rejected: bool,
    held: bool,
    /// Bytes of the content to be masked; they may overlap.
    masked: Vec<Range<usize>>,
}

impl Findings {
    fn verdict(self, content: &str) -> Verdict {
        if self.rejected {
            return Verdict { action: Some(TermAction::Reject), masked: None };
        }
        let masked = (!self.masked.is_empty()).then(|| mask(content, self.masked));
        let mildest = masked.is_some().then_some(TermAction::Mask);
        Verdict { action: if self.held { Some(TermAction::Hold) } else { mildest }, masked }
    }
}

/// Asterisks for every grapheme cluster that one of the ranges touches; spaces stay, what is invisible goes.
fn mask(content: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut ranges = ranges.into_iter().peekable();
    let mut masked = String::with_capacity(content.len());
    for (start, cluster) in content.grapheme_indices(true) {
        while ranges.next_if(|range| range.end <= start).is_some() {}
        let is_touched = ranges.peek().is_some_and(|range| range.start < start + cluster.len());
        match cluster {
            _ if !is_touched || cluster.chars().all(char::is_whitespace) => masked.push_str(cluster),
            _ if cluster.chars().all(is_invisible) => {}
            _ => masked.push('*'),
        }
    }
    masked
}

fn automaton(terms: &[Term], action: TermAction) -> Result<Option<AhoCorasick>, Invalid> {
    let mut patterns = Vec::new();
    for (at, term) in terms.iter().enumerate().filter(|(_, term)| term.action == action) {
        let spellings = spellings(term.text.as_str()).ok_or_else(|| {
            Invalid::malformed(format!(
                "term {at} needs more than one letter, or a symbol, beside punctuation"
            ))
        })?;
        patterns.extend(spellings);
    }
    if patterns.is_empty() {
        return Ok(None);
    }
    patterns.sort_unstable();
    patterns.dedup();
    let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
    automaton.map(Some).map_err(|_| Invalid::too_long("the terms are too long together"))
}

/// Every way in which a term is searched for. None for punctuation alone, which every reading ignores, and for a
/// single letter beside punctuation ("c++"), which would touch that letter wherever it stands alone.
fn spellings(term: &str) -> Option<Vec<String>> {
    let reading = if term.contains(['@', '$']) { Reading::Signs } else { Reading::Plain };
    let has_none = letters(term, Reading::Plain).is_empty();
    let letters = letters(term, reading);
    let is_one_of_many = letters.len() == 1 && term.chars().filter(|c| !is_invisible(*c)).nth(1).is_some();
    if has_none || is_one_of_many {
        return None;
    }
    let words = words(&letters);
    let all = [Spelling::Apart, Spelling::Together, Spelling::Glued];
    let spelled = all.map(|spelling| Spelled::new(&letters, &words, spelling).text);
    Some(spelled.into_iter().filter(|text| !text.is_empty()).collect())
}
