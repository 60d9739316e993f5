//! The name an account is known and logged in by. It must not know which names are taken.

use crate::domain::{
    fold::{is_invisible, skeleton},
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Names of the house itself, refused in every case and look-alike.
const RESERVED: &[&str] = &["admin", "system", "moderator", "livehouse"];
const MIN_CHARS: usize = 3;
const MAX_CHARS: usize = 32;
/// Marks that may sit on one letter, as in every other text.
const MARKS_PER_LETTER: usize = 8;

/// 3 to 32 letters, marks or digits of any script, `_`, `-`, `.`, beginning and ending with a letter (with its marks)
/// or digit. Kept in normalization form C, in the case it was chosen in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Checks a name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() > 16 * MAX_CHARS {
            return Err(too_long());
        }
        let name: String = text.nfc().collect();
        match name.chars().count() {
            0 => return Err(Invalid::empty("a username has 3 to 32 characters")),
            1..MIN_CHARS => return Err(Invalid::too_short(format!("at least {MIN_CHARS} characters"))),
            MIN_CHARS..=MAX_CHARS => {}
            _ => return Err(too_long()),
        }
        check_characters(&name)?;
        let key = skeleton(&name);
        if RESERVED.iter().any(|reserved| skeleton(reserved) == key) {
            return Err(Invalid::reserved("this name belongs to the house"));
        }
        Ok(Self(name))
    }

    /// The key that is unique among accounts: folded case and look-alikes.
    pub fn key(&self) -> String {
        skeleton(&self.0)
    }

    /// The key of any text, for looking up a name somebody typed; a text that is no name has a key that no name has.
    pub fn key_of(text: &str) -> String {
        Self::parse(text).map(|name| name.key()).unwrap_or_default()
    }
}

fn too_long() -> Invalid {
    Invalid::too_long(format!("at most {MAX_CHARS} characters"))
}

fn check_characters(name: &str) -> Result<(), Invalid> {
    if !name.chars().all(|c| matches!(c, '_' | '-' | '.') || is_word(c)) {
        return Err(Invalid::forbidden_character("letters, digits, _, - and . are allowed"));
    }
    let begins = name.chars().next().is_some_and(is_letter_or_digit);
    let ends = name.chars().rev().find(|c| !is_combining_mark(*c)).is_some_and(is_letter_or_digit);
    if !begins || !ends {
        return Err(Invalid::malformed("it begins and ends with a letter or digit"));
    }
    if name.split(|c| !is_combining_mark(c)).any(|marks| marks.chars().count() > MARKS_PER_LETTER) {
        return Err(Invalid::forbidden_character("too many marks on one letter"));
    }
    Ok(())
}

fn is_word(c: char) -> bool {
    is_letter_or_digit(c) || (is_combining_mark(c) && !is_invisible(c))
}

fn is_letter_or_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let is_letter = c.general_category_group() == GeneralCategoryGroup::Letter;
    (is_letter || c.general_category() == GeneralCategory::DecimalNumber) && !is_invisible(c)
}

text_newtype!(
    Username,
    TextSchema {
        min_length: MIN_CHARS,
        max_length: MAX_CHARS,
        format: None,
        description: "3 to 32 letters, marks or digits of any script, `_`, `-`, `.`, beginning and ending with a \
                      letter or digit; unique after case and look-alike folding",
    }
);

#[cfg(test)]
#[path = "username_tests.rs"]
mod tests;
