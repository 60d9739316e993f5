//! The name of one request, for finding it in the logs of all that it passed through.
//! It must not know what was asked.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that carries it in and out.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_BYTES: usize = 128;

/// 1 to 128 visible ASCII characters: the client's, or a new one where there is none that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// The one that a request came with, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(X_REQUEST_ID);
        match (lines.next().and_then(given), lines.next()) {
            (Some(id), None) => id,
            _ => Self(Uuid::now_v7().to_string()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("visible ASCII makes a header")
    }
}

fn given(line: &HeaderValue) -> Option<RequestId> {
    let text = line.to_str().ok()?;
    let is_fine = (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_fine.then(|| RequestId(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        lines
            .iter()
            .for_each(|line| headers.append(X_REQUEST_ID, HeaderValue::from_bytes(line.as_bytes()).unwrap()));
        RequestId::of(&headers).0
    }

    #[test]
    fn what_a_client_names_is_kept_where_it_can_be() {
        for good in ["a", "req-1/2:3", &"x".repeat(128)] {
            assert_eq!(id(&[good]), good);
        }
        for bad in [&[][..], &[""], &["two words"], &["é"], &["a\tb"], &["a", "b"], &[&"x".repeat(129)]] {
            let made = id(bad);
            assert!(Uuid::parse_str(&made).is_ok(), "{bad:?} became {made}");
            assert_ne!(made, id(bad), "each is another");
        }
    }
}
