//! Words: none that was given up for the field's own, and no doc line that says nothing.

use super::sources::{code, rust_files};

/// Given up: each has one word of the field, which ARCHITECTURE.md lists.
const GIVEN_UP: [&str; 23] = [
    "hall",
    "Hall",
    "lobby",
    "Lobby",
    "desk",
    "Desk",
    "doorman",
    "Doorman",
    "ordeal",
    "gate",
    "Gate",
    "BackDoor",
    "outlet",
    "Outlet",
    "Reach",
    "sit_down",
    "stand_up",
    "see_off",
    "turn_down",
    "take_in",
    "asides",
    "memo",
    "Trail",
];
/// Fewer words than these say nothing that the name does not say.
const WORDS_MIN: usize = 3;

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(place, _)| {
        !text[..place].ends_with(is_part) && !text[place + word.len()..].starts_with(is_part)
    })
}

#[test]
fn no_word_is_used_that_was_given_up() {
    let mut wrong = Vec::new();
    for source in rust_files("src") {
        for (number, line) in (1..).zip(source.text.lines()) {
            let given_up = GIVEN_UP.iter().filter(|word| has_word(line, word));
            wrong.extend(given_up.map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_doc_line_says_something() {
    let mut wrong = Vec::new();
    for source in code() {
        let lines: Vec<&str> = source.text.lines().collect();
        let is_doc = |line: Option<&&str>| line.is_some_and(|line| line.trim_start().starts_with("///"));
        for (number, line) in lines.iter().enumerate() {
            let Some(text) = line.trim_start().strip_prefix("/// ") else { continue };
            let is_alone = !is_doc(number.checked_sub(1).and_then(|before| lines.get(before)))
                && !is_doc(lines.get(number + 1));
            if is_alone && text.split_whitespace().count() < WORDS_MIN {
                wrong.push(format!("{}:{}: {text}", source.path, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The document of the interface says of all else that can be null that it is always there.
#[test]
fn what_an_answer_leaves_out_is_said_to_be_never_null() {
    let mut wrong = Vec::new();
    for source in rust_files("src/http").into_iter().chain(rust_files("src/wire")) {
        let lines: Vec<&str> = source.text.lines().collect();
        let left_out = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.contains("skip_serializing_if = \"Option::is_none\""));
        for (number, _) in left_out {
            if !lines.get(number + 1).is_some_and(|line| line.contains("nullable = false")) {
                wrong.push(format!(
                    "{}:{}: without #[schema(nullable = false)] behind it",
                    source.path,
                    number + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
