//! The name an account is shown by. It must not know whose username it may not look like.

use crate::domain::{
    fold::skeleton,
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
    text::Rules,
    username::Username,
};

const RULES: Rules = Rules::line(1, 50);

/// 1 to 50 grapheme clusters, cleaned like a comment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DisplayName(String);

impl DisplayName {
    /// Cleans and checks a name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        RULES.parse(text).map(Self)
    }

    /// The key to compare with the keys of usernames: folded case and look-alikes.
    pub fn key(&self) -> String {
        skeleton(&self.0)
    }
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
        description: "1 to 50 grapheme clusters, cleaned like a comment",
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
    fn its_key_is_that_of_the_username_it_looks_like() {
        let username = Username::parse("alice").unwrap();
        assert_eq!(DisplayName::parse(" АLIСЕ ").unwrap().key(), username.key()); // Cyrillic А, С, Е
        assert_eq!(DisplayName::parse("aIice").unwrap().key(), username.key()); // capital I
        assert_ne!(DisplayName::parse("alice b").unwrap().key(), username.key());
        assert_eq!(DisplayName::from(&username).as_str(), "alice");
    }
}
