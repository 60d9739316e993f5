//! Reads for many viewers with no task for each: one epoll, one buffer, and of what comes the lengths of frames. What a client
//! costs is taken from a server on the same machine, so this one costs as little as can be. It must not judge what is said.

use super::{frames::Heard, ledger::Goal};
use crate::crowd::{
    net::{
        frame::{self, Front},
        target::Dialect,
    },
    stamp::{Clock, Stamp},
    tally::{Tally, count},
};
use rustix::event::epoll;
use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// What is read at once, in bytes.
const BUFFER: usize = 1 << 20;
/// Sockets looked at after one wait.
const AT_ONCE: usize = 1024;
/// One in so many sockets is read for how late its events are, too.
const SAMPLED: usize = 64;
/// Servers do not look at the masks of a control frame.
const MASK: [u8; 4] = [1, 2, 3, 4];

/// A viewer who is inside, and now is read by a reader.
pub(crate) struct Visit {
    number: usize,
    stream: TcpStream,
    /// What has come of a frame.
    begun: Vec<u8>,
    /// The number of the next event; none from a peer without numbers.
    next: Option<u64>,
    /// Events that came, or were announced as left out.
    heard: u64,
}

impl Visit {
    /// Of viewer `number`, of whose next frame `begun` has come, and whose next event is `next`.
    pub(crate) fn new(number: usize, stream: TcpStream, begun: Vec<u8>, next: Option<u64>) -> Self {
        Self { number, stream, begun, next, heard: 0 }
    }
}

/// Reads all visits that it is given.
pub(crate) struct Reader {
    dialect: Dialect,
    clock: Clock,
    epoll: OwnedFd,
    visits: HashMap<u64, Visit>,
    buffer: Vec<u8>,
    tally: Tally,
}

impl Reader {
    /// A reader of nothing yet.
    pub(crate) fn new(dialect: Dialect, clock: Clock) -> std::io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let (visits, buffer, tally) = (HashMap::new(), vec![0; BUFFER], Tally::default());
        Ok(Self { dialect, clock, epoll, visits, buffer, tally })
    }

    /// Reads this one, too.
    pub(crate) fn take(&mut self, visit: Visit) {
        let number = visit.number as u64;
        let data = epoll::EventData::new_u64(number);
        match epoll::add(&self.epoll, &visit.stream, data, epoll::EventFlags::IN) {
            Ok(()) => drop(self.visits.insert(number, visit)),
            Err(error) => count(&mut self.tally.ended, std::io::Error::from(error).kind().to_string()),
        }
    }

    /// Reads what has come, or comes within `wait`.
    pub(crate) fn read(&mut self, wait: Duration) {
        let mut ready = Vec::with_capacity(AT_ONCE);
        let wait = rustix::time::Timespec { tv_sec: 0, tv_nsec: i64::from(wait.subsec_nanos()) };
        let spare = rustix::buffer::spare_capacity(&mut ready);
        if epoll::wait(&self.epoll, spare, Some(&wait)).is_err() {
            return; // a signal; the next wait comes at once
        }
        for event in ready {
            let number = event.data.u64();
            let ended = self.visits.get_mut(&number).and_then(|visit| {
                let now = || self.clock.now_us();
                visit.read(&mut self.buffer, now, self.dialect, &mut self.tally).err()
            });
            if let Some(why) = ended {
                count(&mut self.tally.ended, why);
                self.visits.remove(&number);
            }
        }
    }

    /// What was counted since this was asked last.
    pub(crate) fn counted(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// Whether all has come.
    pub(crate) fn reaches(&self, goal: Goal) -> bool {
        self.visits.values().all(|visit| visit.missing(goal) == 0)
    }

    /// Says of each viewer what is missing.
    pub(crate) fn judge(&mut self, goal: Goal) {
        for visit in self.visits.values() {
            match visit.missing(goal) {
                0 => {}
                missing => self.tally.breach(format!("socket {}: {missing} events never came", visit.number)),
            }
        }
    }

    /// Says goodbye for all viewers.
    pub(crate) fn leave(&mut self) {
        for (_, mut visit) in self.visits.drain() {
            let _ = visit.stream.write(&frame::goodbye(MASK));
        }
    }
}

impl Visit {
    /// Reads what is there, once. Errors: how the socket ended.
    fn read(
        &mut self,
        buffer: &mut [u8],
        now_us: impl Fn() -> u64,
        dialect: Dialect,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let begun = self.begun.len();
        buffer[..begun].copy_from_slice(&self.begun);
        let read = match self.stream.read(&mut buffer[begun..]) {
            Ok(0) => return Err("closed without a word".into()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.kind().to_string()),
        };
        let (read_us, mut bytes) = (now_us(), &buffer[..begun + read]);
        while let Front::Whole(frame, end) = frame::front(bytes) {
            match frame.opcode {
                _ if frame.compressed => return Err("compressed, which nobody offered".into()),
                frame::TEXT => self.hear(frame.payload, read_us, dialect, tally),
                frame::PING => self.pong(frame.payload),
                frame::CLOSE => return Err(frame::close_code(frame.payload).unwrap_or(1005).to_string()),
                _ => {}
            }
            bytes = &bytes[end..];
        }
        self.begun.clear();
        self.begun.extend_from_slice(bytes);
        Ok(())
    }

