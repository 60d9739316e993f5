//! How a value stands in TOML, to look at and to start from: a secret is a comment, never its value, nor anything that could be
//! taken for it. It must not know which settings there are.

use super::{
    DatabaseUrl, EmbedOrigins, FlushWindow, ForwardedHeader, Limits, LogFormat, MediaServerApi,
    PlaybackTemplate, RedisUrl, Registration, RtmpListen, SecretKey, SecretOrigin, SecurityContact,
    StreamsBy, limits::limit_key, secret::MASK,
};
use secrecy::SecretString;
use std::{net::SocketAddr, path::PathBuf, time::Duration};
use toml::Value;
use url::Url;

/// What can be printed.
pub(super) trait Print {
    /// The lines of this value under its key; none where there is none.
    fn under(&self, key: &str) -> String;
}

fn line(key: &str, value: impl Into<Value>) -> String {
    format!("{key} = {}\n", value.into())
}

fn comment(key: &str, text: &str) -> String {
    format!("# {key} = \"{MASK} ({text})\"\n")
}

macro_rules! printed {
    ($($type:ty: |$value:ident, $key:ident| $text:expr;)+) => {
        $(impl Print for $type {
            fn under(&self, $key: &str) -> String {
                let $value = self;
                $text
            }
        })+
    };
}

printed! {
    bool: |on, key| line(key, *on);
    u32: |number, key| line(key, i64::from(*number));
    usize: |number, key| line(key, *number as i64);
    String: |text, key| line(key, text.as_str());
    PathBuf: |path, key| line(key, path.display().to_string());
    // In seconds: what counts otherwise is a type of its own.
    Duration: |time, key| line(key, time.as_secs() as i64);
    SocketAddr: |address, key| line(key, address.to_string());
    RtmpListen: |address, key| line(key, address.to_string());
    Url: |url, key| line(key, url.as_str().trim_end_matches('/'));
    EmbedOrigins: |who, key| line(key, who.listed());
    SecurityContact: |contact, key| line(key, contact.to_string());
    ForwardedHeader: |name, key| line(key, name.as_str());
    Registration: |word, key| line(key, word.as_str());
    StreamsBy: |word, key| line(key, word.as_str());
    LogFormat: |word, key| line(key, word.as_str());
    FlushWindow: |window, key| match window {
        FlushWindow::Auto => line(key, "auto"),
        FlushWindow::Fixed(time) => line(key, time.as_millis() as i64),
    };
    DatabaseUrl: |url, key| match url {
        DatabaseUrl::Sqlite(_) => line(key, url.masked()),
        DatabaseUrl::Postgres(_) => comment(key, &url.masked()),
    };
    RedisUrl: |url, key| comment(key, &url.masked());
    MediaServerApi: |url, key| comment(key, &url.masked());
    PlaybackTemplate: |template, key| line(key, template.as_str());
    SecretString: |_secret, key| comment(key, "given");
    SecretKey: |secret, key| comment(key, match secret.origin() {
        SecretOrigin::Given => "given",
        SecretOrigin::Generated => "generated, in the data directory",
        SecretOrigin::Missing => "to be generated, in the data directory",
    });
    Limits: |limits, key| {
        let each = limits.listed().into_iter().map(|(name, limit)| line(&limit_key(name), limit as i64));
        each.fold(line(key, if limits.lifted { "off" } else { "on" }), |lines, line| lines + &line)
    };
}

impl<T: Print> Print for Option<T> {
    fn under(&self, key: &str) -> String {
        self.as_ref().map(|value| value.under(key)).unwrap_or_default()
    }
}

impl<T: ToString> Print for Vec<T> {
    fn under(&self, key: &str) -> String {
        line(key, self.iter().map(ToString::to_string).collect::<Vec<_>>())
    }
}
