//! The store itself: epoch, snapshots, waits, panics, reopening.

use super::*;
use std::{
    sync::mpsc,
    task::{Context, Waker},
    thread,
    time::Duration,
};

fn the_epoch_outlives_a_restart_and_changes_on_request(database: &TestDatabase) {
    let first = database.read(meta::epoch);
    let reopened = Store::open(&database.url).unwrap();
    assert_eq!(reopened.read_blocking(meta::epoch).unwrap(), first);
    let next = database.write(meta::new_epoch);
    assert_ne!(next, first);
    assert_eq!(reopened.read_blocking(meta::epoch).unwrap(), next);
    database.read(meta::epoch);
}

fn a_read_sees_one_moment(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    database.read(|conn| {
        assert_eq!(events::head(conn, stream_id)?.map(|seq| seq.0), Some(0));
        database.says(stream_id, &ana, "meanwhile");
        assert_eq!(events::head(conn, stream_id)?.map(|seq| seq.0), Some(0));
        Ok(())
    });
    assert_eq!(database.read(|conn| events::head(conn, stream_id)).map(|seq| seq.0), Some(1));
}

fn a_panic_in_a_write_leaves_nothing_behind(database: &TestDatabase) {
    let panicking = thread::scope(|scope| {
        let write = || {
            database.store.write_blocking::<_, Error>(|tx| {
                users::create(tx, &new_user("ana"))?;
                if tx.attempt(|tx| users::by_name_key(tx, &named("ana")))?.is_some() {
                    panic!("in the middle of a transaction");
                }
                Ok(())
            })
        };
        scope.spawn(write).join()
    });
    assert!(panicking.is_err());
    assert_eq!(database.read(|conn| users::by_name_key(conn, &named("ana"))), None);
    database.user("ana");
}

fn who_waits_too_long_is_told_that_the_house_is_busy(database: &TestDatabase) {
    let options = Options { connections: 1, wait: Duration::from_millis(50) };
    let store = Store::open_with(&database.url, &options).unwrap();
    let (entered, inside) = mpsc::channel();
    let (leave, left) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let store = &store;
        scope.spawn(move || {
            store.write_blocking::<_, Error>(|_| {
                entered.send(()).unwrap();
                left.recv().unwrap();
                Ok(())
            })
        });
        inside.recv().unwrap();
        assert!(matches!(store.write_blocking(|_| Ok(())), Err(Error::Busy)));
        leave.send(()).unwrap();
    });
    store.write_blocking::<_, Error>(|_| Ok(())).unwrap();
}

fn a_dropped_caller_does_not_stop_its_write(database: &TestDatabase) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (entered, inside) = mpsc::channel();
    let (leave, left) = mpsc::channel::<()>();
    runtime.block_on(async {
        let write = database.store.write(move |tx| {
            entered.send(()).unwrap();
            left.recv().unwrap();
            users::create(tx, &new_user("ana"))
        });
        let mut write = Box::pin(write);
        let started = write.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(started.is_pending());
        inside.recv().unwrap();
        drop(write);
        leave.send(()).unwrap();
    });
    drop(runtime); // waits for blocking work under way
    assert!(database.read(|conn| users::by_name_key(conn, &named("ana"))).is_some());
}

#[test]
fn a_reader_of_sqlite_cannot_write() {
    use diesel::connection::SimpleConnection;
    let database = TestDatabase::sqlite();
    let written = database.store.read_blocking(|conn| Ok(conn.batch_execute("DELETE FROM meta")?));
    assert!(matches!(written, Err(Error::Unavailable(_))), "{written:?}");
    database.read(meta::epoch);
}

#[test]
fn a_file_that_cannot_be_is_unusable_and_a_server_that_is_not_there_unavailable() {
    let opened = Store::open("sqlite:/proc/no/such/place/database.db");
    assert!(matches!(opened, Err(Error::Unusable(_))));
    let unknown_vfs = std::env::temp_dir().join("livehouse-unknown-vfs.db");
    let opened = Store::open(&format!("sqlite:{}?vfs=no-such-vfs", unknown_vfs.display()));
    assert!(matches!(opened, Err(Error::Unusable(_))));
    std::fs::remove_file(unknown_vfs).unwrap();
    #[cfg(feature = "postgres")]
    assert!(matches!(Store::open("postgres://127.0.0.1:1/x"), Err(Error::Unavailable(_))));
}

/// Whatever language the server speaks: in `.ci/run`, it is not English.
#[cfg(feature = "postgres")]
#[test]
fn who_waits_too_long_for_a_lock_of_postgresql_is_told_that_it_is_busy() {
    use diesel::connection::SimpleConnection;
    let database = TestDatabase::postgres();
    database.write(|tx| {
        tx.batch_execute("LOCK TABLE users")?;
        let waits = database.store.write_blocking::<(), Error>(|other| {
            Ok(other.batch_execute("SET LOCAL lock_timeout = '10ms'; LOCK TABLE users")?)
        });
        assert!(matches!(waits, Err(Error::Busy)), "{waits:?}");
        Ok(())
    });
}

/// Each has what the other wants; PostgreSQL ends one, which is tried again.
#[cfg(feature = "postgres")]
#[test]
fn of_two_who_wait_for_each_other_in_postgresql_one_is_tried_again() {
    use diesel::connection::SimpleConnection;
    use std::sync::{
        Barrier,
        atomic::{AtomicU32, Ordering},
    };
    let database = TestDatabase::postgres();
    let (both_have_one, tries) = (Barrier::new(2), AtomicU32::new(0));
    let locks = |first: &str, second: &str| {
        let mut is_first_try = true;
        database.store.write_blocking::<(), Error>(|tx| {
            tries.fetch_add(1, Ordering::Relaxed);
            tx.batch_execute(&format!("SET LOCAL deadlock_timeout = '10ms'; LOCK TABLE {first}"))?;
            if std::mem::take(&mut is_first_try) {
                both_have_one.wait();
            }
            Ok(tx.batch_execute(&format!("LOCK TABLE {second}"))?)
        })
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| locks("streams", "users"));
        locks("users", "streams").unwrap();
        other.join().unwrap().unwrap();
    });
    assert_eq!(tries.into_inner(), 3);
}

#[cfg(feature = "postgres")]
#[test]
fn a_connection_that_was_cut_is_unavailable_once_and_then_replaced() {
    use diesel::connection::SimpleConnection;
    let database = TestDatabase::postgres();
    let cut: Result<()> = database
        .store
        .write_blocking(|tx| Ok(tx.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())")?));
    assert!(matches!(cut, Err(Error::Unavailable(_))), "{cut:?}");
    database.user("ana");
}

on_both!(
    the_epoch_outlives_a_restart_and_changes_on_request,
    a_read_sees_one_moment,
    a_panic_in_a_write_leaves_nothing_behind,
    who_waits_too_long_is_told_that_the_house_is_busy,
    a_dropped_caller_does_not_stop_its_write,
);
