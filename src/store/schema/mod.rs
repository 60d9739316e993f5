//! The tables as Diesel sees them; `migrations/` makes them. It must not know what rows mean.

mod of_channels;
mod of_keys;
mod of_recordings;
mod of_site;
mod of_webhooks;

pub(crate) use of_channels::*;
pub(crate) use of_keys::*;
pub(crate) use of_recordings::*;
pub(crate) use of_site::*;
pub(crate) use of_webhooks::*;

diesel::table! {
    meta (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        name_key -> Text,
        display_name -> Text,
        password_hash -> Text,
        is_admin -> Bool,
        may_host -> Bool,
        disabled_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        created_at -> BigInt,
        ended_no -> Nullable<BigInt>,
        ingest_generation -> BigInt,
        avatar_version -> Nullable<Text>,
        cover_version -> Nullable<Text>,
        pending_since -> Nullable<BigInt>,
    }
}

diesel::table! {
    images (user_id, kind) {
        user_id -> Text,
        kind -> Text,
        bytes -> Binary,
        updated_at -> BigInt,
    }
}

diesel::table! {
    nodes (boot) {
        boot -> Text,
        name -> Text,
        version -> Text,
        seen_at -> BigInt,
    }
}

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        user_agent -> Text,
        created_at -> BigInt,
        last_used_at -> BigInt,
        generation -> Integer,
        refresh_hash -> Text,
        rotated_at -> BigInt,
        refresh_expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        revoked_no -> Nullable<BigInt>,
    }
}

