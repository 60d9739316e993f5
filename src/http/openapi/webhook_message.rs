//! What is sent to webhooks, as the document tells it: `webhooks` of OpenAPI. It must not know how anything is sent.

use crate::domain::webhook::EventName;
use serde_json::{Value, json};

const MESSAGE: &str = "WebhookMessage";
/// What is sent beside the events that a webhook can want: a test, and what stands at the place of what was deleted.
const BESIDE: [&str; 5] =
    ["webhook.test", "comment.tombstone", "stream.tombstone", "announcement.tombstone", "user.tombstone"];

/// Has the document tell of the one call that the server makes.
pub(super) fn write(document: &mut Value) {
    let kinds: Vec<&str> = EventName::ALL.iter().map(|event| event.as_str()).chain(BESIDE).collect();
    document["components"]["schemas"][MESSAGE] = json!({
        "type": "object",
        "description": "What a webhook is sent.",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "enum": kinds, "description": "What happened."},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "data": {
                "type": "object",
                "additionalProperties": true,
                "description": "The members of the log's event and `stream_id`; of `stream.*`, `stream`.",
            },
        },
    });
    let header = |name: &str, description: &str| json!({"name": name, "in": "header", "required": true, "description": description, "schema": {"type": "string"}});
    document["webhooks"] = json!({"event": {"post": {
        "operationId": "onEvent",
        "tags": ["webhooks"],
        "security": [],
        "summary": "Is told of an event",
        "description": "Sent to the address of a webhook, as Standard Webhooks 1.0 have it: each event at least once, those of a stream in \
            the order of its log.",
        "parameters": [
            header("webhook-id", "The same on every try"),
            header("webhook-timestamp", "When it was sent, in seconds since 1970"),
            header("webhook-signature", "`v1,` and a code of id, timestamp and body, of each secret in force, with spaces between"),
        ],
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{MESSAGE}")}}},
        },
        "responses": {
            "2XX": {"description": "It was taken"},
            "410": {"description": "The address is gone: the webhook is turned off"},
            "default": {"description": "It is tried again"},
        },
    }}});
}
