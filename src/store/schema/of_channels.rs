//! The tables of channels as Diesel sees them, and of whom accounts ignore. It must not know what rows mean.

diesel::table! {
    channels (host_id) {
        host_id -> Text,
        bio -> Text,
        comments_by -> Nullable<Text>,
        slow_mode_s -> Nullable<Integer>,
        min_account_age_s -> Nullable<Integer>,
        repeat_window_s -> Nullable<Integer>,
        links -> Nullable<Text>,
        hold_all -> Nullable<Bool>,
        news -> BigInt,
    }
}

diesel::table! {
    channel_links (host_id, position) {
        host_id -> Text,
        position -> Integer,
        label -> Text,
        url -> Text,
    }
}

diesel::table! {
    channel_moderators (host_id, user_id) {
        host_id -> Text,
        user_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    channel_bans (host_id, user_id) {
        host_id -> Text,
        user_id -> Text,
        until -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        banned_by -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    channel_terms (host_id, position) {
        host_id -> Text,
        position -> Integer,
        text -> Text,
        action -> Text,
    }
}

diesel::table! {
    ignored (user_id, ignored_id) {
        user_id -> Text,
        ignored_id -> Text,
        created_at -> BigInt,
    }
}
