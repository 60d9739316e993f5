//! What the table of settings says of itself, in help and in the book, is so.

use super::*;
use clap::Args;
use settings::KEYS;
use std::collections::BTreeSet;

const SETTINGS: &str = include_str!("../../../docs/src/settings.md");

/// The rows of the table of settings in the book: flags, variables, and the default with its remarks.
fn rows() -> Vec<[&'static str; 3]> {
    let (_, table) = SETTINGS.split_once("| flag | environment | default |").expect("the book has the table");
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| Vec::from_iter(row.splitn(3, " | ")).try_into().expect("three columns")).collect()
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The keys of a row by its variables; `…_FILE` is the one before it, as a file.
fn keys(variables: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for name in quoted(variables) {
        let whole = match (name.strip_prefix('…'), keys.last()) {
            (Some(end), Some(before)) => format!("{before}{end}"),
            _ => name.strip_prefix("LIVEHOUSE_").expect("a variable of ours").to_owned(),
        };
        keys.push(whole.to_lowercase());
    }
    keys
}

/// The flags with their help, by key; `--config` is none of a setting.
fn flags() -> Vec<(String, String)> {
    let command = Flags::augment_args(clap::Command::new("livehouse"));
    let arguments = command.get_arguments().filter(|argument| argument.get_id() != "config");
    let help = |argument: &clap::Arg| argument.get_help().expect("help").to_string();
    arguments.map(|argument| (argument.get_id().to_string(), help(argument))).collect()
}

/// What help calls the default.
fn default_of(help: &str) -> Option<&str> {
    help.split_once("[default: ")?.1.strip_suffix(']')
}

#[test]
fn the_book_has_every_setting_and_no_other() {
    let told: Vec<String> = rows().iter().flat_map(|[_, variables, _]| keys(variables)).collect();
    let expected = BTreeSet::from_iter(KEYS.iter().copied().chain(["limits_<name>"]));
    assert_eq!(BTreeSet::from_iter(told.iter().map(String::as_str)), expected);
    assert_eq!(told.len(), expected.len(), "a setting stands there twice: {told:?}");
}

#[test]
fn the_book_has_the_flags_beside_their_variables_and_the_defaults_of_help() {
    let flags = flags();
    for [names, variables, default] in rows() {
        let keys = keys(variables);
        for name in quoted(names) {
            let key = name.strip_prefix("--").expect("a flag").replace('-', "_");
            assert!(keys.contains(&key), "{name} stands beside {variables}");
            let (_, help) = flags.iter().find(|(id, _)| *id == key).unwrap_or_else(|| panic!("no {name}"));
            let told = default_of(help).is_none_or(|of_help| default.replace('`', "").contains(of_help));
            assert!(told, "{name}: {default}, and in help {help}");
        }
    }
    for (key, _) in flags {
        let name = format!("`--{}`", key.trim_end_matches("_file").replace('_', "-"));
        let stem = name.trim_end_matches('`');
        assert!(rows().iter().any(|[names, ..]| names.contains(stem)), "the book lacks {name}");
    }
}

#[test]
fn the_defaults_that_help_names_hold() {
    let printed = given().load().unwrap().to_toml();
    let named: Vec<_> =
        flags().into_iter().filter_map(|(key, help)| Some((key, default_of(&help)?.to_owned()))).collect();
    assert!(named.len() > 8, "{named:?}");
    for (key, default) in named.iter().filter(|(key, _)| key != "workers") {
        let switched = format!("{key} = {}", if default == "on" { "true" } else { "false" });
        let lines = [format!("{key} = {default}"), format!("{key} = \"{default}\""), switched];
        assert!(printed.lines().any(|line| lines.iter().any(|told| told == line)), "{key}: {default}");
    }
}
