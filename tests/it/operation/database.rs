//! Which databases are worked on and which are refused, what the refusal names, and who may see the files.

use crate::tools::{Ended, Place, Running, SERVE, Sqlite};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

const PASSWORD: &str = "a stage of one's own";
const UNUSABLE: i32 = 78;

/// A database that a server has run on.
fn served() -> Place {
    let place = Place::new();
    Running::start(&place, &[]).stop();
    place
}

fn mode(place: &Place, name: &str) -> u32 {
    place.path(name).metadata().unwrap_or_else(|_| panic!("{name} is there")).permissions().mode() & 0o777
}

/// The last line of a start that was refused.
fn refused_start(place: &Place) -> String {
    let ended = place.run(SERVE);
    assert_eq!(ended.code, Some(UNUSABLE), "{ended:?}");
    ended.stderr.lines().last().expect("a line").to_owned()
}

#[test]
fn an_operators_command_makes_no_database_but_for_the_first_admin_in_an_empty_directory() {
    let place = Place::new();
    for command in
        ["promote ana", "audit", "new-epoch", "sessions list ana", "disable ana", "backup x.db", "demote ana"]
    {
        let line = place.run(&format!("admin {command} --data-dir wrong")).refused(UNUSABLE);
        assert!(line.contains("there is no database") && line.contains("wrong"), "{command}: {line}");
        assert!(!place.path("wrong").exists(), "{command}");
    }
    fs::create_dir(place.path("full")).expect("a directory for a test");
    place.file("full/letters.txt", "dear");
    let line = place.run_with("admin create ana --data-dir full", &[], PASSWORD).refused(UNUSABLE);
    assert!(line.contains("full/livehouse.db"), "{line}");
    assert_eq!(fs::read_dir(place.path("full")).expect("a directory").count(), 1);
    fs::create_dir(place.path("empty")).expect("a directory for a test");
    place.run_with("admin create ana --data-dir empty", &[], PASSWORD).ok();
    assert_eq!(mode(&place, "empty/livehouse.db"), 0o600);
}

#[test]
fn every_command_names_the_database() {
    let place = Place::new();
    place.run_with("admin create ana", &[], PASSWORD).ok();
    for command in ["demote ana", "promote ana", "audit", "sessions list ana", "new-epoch", "promote nobody"]
    {
        let Ended { stderr, .. } = place.run(&format!("admin {command}"));
        assert!(stderr.contains("/data/livehouse.db"), "{command}: {stderr}");
    }
}

#[test]
fn an_empty_file_is_a_new_database_unless_there_was_one() {
    let place = Place::new();
    fs::create_dir(place.path("data")).expect("a directory for a test");
    place.file("data/livehouse.db", "");
    Running::start(&place, &[]).stop();

    for lose in [
        |place: &Place| fs::write(place.path("data/livehouse.db"), ""),
        |place: &Place| fs::remove_file(place.path("data/livehouse.db")),
    ] {
        lose(&place).expect("it is there");
        let line = refused_start(&place);
        assert!(line.contains("is missing or empty") && line.contains("data/livehouse.db"), "{line}");
    }
}

#[test]
fn a_database_of_a_later_version_is_left_as_it_is() {
    let place = served();
    let mut sqlite = Sqlite::open(&place.path("data/livehouse.db"));
    sqlite.run("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    drop(sqlite);
    for line in [refused_start(&place), place.run("admin audit").refused(UNUSABLE)] {
        assert!(line.contains("newer version") && line.contains("9999"), "{line}");
    }
}

#[test]
fn what_is_no_database_of_livehouse_is_left_as_it_is() {
    let place = Place::new();
    fs::create_dir(place.path("data")).expect("a directory for a test");
    Sqlite::open(&place.path("data/livehouse.db")).run("CREATE TABLE songs (title TEXT)");
    let line = refused_start(&place);
    assert!(line.contains("another program"), "{line}");
    let tables =
        Sqlite::open(&place.path("data/livehouse.db")).values("SELECT name AS value FROM sqlite_master");
    assert_eq!(tables, ["songs"]);

    let letter = "dear all, ".repeat(1000);
    place.file("data/livehouse.db", &letter);
    let line = refused_start(&place);
    assert!(line.contains("data/livehouse.db"), "{line}");
    assert_eq!(fs::read_to_string(place.path("data/livehouse.db")).expect("a file"), letter);
}

#[test]
fn nobody_else_may_see_the_files_whatever_the_mask() {
    let place = Place::new();
    let running = Running::begin(place.command_after("umask 0;", SERVE));
    assert_eq!(mode(&place, "data"), 0o700);
    for name in
        ["livehouse.db", "livehouse.db-wal", "livehouse.db-shm", "livehouse.db-lock", "livehouse.db-mark"]
    {
        assert_eq!(mode(&place, &format!("data/{name}")), 0o600, "{name}");
    }
    running.stop();
    // As earlier versions left it.
    fs::set_permissions(place.path("data/livehouse.db"), fs::Permissions::from_mode(0o644))
        .expect("it is ours");
    Running::start(&place, &[]).stop();
    assert_eq!(mode(&place, "data/livehouse.db"), 0o600);
}

/// Runs the server as somebody who owns nothing here.
fn refused_start_as_nobody(place: &Place) -> String {
    let serve = place.command(SERVE);
    let mut nobody = Command::new("setpriv");
    nobody
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(serve.get_program())
        .args(serve.get_args());
    let ended =
        nobody.current_dir(place.path("")).env_clear().stdin(Stdio::null()).output().expect("setpriv runs");
    let said = String::from_utf8(ended.stderr).expect("text");
    assert_eq!(ended.status.code(), Some(UNUSABLE), "{said}");
    said.lines().last().expect("a line").to_owned()
}

#[test]
#[ignore = "needs root and setpriv"]
fn a_start_on_what_belongs_to_somebody_else_names_the_file_its_owner_and_who_asks() {
    let place = served();
    let line = refused_start_as_nobody(&place);
    for part in ["data_dir", "/data", "uid 0", "mode 0700", "as uid 65534"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    // The directory may be used, the database not.
    fs::set_permissions(place.path("data"), fs::Permissions::from_mode(0o777)).expect("it is ours");
    fs::remove_file(place.path("data/secret.key")).expect("it is there");
    fs::remove_file(place.path("data/livehouse.db-lock")).expect("it is there");
    let line = refused_start_as_nobody(&place);
    for part in ["data/livehouse.db", "uid 0", "mode 0600", "as uid 65534"] {
        assert!(line.contains(part), "{part}: {line}");
    }
}
