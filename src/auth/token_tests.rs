//! Good tokens and forged ones. Forgers here know the signing key where that makes the test sharper.

use super::*;
use crate::{auth::RefreshToken, config::SecretKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use jsonwebtoken::EncodingKey;

const NOW: Millis = Millis(1_700_000_000_000);

fn secret(text: &str) -> SecretKey {
    SecretKey::given(text)
}

fn keys() -> Keys {
    Keys::new(&secret("the secret in force"), None)
}

fn ids() -> (UserId, SessionId) {
    (UserId::new(), SessionId::new())
}

fn encode(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

/// A token with this header and payload, rightly signed with the key in force.
fn signed(header: &str, payload: &str) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &keys().current().encoding, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn good_header() -> String {
    let header = URL_SAFE_NO_PAD.decode(&keys().current().encoded_header).unwrap();
    String::from_utf8(header).unwrap()
}

fn good_payload() -> String {
    let seconds = NOW.0 / 1000;
    format!(
        r#"{{"iss":"livehouse","aud":"livehouse:access","sub":"{}","sid":"{}","exp":{},"iat":{},"jti":"{}"}}"#,
        UserId::new(),
        SessionId::new(),
        seconds + 600,
        seconds,
        Uuid::now_v7()
    )
}

#[test]
fn a_token_says_whose_it_is_and_ends_after_ten_minutes() {
    let (user_id, session_id) = ids();
    let issued = keys().issue(user_id, session_id, NOW);
    assert_eq!(issued.expires_at, NOW.plus_s(600));
    let claims = keys().verify(&issued.token, NOW).unwrap();
    assert_eq!(claims, Claims { user_id, session_id, expires_at: issued.expires_at });
    assert!(keys().verify(&issued.token, issued.expires_at - 1).is_ok());
    assert_eq!(keys().verify(&issued.token, issued.expires_at), Err(TokenError::Expired));
}

#[test]
fn each_token_is_its_own() {
    let (user_id, session_id) = ids();
    let token = || keys().issue(user_id, session_id, NOW).token;
    assert_ne!(token(), token());
}

#[test]
fn the_header_names_type_algorithm_and_key() {
    let header = good_header();
    assert!(header.contains(r#""typ":"at+jwt""#) && header.contains(r#""alg":"HS256""#), "{header}");
    assert!(header.contains(r#""kid":""#) && !header.contains("the secret"), "{header}");
}

#[test]
fn the_previous_key_is_accepted_until_it_is_dropped() {
    let (user_id, session_id) = ids();
    let old = keys().issue(user_id, session_id, NOW).token;
    let rotated = Keys::new(&secret("a new secret"), Some(&secret("the secret in force")));
    assert_eq!(rotated.verify(&old, NOW).unwrap().user_id, user_id);
    let new = rotated.issue(user_id, session_id, NOW).token;
    assert_eq!(keys().verify(&new, NOW), Err(TokenError::Invalid), "it signs with the new key");
    let dropped = Keys::new(&secret("a new secret"), None);
    assert_eq!(dropped.verify(&old, NOW), Err(TokenError::Invalid));
}

#[test]
fn the_recipe_of_the_forgeries_makes_a_good_token() {
    keys().verify(&signed(&good_header(), &good_payload()), NOW).expect("or the tables below prove nothing");
}

#[test]
fn forged_headers_are_refused_however_well_they_are_signed() {
    let kid = keys().current().header.kid.clone().unwrap();
    let with = |extra: &str| format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{kid}",{extra}}}"#);
    let jwk = r#""jwk":{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","alg":"HS256"}"#;
    let forged = [
        ("no algorithm", format!(r#"{{"typ":"at+jwt","alg":"none","kid":"{kid}"}}"#)),
        ("none in capitals", format!(r#"{{"typ":"at+jwt","alg":"NONE","kid":"{kid}"}}"#)),
        ("a longer hash", format!(r#"{{"typ":"at+jwt","alg":"HS512","kid":"{kid}"}}"#)),
        ("a public key algorithm", format!(r#"{{"typ":"at+jwt","alg":"RS256","kid":"{kid}"}}"#)),
        ("a curve", format!(r#"{{"typ":"at+jwt","alg":"ES256","kid":"{kid}"}}"#)),
        ("a foreign key id", r#"{"typ":"at+jwt","alg":"HS256","kid":"0123456789abcdef"}"#.to_owned()),
        ("a key id that is a path", r#"{"typ":"at+jwt","alg":"HS256","kid":"../../dev/null"}"#.to_owned()),
        ("no key id", r#"{"typ":"at+jwt","alg":"HS256"}"#.to_owned()),
        ("another type", format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{kid}"}}"#)),
        ("the type of a WHIP token", format!(r#"{{"typ":"whip+jwt","alg":"HS256","kid":"{kid}"}}"#)),
        ("no type", format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#)),
        ("a key of its own", with(jwk)),
        ("a place for keys", with(r#""jku":"https://evil.example/keys""#)),
        ("a place for certificates", with(r#""x5u":"https://evil.example/cert""#)),
        ("a chain of certificates", with(r#""x5c":["MIIB"]"#)),
        ("a critical extension", with(r#""crit":["exp"]"#)),
        ("a member twice", with(&format!(r#""kid":"{kid}""#))),
        ("not JSON", "at+jwt".to_owned()),
    ];
    for (what, header) in forged {
        let token = signed(&header, &good_payload());
        assert_eq!(keys().verify(&token, NOW), Err(TokenError::Invalid), "{what}");
    }
}

#[test]
fn forged_payloads_are_refused_however_well_they_are_signed() {
    let seconds = NOW.0 / 1000;
    let exp = format!(r#""exp":{}"#, seconds + 600);
    let iat = format!(r#""iat":{seconds}"#);
    let replaced = |from: &str, to: &str| {
        assert!(good_payload().contains(from), "{from} is not in it");
        good_payload().replace(from, to)
    };
    let without_exp = good_payload().replace(&format!("{exp},"), "");
    let forged = [
        ("exp is text", replaced(&exp, r#""exp":"1700000600""#)),
        ("exp is a fraction", replaced(&exp, r#""exp":1700000600.5"#)),
        ("exp is a float", replaced(&exp, r#""exp":1.7000006e9"#)),
        ("exp is negative", replaced(&exp, r#""exp":-1"#)),
        ("exp is null", replaced(&exp, r#""exp":null"#)),
        ("exp is beyond numbers", replaced(&exp, r#""exp":99999999999999999999"#)),
        ("exp is absent", without_exp),
        ("exp comes twice", replaced(&exp, &format!(r#"{exp},"exp":9999999999"#))),
        ("iat lies ahead", replaced(&iat, &format!(r#""iat":{}"#, seconds + IAT_LEEWAY_S + 1))),
        ("iat is text", replaced(&iat, r#""iat":"1700000000""#)),
        ("another audience", replaced("livehouse:access", "livehouse:whip")),
        ("a list of audiences", replaced(r#""livehouse:access""#, r#"["livehouse:access"]"#)),
        ("another issuer", replaced(r#""iss":"livehouse""#, r#""iss":"livehouse.example""#)),
        ("a subject that is no id", replaced(r#""sub":""#, r#""sub":"x"#)),
        ("a session that is no id", replaced(r#""sid":""#, r#""sid":"x"#)),
        ("a claim that we do not make", replaced(&iat, &format!(r#"{iat},"admin":true"#))),
        ("no object", "[]".to_owned()),
        ("not JSON", "{".to_owned()),
    ];
    for (what, payload) in forged {
        let token = signed(&good_header(), &payload);
        assert_eq!(keys().verify(&token, NOW), Err(TokenError::Invalid), "{what}");
    }
}

#[test]
fn a_token_of_a_clock_that_is_a_minute_ahead_is_good() {
    let (user_id, session_id) = ids();
    let token = keys().issue(user_id, session_id, NOW.plus_s(IAT_LEEWAY_S)).token;
    assert!(keys().verify(&token, NOW).is_ok());
    assert_eq!(keys().verify(&token, NOW.plus_s(-1)), Err(TokenError::Invalid));
}

#[test]
fn an_exp_of_long_ago_has_expired_and_one_far_ahead_is_no_panic() {
    let exp = format!(r#""exp":{}"#, NOW.0 / 1000 + 600);
    let with = |exp_value: u64| {
        signed(&good_header(), &good_payload().replace(&exp, &format!(r#""exp":{exp_value}"#)))
    };
    assert_eq!(keys().verify(&with(0), NOW), Err(TokenError::Expired));
    assert!(keys().verify(&with(u64::MAX), NOW).is_ok());
}

#[test]
fn broken_tokens_are_refused() {
    let (user_id, session_id) = ids();
    let good = keys().issue(user_id, session_id, NOW).token;
    let parts: Vec<&str> = good.split('.').collect();
    let foreign_key = EncodingKey::from_secret(b"not ours");
    let foreign_signature = jsonwebtoken::crypto::sign(
        format!("{}.{}", parts[0], parts[1]).as_bytes(),
        &foreign_key,
        Algorithm::HS256,
    )
    .unwrap();
    let mut flipped = parts[2].to_owned();
    let last = flipped.pop().unwrap();
    flipped.push(if last == 'A' { 'E' } else { 'A' });
    let broken = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        parts[0].to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{good}."),
        format!("{good}.{}", parts[2]),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        format!("Bearer {good}"),
        format!("{}.{}.{flipped}", parts[0], parts[1]),
        format!("{}.{}.{foreign_signature}", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], encode(&good_payload()), parts[2]),
        format!("{}.{}.{}", parts[1], parts[0], parts[2]),
        good.to_uppercase(),
        "ünïcode.ünïcode.ünïcode".to_owned(),
        "\0.\0.\0".to_owned(),
    ];
    for token in broken {
        assert_eq!(keys().verify(&token, NOW), Err(TokenError::Invalid), "{token:?}");
    }
    keys().verify(&good, NOW).expect("the token they were made from is good");
}

#[test]
fn a_token_of_more_than_4_kib_is_not_read() {
    let padded = |bytes: usize| {
        let spaces = " ".repeat(bytes);
        signed(&good_header(), &format!("{}{spaces}", good_payload()))
    };
    let fits = padded(2_500);
    assert!(fits.len() <= TOKEN_BYTES_MAX && keys().verify(&fits, NOW).is_ok());
    let too_long = padded(3_000);
    assert!(too_long.len() > TOKEN_BYTES_MAX);
    assert_eq!(keys().verify(&too_long, NOW), Err(TokenError::Invalid));
}

#[test]
fn no_kind_of_token_passes_for_another() {
    let (user_id, session_id) = ids();
    let access = keys().issue(user_id, session_id, NOW).token;
    let refresh = RefreshToken::derive(&keys(), session_id, 0);
    assert!(RefreshToken::parse(&access, &keys()).is_none());
    assert_eq!(keys().verify(refresh.expose(), NOW), Err(TokenError::Invalid));
    assert!(RefreshToken::parse(refresh.expose(), &keys()).is_some());
    assert!(keys().verify(&access, NOW).is_ok());
}

#[test]
fn nothing_secret_shows_in_debug() {
    let (user_id, session_id) = ids();
    let issued = keys().issue(user_id, session_id, NOW);
    let refresh = RefreshToken::derive(&keys(), session_id, 0);
    let shown = format!("{:?} {:?} {:?} {:?}", keys(), issued, refresh, secret("the secret in force"));
    for hidden in [issued.token.as_str(), refresh.expose(), "the secret"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn the_signing_key_is_not_the_secret_itself() {
    let keys = keys();
    let sign = |key: &EncodingKey| jsonwebtoken::encode(&keys.current().header, &(), key).unwrap();
    assert_ne!(sign(&EncodingKey::from_secret(b"the secret in force")), sign(&keys.current().encoding));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_is_a_token_by_chance_nor_a_panic(text in "\\PC{0,200}", json in "\\PC{0,100}") {
        let forged = [
            text.clone(),
            format!("{}.{text}", keys().current().encoded_header),
            format!("{}.{}.{text}", keys().current().encoded_header, encode(&json)),
        ];
        for token in forged {
            proptest::prop_assert_eq!(keys().verify(&token, NOW), Err(TokenError::Invalid));
            proptest::prop_assert!(RefreshToken::parse(&token, &keys()).is_none());
        }
        let signed = signed(&good_header(), &json);
        proptest::prop_assert_eq!(keys().verify(&signed, NOW), Err(TokenError::Invalid));
    }
}

/// HMAC-SHA256 of the secret and a label, worked out by another program: keys that come out otherwise end every session.
#[test]
fn the_keys_of_a_secret_never_change() {
    const REFRESH_CODE: &str = "a6cadcd4618c3382ce0753021afb760ddc35cae876ab1a331ce1b8c7174ee24c";
    let keys = Keys::new(&secret("a secret that is never changed: 0123456789"), None);
    let key = keys.current();
    let signature = jsonwebtoken::crypto::sign(b"message", &key.encoding, Algorithm::HS256).unwrap();
    assert_eq!(signature, "zjvtLiCoO5GyXEy_w2RSJcmqLo9yOaG0WYe3MTC3VYU");
    assert_eq!(key.header.kid.as_deref(), Some("815286b3c1f98789"));
    assert_eq!(HEXLOWER.encode(&key.refresh_code(b"message")), REFRESH_CODE);
}
