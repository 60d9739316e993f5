//! Free texts: cleaned when they come in, counted in grapheme clusters, otherwise kept exactly as sent.
//! It must not know where a text is shown.

pub(crate) mod fold;
pub(crate) mod links;
pub(crate) mod style;
#[cfg(test)]
mod tests;

use self::fold::{is_blank, is_invisible, search_key};
use super::{
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
};
use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Combining marks that one grapheme cluster keeps.
const MARKS_PER_CLUSTER: usize = 8;
/// Longest text that is looked at at all, in bytes before cleaning.
const RAW_MAX_BYTES: usize = 65_536;
/// Bytes that a grapheme cluster may need: the longest emoji sequence has 35.
const BYTES_PER_CLUSTER: usize = 40;

/// What a kind of text allows, after cleaning.
pub(crate) struct Rules {
    /// Fewest and most grapheme clusters.
    pub(crate) clusters: std::ops::RangeInclusive<usize>,
    /// Most bytes of UTF-8.
    pub(crate) bytes: usize,
    /// Whether line breaks stay (as `\n`) or become spaces.
    pub(crate) keep_breaks: bool,
}

impl Rules {
    /// One line of that many grapheme clusters.
    pub(crate) const fn line(min: usize, max: usize) -> Self {
        Self { clusters: min..=max, bytes: max * BYTES_PER_CLUSTER, keep_breaks: false }
    }

    /// Cleans a text and checks its length.
    pub(crate) fn parse(&self, text: &str) -> Result<String, Invalid> {
        let max = *self.clusters.end();
        if text.len() > RAW_MAX_BYTES {
            return Err(Invalid::too_long(format!("at most {max} characters")));
        }
        let cleaned = clean(text, self.keep_breaks);
        if *self.clusters.start() > 0 && !shows_anything(&cleaned) {
            return Err(Invalid::empty("at least one visible character"));
        }
        if cleaned.len() > self.bytes {
            return Err(Invalid::too_long(format!("at most {} bytes", self.bytes)));
        }
        if cleaned.graphemes(true).nth(max).is_some() {
            return Err(Invalid::too_long(format!("at most {max} characters")));
        }
        Ok(cleaned)
    }
}

/// Trims; makes line breaks and tabs spaces (or keeps the breaks as `\n`); removes other controls, bidirectional
/// overrides and isolates, and combining marks beyond 8 a cluster. Idempotent; never makes a text longer.
pub fn clean(text: &str, keep_breaks: bool) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        let second_half = c == '\n' && after_return;
        after_return = c == '\r';
        match c {
            _ if second_half => {}
            '\t' => kept.push(' '),
            _ if is_line_break(c) => kept.push(if keep_breaks { '\n' } else { ' ' }),
            _ if c.is_control() || is_bidi_control(c) => {}
            _ => kept.push(c),
        }
    }
    limit_marks(kept.trim())
}

/// What Unicode breaks lines at, come what may.
fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates: they reach beyond the text that holds them. Plain marks (LRM, RLM) stay.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Taking a mark away can join two clusters of an Indic script, so this goes on until nothing changes.
fn limit_marks(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    while let Some(fewer) = with_fewer_marks(&text) {
        text = Cow::Owned(fewer);
    }
    text.into_owned()
}

fn with_fewer_marks(text: &str) -> Option<String> {
    if text.is_ascii() || text.graphemes(true).all(|cluster| marks(cluster) <= MARKS_PER_CLUSTER) {
        return None;
    }
    let mut kept = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        let mut marks = 0;
        kept.extend(cluster.chars().filter(|c| {
            marks += usize::from(is_combining_mark(*c));
            !is_combining_mark(*c) || marks <= MARKS_PER_CLUSTER
        }));
    }
    Some(kept)
}

fn marks(cluster: &str) -> usize {
    cluster.chars().filter(|c| is_combining_mark(*c)).count()
}

/// Whether anything is left to see: what looks like spaces, joiners, fillers and what is no character are nothing.
fn shows_anything(text: &str) -> bool {
    text.chars().any(|c| !is_blank(c) && !is_invisible(c))
}

macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident = $rules:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            const RULES: Rules = $rules;

            /// Cleans and checks a text.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                Self::RULES.parse(text).map(Self)
            }
        }

        text_newtype!($name, TextSchema {
            min_length: *$name::RULES.clusters.start(),
            max_length: *$name::RULES.clusters.end(),
            format: None,
            description: concat!($($doc),+).trim_ascii(),
        });
    )+};
}

/// Grapheme clusters of the longest comment.
pub(crate) const CONTENT_MAX_CLUSTERS: usize = 500;
/// Bytes of the longest comment, after cleaning.
pub const CONTENT_MAX_BYTES: usize = 4096;

texts! {
    /// What is said: comments, announcements, questions. 1 to 500 grapheme clusters, at most 4096 bytes, one line.
    Content = Rules { clusters: 1..=CONTENT_MAX_CLUSTERS, bytes: CONTENT_MAX_BYTES, keep_breaks: false };
    /// The name of a stream: 1 to 140 grapheme clusters, one line.
    Title = Rules::line(1, 140);
    /// What a stream is about: at most 5000 grapheme clusters, may be empty, keeps its line breaks.
    Description = Rules { clusters: 0..=5000, bytes: RAW_MAX_BYTES, keep_breaks: true };
    /// What hosts say of themselves: at most 500 grapheme clusters, may be empty, keeps its line breaks.
    Bio = Rules { clusters: 0..=500, bytes: 500 * BYTES_PER_CLUSTER, keep_breaks: true };
    /// What a site is called: 1 to 50 grapheme clusters, one line.
    SiteName = Rules::line(1, 50);
    /// What a site is, for those who find it: at most 500 grapheme clusters, one line, may be empty.
    SiteDescription = Rules::line(0, 500);
    /// What a site asks of its people: at most 5000 grapheme clusters, may be empty, keeps its line breaks.
    SiteRules = Rules { clusters: 0..=5000, bytes: RAW_MAX_BYTES, keep_breaks: true };
    /// What a link of a channel is called: 1 to 50 grapheme clusters, one line.
    LinkLabel = Rules::line(1, 50);
    /// What a key of an account is called: 1 to 50 grapheme clusters, one line.
    KeyName = Rules::line(1, 50);
    /// A word that streams are found by: 1 to 30 grapheme clusters, one line.
    Tag = Rules::line(1, 30);
    /// Why somebody was banned or reported: at most 500 grapheme clusters, one line, may be empty.
    Reason = Rules::line(0, 500);
    /// What a poll asks: 1 to 200 grapheme clusters, one line.
    PollQuestion = Rules::line(1, 200);
    /// One answer of a poll: 1 to 100 grapheme clusters, one line.
    PollOption = Rules::line(1, 100);
    /// What is searched for: 1 to 200 grapheme clusters, one line.
    SearchQuery = Rules::line(1, 200);
    /// A moderation term: 1 to 100 grapheme clusters, one line.
    TermText = Rules::line(1, 100);
}

impl Tag {
    /// The key under which equal tags are the same: folded case and width.
    pub fn key(&self) -> String {
        search_key(&self.0)
    }
}

impl SearchQuery {
    /// What to compare with the search keys of texts: folded case and width.
    pub fn key(&self) -> String {
        search_key(&self.0)
    }
}
