//! How the site may be met from elsewhere: whom to tell of a hole in it.
//! It must not know where the text came from.

use super::values::Read;
use std::{fmt, str::FromStr};
use url::Url;

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
            "mailto" => url.path().split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()),
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
    fn people_are_reached_by_mail_by_telephone_or_at_an_https_address() {
        for good in ["mailto:security@live.example", "https://live.example/security", "tel:+1-201-555-0123"] {
            assert_eq!(security_contact(good).unwrap().unwrap().to_string(), good);
        }
        let with_a_break = security_contact("https://live.example/\nExpires: 1").unwrap().unwrap();
        assert!(!with_a_break.to_string().contains('\n'), "it stays one line");
        for bad in ["", "security@live.example", "mailto:", "mailto:@", "http://live.example", "javascript:alert(1)", "tel:", "https://", "https://a:b@live.example"] {
            assert!(security_contact(bad).is_err(), "{bad}");
        }
    }
}
