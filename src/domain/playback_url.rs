//! Where the picture of a stream comes from, for the page's video element. It must not fetch anything.

use crate::domain::{
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
};
use url::Url;

const MAX_BYTES: usize = 2048;
/// Endings of what browsers play in a video element: files, and HLS, which Safari plays by itself.
const PLAYABLE: &[&str] = &["mp4", "m4v", "webm", "ogv", "ogg", "mov", "m3u8", "mp3", "m4a"];

/// An https URL with a host and no credentials whose path ends like a video; at most 2048 bytes. Kept in the form
/// that browsers write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlaybackUrl(String);

impl PlaybackUrl {
    /// Checks a URL.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Invalid::forbidden_character("no spaces or control characters"));
        }
        let url = Url::parse(text).map_err(|_| Invalid::malformed("not a URL"))?;
        if url.scheme() != "https" || url.host_str().is_none_or(str::is_empty) {
            return Err(Invalid::malformed("an https URL with a host is needed"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Invalid::malformed("no user name or password in the URL"));
        }
        if !is_playable(url.path()) {
            return Err(Invalid::malformed(format!("its path ends with one of .{}", PLAYABLE.join(", ."))));
        }
        let normal = String::from(url);
        if normal.len() > MAX_BYTES { Err(too_long()) } else { Ok(Self(normal)) }
    }
}

fn too_long() -> Invalid {
    Invalid::too_long(format!("at most {MAX_BYTES} bytes"))
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
