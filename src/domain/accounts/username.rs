//! The name an account is known and logged in by. It must not know which names are taken.

use crate::domain::{
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
    text::fold::{is_blank, is_invisible, skeleton},
};
use icu_properties::props::{EnumeratedProperty, Script};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Names of the house itself, refused in every case and look-alike.
const RESERVED: &[&str] = &["admin", "system", "moderator", "livehouse"];
const MIN_CHARS: usize = 3;
/// Fewest characters of a name that holds a Chinese, Japanese or Korean one.
const MIN_CHARS_CJK: usize = 2;
const MAX_CHARS: usize = 32;
/// Marks that may sit on one letter, as in every other text.
const MARKS_PER_LETTER: usize = 8;

/// What an account can be found by: the folded name, and the name as it is for the few whose folded name an older account
/// has had since the rule of folding changed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NameKeys {
    /// The key that is unique among accounts: folded case and look-alikes. Empty where a text is no name.
    pub folded: String,
    /// No folded name looks like it.
    pub exact: String,
}

/// 3 to 32 (2 where one is Chinese, Japanese or Korean) letters, marks or digits of any script, `_`, `-`, `.`, beginning
/// and ending with a letter (with its marks) or digit. Kept trimmed, in normalization form C, in the case it was chosen in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Trims and checks a name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.len() > 16 * MAX_CHARS {
            return Err(too_long());
        }
        let name: String = text.nfc().collect();
        let min = if name.chars().any(is_cjk) { MIN_CHARS_CJK } else { MIN_CHARS };
        match name.chars().count() {
            0 => return Err(Invalid::empty("a username has 3 to 32 characters")),
            count if count < min => return Err(Invalid::too_short(format!("at least {min} characters"))),
            count if count > MAX_CHARS => return Err(too_long()),
            _ => {}
        }
        check_characters(&name)?;
        if is_reserved(&skeleton(&name)) {
            return Err(Invalid::reserved("this name belongs to the house"));
        }
        Ok(Self(name))
    }

    /// The key that is unique among accounts: folded case and look-alikes.
    pub fn key(&self) -> String {
        skeleton(&self.0)
    }

    /// What the account of this name is found by.
    pub fn keys(&self) -> NameKeys {
        NameKeys { folded: self.key(), exact: exact_key(&self.0) }
    }

    /// The keys of any text, for looking up a name somebody typed; a text that is no name has keys that no name has.
    pub fn key_of(text: &str) -> NameKeys {
        Self::parse(text).map(|name| name.keys()).unwrap_or_default()
    }
}

/// The key of a name whose folded key is another account's: `=` stands in no name, and no name folds to it.
pub(crate) fn exact_key(name: &str) -> String {
    format!("={name}")
}

/// Whether a folded name is one of the house itself.
pub(crate) fn is_reserved(key: &str) -> bool {
    RESERVED.iter().any(|reserved| skeleton(reserved) == key)
}

fn is_cjk(c: char) -> bool {
    matches!(
        Script::for_char(c),
        Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul | Script::Bopomofo
    )
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
    (is_letter || c.general_category() == GeneralCategory::DecimalNumber) && !is_invisible(c) && !is_blank(c)
}

text_newtype!(
    Username,
    TextSchema {
        min_length: MIN_CHARS_CJK,
        max_length: MAX_CHARS,
        format: None,
        description: "3 to 32 (2 where one is Chinese, Japanese or Korean) letters, marks or digits of any script, `_`, `-`, `.`, beginning and ending with a \
                      letter or digit; unique after case and look-alike folding",
    }
);

#[cfg(test)]
#[path = "username_tests.rs"]
mod tests;
