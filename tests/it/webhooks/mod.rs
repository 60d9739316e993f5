//! Webhooks: who may have them, where they may go, and what arrives at a receiver that takes, fails, hangs or lies.

mod addresses;
mod delivery;
mod failing;
mod killed;
mod life;

use crate::tools::{Receiver, Setup, User};
use livehouse::config::WebhookPace;
use serde_json::{Value, json};
use std::time::Duration;

/// Loopback is allowed, and all times are short.
fn in_a_hurry(setup: &mut Setup) {
    setup.webhooks_insecure = true;
    setup.webhook_pace = WebhookPace {
        try_within: Duration::from_secs(2),
        retries: vec![Duration::from_millis(200)],
        failing_max: Duration::from_secs(3600),
    };
}

/// A webhook of the channel that hears these events.
async fn hook(owner: &User, receiver: &Receiver, events: &[&str]) -> Value {
    let body = json!({"url": receiver.url(), "events": events, "scope": "channel"});
    owner.post("/webhooks", body).await.ok()
}