diesel::table! {
    follows (follower_id, host_id) {
        follower_id -> Text,
        host_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    streams (id) {
        id -> Text,
        host_id -> Text,
        title -> Text,
        description -> Text,
        search_key -> Text,
        visibility -> Text,
        status -> Text,
        scheduled_for -> Nullable<BigInt>,
        playback_url -> Nullable<Text>,
        started_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> BigInt,
        host_seen_at -> BigInt,
        last_seq -> BigInt,
        comment_count -> BigInt,
        peak_viewers -> BigInt,
        pinned_comment_id -> Nullable<Text>,
        comments_by -> Text,
        slow_mode_s -> Integer,
        min_account_age_s -> Integer,
        repeat_window_s -> Integer,
        links -> Text,
        hold_all -> Bool,
        rules_version -> BigInt,
        ingest_generation -> BigInt,
        auto_start -> Bool,
        record -> Bool,
        news -> BigInt,
        own_settings -> Text,
    }
}

diesel::table! {
    stream_tags (stream_id, position) {
        stream_id -> Text,
        position -> Integer,
        tag -> Text,
        tag_key -> Text,
    }
}

diesel::table! {
    stream_members (stream_id, user_id) {
        stream_id -> Text,
        user_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    stream_moderators (stream_id, user_id) {
        stream_id -> Text,
        user_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    bans (stream_id, user_id) {
        stream_id -> Text,
        user_id -> Text,
        until -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        banned_by -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    comments (id) {
        id -> Text,
        stream_id -> Text,
        seq -> Nullable<BigInt>,
        logged_at -> Nullable<BigInt>,
        user_id -> Text,
        role -> Text,
        content -> Text,
        search_key -> Text,
        style_mode -> Nullable<Text>,
        style_color -> Nullable<Integer>,
        style_size -> Nullable<Text>,
        reply_to -> Nullable<Text>,
        client_id -> Nullable<Text>,
        offset_ms -> Nullable<BigInt>,
        created_at -> BigInt,
        state -> Text,
        deleted_at -> Nullable<BigInt>,
        by_bot -> Bool,
    }
}

diesel::table! {
    events (stream_id, seq) {
        stream_id -> Text,
        seq -> BigInt,
        ts -> BigInt,
        kind -> Text,
        comment_id -> Nullable<Text>,
        payload -> Text,
        question_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        of_channel -> Bool,
    }
}

diesel::table! {
    reports (comment_id, user_id) {
        comment_id -> Text,
        user_id -> Text,
        stream_id -> Text,
        reason -> Nullable<Text>,
        created_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    terms (stream_id, position) {
        stream_id -> Text,
        position -> Integer,
        text -> Text,
        action -> Text,
    }
}

diesel::table! {
    announcements (id) {
        id -> Text,
        stream_id -> Text,
        user_id -> Text,
        content -> Text,
        created_at -> BigInt,
        by_bot -> Bool,
    }
}

diesel::table! {
    polls (id) {
        id -> Text,
        stream_id -> Text,
        question -> Text,
        created_at -> BigInt,
        closes_at -> BigInt,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    poll_options (poll_id, position) {
        poll_id -> Text,
        position -> Integer,
        text -> Text,
    }
}

diesel::table! {
    poll_votes (poll_id, user_id) {
        poll_id -> Text,
        user_id -> Text,
        position -> Integer,
    }
}

diesel::table! {
    questions (id) {
        id -> Text,
        stream_id -> Text,
        user_id -> Text,
        content -> Text,
        created_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        by_bot -> Bool,
    }
}

diesel::table! {
    question_votes (question_id, user_id) {
        question_id -> Text,
        user_id -> Text,
    }
}

diesel::table! {
    reactions (stream_id, kind) {
        stream_id -> Text,
        kind -> Text,
        total -> BigInt,
    }
}

diesel::table! {
    stream_minutes (stream_id, minute) {
        stream_id -> Text,
        minute -> BigInt,
        viewers -> BigInt,
        comments -> BigInt,
    }
}

diesel::table! {
    audit (id) {
        id -> Text,
        at -> BigInt,
        actor_id -> Nullable<Text>,
        session_id -> Nullable<Text>,
        ip -> Nullable<Text>,
        action -> Text,
        stream_id -> Nullable<Text>,
        target -> Nullable<Text>,
        outcome -> Text,
        reason -> Nullable<Text>,
        key_id -> Nullable<Text>,
    }
}

diesel::table! {
    ingest_keys (digest) {
        digest -> Text,
        stream_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
    }
}

diesel::table! {
    pictures (stream_id) {
        stream_id -> Text,
        boot -> Text,
        node_url -> Nullable<Text>,
        source -> Text,
        is_free -> Bool,
        seen_at -> BigInt,
    }
}

diesel::joinable!(account_keys -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(webhooks -> users (owner_id));
diesel::joinable!(webhook_cursors -> webhooks (webhook_id));
diesel::joinable!(webhook_notices -> webhooks (webhook_id));
diesel::joinable!(streams -> users (host_id));
diesel::joinable!(stream_tags -> streams (stream_id));
diesel::joinable!(stream_members -> users (user_id));
diesel::joinable!(stream_moderators -> users (user_id));
diesel::joinable!(bans -> users (user_id));
diesel::joinable!(channel_moderators -> users (user_id));
diesel::joinable!(channel_bans -> users (user_id));
diesel::joinable!(ignored -> users (ignored_id));
diesel::joinable!(site_bans -> users (user_id));
diesel::joinable!(streams -> channels (host_id));
diesel::joinable!(comments -> users (user_id));
diesel::joinable!(follows -> users (host_id));
diesel::joinable!(announcements -> users (user_id));
diesel::joinable!(questions -> users (user_id));
diesel::joinable!(poll_options -> polls (poll_id));
diesel::joinable!(recordings -> streams (stream_id));
diesel::joinable!(reports -> comments (comment_id));

diesel::allow_tables_to_appear_in_same_query!(
    account_keys,
    announcements,
    bans,
    channel_bans,
    channel_moderators,
    channels,
    comments,
    events,
    follows,
    ignored,
    poll_options,
    poll_votes,
    polls,
    question_votes,
    questions,
    recordings,
    reports,
    sessions,
    site_bans,
    stream_members,
    stream_moderators,
    stream_tags,
    streams,
    users,
    webhook_cursors,
    webhook_notices,
    webhooks,
);
