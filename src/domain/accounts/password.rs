//! A password on its way to be hashed: never shown, never stored. It must not know how it is hashed.

use crate::domain::{
    Username,
    invalid::Invalid,
    parsed::{TextSchema, from_text},
    text::fold::skeleton,
};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::{UnicodeNormalization, is_nfc};

const MIN_CHARS: usize = 10;
const MAX_BYTES: usize = 1024;
const SITE: &str = "livehouse";

/// A password that may be set: 10 characters to 1024 bytes, any characters, not one that attackers try first. Kept in
/// normalization form C: keyboards differ in how they compose an é.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// Checks length and commonness. [`Password::check_against`] is still to be asked.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_bytes(text)?;
        let text: String = text.nfc().collect();
        if text.chars().nth(MIN_CHARS - 1).is_none() {
            return Err(Invalid::too_short(format!("at least {MIN_CHARS} characters")));
        }
        if is_common(&text) {
            return Err(Invalid::common_password("this password is among the first that attackers try"));
        }
        Ok(Self(text.into()))
    }

    /// Refuses the account's own name, in any case and look-alike.
    pub fn check_against(&self, username: &Username) -> Result<(), Invalid> {
        if skeleton(self.expose()) == username.key() {
            return Err(Invalid::common_password("a password is not the username"));
        }
        Ok(())
    }

    /// The plaintext, for the hash alone.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A password to be compared with a hash: anything up to 1024 bytes, since rules may have changed after it was set.
/// Compared in normalization form C.
#[derive(Clone, Debug)]
pub struct LoginPassword {
    password: SecretString,
    /// As it was typed, where that is another form.
    typed: Option<SecretString>,
}

impl LoginPassword {
    /// Checks the length in bytes.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_bytes(text)?;
        let typed = (!is_nfc(text)).then(|| text.into());
        Ok(Self { password: text.nfc().collect::<String>().into(), typed })
    }

    /// The plaintext, for the hash alone.
    pub fn expose(&self) -> &str {
        self.password.expose_secret()
    }

    /// The same as it was typed, where that is another form: passwords were once kept so.
    pub fn as_typed(&self) -> Option<Self> {
        Some(Self { password: self.typed.clone()?, typed: None })
    }
}

fn check_bytes(text: &str) -> Result<(), Invalid> {
    if text.len() > MAX_BYTES {
        return Err(Invalid::too_long(format!("at most {MAX_BYTES} bytes")));
    }
    Ok(())
}

/// In the list of some 100,000 leaked passwords in any case, one character over and over, or the site's name with
/// digits and signs around it.
fn is_common(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.chars().next();
    passwords::analyzer::is_common_password(text)
        || passwords::analyzer::is_common_password(&lower)
        || lower.chars().all(|c| Some(c) == first)
        || skeleton(lower.trim_matches(|c: char| !c.is_alphabetic())) == skeleton(SITE)
}

from_text!(
    Password,
    TextSchema {
        min_length: MIN_CHARS,
        max_length: MAX_BYTES,
        format: Some("password"),
        description: "10 characters to 1024 bytes, any characters; not a common one, not the username",
    }
);

from_text!(
    LoginPassword,
    TextSchema {
        min_length: 0,
        max_length: MAX_BYTES,
        format: Some("password"),
        description: "at most 1024 bytes"
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        Password::parse(text).map_or_else(|invalid| invalid.code, |_| "ok")
    }

    #[test]
    fn a_password_has_10_characters_to_1024_bytes_of_any_kind() {
        assert_eq!(code("correct-ho"), "ok");
        assert_eq!(code("correct-h"), "too_short");
        assert_eq!(code("пароль🔑 да"), "ok");
        assert_eq!(code("\0 \n\t\u{7f}abcdef"), "ok");
        assert_eq!(code(&"correct ".repeat(128)), "ok");
        assert_eq!(code(&("correct ".repeat(128) + "x")), "too_long");
        assert_eq!(code(""), "too_short");
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for text in
            ["password123", "PassWord123", "1234567890", "qwertyuiop", "1q2w3e4r5t", "aaaaaaaaaaaaaaa"]
        {
            assert_eq!(code(text), "common_password", "{text}");
        }
        for text in ["livehouse1", "LiveHouse-2024!", "L1vehouse!!"] {
            assert_eq!(code(text), "common_password", "{text}");
        }
        assert_eq!(code("my livehouse rocks"), "ok");
    }

    #[test]
    fn a_password_is_not_the_username_in_any_case_or_look_alike() {
        let username = Username::parse("Ana.Maria.Braun").unwrap();
        let refuses = |text: &str| Password::parse(text).unwrap().check_against(&username).is_err();
        assert!(refuses("Ana.Maria.Braun"));
        assert!(refuses("ana.maria.braun"));
        assert!(refuses("аna.maria.braun"));
        assert!(!refuses("ana.maria.braun 2"));
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        let shown = format!("{:?} {:?}", Password::parse("canary-in-a-mine"), LoginPassword::parse("canary"));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_password_is_the_same_however_its_letters_are_composed() {
        let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
        assert_eq!(Password::parse(decomposed).unwrap().expose(), composed);
        let login = LoginPassword::parse(decomposed).unwrap();
        assert_eq!(login.expose(), composed);
        assert_eq!(login.as_typed().unwrap().expose(), decomposed);
        assert!(LoginPassword::parse(composed).unwrap().as_typed().is_none());
        assert_eq!(code(&"e\u{301}".repeat(9)), "too_short", "counted as it is kept");
    }

    #[test]
    fn a_login_takes_any_password_up_to_1024_bytes() {
        assert_eq!(LoginPassword::parse("a").unwrap().expose(), "a");
        assert!(LoginPassword::parse(&"x".repeat(1024)).is_ok());
        assert_eq!(LoginPassword::parse(&"x".repeat(1025)).unwrap_err().code, "too_long");
    }
}
