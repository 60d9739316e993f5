//! Several servers on one PostgreSQL: what each must leave to the database, since it cannot know what another one does.
//! It must not know how they find each other.

mod away;
mod epoch;
mod fences;
mod here;
mod home;
mod house;
mod log_time;

use super::*;

/// Runs functions that take a [`TestDatabase`] as tests over PostgreSQL alone: SQLite has one server at a time.
macro_rules! on_postgres {
    ($($name:ident),+ $(,)?) => {
        mod postgres {
            $(
                #[test]
                #[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
                fn $name() { super::$name(&crate::store::tests::TestDatabase::postgres()); }
            )+
        }
    };
}
use on_postgres;
