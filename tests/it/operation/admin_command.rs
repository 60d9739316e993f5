//! `livehouse admin`, on the database that a server would use.

use crate::tools::{PATIENCE, Place};
use livehouse::{
    internals::{
        Hasher, LoginPassword, Metrics, Millis, SessionId, Store, Username, meta,
        revocations::{self as numbers, Revoked},
        sessions::{self, NewSession},
        users::{self, User},
    },
    server::revocations,
};

const PASSWORD: &str = "a stage of one's own";

/// Opens the database beside whoever else has it open, as a server does.
fn store(place: &Place) -> Store {
    Store::open(&format!("sqlite:{}", place.path("data/livehouse.db").display())).expect("the database opens")
}

fn user(store: &Store, name: &str) -> User {
    let found = store.read_blocking(|conn| users::by_name_key(conn, &Username::key_of(name)));
    found.expect("the database answers").expect("there is such an account")
}

fn log_in(store: &Store, user: &User, user_agent: &str) -> SessionId {
    let now = Millis::now();
    let new = NewSession {
        id: SessionId::new(),
        user_id: user.id,
        user_agent: user_agent.to_owned(),
        refresh_hash: String::new(),
        refresh_expires_at: now.plus_s(600),
    };
    store.write_blocking(|tx| sessions::create(tx, &new, now)).expect("a session").id
}

fn is_alive(store: &Store, id: SessionId) -> bool {
    store
        .read_blocking(|conn| sessions::alive(conn, id, Millis::now()))
        .expect("the database answers")
        .is_some()
}

async fn opens(user: &User, password: &str) -> bool {
    let hasher = Hasher::with_threads(1, 1, &Metrics::new());
    let password = LoginPassword::parse(password).expect("short enough");
    hasher.verify(&password, Some(&user.password_hash)).await.expect("a free thread").ok
}

/// A place with the admin "ana", and its database.
fn house() -> (Place, Store) {
    let place = Place::new();
    place.run_with("admin create ana", &[], PASSWORD).ok();
    let store = store(&place);
    (place, store)
}

#[tokio::test]
async fn the_first_admin_is_made_with_a_password_from_standard_input() {
    let place = Place::new();
    let said = place.run_with("admin create Ana", &[], &format!("{PASSWORD}\n")).ok();
    assert_eq!(said, "Ana is an admin\n");
    let ana = user(&store(&place), "ana");
    assert!(ana.is_admin && ana.may_host && ana.is_active());
    assert_eq!((ana.username.as_str(), ana.display_name.as_str()), ("Ana", "Ana"));
    assert!(opens(&ana, PASSWORD).await);
    assert!(!place.path("data/secret.key").exists(), "an operator's command needs no key");
}

#[tokio::test]
async fn a_password_comes_from_a_file_and_never_from_an_argument() {
    let place = Place::new();
    let file = place.file("password", &format!("{PASSWORD}\r\n"));
    place.run(&format!("admin create ana --password-file {file} --display-name Ana")).ok();
    assert!(opens(&user(&store(&place), "ana"), PASSWORD).await);
    let said = place.run("admin create bo --password hunter2hunter2");
    assert_eq!(said.code, Some(2), "{said:?}");
}

#[test]
fn an_admin_follows_the_rules_for_names_and_passwords() {
    let (place, _) = house();
    for (name, password, told) in [
        ("bo", PASSWORD, "username: too_short"),
        ("livehouse", PASSWORD, "username: reserved"),
        ("bobo", "short", "password: too_short"),
        ("bobo", "password123", "password: common_password"),
        ("bobobobobo", "Bobobobobo", "password: common_password"),
        ("ANA", PASSWORD, "livehouse admin promote"),
    ] {
        let line = place.run_with(&format!("admin create {name}"), &[], password).refused(1);
        assert!(line.contains(told), "{name} {password}: {line}");
    }
    let line = place.run_with("admin create bobo --display-name ana", &[], PASSWORD).refused(1);
    assert!(line.contains("taken"), "{line}");
}

#[test]
fn an_account_is_promoted_and_demoted() {
    let (place, store) = house();
    assert_eq!(place.run("admin demote ana").ok(), "ana is no admin; 0 sessions ended\n");
    assert!(!user(&store, "ana").is_admin);
    assert_eq!(place.run("admin promote ANA").ok(), "ana is an admin\n");
    assert!(user(&store, "ana").is_admin);
    let session = log_in(&store, &user(&store, "ana"), "a browser");
    place.run("admin promote ana").ok();
    assert!(is_alive(&store, session));
    place.run("admin demote ana").ok();
    assert!(!is_alive(&store, session), "what it opened as an admin ends with it");
    let line = place.run("admin promote nobody").refused(1);
    assert!(line.contains("there is no account nobody"), "{line}");
}

