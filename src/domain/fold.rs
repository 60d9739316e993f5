//! Keys under which texts that look or read the same are the same: for identity and for search.
//! It must not know what is being compared.

use unicode_normalization::UnicodeNormalization;

/// Look-alikes that only show after a change of case: capital I is l, Cyrillic В, К, М, Н, Т are Latin capitals.
const CASE_LOOK_ALIKES: &[(char, char)] =
    &[('i', 'l'), ('ʙ', 'b'), ('ĸ', 'k'), ('ʍ', 'm'), ('ʜ', 'h'), ('ᴛ', 't')];

/// How often folding may change a text again before it is taken as it is. Three rounds were the most ever seen.
const MAX_ROUNDS: usize = 8;

/// The identity key: equal for texts that differ in case, width, invisible characters or look-alikes alone
/// (so also 0 and o; 1, l and I; rn and m). Idempotent.
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
    let plain = search_key(text);
    let prototypes: String = unicode_security::skeleton(&plain).collect();
    let folded = search_key(&prototypes).replace("i\u{307}", "i");
    folded.chars().map(case_look_alike).collect()
}

fn case_look_alike(c: char) -> char {
    CASE_LOOK_ALIKES.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)
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

/// Whether a character shows nothing by itself: joiners, selectors, fillers, tags (Default_Ignorable_Code_Point).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
