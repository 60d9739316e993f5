//! The name an account is shown by. It must not know whose username it may not look like.

use super::username::is_reserved;
use crate::domain::{
    Username,
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
    text::{
        Rules,
        fold::{is_blank, skeleton},
    },
};

const RULES: Rules = Rules::line(1, 50);

/// 1 to 50 grapheme clusters, cleaned like a comment, with one blank for several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DisplayName(String);

impl DisplayName {
    /// Cleans and checks a name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        RULES.parse(text).map(|name| Self(with_single_blanks(&name)))
    }

    /// The key to compare with the keys of usernames: folded case and look-alikes.
    pub fn key(&self) -> String {
        skeleton(&self.0)
    }

    /// Whether it looks like a name of the house itself, which nobody may be shown by.
    pub fn is_reserved(&self) -> bool {
        is_reserved(&self.key())
    }
}

/// Pages show several blanks as one, so they are one.
fn with_single_blanks(name: &str) -> String {
    let mut after_blank = true;
    let mut kept = String::with_capacity(name.len());
    kept.extend(name.chars().filter(|c| {
        let is_repeated = after_blank && is_blank(*c);
        after_blank = is_blank(*c);
        !is_repeated
    }));
    kept.truncate(kept.trim_end_matches(is_blank).len());
    kept
}

impl From<&Username> for DisplayName {
    /// Who chose no name is shown by the username.
    fn from(username: &Username) -> Self {
        Self(username.as_str().to_owned())
    }
}

text_newtype!(
    DisplayName,
    TextSchema {
        min_length: 1,
        max_length: 50,
        format: None,
        description: "1 to 50 grapheme clusters, cleaned like a comment, with one blank for several; none that looks \
                      like another's username or a name of the site (`admin`, `moderator`, `system`, `livehouse`)",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_is_cleaned_and_counted_in_clusters() {
        assert_eq!(DisplayName::parse("  Ana\n\u{202e}Bé ").unwrap().as_str(), "Ana Bé");
        let families = "👩‍❤️‍💋‍👨".repeat(50);
        assert_eq!(DisplayName::parse(&families).unwrap().as_str(), families);
        assert_eq!(DisplayName::parse(&"x".repeat(51)).unwrap_err().code, "too_long");
        assert_eq!(DisplayName::parse("\u{200b} \u{3164}").unwrap_err().code, "empty");
    }

    #[test]
    fn several_blanks_are_one_and_none_is_around_it() {
        for (sent, kept) in [
            ("Ana   B", "Ana B"),
            ("山田\u{3000}\u{3000}太郎", "山田\u{3000}太郎"),
            ("\u{2800}Ana\u{2800} B\u{2800}", "Ana\u{2800}B"),
        ] {
            assert_eq!(DisplayName::parse(sent).unwrap().as_str(), kept, "{sent:?}");
        }
        for blank in ["\u{2800}", "\u{fff9}", "\u{1d159}", "\u{13440}", "\u{13441}", "\u{ffff}", "\u{378}"] {
            assert_eq!(DisplayName::parse(blank).unwrap_err().code, "empty", "{blank:?}");
        }
    }

    #[test]
    fn names_of_the_house_are_reserved_in_every_look_alike() {
        for text in [
            "Admin",
            "аdmin",
            " MODERATOR",
            "ʟɪᴠᴇʜᴏᴜꜱᴇ",
            "system\u{2800}",
            "S\u{323}ystem",
            "adrnin",
            "🇦dmin",
        ] {
            assert!(DisplayName::parse(text).unwrap().is_reserved(), "{text:?}");
        }
        assert!(!DisplayName::parse("Admin Ana").unwrap().is_reserved());
    }

    #[test]
    fn its_key_is_that_of_the_username_it_looks_like() {
        let username = Username::parse("alice").unwrap();
        assert_eq!(DisplayName::parse(" АLIСЕ ").unwrap().key(), username.key()); // Cyrillic А, С, Е
        assert_eq!(DisplayName::parse("aIice").unwrap().key(), username.key()); // capital I
        assert_ne!(DisplayName::parse("alice b").unwrap().key(), username.key());
        assert_eq!(DisplayName::from(&username).as_str(), "alice");
    }
}
