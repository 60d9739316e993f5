//! Keys under which texts that look or read the same are the same: for identity and for search.
//! It must not know what is being compared.

use icu_properties::props::{BinaryProperty, DefaultIgnorableCodePoint, ExtendedPictographic};
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Letters drawn as small capitals: no property says so, only their names. (Cyrillic В, К, М, Н, Т come out as some of
/// them, too: their look-alikes show only after a change of case.)
const SMALL_CAPITALS: &[(char, char)] = &[
    ('ᴀ', 'a'),
    ('ʙ', 'b'),
    ('ᴄ', 'c'),
    ('ᴅ', 'd'),
    ('ᴇ', 'e'),
    ('ꜰ', 'f'),
    ('ɢ', 'g'),
    ('ʜ', 'h'),
    ('ɪ', 'i'),
    ('ᴊ', 'j'),
    ('ᴋ', 'k'),
    ('ĸ', 'k'),
    ('ʟ', 'l'),
    ('ᴍ', 'm'),
    ('ʍ', 'm'),
    ('ɴ', 'n'),
    ('ᴏ', 'o'),
    ('ᴘ', 'p'),
    ('ꞯ', 'q'),
    ('ʀ', 'r'),
    ('ꜱ', 's'),
    ('ᴛ', 't'),
    ('ᴜ', 'u'),
    ('ᴠ', 'v'),
    ('ᴡ', 'w'),
    ('ʏ', 'y'),
    ('ᴢ', 'z'),
    ('ᴦ', 'γ'),
    ('ᴧ', 'λ'),
    ('ᴨ', 'π'),
    ('ᴩ', 'ρ'),
    ('ᴪ', 'ψ'),
    ('ᴫ', 'л'),
];
/// Canonical_Combining_Class of marks below a letter.
const BELOW: u8 = 220;

/// Names the rule of [`skeleton`]: stored keys are made anew where it has changed. Raise it with every change that gives
/// any name another key, that of a table's version included.
pub(crate) const RULE: &str = "2";

/// How often folding may change a text again before it is taken as it is. Three rounds were the most ever seen.
const MAX_ROUNDS: usize = 8;

/// The identity key: equal for texts that differ alone in case, width, what does not show, the number of blanks, marks
/// below a letter (which underlining hides) or look-alikes (so also 0 and o; 1, l and I; rn and m). Idempotent.
pub fn skeleton(text: &str) -> String {
    let mut key = fold_once(text);
    for _ in 0..MAX_ROUNDS {
        let again = fold_once(&key);
        if again == key {
            break;
        }
        key = again;
    }
    key
}

fn fold_once(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).map(look_alike).collect();
    let prototypes = search_key(&seen);
    let prototypes: String = unicode_security::skeleton(&prototypes).filter(|c| !is_mark_below(*c)).collect();
    let folded = search_key(&prototypes).replace("i\u{307}", "i");
    let folded: String = folded.chars().filter(|c| !is_invisible(*c)).map(look_alike).collect();
    join_blanks(&folded)
}

/// Beside what the table of look-alikes has: capital I is l.
fn look_alike(c: char) -> char {
    match styled_letter(c).or_else(|| flag_letter(c)).unwrap_or(c) {
        'i' => 'l',
        letter => letter,
    }
}

/// One space for each run of what looks like spaces, none around the text.
fn join_blanks(text: &str) -> String {
    text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The letter that a small capital, or a letter in a dark circle or square, is read as.
pub(crate) fn styled_letter(c: char) -> Option<char> {
    match c {
        '\u{1f150}'..='\u{1f169}' => nth_letter(c, '\u{1f150}'),
        '\u{1f170}'..='\u{1f189}' => nth_letter(c, '\u{1f170}'),
        _ => SMALL_CAPITALS.iter().find(|(from, _)| *from == c).map(|(_, to)| *to),
    }
}

/// Regional indicators show as letters where they are no flag.
fn flag_letter(c: char) -> Option<char> {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}').then(|| nth_letter(c, '\u{1f1e6}'))?
}

fn nth_letter(c: char, first: char) -> Option<char> {
    char::from_u32('a' as u32 + (c as u32 - first as u32))
}

fn is_mark_below(c: char) -> bool {
    is_overlay(c) && canonical_combining_class(c) == BELOW
}

/// Marks drawn over letters of any script, and the modifiers of emoji. Marks that belong to one script stay.
pub(crate) fn is_overlay(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The search key: equal for texts that differ in case or width alone. Idempotent.
pub fn search_key(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(fold_case).collect();
    folded.nfkc().collect()
}

/// Folds case by way of upper case, so that ß becomes ss and final sigma becomes sigma.
pub(crate) fn fold_case(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Whether a character shows nothing and takes no room: what is ignorable by default (joiners, selectors, fillers,
/// tags), controls of formatting, and what is no character (noncharacters, unassigned ones but for places kept for emoji).
pub(crate) fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let draws_nothing = match c.general_category() {
        GeneralCategory::Format => !is_number_sign(c),
        GeneralCategory::Unassigned => !ExtendedPictographic::for_char(c),
        _ => is_joining_sign(c),
    };
    draws_nothing || DefaultIgnorableCodePoint::for_char(c)
}

/// The controls of formatting that are drawn: signs that span the digits behind them (Prepended_Concatenation_Mark).
fn is_number_sign(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{110bd}' | '\u{110cd}')
}

/// Marks that only say how their neighbours are drawn, and that no property tells from others: joiners of Tifinagh,
/// Duployan and Khitan, mirrored and damaged hieroglyphs.
fn is_joining_sign(c: char) -> bool {
    matches!(c, '\u{2d7f}' | '\u{16fe4}' | '\u{1bc9d}' | '\u{13440}' | '\u{13447}'..='\u{13455}')
}

/// Whether a character looks like a space: spaces, and symbols and letters that are drawn as nothing but take room.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{fffc}' | '\u{13441}'..='\u{13442}' | '\u{1d159}')
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
