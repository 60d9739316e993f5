//! Tickets in the path of a picture: players send no headers, and access tokens do not belong into addresses. A ticket names a
//! session or a key, and a stream; whether that may see it still is asked at each use. It must not know who may see what.

use crate::{
    auth::keys::Keys,
    domain::{KeyId, Login, Millis, SessionId, StreamId},
};
use uuid::Uuid;

/// How long a ticket is good for, in seconds.
pub(crate) const TICKET_TTL_S: i64 = 6 * 3600;
/// Session or key, stream, and when it ends.
const MESSAGE_BYTES: usize = 16 + 16 + 8;
/// Stands before the message of a key's ticket; that of a session's is shorter by it.
const KEY: u8 = b'k';

/// What a ticket says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// With which login it was asked for.
    pub login: Login,
    pub stream: StreamId,
    /// From then on it is worthless.
    pub expires_at: Millis,
}

impl Ticket {
    fn message(&self) -> [u8; MESSAGE_BYTES] {
        let id = match self.login {
            Login::Session(id) => id.0,
            Login::Key(id) => id.0,
        };
        let mut message = [0; MESSAGE_BYTES];
        message[..16].copy_from_slice(id.as_bytes());
        message[16..32].copy_from_slice(self.stream.0.as_bytes());
        message[32..].copy_from_slice(&self.expires_at.0.to_be_bytes());
        message
    }

    fn of_message(message: &[u8; MESSAGE_BYTES], login: impl FnOnce(Uuid) -> Login) -> Option<Self> {
        let (id, rest) = message.split_first_chunk::<16>()?;
        let (stream, expires_at) = rest.split_first_chunk::<16>()?;
        Some(Self {
            login: login(Uuid::from_bytes(*id)),
            stream: StreamId(Uuid::from_bytes(*stream)),
            expires_at: Millis(i64::from_be_bytes(expires_at.try_into().ok()?)),
        })
    }
}

impl Keys {
    /// The ticket as it stands in a path.
    pub(crate) fn write_ticket(&self, ticket: &Ticket) -> String {
        let message = ticket.message();
        match ticket.login {
            Login::Session(_) => self.write_signed(&message),
            Login::Key(_) => self.write_signed(&[&[KEY][..], &message].concat()),
        }
    }

    /// What a ticket says; none where it is not one of ours, or its time is over.
    pub(crate) fn read_ticket(&self, text: &str, now: Millis) -> Option<Ticket> {
        let ticket = match self.read_signed::<MESSAGE_BYTES>(text) {
            Some(message) => Ticket::of_message(&message, |id| Login::Session(SessionId(id)))?,
            None => self.read_key_ticket(text)?,
        };
        (now < ticket.expires_at).then_some(ticket)
    }

    fn read_key_ticket(&self, text: &str) -> Option<Ticket> {
        let message = self.read_signed::<{ 1 + MESSAGE_BYTES }>(text)?;
        let (&kind, message) = message.split_first()?;
        let ticket = Ticket::of_message(message.try_into().ok()?, |id| Login::Key(KeyId(id)));
        ticket.filter(|_| kind == KEY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretKey;

    fn keys(secret: &str) -> Keys {
        Keys::new(&SecretKey::given(secret.to_owned()), None)
    }

    fn ticket(login: Login) -> Ticket {
        Ticket { login, stream: StreamId::new(), expires_at: Millis(1_000) }
    }

    fn both() -> [Ticket; 2] {
        [Login::Session(SessionId::new()), Login::Key(KeyId::new())].map(ticket)
    }

    #[test]
    fn a_ticket_says_what_was_written_until_its_time_is_over() {
        let keys = keys("one");
        for ticket in both() {
            let text = keys.write_ticket(&ticket);
            assert_eq!(keys.read_ticket(&text, Millis(999)), Some(ticket));
            assert_eq!(keys.read_ticket(&text, Millis(1_000)), None);
        }
    }

    #[test]
    fn a_ticket_that_was_changed_anywhere_is_none() {
        let keys = keys("one");
        let text = keys.write_ticket(&both()[0]);
        for place in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(keys.read_ticket(&String::from_utf8(forged).unwrap(), Millis(0)), None, "at {place}");
        }
        for bad in ["", "open", &text[1..], &text[..text.len() - 1], &format!("{text}A"), "../../x"] {
            assert_eq!(keys.read_ticket(bad, Millis(0)), None, "{bad}");
        }
    }

    #[test]
    fn a_ticket_of_another_server_is_none() {
        assert_eq!(keys("two").read_ticket(&keys("one").write_ticket(&both()[1]), Millis(0)), None);
    }
}