#[tokio::test]
async fn a_reset_password_ends_all_sessions() {
    let (place, store) = house();
    let session = log_in(&store, &user(&store, "ana"), "a browser");
    let said = place.run_with("admin reset-password ana", &[], "another stage of mine").ok();
    assert_eq!(said, "ana has a new password; 1 sessions ended\n");
    let ana = user(&store, "ana");
    assert!(opens(&ana, "another stage of mine").await && !opens(&ana, PASSWORD).await);
    assert!(!is_alive(&store, session));
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let (place, store) = house();
    let ana = user(&store, "ana");
    let sessions: Vec<_> = (0..3).map(|number| log_in(&store, &ana, &format!("browser {number}"))).collect();
    let listed = place.run("admin sessions list ana").ok();
    assert_eq!(listed.lines().count(), 3);
    assert!(sessions.iter().all(|id| listed.contains(&id.to_string())), "{listed}");
    place.run(&format!("admin sessions revoke ana {}", sessions[1])).ok();
    let alive: Vec<_> = sessions.iter().map(|&id| is_alive(&store, id)).collect();
    assert_eq!(alive, [true, false, true]);
    let line = place.run(&format!("admin sessions revoke ana {}", sessions[1])).refused(1);
    assert!(line.contains("no session"), "{line}");
    assert_eq!(place.run("admin sessions revoke ana --all").ok(), "2 sessions of ana ended\n");
    assert_eq!(place.run("admin sessions list ana").ok(), "");
    assert_eq!(place.run("admin sessions revoke ana").code, Some(2), "all is said, not meant");
}

#[test]
fn what_a_client_called_itself_moves_no_cursor_in_the_list() {
    let (place, store) = house();
    log_in(&store, &user(&store, "ana"), "\u{1b}[2Jinnocent\nfake line");
    let listed = place.run("admin sessions list ana").ok();
    assert_eq!(listed.lines().count(), 1);
    assert!(!listed.contains('\u{1b}'), "{listed}");
}

#[test]
fn a_disabled_account_loses_its_sessions_and_a_server_is_told() {
    let (place, store) = house();
    let ana = user(&store, "ana");
    let session = log_in(&store, &ana, "a browser");
    let before = store.read_blocking(numbers::last).expect("the database answers");
    place.run("admin disable ana").ok();
    assert!(!is_alive(&store, session) && !user(&store, "ana").is_active());
    let (told, _) = store.read_blocking(|conn| numbers::after(conn, before)).expect("the database answers");
    assert!(told.contains(&Revoked::Session(session)) && told.contains(&Revoked::User(ana.id)), "{told:?}");
    place.run("admin enable ana").ok();
    assert!(user(&store, "ana").is_active());
    assert!(!is_alive(&store, session), "what was ended stays ended");
}

#[test]
fn hosting_is_granted_and_taken_back() {
    let (place, store) = house();
    place.run("admin revoke-hosting ana").ok();
    assert!(!user(&store, "ana").may_host);
    place.run("admin grant-hosting ana").ok();
    assert!(user(&store, "ana").may_host);
}

#[test]
fn a_new_epoch_differs_from_the_old() {
    let (place, store) = house();
    let epoch = || store.read_blocking(meta::epoch).expect("the database answers");
    let old = epoch();
    let said = place.run("admin new-epoch").ok();
    assert_ne!(epoch(), old);
    assert!(said.contains(&epoch()), "{said}");
}

#[test]
fn the_database_is_found_as_the_server_finds_it() {
    let place = Place::new();
    let toml = place.file("house.toml", "data_dir = \"elsewhere\"\nproduction = true\n");
    place.run_with(&format!("admin --config {toml} create ana"), &[], PASSWORD).ok();
    assert!(place.path("elsewhere/livehouse.db").exists() && !place.path("data").exists());
    let environment = [("LIVEHOUSE_DATABASE_URL", "sqlite:third.db")];
    place.run_with("admin create ana", &environment, PASSWORD).ok();
    assert!(place.path("third.db").exists());
    let line = place.run("admin promote ana --database-url mysql://db/x").refused(78);
    assert!(line.contains("--database-url"), "{line}");
}

/// The order that makes a running server close sockets; it looks twice a second.
#[tokio::test]
async fn a_running_server_hears_of_what_the_command_ended() {
    let (place, store) = house();
    let ana = user(&store, "ana");
    let session = log_in(&store, &ana, "a browser");
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let tell = move |revoked| tell.send(revoked).expect("the test listens");
    let watching = tokio::spawn(revocations::watch(store.clone(), tell));
    place.run(&format!("admin sessions revoke ana {session}")).ok();
    let heard = tokio::time::timeout(PATIENCE, told.recv()).await.expect("it to be told");
    assert_eq!(heard, Some(Revoked::Session(session)));
    watching.abort();
}
