//! The tables of recordings as Diesel sees them. It must not know what rows mean.

diesel::table! {
    recordings (stream_id, run) {
        stream_id -> Text,
        run -> Integer,
        node -> Text,
        node_url -> Nullable<Text>,
        offset_ms -> BigInt,
        duration_ms -> BigInt,
        bytes -> BigInt,
        codecs -> Text,
        width -> Integer,
        height -> Integer,
        is_open -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    recording_numbers (stream_id) {
        stream_id -> Text,
        last -> Integer,
    }
}
