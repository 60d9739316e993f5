//! Whether a text holds a link that people would follow. It must not know what becomes of it.
//!
//! A link is `scheme://` with something behind it, `www.` with a name, or a bare domain whose ending is one of the root
//! zone's, in whatever script. Endings that are also words or endings of files ("tell.me", "end.Next", "README.md") count
//! only with a path, a port or a name before a second dot ("t.me/x", "example.co.in"). Addresses of mail are no links.

use super::fold::{is_blank, is_invisible};
use unicode_normalization::UnicodeNormalization;

/// Endings that people write behind a dot without meaning a domain: words that begin a sentence after a forgotten space,
/// small words, endings of files.
const WORDY_ENDINGS: &[&str] = &[
    "am", "as", "at", "be", "bot", "buy", "by", "call", "can", "cool", "day", "do", "eat", "fan", "free",
    "fun", "game", "games", "gay", "good", "here", "how", "id", "in", "is", "it", "java", "kids", "la",
    "life", "like", "live", "love", "ma", "man", "md", "me", "meet", "men", "mr", "ms", "mu", "my", "na",
    "ne", "new", "next", "no", "now", "one", "open", "pa", "play", "pm", "ps", "py", "re", "read", "rip",
    "rs", "run", "safe", "save", "se", "see", "sh", "show", "si", "so", "stream", "talk", "team", "to",
    "today", "us", "va", "ve", "watch", "wed", "work", "wow", "you", "zero",
];
/// What may stand before an ending of a country, itself no name: "example.co.in".
const SECOND_LEVELS: &[&str] = &["ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"];
/// Beside the root zone: Tor's.
const ONION: &str = "onion";

/// Whether a text holds a link; linear in its length.
pub fn has_link(text: &str) -> bool {
    if !text.contains(is_dot) && !text.contains(['/', '／']) {
        return false;
    }
    let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).collect();
    has_scheme(&plain)
        || plain.split(is_boundary).any(|word| is_bare_link(word) || holds_one_among_others(word))
}

/// Where words stand side by side without spaces, as in Chinese, a domain in ASCII ends where its letters do.
fn holds_one_among_others(word: &str) -> bool {
    !word.is_ascii() && word.split(|c: char| !c.is_ascii()).any(is_bare_link)
}

/// Full stops that browsers read as the dot of a domain.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '。' | '．' | '｡' | '․')
}

fn is_boundary(c: char) -> bool {
    is_blank(c) || c.is_control() || "()[]{}<>\"'`|,;!*«»„“”‘’、，！".contains(c)
}

fn has_scheme(text: &str) -> bool {
    text.match_indices("://").any(|(at, colon)| {
        let begins = |c: char| c.is_alphanumeric() || c == '[';
        text[..at].ends_with(|c: char| c.is_ascii_alphanumeric())
            && text[at + colon.len()..].starts_with(begins)
    })
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
    let labels: Vec<&str> = host.split(is_dot).collect();
    let [before @ .., name, ending] = labels.as_slice() else { return false };
    if !labels.iter().all(|label| is_label(label)) {
        return false;
    }
    if labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok()) {
        return has_path;
    }
    if labels[0] == "www" {
        return true;
    }
    let begins_a_sentence = !ending.is_ascii() && host[..host.len() - ending.len()].ends_with('。');
    let is_doubtful = WORDY_ENDINGS.contains(ending) && !is_behind_a_name(before, name);
    is_top_level(ending) && (has_path || !(begins_a_sentence || is_doubtful))
}

/// Whether a domain has a name, and something before it: "de.wikipedia.is", "example.co.in", but not "this.is.it".
fn is_behind_a_name(before: &[&str], name: &str) -> bool {
    let Some(last) = before.last() else { return false };
    let named = if SECOND_LEVELS.contains(&name) { last } else { name };
    named.chars().count() > 2
}

/// Whether the root zone has an ending, in its own script or in Punycode.
fn is_top_level(ending: &str) -> bool {
    if ending.is_ascii() {
        return tld::exist(ending) || ending == ONION;
    }
    matches!(url::Host::parse(ending), Ok(url::Host::Domain(ascii)) if tld::exist(&ascii))
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
            "ftp://example",
            "http://0x7f.1/",
            "www.example.museum",
            "看example.com吧",
            "去bilibili.tv/x看",
            "見て→discord.gg/abc←ここ",
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
            "例子.中国",
            "例子。中国/x",
            "example。com",
            "xn--fsqu00a.xn--fiqs8s",
            "bestslots.casino",
            "a.cyou/x",
            "site.zip",
            "now: big.win, go.click. x.lol!",
            "itch.io",
            "example.Casino",
            "ドメイン.みんな",
            "пример.бел/путь",
            "example．casino",
            "example.onion",
            "example.co.in",
            "de.wikipedia.is",
            "live.now:8443/x",
            "b\u{fff9}ig.win",
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
            "wait...what",
            "ok.Thanks",
            "good.Here we go",
            "this.is.it",
            "i.e.so",
            "at 10.am or 5.pm",
            "libc.so and Makefile.am",
            "你好。世界",
            "今天很好。大家都在。中国",
            "http://",
            "://x",
            "v2.beta1",
            "a.nosuchending",
        ] {
            assert!(!has_link(text), "{text}");
        }
    }
}