    fn pong(&mut self, payload: &[u8]) {
        let mut pong = Vec::new();
        frame::encode(&mut pong, frame::PONG, payload, MASK);
        // A server that does not read does not miss it.
        let _ = self.stream.write(&pong);
    }

    fn hear(&mut self, text: &[u8], read_us: u64, dialect: Dialect, tally: &mut Tally) {
        tally.bytes += text.len() as u64;
        match Light::of(text, dialect) {
            Light::Event => {
                self.heard += 1;
                tally.deliveries += 1;
                tally.delivered_bytes += text.len() as u64;
                if self.number.is_multiple_of(SAMPLED)
                    && let Some(stamp) = Stamp::find_within(text, text.len())
                {
                    tally.latency.saturating_record(read_us.saturating_sub(stamp.intended_us).max(1));
                }
            }
            Light::LeftOut(missed) => {
                self.heard += missed;
                tally.missed += missed;
                tally.lagged += 1;
            }
            Light::Other => {}
        }
    }

    fn missing(&self, goal: Goal) -> u64 {
        let wanted = match (goal.head, self.next) {
            (Some(head), Some(next)) => (head + 1).saturating_sub(next),
            _ => goal.heard,
        };
        wanted.saturating_sub(self.heard)
    }
}

/// What a text is, as far as its first bytes tell.
#[derive(Debug, PartialEq)]
enum Light {
    Event,
    /// So many events are left out.
    LeftOut(u64),
    Other,
}

impl Light {
    /// Where the number of an event begins at the latest: after its kind.
    const NUMBER_WITHIN: usize = 48;

    fn of(text: &[u8], dialect: Dialect) -> Self {
        if dialect != Dialect::Livehouse {
            return Self::Event;
        }
        if text.starts_with(br#"{"type":"lagged""#) {
            let Ok(Heard::Lagged { missed, .. }) = dialect.read(text) else { return Self::Other };
            return Self::LeftOut(missed);
        }
        let front = &text[..text.len().min(Self::NUMBER_WITHIN)];
        let is_numbered = front.windows(8).any(|window| window == br#"","seq":"#);
        let is_state = text.starts_with(br#"{"type":"snapshot""#);
        if is_numbered && !is_state { Self::Event } else { Self::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn an_event_is_known_by_its_first_bytes_and_other_frames_are_not_counted() {
        let light = |text: &str| Light::of(text.as_bytes(), Dialect::Livehouse);
        assert_eq!(light(r#"{"type":"comment.created","seq":7,"ts":"x","comment":{}}"#), Light::Event);
        assert_eq!(light(r#"{"type":"lagged","from":3,"to":9,"missed":7}"#), Light::LeftOut(7));
        for other in [
            r#"{"type":"pulse","viewers":3}"#,
            r#"{"type":"snapshot","seq":3,"epoch":"e"}"#,
            r#"{"type":"ack","ref":"1","op":"comment","comment_id":"0123456789","seq":4}"#,
            "",
        ] {
            assert_eq!(light(other), Light::Other, "{other}");
        }
        assert_eq!(Light::of(b"hello", Dialect::Raw), Light::Event);
    }

    #[test]
    fn events_are_counted_however_they_are_cut_and_a_ping_is_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let mut visit = Visit { number: 0, stream, begun: Vec::new(), next: Some(7), heard: 0 };
        let event = br#"{"type":"comment.created","seq":7,"content":"crowd-1 2 3 "}"#;
        let said = [&[0x81, event.len() as u8][..], event, &[0x89, 0], &[0x81, 3], b"abc"].concat();
        let (mut tally, mut buffer) = (Tally::default(), vec![0; BUFFER]);
        for byte in said {
            server.write_all(&[byte]).unwrap();
            visit.read(&mut buffer, || 5, Dialect::Livehouse, &mut tally).unwrap();
        }
        let mut pong = [0; 6];
        server.read_exact(&mut pong).unwrap();
        assert_eq!(pong[..2], [0x8a, 0x80]);
        assert_eq!((visit.heard, tally.deliveries, tally.latency.len()), (1, 1, 1));
        let goal = |head| Goal { head: Some(head), heard: 0, reactions: None };
        assert_eq!((visit.missing(goal(7)), visit.missing(goal(9))), (0, 2));
    }
}
