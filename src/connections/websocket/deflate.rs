//! permessage-deflate (RFC 7692): what a client offers, and what is agreed on.
//! It must not compress anything.

use crate::room::fanout::batch::Form;
use std::fmt;

const NAME: &str = "permessage-deflate";
/// The largest window there is, 2^15 bytes: what is said to all is compressed with it.
const WINDOW_BITS: u8 = 15;
const WINDOW_BITS_MIN: u8 = 8;

/// What is agreed on: a client begins anew with each message, so that nothing is kept for it in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deflate {
    /// Each of our messages must stand alone. So none is compressed: what is said to all is compressed once for all.
    server_no_context_takeover: bool,
    /// The window that our messages must keep to.
    server_max_window_bits: Option<u8>,
    client_no_context_takeover: bool,
    client_max_window_bits: bool,
}

impl Deflate {
    /// The first of a client's offers that is one, on whichever line it stands; others are for somebody else.
    pub(crate) fn of<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        lines.find_map(|line| unquoted_split(line, ',').find_map(Self::offered))
    }

    fn offered(offer: &str) -> Option<Self> {
        let mut parts = unquoted_split(offer, ';');
        parts.next().filter(|name| name.eq_ignore_ascii_case(NAME))?;
        parts.try_fold(Self::default(), Self::with)
    }

    /// None where the parameter is none, is there already, or has another value than it may.
    fn with(self, parameter: &str) -> Option<Self> {
        let (name, value) = match parameter.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquoted(value.trim()))),
            None => (parameter, None),
        };
        match (name.to_ascii_lowercase().as_str(), value) {
            ("server_no_context_takeover", None) if !self.server_no_context_takeover => {
                Some(Self { server_no_context_takeover: true, ..self })
            }
            ("client_no_context_takeover", None) if !self.client_no_context_takeover => {
                Some(Self { client_no_context_takeover: true, ..self })
            }
            ("server_max_window_bits", Some(bits)) if self.server_max_window_bits.is_none() => {
                Some(Self { server_max_window_bits: Some(window_bits(bits)?), ..self })
            }
            ("client_max_window_bits", bits) if !self.client_max_window_bits => {
                bits.map_or(Some(WINDOW_BITS), window_bits)?;
                Some(Self { client_max_window_bits: true, ..self })
            }
            _ => None,
        }
    }

    /// How the client takes what is said to all.
    pub(crate) fn form(&self) -> Form {
        let has_whole_window = self.server_max_window_bits.is_none_or(|bits| bits == WINDOW_BITS);
        if has_whole_window && !self.server_no_context_takeover { Form::Deflated } else { Form::Plain }
    }
}

/// As the answer to the handshake says it.
impl fmt::Display for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}; client_no_context_takeover")?;
        if self.server_no_context_takeover {
            write!(f, "; server_no_context_takeover")?;
        }
        match self.server_max_window_bits {
            Some(bits) => write!(f, "; server_max_window_bits={bits}"),
            None => Ok(()),
        }
    }
}

/// The parts between separators, of which those in quotes are none.
fn unquoted_split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let parts = text.split(move |letter| {
        is_quoted ^= letter == '"';
        letter == separator && !is_quoted
    });
    parts.map(str::trim)
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// A number from 8 to 15 as RFC 7692, section 7.1.2 writes it: without leading zeros.
fn window_bits(text: &str) -> Option<u8> {
    let is_written_so = text.bytes().all(|digit| digit.is_ascii_digit()) && !text.starts_with('0');
    let bits = text.parse().ok().filter(|_| is_written_so)?;
    (WINDOW_BITS_MIN..=WINDOW_BITS).contains(&bits).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(offers: &str) -> Option<(String, Form)> {
        let deflate = Deflate::of(offers.lines())?;
        Some((deflate.to_string(), deflate.form()))
    }

    fn answer(parameters: &str, form: Form) -> Option<(String, Form)> {
        Some((format!("permessage-deflate; client_no_context_takeover{parameters}"), form))
    }

    #[test]
    fn who_offers_it_plainly_is_said_to_in_compressed_batches() {
        for offer in [
            "permessage-deflate",
            "Permessage-Deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=8;client_no_context_takeover",
            "permessage-deflate ; client_max_window_bits = \"15\"",
            "x-webkit-deflate-frame, permessage-deflate",
            "x; y=\"permessage-bzip2, z\"\npermessage-bzip2\npermessage-deflate",
            "permessage-deflate; server_max_window_bits=7, permessage-deflate",
        ] {
            assert_eq!(agreed(offer), answer("", Form::Deflated), "{offer}");
        }
        let whole = "permessage-deflate; server_max_window_bits=15";
        assert_eq!(agreed(whole), answer("; server_max_window_bits=15", Form::Deflated));
    }

    #[test]
    fn who_wants_more_of_the_server_is_granted_it_and_gets_plain_messages() {
        let small = "permessage-deflate; server_max_window_bits=10; client_max_window_bits";
        assert_eq!(agreed(small), answer("; server_max_window_bits=10", Form::Plain));
        let alone = "permessage-deflate; server_no_context_takeover, permessage-deflate";
        assert_eq!(agreed(alone), answer("; server_no_context_takeover", Form::Plain));
    }

    #[test]
    fn what_is_no_offer_is_not_taken() {
        for offer in [
            "",
            "permessage-bzip2",
            "x; y=\"a, permessage-deflate, b\"",
            "x; y=\"permessage-bzip2, permessage-deflate",
            "permessage-deflate;",
            "permessage-deflate; x",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=",
        ] {
            assert_eq!(agreed(offer), None, "{offer}");
        }
    }
}
