//! The settings of media servers of other projects, and how each is read from text: `Err` says what would have been allowed.
//! They must not know where the text came from, nor which servers there are.

use super::values::{self, Read};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// A shorter secret can be guessed.
const SECRET_CHARS_MIN: usize = 16;
/// A longer one is none that somebody writes into the configuration of a server.
const SECRET_CHARS_MAX: usize = 256;
/// What stands for the id of a stream, and for its name at the media server.
const ID: &str = "{id}";
const NAME: &str = "{name}";

/// Where a media server shows what it takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybackTemplate(String);

impl PlaybackTemplate {
    /// The address of one stream. Neither text may have signs in it that mean something in a URL, but for slashes.
    pub(crate) fn url(&self, id: &str, name: &str) -> String {
        self.0.replace(ID, id).replace(NAME, name)
    }

    /// As it was given.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for PlaybackTemplate {
    type Err = String;
    fn from_str(text: &str) -> Read<PlaybackTemplate> {
        playback_template(text).map(|template| template.expect("there is one where it can be read"))
    }
}

impl std::str::FromStr for MediaServerApi {
    type Err = String;
    fn from_str(text: &str) -> Read<MediaServerApi> {
        media_server_api(text)
    }
}

pub(super) fn playback_template(text: &str) -> Read<Option<PlaybackTemplate>> {
    let template = PlaybackTemplate(text.to_owned());
    let has_place = text.contains(ID) || text.contains(NAME);
    match has_place && web_address(&template.url("a", "b/a")).is_some_and(|url| !has_credentials(&url)) {
        true => Ok(Some(template)),
        false => Err("https:// or http:// with a host, and {id} or {name} behind it, such as \
                 https://media.example/{name}/index.m3u8"
            .to_owned()),
    }
}

/// The API of a media server, by http or https; it may hold a name and a password.
#[derive(Clone, Debug)]
pub struct MediaServerApi {
    given: SecretString,
}

impl MediaServerApi {
    /// As it may be shown: without password.
    pub fn masked(&self) -> String {
        values::mask_url(self.given.expose_secret())
    }

    /// Its address, password and all.
    pub(crate) fn url(&self) -> Url {
        Url::parse(self.given.expose_secret()).expect("it was read as a URL")
    }

    /// Whether there is a password in it.
    pub(super) fn is_secret(&self) -> bool {
        has_credentials(&self.url())
    }
}

pub(super) fn media_server_api(text: &str) -> Read<MediaServerApi> {
    let is_base = |url: &Url| url.query().is_none() && url.fragment().is_none();
    match web_address(text).is_some_and(|url| is_base(&url)) {
        true => Ok(MediaServerApi { given: text.into() }),
        false => {
            Err("http://HOST:PORT or https://…, with USER:PASSWORD@ before the host where it wants that, \
                      and a path behind it where it has one"
                .to_owned())
        }
    }
}

/// Fit to stand in a path as it is.
pub(super) fn hook_secret(text: &str) -> Read<()> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
    match is_plain && (SECRET_CHARS_MIN..=SECRET_CHARS_MAX).contains(&text.len()) {
        true => Ok(()),
        false => Err(format!(
            "{SECRET_CHARS_MIN} to {SECRET_CHARS_MAX} letters, digits and -_.~, such as `openssl rand -hex 24` prints"
        )),
    }
}

fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_an_address_with_a_place_for_the_stream() {
        let template = playback_template("https://media.example/{name}/index.m3u8?s={id}").unwrap().unwrap();
        assert_eq!(template.url("7", "live/7"), "https://media.example/live/7/index.m3u8?s=7");
        for bad in [
            "https://media.example/live.m3u8",
            "/{id}.m3u8",
            "rtmp://media.example/{id}",
            "https://a:b@c/{id}",
        ] {
            assert!(playback_template(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_api_is_shown_without_its_password() {
        let api = media_server_api("http://livehouse:pass@127.0.0.1:9997/x").unwrap();
        assert_eq!(api.masked(), "http://livehouse:***@127.0.0.1:9997/x");
        assert!(api.is_secret() && !media_server_api("http://127.0.0.1:1985").unwrap().is_secret());
        for bad in ["127.0.0.1:9997", "ftp://a/", "http://a/?b=c", "http://"] {
            assert!(media_server_api(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_long_and_fit_for_a_path() {
        assert!(hook_secret("0123456789abcdef-_.~").is_ok());
        for bad in ["", "short", "0123456789abcde/", "0123456789 abcdef", &"a".repeat(257)] {
            assert!(hook_secret(bad).is_err(), "{bad}");
        }
    }
}
