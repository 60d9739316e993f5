//! The ways of a comment, as ARCHITECTURE.md tells them: every file is there, with every function that is named behind it, and
//! the way itself is short, and leads from each function to the next.

use super::sources::{Source, rust_files};
use std::{collections::BTreeSet, fs};

/// So many files, at most, does somebody read who follows one comment.
const FILES_MAX: usize = 20;

/// What stands between backticks, in its order.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a file has what `name` ends with: a function, or a variant; or handles what it says.
fn has(source: &Source, name: &str) -> bool {
    if name.contains("Handler<") {
        return source.text.contains(&format!("impl {name} for "));
    }
    let (owner, last) = name.rsplit_once("::").unwrap_or(("", name));
    if owner.starts_with(char::is_uppercase) && !source.text.contains(owner) {
        return false;
    }
    match last.starts_with(char::is_uppercase) {
        true => source.text.contains(last),
        false => ["(", "<"].iter().any(|end| source.text.contains(&format!("fn {last}{end}"))),
    }
}

/// The ways of a comment, as the map tells them: up to the next headline.
fn told(headline: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/ARCHITECTURE.md");
    let map = fs::read_to_string(path).expect("the map");
    let way = map.split_once(&format!("## {headline}\n")).expect("the way").1;
    way.split_once("\n## ").expect("its end").0.to_owned()
}

/// Finds all files and functions that are named, and says how many functions they are.
fn find_all(part: &str, sources: &[Source]) -> usize {
    let (mut file, mut named) = (None, 0);
    for word in quoted(part) {
        if word.ends_with(".rs") && !word.starts_with("tests/") {
            let found = sources.iter().find(|source| source.path == word);
            file = Some(found.unwrap_or_else(|| panic!("no file {word}")));
        } else if word.contains("::") || word.contains("Handler<") {
            let file = file.expect("a file before its functions");
            assert!(has(file, word), "{} has no {word}", file.path);
            named += 1;
        }
    }
    named
}

/// Whether what has been read so far leads on to `name`: calls the function, or speaks of the message that is handled.
fn leads_to(read: &[&Source], name: &str) -> bool {
    let message = name.split_once("Handler<").map(|(_, message)| message.trim_end_matches('>'));
    let word = message.or(name.rsplit("::").next()).unwrap_or(name);
    let is_used = |(before, behind): (&str, &str)| {
        let is_whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_definition = ["fn ", "struct ", "enum ", "Handler<"].iter().any(|end| before.ends_with(end));
        is_whole && !is_definition && behind.starts_with([',', '(', ')', ' ', ':', '>'])
    };
    // Who polls a body or a stream is a library.
    word == "poll_next"
        || read.iter().any(|source| {
            let code = source.code();
            code.match_indices(word).any(|(at, _)| is_used((&code[..at], &code[at + word.len()..])))
        })
}

/// Follows the steps, and says how many files they lead through. What a step begins with is called in a file before it.
fn follow(steps: &str, sources: &[Source]) -> usize {
    let (mut read, mut next): (Vec<&Source>, Option<&Source>) = (Vec::new(), None);
    for line in steps.lines() {
        let begins_step = line.starts_with(|c: char| c.is_ascii_digit());
        for word in quoted(line) {
            if word.ends_with(".rs") {
                assert!(begins_step, "{word} is not where a step begins");
                next = sources.iter().find(|source| source.path == word);
            } else if word.contains("::") || word.contains("Handler<") {
                assert!(leads_to(&read, word), "nothing that has been read leads to {word}");
                read.extend(next.take());
            }
        }
    }
    read.into_iter().map(|source| &source.path).collect::<BTreeSet<_>>().len()
}

#[test]
fn the_way_of_a_comment_is_as_it_is_told() {
    let way = told("The way of a comment");
    let (steps, rest) = way.split_once("The steps name ").expect("how many files they are");
    let sources = rust_files("src");
    let named = find_all(steps, &sources) + find_all(rest, &sources);
    assert!(named > 50, "{named}");
    let (_, numbered) = steps.split_once("\n1. ").expect("a first step");
    let files = follow(&format!("1. {numbered}"), &sources);
    assert!(rest.starts_with(&format!("{files} files")), "the steps name {files} files");
    assert!(files <= FILES_MAX, "the steps name {files} files, and no more than {FILES_MAX} are to be read");
}

#[test]
fn the_way_over_nodes_is_as_it_is_told() {
    let named = find_all(&told("The way of a comment over nodes"), &rust_files("src"));
    assert!(named > 15, "{named}");
}
