//! The house rules that a compiler does not check: floors, absences, short files that say what they are.

use livehouse::config::{Config, Flags, Purpose};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const LINES_MAX: usize = 400;
/// Lowest first; a module imports only from floors below its own.
const FLOORS: [&[&str]; 10] = [
    &["domain", "config", "metrics", "logging"],
    &["store", "auth"],
    &["wire"],
    &["identity"],
    &["room"],
    &["connections"],
    &["services"],
    &["http", "ui", "operate"],
    &["server"],
    &["main", "crowd"],
];

struct Source {
    /// Below `src`, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// Without comments and without the tests at its end.
    fn code(&self) -> String {
        let end = self.text.find("#[cfg(test)]\nmod ").or(self.text.find("#[cfg(test)]\n#[path"));
        let code = &self.text[..end.unwrap_or(self.text.len())];
        let without_comment = |line: &str| line.split("//").next().unwrap_or("").to_owned();
        code.lines().map(without_comment).collect::<Vec<_>>().join("\n")
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("tests/") || self.path.ends_with("samples.rs")
    }

    /// The module on a floor that it belongs to.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or("").trim_end_matches(".rs")
    }
}

fn rust_files(directory: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut waiting = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(&path).expect("a directory") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                let path = path.strip_prefix(&root).expect("below").display().to_string().replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "{directory} has no Rust");
    found
}

/// The code of the server, without its tests.
fn code() -> Vec<Source> {
    rust_files("src").into_iter().filter(|source| !source.is_test()).collect()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

/// The modules of this crate that a code names, in paths and in groups.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => found.extend(name(rest)),
            Some(group) => found.extend(first_level(group).into_iter().filter_map(name)),
        }
    }
    found
}

