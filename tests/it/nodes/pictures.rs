//! Pictures that nodes tell each other of by the tables, while streams change and go.

use crate::{
    picture::rtmp::Encoder,
    tools::{PATIENCE, Scene, id_of, on_one_node, until},
};
use diesel::connection::SimpleConnection;
use livehouse::internals::{Store, StoreError};
use std::{sync::mpsc, thread};

/// Whether the database says that this holds.
fn holds(store: &Store, condition: &str) -> bool {
    let ask = format!("DO $$ BEGIN IF NOT ({condition}) THEN RAISE EXCEPTION 'it does not'; END IF; END $$");
    store.write_blocking::<(), StoreError>(|tx| Ok(tx.batch_execute(&ask)?)).is_ok()
}

/// Somebody writes pictures, and waits for who has something locked.
const WAITS: &str = "EXISTS (SELECT 1 FROM pg_stat_activity WHERE query LIKE 'UPDATE \"pictures\"%' \
                     AND datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0)";

/// Who deletes a stream has it locked before they come to its picture. A node that wrote the picture and then waited for the stream
/// would wait for them as they for it, and the database would end one of the two.
#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn what_is_told_of_a_picture_does_not_wait_for_who_is_deleting_its_stream() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    let (store, stream) = (server.store(), id_of(&host.get("").await.ok()).to_owned());
    let shown = host.get("ingest").await.ok();
    let text = |name: &str| shown[name].as_str().expect("a text").to_owned();
    let encoder = Encoder::connect(&text("rtmp_url")).await.goes_on_air(&text("key")).await;
    let sends =
        format!("EXISTS (SELECT 1 FROM pictures WHERE stream_id = '{stream}' AND source LIKE '%rtmp%')");
    until("the tables say that it sends", async || holds(&store, &sends)).await;

    let (is_locked, locked) = mpsc::channel();
    let (told, is_told) = mpsc::channel();
    let (locking, lock) = (store.clone(), format!("SELECT 1 FROM streams WHERE id = '{stream}' FOR UPDATE"));
    let deleting = thread::spawn(move || {
        locking.write_blocking::<(), StoreError>(|tx| {
            tx.batch_execute("SET LOCAL idle_in_transaction_session_timeout = 0")?;
            tx.batch_execute(&lock)?;
            is_locked.send(()).expect("the test waits");
            // The transaction ends with the test, however that ends.
            let _ = is_told.recv_timeout(PATIENCE);
            Ok(())
        })
    });
    locked.recv_timeout(PATIENCE).expect("the lock");
    drop(encoder);
    until("the tables say that nobody sends", async || {
        assert!(!holds(&store, WAITS), "what is told waits for the stream");
        !holds(&store, &sends)
    })
    .await;
    told.send(()).expect("it is still locked: nobody had to wait for that");
    deleting.join().expect("no panic").expect("it is committed");
}
