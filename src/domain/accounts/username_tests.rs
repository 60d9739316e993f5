//! Names of many scripts, and names that are refused.

use super::*;
use proptest::prelude::*;

fn code(text: &str) -> &'static str {
    Username::parse(text).map_or_else(|invalid| invalid.code, |_| "ok")
}

#[test]
fn names_of_any_script_are_allowed() {
    for text in [
        "ana",
        "Ana_Maria-1.b",
        "007",
        "иван",
        "山田太郎",
        "מֹשֶׁה",
        "हिन्दी",
        "สวัสดี",
        "josé",
        "ａｎａ",
        "a..b",
        "٣٤٥",
    ] {
        assert_eq!(code(text), "ok", "{text}");
    }
}

#[test]
fn a_name_has_3_to_32_characters_and_2_where_one_is_cjk() {
    assert_eq!(code(""), "empty");
    for text in ["李明", "花子", "ゆき", "リナ", "유리", "a李", "李1"] {
        assert_eq!(code(text), "ok", "{text}");
    }
    for text in ["李", "ゆ", "я2", "ab", "éa", " a "] {
        assert_eq!(code(text), "too_short", "{text}");
    }
    assert_eq!(code("ab"), "too_short");
    assert_eq!(code("abc"), "ok");
    assert_eq!(code(&"x".repeat(32)), "ok");
    assert_eq!(code(&"x".repeat(33)), "too_long");
    assert_eq!(code(&"語".repeat(32)), "ok");
    assert_eq!(code(&"語".repeat(33)), "too_long");
    assert_eq!(code(&"e\u{301}".repeat(32)), "ok", "counted as stored, in form C");
    assert_eq!(code(&"x".repeat(100_000)), "too_long");
}

#[test]
fn other_characters_are_refused() {
    for text in [
        "a b",
        "an\na",
        "a\0b",
        "ana!",
        "a@b",
        "a/b",
        "a\u{200b}b",
        "a\u{200d}b",
        "a\u{202e}b",
        "🖕🖕🖕",
        "a\u{3164}b",
        "a\u{115f}b",
        "a\u{fe0f}b",
        "a\u{34f}b",
        "Ⅷabc",
        "a½b",
        "a\u{2010}b",
    ] {
        assert_eq!(code(text), "forbidden_character", "{text:?}");
    }
    assert_eq!(code(&format!("a{}b", "\u{330}".repeat(9))), "forbidden_character");
    assert_eq!(code(&format!("a{}b", "\u{330}".repeat(8))), "ok");
}

#[test]
fn a_name_begins_and_ends_with_a_letter_or_digit() {
    for text in ["_ana", "ana_", ".ana", "ana.", "-ana", "ana-", "...", "\u{301}ana", "ana_\u{330}"] {
        assert_eq!(code(text), "malformed", "{text:?}");
    }
}

#[test]
fn names_of_the_house_are_reserved_in_every_look_alike() {
    for text in [
        "admin",
        "ADMIN",
        "аdmin",
        "ａｄｍｉｎ",
        "adm1n",
        "System",
        "moderator",
        "rnoderator",
        "LiveH0use",
        "Iivehouse",
    ] {
        assert_eq!(code(text), "reserved", "{text}");
    }
    for text in ["admins", "administrator", "sys.tem", "livehouse2"] {
        assert_eq!(code(text), "ok", "{text}");
    }
}

#[test]
fn blanks_around_a_name_are_not_part_of_it() {
    for text in [" ana", "ana ", "\tana\n", "\u{3000}ana\u{a0}"] {
        assert_eq!(Username::parse(text).unwrap().as_str(), "ana", "{text:?}");
        assert_eq!(Username::key_of(text), Username::key_of("ana"), "{text:?}");
    }
    assert_eq!(code("  "), "empty");
}

#[test]
fn letters_that_show_nothing_are_no_letters() {
    for text in
        ["ma\u{13441}rk", "ma\u{13440}rk", "ma\u{2d7f}rk", "ma\u{378}rk", "ma\u{fffe}rk", "ma\u{2800}rk"]
    {
        assert_eq!(code(text), "forbidden_character", "{text:?}");
    }
}

#[test]
fn a_name_is_kept_in_form_c_and_in_its_own_case() {
    assert_eq!(Username::parse("Jose\u{301}").unwrap().as_str(), "José");
    assert_eq!(serde_json::to_string(&Username::parse("Ana").unwrap()).unwrap(), r#""Ana""#);
}

#[test]
fn a_typed_name_is_looked_up_folded_and_nonsense_finds_nobody() {
    let ana = Username::parse("Ana.B").unwrap();
    assert_eq!(Username::key_of("ANA.b").folded, ana.key());
    assert_eq!(Username::key_of("ANA.b").exact, "=ANA.b");
    assert_eq!(Username::key_of("no such name!"), NameKeys::default());
    assert!(!ana.key().is_empty());
}

#[test]
fn a_refused_name_in_json_can_be_read_back_as_invalid() {
    let error = serde_json::from_value::<Username>("ab".into()).unwrap_err();
    assert_eq!(Invalid::in_message(&error.to_string()).unwrap(), Username::parse("ab").unwrap_err());
}

#[test]
fn the_schema_says_how_long_a_name_is() {
    let schema = serde_json::to_value(<Username as utoipa::PartialSchema>::schema()).unwrap();
    assert_eq!(
        (&schema["type"], &schema["minLength"], &schema["maxLength"]),
        (&"string".into(), &2.into(), &32.into())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_allowed_name_is_stable_and_has_a_key(text in "[a-zA-Zé\u{301}\u{330}_.0-9语я-]{1,34}") {
        if let Ok(name) = Username::parse(&text) {
            prop_assert_eq!(&Username::parse(name.as_str()).unwrap(), &name);
            prop_assert!((2..=32).contains(&name.as_str().chars().count()));
            prop_assert!(!name.key().is_empty());
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text: String) {
        let _ = (Username::parse(&text), Username::key_of(&text));
    }
}
