//! A text as the terms read it: letters folded by case, width and look-alikes, each knowing where it stood.
//! It must not know any term.

use crate::domain::text::fold::{fold_case, is_blank, is_invisible, is_overlay, styled_letter};
use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, char::compose};
use unicode_properties::{
    GeneralCategory as Category, GeneralCategoryGroup as Group, UnicodeGeneralCategory,
};

/// How signs that stand for letters are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// `0` is o, `1` is l; signs separate.
    Plain,
    /// `0` is o, `1` and `|` are i, `@` is a, `$` is s.
    Signs,
}

/// What stands between a letter and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    None,
    /// Signs, but no space.
    Signs,
    /// At least one space, or the beginning of the text.
    Space,
}

/// Whether a letter's script marks where words end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A letter, mark or digit of a script with words.
    Word,
    /// A letter of a script without spaces between words, or of Korean, which glues endings on.
    Unspaced,
    /// An emoji or other pictorial symbol: a word by itself.
    Symbol,
}

/// One folded letter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Letter {
    pub(crate) folded: char,
    pub(crate) kind: Kind,
    pub(crate) gap: Gap,
    /// Bytes in the text that it was folded from.
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Letter {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Whether [`Reading::Signs`] can differ from [`Reading::Plain`].
pub(crate) fn has_letter_signs(text: &str) -> bool {
    text.contains(['1', '|', '@', '$'])
}

/// The letters of a text, in order; linear in its length.
pub(crate) fn letters(text: &str, reading: Reading) -> Vec<Letter> {
    let mut letters = Vec::with_capacity(text.len());
    let mut gap = Gap::Space;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        fold(c, reading, &mut |folded| match kind(folded) {
            Some(kind) => {
                let (start, end) = (start as u32, end as u32);
                push(&mut letters, Letter { folded, kind, gap, start, end });
                gap = Gap::None;
            }
            None if folded.is_whitespace() => gap = Gap::Space,
            None => gap = gap.max(Gap::Signs),
        });
    }
    letters
}

/// Puts syllables together again that came apart, as in Korean, or kana and their voice marks.
fn push(letters: &mut Vec<Letter>, letter: Letter) {
    if letter.kind == Kind::Unspaced
        && letter.gap == Gap::None
        && let Some(last) = letters.last_mut()
        && let Some(composed) = compose(last.folded, letter.folded)
    {
        last.folded = composed;
        last.end = letter.end;
        return;
    }
    letters.push(letter);
}

/// Hands on what a character reads as: nothing for what does not show, several for ligatures.
fn fold(c: char, reading: Reading, emit: &mut impl FnMut(char)) {
    if c.is_ascii() {
        return emit(fold_ascii(c, reading));
    }
    if is_overlay(c) {
        return;
    }
    if let Some(folded) = fold_by_script(c) {
        return emit(folded);
    }
    if is_invisible(c) {
        return;
    }
    if is_blank(c) {
        return emit(' ');
    }
    if let Some(letter) = styled_letter(c) {
        return emit(letter);
    }
    let compatible = std::iter::once(c).nfkd().filter(|c| !is_overlay(*c));
    for c in compatible.flat_map(fold_case) {
        match fold_by_script(c) {
            _ if c.is_ascii() => emit(fold_ascii(c, reading)),
            Some(folded) => emit(folded),
            None if is_unspaced(c) => emit(c),
            None => fold_look_alike(c, emit),
        }
    }
}

/// The scripts that most comments are written in, without a look into the large tables.
fn fold_by_script(c: char) -> Option<char> {
    match c {
        '\u{410}'..='\u{42f}' => char::from_u32(c as u32 + 0x20).map(fold_cyrillic),
        '\u{430}'..='\u{44f}' => Some(fold_cyrillic(c)),
        '\u{904}'..='\u{957}' | '\u{960}'..='\u{97f}' => Some(c),
        '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}' => Some(c),
        '\u{1f300}'..='\u{1faff}' => Some(c),
        _ if is_ideograph_or_hangul(c) => Some(c),
        _ => None,
    }
}

/// To the Latin letter that it, or its capital, is drawn like.
fn fold_cyrillic(c: char) -> char {
    const LOOK_ALIKES: [(char, char); 13] = [
        ('а', 'a'),
        ('в', 'b'),
        ('е', 'e'),
        ('й', 'и'),
        ('к', 'k'),
        ('м', 'm'),
        ('н', 'h'),
        ('о', 'o'),
        ('р', 'p'),
        ('с', 'c'),
        ('т', 't'),
        ('у', 'y'),
        ('х', 'x'),
    ];
    LOOK_ALIKES.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)
}

fn fold_ascii(c: char, reading: Reading) -> char {
    match (reading, c) {
        (_, '0') => 'o',
        (Reading::Plain, '1') => 'l',
        (Reading::Signs, '1' | '|') => 'i',
        (Reading::Signs, '@') => 'a',
        (Reading::Signs, '$') => 's',
        _ => c.to_ascii_lowercase(),
    }
}

/// To the Latin or other letter that it is drawn like.
fn fold_look_alike(c: char, emit: &mut impl FnMut(char)) {
    let mut buffer = [0; 4];
    let prototypes = unicode_security::skeleton(c.encode_utf8(&mut buffer));
    for prototype in prototypes.filter(|c| !is_overlay(*c)).flat_map(fold_case) {
        emit(match prototype {
            '0' => 'o',
            '1' => 'l',
            other => fold_by_script(other).unwrap_or(other),
        });
    }
}

fn kind(c: char) -> Option<Kind> {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric().then_some(Kind::Word);
    }
    if is_unspaced(c) {
        return Some(Kind::Unspaced);
    }
    if matches!(c, '\u{430}'..='\u{44f}' | '\u{904}'..='\u{963}' | '\u{971}'..='\u{97f}') {
        return Some(Kind::Word);
    }
    if matches!(c, '\u{1f300}'..='\u{1faff}') {
        return Some(Kind::Symbol);
    }
    match c.general_category_group() {
        Group::Letter | Group::Mark | Group::Number => Some(Kind::Word),
        _ if c.general_category() == Category::OtherSymbol => Some(Kind::Symbol),
        _ => None,
    }
}

/// Characters that fold to themselves, found without a table.
fn is_ideograph_or_hangul(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Thai, Lao, Myanmar, Khmer, Japanese, Chinese, Korean; punctuation and symbols among them aside.
fn is_unspaced(c: char) -> bool {
    is_ideograph_or_hangul(c)
        || matches!(c,
            '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ece}' | '\u{1000}'..='\u{1049}'
            | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17d3}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309f}'
            | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{318e}' | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}')
}