fn name(text: &str) -> Option<String> {
    let name: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The members of a group up to its closing brace, without those of groups inside.
fn first_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (0, 0, Vec::new());
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(&group[start..place]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(&group[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    members
}

#[test]
fn imports_are_found_in_paths_and_groups() {
    let code = "use crate::{\n    a::{b, c},\n    d,\n};\nlet x = crate::e::f();\nuse crate::g;";
    assert_eq!(imports(code).into_iter().collect::<Vec<_>>(), ["a", "d", "e", "g"]);
}

#[test]
fn a_module_imports_only_from_floors_below_its_own() {
    let mut wrong = Vec::new();
    for source in code().iter().filter(|source| source.path != "lib.rs") {
        let module = source.module();
        let own = floor(module).unwrap_or_else(|| panic!("{} is on no floor", source.path));
        for import in imports(&source.code()) {
            let Some(theirs) = floor(&import) else { continue };
            let is_ground = own == 0 && theirs == 0;
            if import != module && theirs >= own && !is_ground {
                wrong.push(format!("{} imports {import}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// No code outside `allowed` (modules, or files) names `word`.
fn assert_absent(word: &str, allowed: &[&str]) {
    let is_allowed =
        |source: &Source| allowed.contains(&source.module()) || allowed.contains(&source.path.as_str());
    let wrong: Vec<String> = code()
        .into_iter()
        .filter(|source| !is_allowed(source) && source.code().contains(word))
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "{word} is in {wrong:?}");
}

#[test]
fn libraries_stay_behind_their_doors() {
    assert_absent("diesel", &["store"]);
    assert_absent("actix_web::", &["connections", "http", "ui", "server", "crowd"]);
    assert_absent("actix_web_actors", &["connections"]);
    assert_absent("serde_json", &["wire", "http", "crowd"]);
    assert_absent("tokio_tungstenite", &[]);
    assert_absent("argon2", &["auth"]);
    assert_absent("jsonwebtoken", &["auth"]);
}

#[test]
fn what_hears_clients_knows_no_files() {
    const HEARS_NOBODY: [&str; 6] = ["config", "store", "server", "operate", "crowd", "metrics"];
    ["fs::", "File::", "NamedFile", "OpenOptions"].iter().for_each(|word| assert_absent(word, &HEARS_NOBODY));
}

#[test]
fn nothing_is_unsafe_and_nothing_is_global() {
    for word in
        ["unsafe {", "unsafe fn", "unsafe impl", "static mut", "OnceLock<", "LazyLock<", "thread_local!"]
    {
        assert_absent(word, &[]);
    }
    for source in code() {
        let is_static = |line: &str| line.trim_start().trim_start_matches("pub ").starts_with("static ");
        let statics: Vec<String> =
            source.code().lines().filter(|line| is_static(line)).map(str::to_owned).collect();
        // The allocator, and the clock: each is one for the process, however many servers share it. A task-local of the
        // log is each task's own.
        let is_allowed = ["main.rs", "domain/time/clock.rs", "logging.rs"].contains(&source.path.as_str());
        assert!(statics.is_empty() || is_allowed, "{}: {statics:?}", source.path);
    }
}

#[test]
fn pure_modules_are_told_the_time() {
    const PURE: [&str; 10] = [
        "domain/rate.rs",
        "room/rules/",
        "room/core/roster.rs",
        "room/core/state.rs",
        "room/core/history.rs",
        "room/core/sequencer.rs",
        "room/core/thinning.rs",
        "room/fanout/batch.rs",
        "room/fanout/clock.rs",
        "room/fanout/r",
    ];
    for source in code() {
        let is_pure = PURE.iter().any(|place| source.path.starts_with(place));
        let code = source.code();
        let reads = ["::now()", "elapsed()"].iter().any(|word| code.contains(word));
        let is_auth = source.path.starts_with("auth/throttle") || source.path == "auth/token.rs";
        assert!(!((is_pure || is_auth) && reads), "{} reads the clock", source.path);
    }
}

#[test]
fn one_place_reads_the_time_of_day() {
    assert_absent("SystemTime", &["domain/time/clock.rs", "crowd"]);
}

/// A shell that runs the tests may run the server, too, which refuses variables like its own that it does not know.
#[test]
fn the_server_ignores_every_switch_of_the_test_suite() {
    const KINDS: [&str; 5] = ["TEST_", "REQUIRE_", "MODEL_", "AXE", "RACES"];
    let mut switches = BTreeSet::new();
    for source in rust_files("tests").into_iter().filter(|source| source.path != "tidy.rs") {
        for rest in source.text.split("LIVEHOUSE_").skip(1) {
            let name = name(rest).unwrap_or_default();
            if KINDS.iter().any(|kind| name.starts_with(kind)) {
                switches.insert(format!("LIVEHOUSE_{name}"));
            }
        }
    }
    assert!(switches.len() > 10, "{switches:?}");
    for switch in switches {
        let environment = [(switch.into(), "1".into())];
        let config = Config::load(&Flags::default(), environment, Purpose::Inspect);
        assert!(config.is_ok(), "{}", config.unwrap_err());
    }
}

#[test]
fn what_was_stored_is_told_in_one_place() {
    // `server/chores.rs` hears of sessions ended by other processes, from the tables alone.
    for word in ["close_session(", "close_user("] {
        assert_absent(word, &["server/parts.rs", "server/chores.rs", "connections/limits.rs"]);
    }
    for word in ["send(StreamGone", "send(AboutUser", "send(TurnedDown", "send(stored", "send(Stored"] {
        assert_absent(word, &["room/operations/publish.rs", "room/front/registry.rs"]);
    }
}

#[test]
fn no_file_is_longer_than_a_story() {
    let all = rust_files("src").into_iter().chain(rust_files("tests"));
    let long: Vec<(String, usize)> = all
        .map(|source| (source.path, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn every_file_begins_with_what_it_is() {
    let all = rust_files("src").into_iter().chain(rust_files("tests"));
    let silent: Vec<String> =
        all.filter(|source| !source.text.starts_with("//! ")).map(|source| source.path).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn an_unbounded_send_says_why_it_is_bounded() {
    let mut wrong = Vec::new();
    for source in code() {
        let lines: Vec<&str> = source.text.lines().collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(".do_send(")) {
            let near = &lines[number.saturating_sub(5)..=number];
            if !near.iter().any(|line| line.contains("//")) {
                wrong.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_say_what_things_do() {
    for source in code() {
        let file = source.path.rsplit('/').next().unwrap_or("");
        assert!(!["util.rs", "utils.rs", "common.rs", "helpers.rs"].contains(&file), "{}", source.path);
        for line in source.code().lines() {
            let declares = ["struct ", "enum ", "trait "].iter().any(|word| line.contains(word));
            let is_vague = ["Manager", "Helper", "Service "].iter().any(|word| line.contains(word));
            assert!(!(declares && is_vague), "{}: {line}", source.path);
            assert!(!line.contains("fn get_"), "{}: {line}", source.path);
        }
    }
}
