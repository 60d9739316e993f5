//! Where pages are, written whole for those who are not on the site, and read back.
//! It must not know what a page shows.

use crate::{
    domain::{StreamId, Username},
    http::media::addresses::Base,
    wire::rows::UNRESERVED,
};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use url::Url;

/// The picture that stands for the site, and its size in pixels.
pub(super) const CARD: (&str, u32, u32) = ("/card.png", 1200, 630);

/// A page that others may link to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The room of a stream.
    Room(StreamId),
    /// The permanent address of a host.
    Channel(Username),
}

impl Place {
    /// The page at a whole address; none where it is of another site, or no such page.
    pub(super) fn at(address: &Url, base: &Base) -> Option<Place> {
        if !base.is_of(address) {
            return None;
        }
        let mut parts: Vec<&str> = address.path_segments()?.collect();
        while parts.len() > 1 && parts.last() == Some(&"") {
            parts.pop();
        }
        match parts[..] {
            ["s", id] => id.parse().ok().map(Place::Room),
            [name] => named(name.strip_prefix('@').or_else(|| name.strip_prefix("%40"))?),
            _ => None,
        }
    }
}

/// The address of a stream's room.
pub(super) fn room(base: &Base, id: StreamId) -> String {
    base.url(&format!("/s/{id}"))
}

/// The permanent address of a host, or what belongs to it: `/feed.xml`.
pub(super) fn channel(base: &Base, username: &str, rest: &str) -> String {
    base.url(&format!("/@{}{rest}", utf8_percent_encode(username, &UNRESERVED)))
}

/// Where what there is to embed of a page is told.
pub(super) fn oembed(base: &Base, page: &str) -> String {
    base.url(&format!("/oembed?url={}", utf8_percent_encode(page, &UNRESERVED)))
}

fn named(name: &str) -> Option<Place> {
    let name = percent_decode_str(name).decode_utf8().ok()?;
    Username::parse(&name).ok().map(Place::Channel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use actix_web::test::TestRequest;
    use std::path::Path;

    fn base() -> Base {
        let public_url = Some("https://live.example".parse().unwrap());
        let config = Config { public_url, ..Config::for_tests(Path::new("unused")) };
        Base::of(&TestRequest::get().to_http_request(), &config)
    }

    fn read(address: &str) -> Option<Place> {
        Place::at(&address.parse().unwrap(), &base())
    }

    #[test]
    fn an_address_that_is_written_is_read_back() {
        let id = StreamId::new();
        assert_eq!(read(&room(&base(), id)), Some(Place::Room(id)));
        for name in ["ana", "安安", "Ünal-x", "a.b_c"] {
            let address = channel(&base(), name, "");
            assert!(address.is_ascii(), "{address}");
            assert_eq!(read(&address), Some(Place::Channel(Username::parse(name).unwrap())), "{address}");
            assert_eq!(read(&format!("https://live.example/@{name}/?a#b")), read(&address));
        }
        let page = Url::parse(&oembed(&base(), "https://live.example/@é?a=b&c")).unwrap();
        let query: Vec<_> = page.query_pairs().collect();
        assert_eq!(query, [("url".into(), "https://live.example/@é?a=b&c".into())]);
    }

    #[test]
    fn what_is_no_such_page_of_this_site_is_none() {
        let id = StreamId::new();
        for other in [
            format!("https://evil.example/s/{id}"),
            format!("http://live.example/s/{id}"),
            format!("https://live.example:444/s/{id}"),
            format!("https://live.example.evil.example/s/{id}"),
            format!("https://live.example/s/{id}/studio"),
            "https://live.example/s/none".to_owned(),
            "https://live.example/".to_owned(),
            "https://live.example/@".to_owned(),
            "https://live.example/@a%00b".to_owned(),
            "https://live.example/@%ff%ff%ff".to_owned(),
            "https://live.example/account".to_owned(),
            "mailto:ana@live.example".to_owned(),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
    }
}
