//! `kill -9` while comments are written and webhooks are sent: each acknowledged comment arrives at least once, in the order of the log.

use super::hook;
use crate::tools::{Acked, Manner, PATIENCE, Pace, Place, Receiver, Running, User, Writer, until};
use futures_util::future::join_all;
use tokio::{sync::mpsc::unbounded_channel, time::timeout};

const WRITERS: usize = 4;
const RATE: u32 = 20;
/// So many acknowledged comments before each end.
const ACKED: usize = 60;
/// The server ends so often.
const ENDS: usize = 3;

#[tokio::test]
async fn each_comment_comes_in_order_over_the_ends_of_the_server() {
    let (place, receiver) = (Place::new(), Receiver::new().await);
    let environment = [("LIVEHOUSE_WEBHOOKS_INSECURE", "on")];
    let mut running = Running::start(&place, &environment);
    let mut host = User::register(running.guest(), "host").await;
    host.stream = host.create_stream("Before the end").await.stream;
    hook(&host, &receiver, &["comment.created"]).await;
    let names: Vec<String> = (0..WRITERS).map(|n| format!("writer{n}")).collect();
    let mut writers = join_all(names.iter().map(|name| User::register(host.guest(), name))).await;
    for writer in &mut writers {
        writer.stream.clone_from(&host.stream);
    }
    host.post("start", serde_json::json!({})).await.ok();
    let mut acked = Vec::new();
    for end in 0..ENDS {
        acked.extend(write_until_the_end(&writers, running, end).await);
        running = Running::start(&place, &environment);
        for user in writers.iter_mut().chain([&mut host]) {
            user.ports = running.guest().ports.clone();
        }
        if end == 1 {
            // The server ends while the webhook fails, and all behind has to wait.
            receiver.answers_next([Manner::Status(503)]);
        }
    }
    let (log, _) = host.log().await;
    let said: Vec<String> = log.iter().filter_map(content).collect();
    until("all has come", async || receiver.contents().len() >= said.len()).await;
    assert_eq!(receiver.contents(), said);
    assert!(acked.len() >= ENDS * ACKED && said.len() >= acked.len(), "{} {}", acked.len(), said.len());
}

fn content(event: &serde_json::Value) -> Option<String> {
    event["comment"]["content"].as_str().map(str::to_owned)
}

async fn write_until_the_end(writers: &[User], running: Running, end: usize) -> Vec<Acked> {
    let (tell, mut told) = unbounded_channel();
    let join = async |user: &User| {
        Writer::join(user, &format!("{}-{end}", user.username), Pace::per_second(RATE)).await
    };
    let writers = join_all(writers.iter().map(join)).await;
    writers.into_iter().for_each(|writer| drop(tokio::spawn(writer.write(usize::MAX, tell.clone()))));
    drop(tell);
    let mut acked = Vec::new();
    while acked.len() < ACKED {
        acked.push(timeout(PATIENCE, told.recv()).await.expect("acks come").expect("writers write"));
    }
    running.kill();
    while let Some(ack) = told.recv().await {
        acked.push(ack);
    }
    acked
}
