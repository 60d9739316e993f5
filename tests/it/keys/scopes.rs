//! Every call of the API with a key of each scope, against the table.

use super::{
    SCOPES,
    calls::{Call, calls, send},
    program, table,
};
use crate::tools::{Answer, Client, Scene, without_limits};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a key needs for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// It is not looked at.
    Nothing,
    /// No key may.
    Account,
    OneOf(&'static [&'static str]),
}

fn table() -> BTreeMap<&'static str, Needs> {
    let mut all = BTreeMap::new();
    let open = table::OPEN.iter().map(|call| (*call, Needs::Nothing));
    let alone = table::ACCOUNTS_ALONE.iter().map(|call| (*call, Needs::Account));
    let scoped = table::SCOPED.iter();
    let scoped = scoped.flat_map(|(scopes, calls)| calls.iter().map(|call| (*call, Needs::OneOf(scopes))));
    for (call, needs) in open.chain(alone).chain(scoped) {
        assert_eq!(all.insert(call, needs), None, "{call} is there twice");
    }
    all
}

fn is_refused(answer: &Answer) -> bool {
    let detail = answer.body["detail"].as_str().unwrap_or("");
    answer.status == 403 && (detail.contains("scope of a key") || detail.contains("This key has not"))
}

/// A route that is in no line of the table fails here: what a key needs for it must be decided, in `http/key_scopes.rs` and there.
#[tokio::test]
async fn the_table_has_every_call_and_the_document_says_the_same() {
    let Scene { server, .. } = &Scene::scheduled().await;
    let document = server.guest().get("/openapi.json").await.ok();
    let (calls, table) = (calls(&document), table());
    let called: BTreeSet<&str> = calls.iter().map(|call| call.name.as_str()).collect();
    let decided: BTreeSet<&str> = table.keys().copied().collect();
    assert_eq!(called.difference(&decided).collect::<Vec<_>>(), Vec::<&&str>::new(), "not decided");
    assert_eq!(decided.difference(&called).collect::<Vec<_>>(), Vec::<&&str>::new(), "no such call");
    for call in &calls {
        let expected = match table[call.name.as_str()] {
            Needs::Nothing => Value::Null,
            Needs::Account => json!([]),
            Needs::OneOf(scopes) => json!(scopes),
        };
        assert_eq!(call.operation["x-key-scopes"], expected, "{}", call.name);
    }
}

#[tokio::test]
async fn a_key_of_each_scope_may_call_what_it_is_for_and_nothing_else() {
    let Scene { server, host, .. } = &Scene::live_with(without_limits).await;
    let document = server.guest().get("/openapi.json").await.ok();
    let (calls, table) = (calls(&document), table());
    let mut wrong = Vec::new();
    for scope in SCOPES {
        let program = program(host, &[scope]).await;
        // What is refused first: what is not may end the stream.
        let mut calls: Vec<(&Call, Needs)> =
            calls.iter().map(|call| (call, table[call.name.as_str()])).collect();
        let may = |needs: Needs| match needs {
            Needs::Nothing => true,
            Needs::Account => false,
            Needs::OneOf(scopes) => scopes.contains(&scope),
        };
        calls.sort_by_key(|(_, needs)| may(*needs));
        for (call, needs) in calls {
            let answer = send(&document, &program, call).await;
            let names = match needs {
                Needs::OneOf(scopes) => scopes,
                _ => &[],
            };
            let detail = answer.body["detail"].as_str().unwrap_or("").to_owned();
            let is_named = names.iter().all(|name| detail.contains(&format!("`{name}`")));
            let is_right = match may(needs) {
                true => !is_refused(&answer) && (answer.status != 401 || needs == Needs::Nothing),
                false => is_refused(&answer) && answer.body["code"] == "forbidden" && is_named,
            };
            if !is_right {
                wrong.push(format!("{scope}: {} is {} {detail}", call.name, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// HEAD is GET without its body, and is nobody's way around.
#[tokio::test]
async fn head_needs_what_get_does() {
    let Scene { host, .. } = &Scene::live().await;
    let writes = program(host, &["comment"]).await;
    let reads = program(host, &["read"]).await;
    let head = async |who: &Client| who.send(who.request(Method::HEAD, "")).await.status;
    assert_eq!((head(&writes).await, head(&reads).await), (403, 200));
}
