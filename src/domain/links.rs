//! Whether a text holds a link that people would follow. It must not know what becomes of it.
//!
//! A link is `http(s)://` with something behind it, `www.` with a name, or a bare domain under a well-known ending.
//! Endings that are also words ("tell.me", "README.md") count only with a path or a second dot ("t.me/x",
//! "bbc.co.uk"). Addresses of mail are no links.

use crate::domain::fold::is_invisible;
use unicode_normalization::UnicodeNormalization;

/// Endings that nobody writes behind a dot unless it is a domain.
const PLAIN_ENDINGS: &[&str] = &[
    "app",
    "biz",
    "blog",
    "cloud",
    "club",
    "com",
    "dev",
    "edu",
    "gg",
    "gov",
    "icu",
    "info",
    "link",
    "mil",
    "mobi",
    "net",
    "onion",
    "online",
    "org",
    "shop",
    "site",
    "store",
    "tech",
    "tk",
    "top",
    "tv",
    "website",
    "wiki",
    "xxx",
    "xyz",
    "рф",
    "中国",
    "公司",
    "网络",
    "みんな",
    "한국",
];

/// Further endings that are more than two letters long, and words.
const WORDY_ENDINGS: &[&str] = &[
    "art", "cam", "chat", "fun", "fyi", "live", "ltd", "media", "news", "page", "pro", "run", "stream",
    "video", "vip", "world", "zip",
];

/// Whether a text holds a link; linear in its length.
pub fn has_link(text: &str) -> bool {
    if !text.contains(is_dot) && !text.contains(['/', '／']) {
        return false;
    }
    let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).collect();
    has_scheme(&plain) || plain.split(is_boundary).any(is_bare_link)
}

/// Full stops that browsers read as the dot of a domain.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '。' | '．' | '｡' | '․')
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "()[]{}<>\"'`|,;!*«»„“”‘’、，！".contains(c)
}

fn has_scheme(text: &str) -> bool {
    let behind = |scheme: &str| {
        let mut found = text.match_indices(scheme).map(|(at, _)| &text[at + scheme.len()..]);
        found.any(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['))
    };
    behind("http://") || behind("https://")
}

fn is_bare_link(word: &str) -> bool {
    let mut parts = word.split(':').peekable();
    while let Some(part) = parts.next() {
        let has_port = parts.peek().is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
        let part = part.trim_start_matches(|c: char| !c.is_alphanumeric());
        let (host, path) = part.split_at(part.find(['/', '?', '#']).unwrap_or(part.len()));
        let has_path = path.len() > 1 && path.starts_with('/');
        if !host.contains('@') && is_domain(host.trim_end_matches(is_dot), has_path || has_port) {
            return true;
        }
    }
    false
}

fn is_domain(host: &str, has_path: bool) -> bool {
    let labels = host.split(is_dot).count();
    let Some(ending) = host.rsplit(is_dot).next().filter(|_| labels > 1) else { return false };
    if !host.split(is_dot).all(is_label) {
        return false;
    }
    let is_country = ending.len() == 2 && ending.bytes().all(|b| b.is_ascii_lowercase());
    let is_wordy = is_country || WORDY_ENDINGS.contains(&ending);
    let is_address = labels == 4 && host.split(is_dot).all(|label| label.parse::<u8>().is_ok());
    host.starts_with("www.")
        || PLAIN_ENDINGS.contains(&ending)
        || (is_wordy && (has_path || is_second_level(host, labels)))
        || (is_address && has_path)
}

/// Whether a short ending has a domain with a name of its own before it, as in "bbc.co.uk" or "de.wikipedia.de".
fn is_second_level(host: &str, labels: usize) -> bool {
    labels > 2 && host.split(is_dot).any(|label| label.chars().count() > 2)
}

fn is_label(label: &str) -> bool {
    let is_name =
        |c: char| c.is_alphanumeric() || c == '-' || c == '_' || (!c.is_ascii() && !c.is_whitespace());
    !label.is_empty() && label.len() <= 63 * 4 && label.chars().all(is_name) && !label.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_would_follow_is_a_link() {
        for text in [
            "http://example.com",
            "see HTTPS://EXAMPLE.COM/x now",
            "(https://a.b)",
            "https://[::1]/",
            "http://localhost:8080",
            "http://10.0.0.1",
            "www.example.museum",
            "go to WWW.Example.de!",
            "example.com",
            "Example.COM.",
            "buy at shop.example.store, now",
            "discord.gg/abc",
            "youtu.be/dQw4w9WgXcQ",
            "t.me/somebody",
            "bbc.co.uk",
            "twitch.tv/x",
            "пример.рф",
            "例子。中国",
            "ｅｘａｍｐｌｅ．ｃｏｍ",
            "exa\u{200b}mple.c\u{200d}om",
            "look:example.com/a?b=c",
            "1.2.3.4:8080/x",
            "x.live/room",
        ] {
            assert!(has_link(text), "{text}");
        }
    }

    #[test]
    fn other_dots_are_no_links() {
        for text in [
            "",
            "hello there.",
            "end.Next one",
            "e.g. this, i.e. that",
            "tell.me more",
            "it.is what.it is",
            "node.js and README.md and main.rs",
            "v1.2.3 costs 3.50",
            "wait... what",
            "3.14",
            "1.2.3.4",
            "and/or",
            "http:// nothing",
            "https",
            "somebody@example.com",
            "www.",
            "com",
            ".com",
            "a..com",
            "...",
            "12:30",
            "no.no.no",
        ] {
            assert!(!has_link(text), "{text}");
        }
    }
}
