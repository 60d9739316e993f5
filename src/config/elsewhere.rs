//! How the site may be met from elsewhere: who may show a stream in a frame, and whom to tell of a hole.
//! It must not know where the text came from.

use super::values::{self, Origin, Read};
use std::{fmt, str::FromStr};
use url::Url;

/// Pages of which sites may show a stream in a frame of theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EmbedOrigins {
    /// Of no site.
    #[default]
    Nobody,
    /// Of these, of which there is at least one.
    Listed(Vec<Origin>),
    /// Of any site.
    Everybody,
}

impl EmbedOrigins {
    /// As they are given: one text each.
    pub(super) fn listed(&self) -> Vec<String> {
        match self {
            Self::Nobody => Vec::new(),
            Self::Listed(origins) => origins.iter().map(Origin::to_string).collect(),
            Self::Everybody => vec!["*".to_owned()],
        }
    }

    /// As a policy has them, for `frame-ancestors`.
    pub(crate) fn sources(&self) -> String {
        match self {
            Self::Nobody => "'none'".to_owned(),
            some => some.listed().join(" "),
        }
    }
}

/// A list of origins, or `*` alone.
impl FromStr for EmbedOrigins {
    type Err = String;
    fn from_str(text: &str) -> Read<EmbedOrigins> {
        if text.trim() == "*" {
            return Ok(Self::Everybody);
        }
        let origins = values::origins(text).map_err(|_| {
            "origins such as https://live.example, separated by commas; or * alone".to_owned()
        })?;
        Ok(if origins.is_empty() { Self::Nobody } else { Self::Listed(origins) })
    }
}

pub(super) fn embed_origins(text: &str) -> Read<EmbedOrigins> {
    text.parse()
}

/// Where whoever finds a hole in the site can say so, as `security.txt` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityContact(Url);

impl fmt::Display for SecurityContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A URI that people can be reached by (RFC 9116, 2.5.3).
impl FromStr for SecurityContact {
    type Err = String;
    fn from_str(text: &str) -> Read<SecurityContact> {
        let url = Url::parse(text).ok().filter(|url| match url.scheme() {
            "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
            "mailto" => {
                url.path().split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            }
            "tel" => url.path().bytes().any(|byte| byte.is_ascii_digit()),
            _ => false,
        });
        url.map(SecurityContact)
            .ok_or_else(|| "mailto:security@live.example, an https:// address or a tel: number".into())
    }
}

pub(super) fn security_contact(text: &str) -> Read<Option<SecurityContact>> {
    text.parse().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_for_nobody_for_exact_origins_or_for_everybody() {
        for (text, sources) in [
            ("", "'none'"),
            ("https://a.example", "https://a.example"),
            ("https://a.example, http://b.example:8080", "https://a.example http://b.example:8080"),
            (" * ", "*"),
        ] {
            let read = embed_origins(text).unwrap();
            assert_eq!(read.sources(), sources);
            assert_eq!(embed_origins(&read.listed().join(",")).unwrap(), read, "it is read as it is written");
        }
        for bad in [
            "*,https://a.example",
            "https://*.example",
            "https://a.example/x",
            "a.example",
            "'self'",
            "https:",
            "null",
        ] {
            assert!(embed_origins(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn people_are_reached_by_mail_by_telephone_or_at_an_https_address() {
        for good in ["mailto:security@live.example", "https://live.example/security", "tel:+1-201-555-0123"] {
            assert_eq!(security_contact(good).unwrap().unwrap().to_string(), good);
        }
        let with_a_break = security_contact("https://live.example/\nExpires: 1").unwrap().unwrap();
        assert!(!with_a_break.to_string().contains('\n'), "it stays one line");
        for bad in [
            "",
            "security@live.example",
            "mailto:",
            "mailto:@",
            "http://live.example",
            "javascript:alert(1)",
            "tel:",
            "https://",
            "https://a:b@live.example",
        ] {
            assert!(security_contact(bad).is_err(), "{bad}");
        }
    }
}
