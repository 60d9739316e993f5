//! What folds together, and what must stay apart.

use super::*;
use proptest::prelude::*;

#[test]
fn look_alikes_have_the_same_skeleton() {
    for (name, like) in [
        ("admin", "Admin"),
        ("admin", "аdmin"), // Cyrillic а
        ("admin", "ａｄｍｉｎ"),
        ("admin", "𝒶𝒹𝓂𝒾𝓃"),
        ("admin", "adm\u{200b}in"),
        ("admin", "adrnin"),
        ("alice", "aIice"),
        ("alice", "a1ice"),
        ("bob", "b0b"),
        ("tom", "ТОМ"), // Cyrillic capitals
        ("tom", "том"),
        ("hans", "НАNS"), // Cyrillic Н and А
        ("straße", "STRASSE"),
        ("οδος", "ΟΔΟΣ"),
        ("jose\u{301}", "JOSÉ"),
        ("izmir", "İZMİR"),
        ("가나", "\u{1100}\u{1161}\u{1102}\u{1161}"),
        ("mark", "ma\u{323}rk"), // a dot below
        ("mark", "mạrk"),
        ("mark", "m\u{331}a\u{320}rk"),
        ("mark", "ᴍᴀʀᴋ"),
        ("quarkfish", "ꞯᴜᴀʀᴋꜰɪꜱʜ"),
        ("mark", "🅼🅐🆁🅺"),
        ("mark", "🇲🇦🇷🇰"),
        ("mark", "ma\u{fff9}rk"),
        ("mark", "mark\u{13440}"),
        ("mark", "ma\u{fffe}rk\u{10ffff}"),
        ("mark", "mark\u{378}"),
        ("mark", "\u{2800}mark\u{1d159} "),
        ("ana b", "ana  b"),
        ("ana b", "ana\u{3000}\u{2800}b"),
        ("λόγος", "\u{1d27}όγος"),
    ] {
        assert_eq!(skeleton(name), skeleton(like), "{name} and {like}");
    }
}

#[test]
fn different_names_have_different_skeletons() {
    for (one, other) in [
        ("ana", "anna"),
        ("jose", "josé"),
        ("иван", "ivan"),
        ("user_1", "user.1"),
        ("山田", "山本"),
        ("anab", "ana b"),
    ] {
        assert_ne!(skeleton(one), skeleton(other), "{one} and {other}");
    }
}

#[test]
fn search_folds_case_and_width_but_not_look_alikes() {
    assert_eq!(search_key("Ｃａｆé ΣΑΣ"), search_key("café σας"));
    assert_eq!(search_key("ﾃｽﾄ"), search_key("テスト"));
    assert_ne!(search_key("bob"), search_key("b0b"));
}

#[test]
fn every_character_folds_once_and_for_all() {
    // Every character with a case, and every script with look-alikes of Latin; ideographs fold to themselves.
    let letters = (0..0x2e00).chain(0xa640..0xac00).chain(0xfb00..0x1_0500).chain(0x1_d400..0x1_d800);
    for c in letters.filter_map(char::from_u32) {
        let text = c.to_string();
        let (identity, search) = (skeleton(&text), search_key(&text));
        assert_eq!(skeleton(&identity), identity, "skeleton of {c:?}");
        assert_eq!(search_key(&search), search, "search key of {c:?}");
    }
}

#[test]
fn what_does_not_show_is_invisible() {
    for c in (0..=0x10_ffff).filter_map(char::from_u32).filter(|c| is_invisible(*c) || is_blank(*c)) {
        assert_eq!(skeleton(&c.to_string()), "", "{c:?}");
    }
    assert!("\u{200b}\u{200d}\u{fe0f}\u{3164}\u{ad}\u{e0041}\u{fffb}\u{ffff}".chars().all(is_invisible));
    assert!(!" a.é語🖕\u{301}\u{600}\u{2800}\u{fffd}".chars().any(is_invisible));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn folding_is_idempotent(text: String) {
        let (identity, search) = (skeleton(&text), search_key(&text));
        prop_assert_eq!(skeleton(&identity), identity);
        prop_assert_eq!(search_key(&search), search);
    }

    #[test]
    fn folding_forgets_case(text in "[a-zA-Zа-яА-Я0-9_.]{0,20}") {
        prop_assert_eq!(skeleton(&text), skeleton(&text.to_uppercase()));
        prop_assert_eq!(search_key(&text), search_key(&text.to_lowercase()));
    }
}
