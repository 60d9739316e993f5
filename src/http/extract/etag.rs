//! Versions of a document: the `ETag` it is sent with, the `If-None-Match` and `If-Match` of who has seen one.
//! It must not know of what document.

use crate::wire::{Code, Refusal};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, EntityTag, Header, HeaderMap, IfNoneMatch},
};
use std::future::{Ready, ready};

/// The strong tag of a version.
pub(crate) fn of(version: i64) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}

/// Whether the caller has the document of this tag already: `If-None-Match` names it.
pub(crate) fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// What the caller has seen and wants to change: `If-Match`, over all its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Whatever version there is.
    Any,
    /// One of these; a weak tag or one of another server matches none.
    OneOf(Vec<i64>),
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(header::IF_MATCH).peekable();
        if lines.peek().is_none() {
            return Self::Any;
        }
        let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
        let tags = || lines.iter().flat_map(|line| line.split(',')).map(str::trim);
        match tags().any(|tag| tag == "*") {
            true => Self::Any,
            false => Self::OneOf(tags().filter_map(version).collect()),
        }
    }

    /// Fails unless the version there is is one that the caller has seen.
    /// Errors: `stale`.
    pub(crate) fn check(&self, version: i64) -> Result<(), Refusal> {
        match self {
            IfMatch::OneOf(seen) if !seen.contains(&version) => {
                Err(Refusal::new(Code::Stale, "It was changed since you read it."))
            }
            _ => Ok(()),
        }
    }
}

/// Strong comparison (RFC 9110, section 13.1.1): a weak tag matches nothing.
fn version(tag: &str) -> Option<i64> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

impl FromRequest for IfMatch {
    type Error = crate::http::Error;
    type Future = Ready<Result<Self, crate::http::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.headers())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn matches(lines: &[&'static str], version: i64) -> bool {
        let mut headers = HeaderMap::new();
        lines.iter().for_each(|line| headers.append(header::IF_MATCH, HeaderValue::from_static(line)));
        IfMatch::of(&headers).check(version).is_ok()
    }

    #[test]
    fn a_version_matches_its_own_tag_a_list_with_it_and_the_star() {
        for lines in [&[][..], &["*"], &["\"3\""], &["\"2\", \"3\""], &["\"2\"", "\"3\""], &["\"x\",\"3\""]] {
            assert!(matches(lines, 3), "{lines:?}");
        }
    }

    #[test]
    fn other_weak_and_malformed_tags_match_nothing() {
        for lines in [&["\"2\""][..], &["W/\"3\""], &["3"], &[""], &["\"3"], &["\"\""], &["\"1\", \"2\""]] {
            assert!(!matches(lines, 3), "{lines:?}");
        }
    }
}
