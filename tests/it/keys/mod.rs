//! Keys of accounts, for programs.

mod bots;
pub mod calls;
mod life;
mod scopes;
mod sockets;
pub mod table;

use crate::tools::{Client, User};
use livehouse::internals::Millis;
use serde_json::{Value, json};

pub const SCOPES: [&str; 5] = ["read", "comment", "moderate", "streams", "ingest"];

/// Makes a key with these scopes.
async fn make(owner: &User, scopes: &[&str]) -> Value {
    owner.post("/users/me/keys", json!({"name": "a program", "scopes": scopes})).await.ok()
}

/// Whoever has this key, at the stream that its owner has at hand.
fn with_key(owner: &User, made: &Value) -> Client {
    owner.with_token(made["key"].as_str().expect("it is shown once"))
}

/// A program with a new key of these scopes.
pub async fn program(owner: &User, scopes: &[&str]) -> Client {
    with_key(owner, &make(owner, scopes).await)
}

/// A time so many seconds from now.
fn in_seconds(seconds: i64) -> String {
    Millis::now().plus_s(seconds).to_string()
}
