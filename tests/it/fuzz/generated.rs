//! The bodies of the fuzz targets, run quickly over generated texts and over texts that once went wrong.

use super::bodies;
use proptest::prelude::*;

/// Texts that are worth trying every time.
const KNOWN: &[&str] = &[
    "",
    "\0",
    "a$$\na$$",
    "$\n1",
    "|1\n|1",
    "é\u{301}\u{200b}",
    "क\u{94d}\u{903}\u{93c}\u{93c}\u{93c}\u{93c}\u{93c}\u{93c}\u{93c}\u{94d}\u{903}क",
    "ẞ",
    "İ\nİ",
    "AQAAAAAAAAAH",
    "https://a/.mp4",
    "https://[::1]/.mp4",
    "\0\u{1b}\n\0",
    "::\u{91}",
];

fn try_all(text: &str) {
    bodies::text(text);
    bodies::content(text);
    bodies::username(text);
    bodies::terms(text);
    bodies::op(text);
    bodies::cursor(text);
    bodies::playback_url(text);
    bodies::token(text);
    bodies::configuration(text);
    bodies::hls_query(text);
}

#[test]
fn known_texts_hold_what_must_hold_for_any_text() {
    KNOWN.iter().for_each(|text| try_all(text));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_holds_what_must_hold(text: String) {
        try_all(&text);
    }

    #[test]
    fn any_names_terms_and_comments_hold_what_must_hold(text in "[a-cA-C0-2IlО|@$._ \nй語ガ\u{3099}\u{1100}\u{1161}🖕\u{301}\u{200d}ß]{0,40}") {
        try_all(&text);
    }

    #[test]
    fn any_cursor_holds_what_must_hold(text in "AQ[A-Za-z0-9_-]{0,30}") {
        bodies::cursor(&text);
    }

    #[test]
    fn any_url_holds_what_must_hold(text in "https?://[a-zé.@:\\[\\]%0-9]{0,12}/[a-zé%?#/ .\\\\]{0,12}\\.mp4") {
        bodies::playback_url(&text);
    }

    #[test]
    fn any_op_holds_what_must_hold(
        op in "auth|comment|delete|react|vote|ping|[a-z]{0,4}",
        name in "ref|content|token|comment_id|kind|count|poll_id|option|style|client_id|reply_to|[a-z_]{0,6}",
        value in "\"\\PC{0,70}\"|-?[0-9]{1,12}(\\.5)?|null|true|\\[\\]|\\{\"size\":9\\}|\\PC{0,6}",
    ) {
        bodies::op(&format!(r#"{{"op":"{op}","{name}":{value}}}"#));
    }

    #[test]
    fn any_token_holds_what_must_hold(text in "[A-Za-z0-9_-]{0,90}(\\.[A-Za-z0-9_-]{0,60}){0,3}") {
        bodies::token(&text);
    }

    #[test]
    fn any_path_of_hls_holds_what_must_hold(
        text in "([0-9]{0,17}/)?(init|live|master|poster|[0-9.]{0,9})\\.(mp4|m4s|m3u8)(\\?(_HLS_(msn|part|skip)=[0-9x-]{0,4}&?){0,3})?",
    ) {
        bodies::hls_query(&text);
    }

    #[test]
    fn any_hook_in_json_holds_what_must_hold(
        action in "on_(un)?publish|publish|read|[a-z_]{0,6}",
        name in "((live|\\PC{0,3})/)?01990000-0000-7000-8000-00000000000[0-9]|\\PC{0,20}",
        id in "\"\\PC{0,9}\"|[0-9]{1,20}|null|\\[\\]|1e9",
        query in "[?]?(key=[a-z_]{0,5}&?){0,2}\\PC{0,9}",
    ) {
        let text = |text: &str| serde_json::to_string(text).expect("a text");
        let (name, query) = (text(&name), text(&query));
        let of_srs = format!(r#"{{"action":"{action}","client_id":{id},"stream":{name},"param":{query},"ip":"::1"}}"#);
        let of_mediamtx = format!(r#"{{"action":"{action}","id":{id},"path":{name},"query":{query},"userAgent":{query}}}"#);
        bodies::hook_srs(of_srs.as_bytes());
        bodies::hook_srs(of_mediamtx.as_bytes());
    }

    #[test]
    fn any_hook_in_a_form_holds_what_must_hold(
        call in "publish(_done)?|update_publish|[a-z_]{0,6}",
        name in "01990000-0000-7000-8000-00000000000[0-9]|[%+&=/a-f0-9\\PC]{0,20}",
        id in "[0-9]{0,20}|[%0-9A-F]{0,9}",
        rest in "(&[a-z]{0,5}=[a-z_%]{0,5}){0,3}[\\PC]{0,9}",
    ) {
        bodies::hook_nginx(format!("clientid={id}&call={call}&name={name}{rest}").as_bytes());
        bodies::hook_nginx(format!("path={name}&id={id}{rest}").as_bytes());
    }

    #[test]
    fn any_setting_holds_what_must_hold(
        name in "DATABASE_URL|PUBLIC_URL|ALLOWED_ORIGINS|TRUSTED_PROXIES|LOG|SECRET_KEY|LIMITS_CONNECTIONS|DATA_DIR|[A-Z_]{0,12}",
        value in "[a-z]{0,8}:?/{0,3}[a-z0-9@:=,.*\\[\\]\\PC]{0,30}",
    ) {
        bodies::configuration(&format!("{name}\n{value}"));
    }
}
