//! The name an account is shown by. It must not know whose username it may not look like.

use crate::domain::{
    fold::skeleton,
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
    text::Rules,
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

impl From<&crate::domain::username::Username> for DisplayName {
    /// Who chose no name is shown by the username.
    fn from(username: &crate::domain::username::Username) -> Self {
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
