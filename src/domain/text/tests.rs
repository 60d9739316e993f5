//! The cleaning pipeline, and each kind of text at its limit and one past it.

use super::*;
use proptest::prelude::*;

#[test]
fn a_text_is_cleaned() {
    for (sent, kept) in [
        ("  hello  ", "hello"),
        ("a\nb\r\nc\rd\te", "a b c d e"),
        ("a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f", "a b c d e f"),
        ("a\0b\u{7}c\u{1b}[31m\u{7f}\u{9b}d", "abc[31md"),
        ("\u{202e}evil\u{202c} \u{2066}x\u{2069}", "evil x"),
        ("\u{200e}שלום\u{200f}!", "\u{200e}שלום\u{200f}!"),
        ("👨‍👩‍👧‍👦 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️", "👨‍👩‍👧‍👦 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️"),
        ("a  b", "a  b"),
        ("e\u{301}", "e\u{301}"),
        ("\u{3000}語\u{3000}", "語"),
        ("<b>&amp;\"'", "<b>&amp;\"'"),
        ("\n\0\n", ""),
    ] {
        assert_eq!(clean(sent, false), kept, "{sent:?}");
    }
}

#[test]
fn a_cluster_keeps_eight_combining_marks() {
    let zalgo = |marks: usize| format!("x{}y", "\u{301}".repeat(marks));
    assert_eq!(clean(&zalgo(8), false), zalgo(8));
    assert_eq!(clean(&zalgo(9), false), zalgo(8));
    assert_eq!(clean(&zalgo(1000), false), zalgo(8));
    assert_eq!(clean(&"\u{301}".repeat(20), false), "\u{301}".repeat(8));
}

#[test]
fn a_description_keeps_its_line_breaks_and_may_be_empty() {
    let parse = |text: &str| Description::parse(text).map(Description::into_string);
    assert_eq!(parse(" a\r\nb\rc\n\nd\t\u{2028}e\0 ").unwrap(), "a\nb\nc\n\nd \ne");
    assert_eq!(parse(" \n ").unwrap(), "");
    assert!(parse(&"語".repeat(5000)).is_ok());
    assert_eq!(parse(&"x".repeat(5001)).unwrap_err().code, "too_long");
}

#[test]
fn nothing_left_is_refused() {
    for text in [
        "",
        "   ",
        "\n\t",
        "\0\u{7}",
        "\u{202e}",
        "\u{200b}",
        "\u{2060}\u{feff}",
        "\u{3164}",
        "\u{2800}",
        "\u{fff9}\u{fffb}",           // interlinear annotation
        "\u{1d159}",                  // null notehead
        "\u{13440}\u{13441}",         // mirror sign, full blank
        "\u{fffe}\u{fdd0}\u{10ffff}", // noncharacters
        "\u{378} \u{e0fff}",          // unassigned
        "\u{fffc}",
    ] {
        assert_eq!(Content::parse(text).unwrap_err().code, "empty", "{text:?}");
        assert_eq!(Title::parse(text).unwrap_err().code, "empty", "{text:?}");
    }
    assert_eq!(Reason::parse(" ").unwrap().as_str(), "");
}

#[test]
fn what_shows_comes_back_as_it_was_sent() {
    let emoji_to_come = "\u{1faff}"; // a place kept for emoji
    for text in
        ["\u{600}1", "a\u{fff9}b", "\u{f8ff}", "\u{301}", "⠓", "🅰", emoji_to_come, "a\u{2800}b", "x\u{378}"]
    {
        assert_eq!(Content::parse(text).unwrap().as_str(), text, "{text:?}");
    }
}

#[test]
fn content_has_500_clusters_and_4096_bytes() {
    let code = |text: &str| Content::parse(text).map_or_else(|invalid| invalid.code, |_| "ok");
    assert_eq!(code(&"x".repeat(500)), "ok");
    assert_eq!(code(&"x".repeat(501)), "too_long");
    assert_eq!(code(&"e\u{301}".repeat(500)), "ok");
    assert_eq!(code(&"e\u{301}".repeat(501)), "too_long");
    assert_eq!(code(&"🖕".repeat(500)), "ok");
    let family = "👨‍👩‍👧‍👦"; // 25 bytes
    assert_eq!(code(&(family.repeat(163) + &"x".repeat(21))), "ok");
    assert_eq!(code(&(family.repeat(163) + &"x".repeat(22))), "too_long");
    assert_eq!(code(&format!("  {}\0\0\n", "x".repeat(500))), "ok", "counted after cleaning");
    assert_eq!(code(&" ".repeat(100_000)), "too_long", "not even looked at");
}

