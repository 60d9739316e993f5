//! The ways of a comment, as ARCHITECTURE.md tells them: every file is there, with every function that is named behind it.

use super::sources::{Source, rust_files};
use std::{collections::BTreeSet, fs};

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

#[test]
fn the_way_of_a_comment_is_as_it_is_told() {
    let way = told("The way of a comment");
    let (steps, rest) = way.split_once("The steps name ").expect("how many files they are");
    let sources = rust_files("src");
    let named = find_all(steps, &sources) + find_all(rest, &sources);
    assert!(named > 50, "{named}");
    let files: BTreeSet<&str> =
        quoted(steps).filter(|word| word.ends_with(".rs") && !word.starts_with("tests/")).collect();
    assert!(rest.starts_with(&format!("{} files.", files.len())), "the steps name {} files", files.len());
}

#[test]
fn the_way_over_nodes_is_as_it_is_told() {
    let named = find_all(&told("The way of a comment over nodes"), &rust_files("src"));
    assert!(named > 15, "{named}");
}
