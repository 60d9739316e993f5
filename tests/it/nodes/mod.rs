//! Several servers with one PostgreSQL, which know of each other by its tables alone.

mod absent;
mod here;
mod keys;
mod names;
mod operator;
mod pace;
mod pictures;

use crate::tools::{Setup, TestServer};

/// Two servers with one database; they need `LIVEHOUSE_TEST_POSTGRES_URL`.
fn two_servers(change: impl Fn(&mut Setup)) -> [TestServer; 2] {
    assert!(
        std::env::var("LIVEHOUSE_TEST_POSTGRES_URL").is_ok(),
        "several servers need a PostgreSQL for tests"
    );
    let one = TestServer::spawn_with(|setup| change(setup.on_one_node()));
    let other = one.beside(&change);
    [one, other]
}