#[test]
fn lines_are_counted_in_clusters() {
    assert!(Title::parse(&"👨‍👩‍👧‍👦".repeat(140)).is_ok());
    assert_eq!(Title::parse(&"x".repeat(141)).unwrap_err().code, "too_long");
    assert!(Tag::parse(&"語".repeat(30)).is_ok());
    assert_eq!(Tag::parse(&"x".repeat(31)).unwrap_err().code, "too_long");
    assert!(Reason::parse(&"x".repeat(500)).is_ok());
    assert_eq!(Reason::parse(&"x".repeat(501)).unwrap_err().code, "too_long");
    assert!(SearchQuery::parse(&"x".repeat(200)).is_ok());
    assert_eq!(SearchQuery::parse(&"x".repeat(201)).unwrap_err().code, "too_long");
    assert_eq!(PollQuestion::parse(&"x".repeat(201)).unwrap_err().code, "too_long");
    assert_eq!(PollOption::parse(&"x".repeat(101)).unwrap_err().code, "too_long");
    assert_eq!(TermText::parse(&"x".repeat(101)).unwrap_err().code, "too_long");
}

#[test]
fn one_cluster_of_many_bytes_does_not_pass_for_a_short_text() {
    let joined = "a".to_owned() + &"\u{200d}".repeat(20_000);
    for invalid in [
        Content::parse(&joined).unwrap_err(),
        Title::parse(&joined).unwrap_err(),
        Tag::parse(&joined).unwrap_err(),
    ] {
        assert_eq!(invalid.code, "too_long");
    }
}

#[test]
fn tags_and_queries_fold() {
    assert_eq!(Tag::parse("Ｍusic").unwrap().key(), Tag::parse("MUSIC").unwrap().key());
    assert_eq!(SearchQuery::parse("CAFÉ").unwrap().key(), "café");
}

#[test]
fn texts_travel_as_json_strings() {
    let content: Content = serde_json::from_str(r#"" hi\u0000 \n""#).unwrap();
    assert_eq!(serde_json::to_string(&content).unwrap(), r#""hi""#);
    let error = serde_json::from_str::<Title>(r#""""#).unwrap_err().to_string();
    assert_eq!(Invalid::in_message(&error).unwrap().code, "empty");
    for wrong in ["1", "null", "[]", r#""\ud800""#] {
        assert!(serde_json::from_str::<Title>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn schemas_say_how_long_a_text_may_be() {
    let schema = serde_json::to_value(<Title as utoipa::PartialSchema>::schema()).unwrap();
    assert_eq!((&schema["minLength"], &schema["maxLength"]), (&1.into(), &140.into()));
}

/// Texts made of what the pipeline treats specially.
fn wild() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            " ", "\n", "\r", "\t", "\0", "\u{85}", "\u{2028}", "\u{202e}", "\u{2067}", "\u{200d}", "\u{301}",
            "\u{94d}", "क", "\u{93f}", "\u{903}", "👩", "\u{fe0f}", "🇩", "\u{1100}", "\u{600}", "a",
        ])
        .prop_map(String::from),
        (0..20usize).prop_map(|marks| "\u{301}".repeat(marks)),
        (0..20usize).prop_map(|marks| "\u{94d}\u{903}".repeat(marks)),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn cleaning_is_idempotent_and_never_lengthens(text in wild(), keep_breaks: bool) {
        let once = clean(&text, keep_breaks);
        prop_assert!(once.len() <= text.len());
        prop_assert_eq!(clean(&once, keep_breaks), once);
    }

    #[test]
    fn nothing_forbidden_survives(text in wild()) {
        let once = clean(&text, false);
        prop_assert!(!once.chars().any(|c| c.is_control() || is_bidi_control(c) || is_line_break(c)), "{once:?}");
        prop_assert!(once.graphemes(true).all(|cluster| marks(cluster) <= MARKS_PER_CLUSTER));
        prop_assert_eq!(once.trim(), &once);
        let lines = clean(&text, true);
        prop_assert!(!lines.chars().any(|c| c.is_control() && c != '\n'));
    }

    #[test]
    fn no_content_is_past_its_caps(text in wild(), times in 1..200usize) {
        if let Ok(content) = Content::parse(&text.repeat(times)) {
            prop_assert!((1..=500).contains(&content.as_str().graphemes(true).count()));
            prop_assert!(content.as_str().len() <= 4096);
            prop_assert_eq!(&Content::parse(content.as_str()).unwrap(), &content);
        }
    }
}
