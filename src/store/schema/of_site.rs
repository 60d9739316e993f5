//! The tables of what an operator decides as Diesel sees them. It must not know what rows mean.

diesel::table! {
    site_settings (id) {
        id -> Text,
        version -> BigInt,
        name -> Nullable<Text>,
        description -> Nullable<Text>,
        accent -> Nullable<Text>,
        rules -> Nullable<Text>,
        registration -> Nullable<Text>,
        streams_by -> Nullable<Text>,
        logo_version -> Nullable<Text>,
    }
}

diesel::table! {
    site_images (kind) {
        kind -> Text,
        bytes -> Binary,
        updated_at -> BigInt,
    }
}

diesel::table! {
    site_bans (user_id) {
        user_id -> Text,
        until -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        banned_by -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        code -> Text,
        uses_left -> Integer,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    reset_links (user_id) {
        user_id -> Text,
        hash -> Text,
        expires_at -> BigInt,
    }
}
