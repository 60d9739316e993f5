//! Where the picture of a stream comes from, for the page's video element. It must not fetch anything.

use crate::domain::{
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
    web_address::{self, MAX_BYTES},
};

/// Endings of what browsers play in a video element: files, and HLS, which Safari plays by itself.
const PLAYABLE: &[&str] = &["mp4", "m4v", "webm", "ogv", "ogg", "mov", "m3u8", "mp3", "m4a"];

/// An https URL with a host and no credentials whose path ends like a video; at most 2048 bytes. Kept in the form
/// that browsers write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlaybackUrl(String);

impl PlaybackUrl {
    /// Checks a URL.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let url = web_address::parse(text)?;
        if !is_playable(url.path()) {
            return Err(Invalid::malformed(format!("its path ends with one of .{}", PLAYABLE.join(", ."))));
        }
        Ok(Self(url.into()))
    }
}

fn is_playable(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let Some((_, ending)) = file.rsplit_once('.') else { return false };
    PLAYABLE.iter().any(|playable| playable.eq_ignore_ascii_case(ending))
}

text_newtype!(
    PlaybackUrl,
    TextSchema {
        min_length: 1,
        max_length: MAX_BYTES,
        format: Some("uri"),
        description: "https, with a host, no credentials; its path ends with .mp4, .m4v, .webm, .ogv, .ogg, .mov, \
                      .m3u8, .mp3 or .m4a",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_video_element_plays_over_https_is_allowed() {
        for (text, kept) in [
            ("https://example.com/v.mp4", "https://example.com/v.mp4"),
            ("https://Example.com:8443/a/b/Live.M3U8?t=1#x", "https://example.com:8443/a/b/Live.M3U8?t=1#x"),
            ("https://[2001:db8::1]/v.webm", "https://[2001:db8::1]/v.webm"),
            ("https://bücher.example/ü.ogv", "https://xn--bcher-kva.example/%C3%BC.ogv"),
        ] {
            assert_eq!(PlaybackUrl::parse(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "v.mp4",
            "/v.mp4",
            "//example.com/v.mp4",
            "http://example.com/v.mp4",
            "javascript:alert(1)//v.mp4",
            "data:video/mp4,x.mp4",
            "blob:https://example.com/v.mp4",
            "ftp://example.com/v.mp4",
            "https:///.mp4",
            "https://user@example.com/v.mp4",
            "https://user:secret@example.com/v.mp4",
            "https://example.com",
            "https://example.com/watch?v=x.mp4",
            "https://example.com/page.html#v.mp4",
            "https://example.com/v.mp4/",
            "https://example.com/mp4",
            "https://example.com/v.mp4.exe",
            " https://example.com/v.mp4",
            "https://exa\nmple.com/v.mp4",
            "https://example.com/v\0.mp4",
        ] {
            assert!(PlaybackUrl::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_url_has_at_most_2048_bytes_also_once_escaped() {
        let of_length = |length: usize| format!("https://example.com/{}.mp4", "x".repeat(length - 24));
        assert_eq!(of_length(2048).len(), 2048);
        assert!(PlaybackUrl::parse(&of_length(2048)).is_ok());
        assert_eq!(PlaybackUrl::parse(&of_length(2049)).unwrap_err().code, "too_long");
        let escaped = format!("https://example.com/{}.mp4", "ü".repeat(900));
        assert_eq!(PlaybackUrl::parse(&escaped).unwrap_err().code, "too_long");
    }
}
