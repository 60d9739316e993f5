//! The ways a text can be spelled out, as strings that an automaton can search: word by word, and with what was
//! taken apart ("b.a d") put together. It must not know any term.

use super::letters::{Gap, Kind, Letter};
use std::ops::Range;

/// Stands before a word; no cleaned text holds it.
const WORD_START: char = '\u{1}';
/// Stands behind a word.
const WORD_END: char = '\u{2}';
/// Stands where a text of a script without word ends has a gap.
const BREAK: char = '\u{3}';

/// How words are formed from letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// A space or sign ends a word.
    Apart,
    /// Signs within words are ignored, and so are spaces between single letters.
    Together,
    /// All words are one; for terms alone ("killyourself").
    Glued,
}

/// A run of letters without a gap.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    letters: Range<usize>,
    kind: Kind,
    gap: Gap,
}

/// The words of a text as it is written.
pub(crate) fn words(letters: &[Letter]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        match words.last_mut() {
            Some(word)
                if letter.gap == Gap::None && letter.kind == word.kind && word.kind != Kind::Symbol =>
            {
                word.letters.end = at + 1;
            }
            _ => words.push(Word { letters: at..at + 1, kind: letter.kind, gap: letter.gap }),
        }
    }
    words
}

/// A text spelled in one way: words of scripts that have words stand between marks, so that a search for a marked
/// word finds whole words alone.
pub(crate) struct Spelled {
    pub(crate) text: String,
    /// For each byte of `text`, the letter that it belongs to, or stands before.
    letters: Vec<u32>,
    /// Whether it differs from [`Spelling::Apart`].
    pub(crate) differs: bool,
}

impl Spelled {
    pub(crate) fn new(letters: &[Letter], words: &[Word], spelling: Spelling) -> Self {
        let mut spelled = Self { text: String::new(), letters: Vec::new(), differs: false };
        spelled.text.reserve(letters.len() * 2);
        spelled.letters.reserve(letters.len() * 2);
        let mut last: Option<&Word> = None;
        let mut dropped_symbol = false;
        for word in words {
            if word.kind == Kind::Symbol && spelling != Spelling::Apart && words.len() > 1 {
                dropped_symbol = true;
                continue;
            }
            let joined = last.is_some_and(|last| joins(last, word, spelling));
            spelled.differs |= joined || dropped_symbol;
            spelled.add(letters, last, word, joined);
            last = Some(word);
            dropped_symbol = false;
        }
        spelled.close(last);
        spelled
    }

    fn add(&mut self, letters: &[Letter], last: Option<&Word>, word: &Word, joined: bool) {
        let start = word.letters.start;
        if !joined {
            self.close(last);
            match (word.kind, last.map(|last| last.kind)) {
                (Kind::Word, _) => self.push(WORD_START, start),
                (Kind::Unspaced, Some(Kind::Unspaced)) => self.push(BREAK, start),
                _ => {}
            }
        }
        for at in word.letters.clone() {
            self.push(letters[at].folded, at);
        }
    }

    fn close(&mut self, last: Option<&Word>) {
        if let Some(last) = last.filter(|last| last.kind == Kind::Word) {
            self.push(WORD_END, last.letters.end - 1);
        }
    }

    fn push(&mut self, c: char, letter: usize) {
        self.text.push(c);
        self.letters.resize(self.text.len(), letter as u32);
    }

    /// The bytes of the original text that a match in `text` covers.
    pub(crate) fn original(&self, letters: &[Letter], found: Range<usize>) -> Range<usize> {
        let first = &letters[self.letters[found.start] as usize];
        let last = &letters[self.letters[found.end - 1] as usize];
        first.range().start..last.range().end
    }
}

fn joins(last: &Word, word: &Word, spelling: Spelling) -> bool {
    let is_same_kind = last.kind == word.kind;
    match spelling {
        Spelling::Apart => false,
        Spelling::Glued => is_same_kind,
        Spelling::Together if word.kind == Kind::Unspaced => is_same_kind,
        Spelling::Together => {
            let both_single = last.letters.len() == 1 && word.letters.len() == 1;
            is_same_kind && (word.gap != Gap::Space || both_single)
        }
    }
}
