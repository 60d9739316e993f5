//! What must hold for any text at all: one body for each fuzz target. `tests/it/fuzz/generated.rs` runs the same bodies
//! over generated texts in every test run, `tests/it/fuzz/corpus.rs` over `fuzz/corpus` and what is made of it;
//! `fuzz/run` runs all for long.

use livehouse::{
    config::{Config, Flags, Purpose, SecretKey},
    internals::*,
};

/// Cleaning and folding are done once and for all, and leave nothing that is forbidden.
pub fn text(text: &str) {
    for keep_breaks in [false, true] {
        let once = clean(text, keep_breaks);
        assert!(once.len() <= text.len());
        assert!(!once.chars().any(|c| c.is_control() && !(keep_breaks && c == '\n')), "{once:?}");
        assert_eq!(clean(&once, keep_breaks), once);
    }
    let (identity, search) = (skeleton(text), search_key(text));
    assert_eq!(skeleton(&identity), identity);
    assert_eq!(search_key(&search), search);
    has_link(text);
}

/// Content that was taken once is taken again as it is, and keeps to its cap.
pub fn content(text: &str) {
    let Ok(content) = Content::parse(text) else { return };
    assert!(content.as_str().len() <= CONTENT_MAX_BYTES);
    assert_eq!(Content::parse(content.as_str()).as_ref(), Ok(&content));
}

/// A name that was taken once is taken again, and is found by its own text.
pub fn username(text: &str) {
    let Ok(name) = Username::parse(text) else { return };
    assert_eq!(Username::parse(name.as_str()).as_ref(), Ok(&name));
    assert_eq!(Username::key_of(text), name.keys());
    assert!(!name.key().is_empty());
}

/// The first line is a term, the rest a comment: a comment that is the term is touched, and a mask never lengthens.
pub fn terms(text: &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, text));
    let Ok(term) = TermText::parse(first) else { return };
    let own = clean(first, false);
    let Ok(terms) = TermList::compile(&[Term { text: term, action: TermAction::Mask }]) else { return };
    assert!(terms.judge(&own).action.is_some(), "{own:?} is not touched by itself");
    let comment = clean(rest, false);
    if let Some(masked) = terms.judge(&comment).masked {
        assert!(masked.len() <= comment.len());
    }
}

/// Any frame is an op or a refusal that says in a field's or JSON's terms why not, and a `ref` comes back within its cap.
pub fn op(text: &str) {
    let asked = parse(text);
    assert!(asked.reference.is_none_or(|reference| reference.chars().count() <= 64));
    let Err(refusal) = asked.op else { return };
    let names_a_field = refusal.code == Code::InvalidField && !refusal.fields.is_empty();
    assert!(names_a_field || refusal.code == Code::BadRequest, "{refusal}");
}

/// Paths and queries of HLS are read in one way, or not at all.
pub fn hls_query(text: &str) {
    withstand_query(text);
}

/// Whatever packets a publisher sends, pictures come that can be decoded and carried on, or none. Each is four bytes and a payload:
/// steps of its number and time, flags, and how long it is.
pub fn rtp_frames(bytes: &[u8]) {
    withstand_packets(bytes);
}

/// However a client's bytes are cut, the same comes of them. The first byte says how many bytes of sizes come first.
pub fn guard(bytes: &[u8]) {
    let Some((sizes, rest)) = bytes.split_first() else { return };
    let (sizes, bytes) = rest.split_at(rest.len().min(usize::from(*sizes)));
    withstand(bytes, sizes);
}

/// However an encoder's bytes are cut, the same messages come of them, and no more is kept than came.
pub fn rtmp_guard(bytes: &[u8]) {
    withstand_chunks(bytes);
}

/// Whatever an encoder says, it is answered or refused, and the same comes of it however it is cut.
pub fn rtmp_session(bytes: &[u8]) {
    withstand_session(bytes);
}

/// Whatever tags an encoder sends, what is made of them has times that grow, begins with a key and keeps to its limits.
pub fn flv_tag(bytes: &[u8]) {
    withstand_tags(bytes);
}

/// Whatever is said to be a hook of SRS, or of another server that writes JSON, is read as one or refused, and no name in it can do
/// harm where it goes.
pub fn hook_srs(bytes: &[u8]) {
    withstand_hook(bytes);
}

/// The same for forms, as nginx writes them.
pub fn hook_nginx(bytes: &[u8]) {
    withstand_form(bytes);
}

/// An offer is answered or refused, and nothing of it gets further.
pub fn sdp_offer(text: &str) {
    withstand_offer(text);
}

/// What is read as a cursor is written as one that reads the same.
pub fn cursor(text: &str) {
    let Ok(cursor) = Cursor::parse(text) else { return };
    assert_eq!(Cursor::parse(&cursor.encode()), Ok(cursor));
}

/// A URL that was taken once is taken again as it is, and is https.
pub fn playback_url(text: &str) {
    let Ok(url) = PlaybackUrl::parse(text) else { return };
    assert!(url.as_str().starts_with("https://"));
    assert_eq!(PlaybackUrl::parse(url.as_str()).as_ref(), Ok(&url));
}

/// No text is a token by chance, also not behind a header of ours.
pub fn token(text: &str) {
    let keys = Keys::new(&SecretKey::given("one secret"), Some(&SecretKey::given("another")));
    let now = Millis(1_700_000_000_000);
    let good = keys.issue(UserId::new(), SessionId::new(), now).token;
    let header = good.split('.').next().unwrap_or_default();
    for forged in [text.to_owned(), format!("{header}.{text}"), format!("{good}{text}x")] {
        assert!(keys.verify(&forged, now).is_err(), "{forged:?}");
        assert!(RefreshToken::parse(&forged, &keys).is_none(), "{forged:?}");
    }
}

/// The first line is a variable, the rest its value: it is taken, and printed as what is taken again, or refused in
/// one line. Host names and files aside, which are looked up.
pub fn configuration(text: &str) {
    let (name, value) = text.split_once('\n').unwrap_or(("LOG", text));
    if ["LISTEN", "FILE", "CONFIG"].iter().any(|looked_up| name.ends_with(looked_up)) {
        return;
    }
    let load = |value: &str| {
        let environment = [(format!("LIVEHOUSE_{name}").into(), value.into())];
        Config::load(&Flags::default(), environment, Purpose::Inspect)
    };
    match load(value) {
        Ok(config) => {
            assert!(!config.to_toml().contains(|c: char| c.is_control() && c != '\n'), "{config:?}")
        }
        Err(error) => assert!(!error.to_string().contains(['\n', '\r', '\u{1b}']), "{error:?}"),
    }
}
