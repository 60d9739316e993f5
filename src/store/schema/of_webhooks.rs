//! The tables of webhooks as Diesel sees them. It must not know what rows mean.

diesel::table! {
    webhooks (id) {
        id -> Text,
        owner_id -> Text,
        url -> Text,
        events -> Text,
        scope -> Text,
        preset -> Nullable<Text>,
        enabled -> Bool,
        disabled_reason -> Nullable<Text>,
        secret_version -> BigInt,
        previous_until -> Nullable<BigInt>,
        created_at -> BigInt,
        failing_since -> Nullable<BigInt>,
        failures -> BigInt,
        next_at -> Nullable<BigInt>,
        node -> Nullable<Text>,
        node_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    webhook_cursors (webhook_id, stream_id) {
        webhook_id -> Text,
        stream_id -> Text,
        seq -> BigInt,
    }
}

diesel::table! {
    webhook_notices (id) {
        id -> Text,
        webhook_id -> Text,
        at -> BigInt,
        once -> Bool,
        message -> Text,
        kind -> Text,
        stream_id -> Nullable<Text>,
        seq -> Nullable<BigInt>,
        comment_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        payload -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        webhook_id -> Text,
        at -> BigInt,
        message -> Text,
        kind -> Text,
        stream_id -> Nullable<Text>,
        seq -> Nullable<BigInt>,
        comment_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        payload -> Nullable<Text>,
        status -> Text,
        attempts -> BigInt,
        last_status -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        next_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}
