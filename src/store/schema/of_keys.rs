//! The table of the keys of accounts as Diesel sees it. It must not know what rows mean.

diesel::table! {
    account_keys (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        scopes -> Text,
        is_bot -> Bool,
        beginning -> Text,
        hash -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        revoked_no -> Nullable<BigInt>,
    }
}
