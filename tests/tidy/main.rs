//! The house rules that a compiler does not check: floors, absences, short files that say what they are.

mod circles;
mod imports;
mod sources;
mod way;
mod words;

use imports::imports;
use livehouse::config::{Config, Flags, Purpose};
use sources::{Source, code, files, name, rust_files};
use std::collections::{BTreeMap, BTreeSet};

const LINES_MAX: usize = 400;
const FILES_MAX: usize = 12;
/// Lowest first; a module imports only from floors below its own.
const FLOORS: [&[&str]; 11] = [
    &["domain", "config", "metrics", "logging", "outgoing"],
    &["store", "auth"],
    &["wire"],
    &["identity", "bus", "webhooks", "recordings"],
    &["room"],
    &["connections", "media"],
    &["services", "operate"],
    &["http"],
    &["ui"],
    &["server"],
    &["main", "crowd", "demo", "probe"],
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

#[test]
fn a_module_imports_only_from_floors_below_its_own() {
    let mut wrong = Vec::new();
    for source in code().iter().filter(|source| source.path != "lib.rs") {
        let module = source.floor_module();
        let own = floor(module).unwrap_or_else(|| panic!("{} is on no floor", source.path));
        for import in imports(source).into_iter().filter_map(|path| path.into_iter().next()) {
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
        |source: &Source| allowed.contains(&source.floor_module()) || allowed.contains(&source.path.as_str());
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
    assert_absent("actix_web::", &["connections", "services", "http", "ui", "server", "crowd"]);
    assert_absent("actix_web_actors", &["connections"]);
    assert_absent("serde_json", &["wire", "http", "crowd", "demo"]);
    assert_absent("tokio_tungstenite", &[]);
    assert_absent("argon2", &["auth"]);
    assert_absent("jsonwebtoken", &["auth"]);
}

#[test]
fn what_hears_clients_knows_no_files() {
    const HEARS_NOBODY: [&str; 8] =
        ["config", "store", "recordings", "server", "operate", "crowd", "demo", "metrics"];
    ["fs::", "File::", "NamedFile", "OpenOptions"].iter().for_each(|word| assert_absent(word, &HEARS_NOBODY));
}

#[test]
fn nothing_is_unsafe_and_nothing_is_global() {
    for word in ["unsafe {", "unsafe fn", "unsafe impl", "static mut", "thread_local!"] {
        assert_absent(word, &[]);
    }
    // The files of the page are the same for every server of a process; each is packed once, in its own field.
    assert_absent("LazyLock<", &["ui/mod.rs"]);
    assert_absent("OnceLock<", &["ui/asset.rs"]);
    for source in code() {
        let is_static = |line: &str| line.trim_start().trim_start_matches("pub ").starts_with("static ");
        let statics: Vec<String> =
            source.code().lines().filter(|line| is_static(line)).map(str::to_owned).collect();
        // The allocator, the clock and the page: each is one for the process, however many servers share it. A task-local
        // of the log is each task's own.
        let is_allowed =
            ["main.rs", "domain/time/clock.rs", "logging.rs", "ui/mod.rs"].contains(&source.path.as_str());
        assert!(statics.is_empty() || is_allowed, "{}: {statics:?}", source.path);
    }
}

#[test]
fn pure_modules_are_told_the_time() {
    const PURE: [&str; 7] = [
        "domain/rate.rs",
        "room/rules/",
        "room/state/",
        "room/core/",
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
    for source in rust_files("tests").into_iter().filter(|source| !source.path.starts_with("tidy/")) {
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

/// `within` is the one way to such a route, and takes its limit.
#[test]
fn every_route_that_changes_something_names_its_rate_limit() {
    let mut named = 0;
    for source in code().iter().filter(|source| source.path.starts_with("http/")) {
        let code = source.code();
        if !code.contains("web::resource(") {
            continue;
        }
        for method in ["post", "put", "patch", "delete"] {
            for (place, _) in code.match_indices(&format!("{method}()")) {
                let limit =
                    code[..place].rsplit_once(".within(").and_then(|(_, limit)| limit.strip_suffix(", "));
                let is_limit = |limit: &str| limit.chars().all(char::is_alphabetic);
                assert!(limit.is_some_and(is_limit), "{}: {}", source.path, &code[place..place + 40]);
                named += 1;
            }
            for bare in [format!(".{method}("), format!("[{method}("), ".route(".into(), ".method(".into()] {
                assert!(!code.contains(&bare), "{}: {bare}", source.path);
            }
        }
    }
    assert!(named > 30, "{named}");
}

#[test]
fn no_file_is_longer_than_a_story() {
    let endings = ["rs", "js", "mjs"];
    let all = files("src", &endings).into_iter().chain(files("tests", &endings));
    let long: Vec<(String, usize)> = all
        .map(|source| (source.path, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn a_folder_holds_at_most_a_dozen_files() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for source in rust_files("src") {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        *counts.entry(folder.to_owned()).or_default() += 1;
    }
    counts.retain(|_, count| *count > FILES_MAX);
    assert!(counts.is_empty(), "{counts:?}");
}

#[test]
fn what_nobody_outside_uses_is_not_public() {
    let source = code().into_iter().find(|source| source.path == "lib.rs").expect("the root").text;
    assert!(source.contains("#![deny(unreachable_pub)]"));
    let users: String = ["tests", "fuzz", "examples", "benches"]
        .into_iter()
        .flat_map(rust_files)
        .filter(|source| !source.path.starts_with("tidy/"))
        .map(|source| source.text)
        .collect();
    let internals = source.split_once("pub mod internals").expect("what the tests use").1;
    let named = internals.lines().filter(|line| !line.contains(" mod ")).flat_map(|line| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.len() > 1)
    });
    let paths = ["pub", "use", "crate"];
    let modules: Vec<String> = code().into_iter().flat_map(|source| source.module()).collect();
    let unused: Vec<&str> = named
        .filter(|word| !paths.contains(word) && !modules.iter().any(|module| module == word))
        .filter(|word| !users.contains(*word))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
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
