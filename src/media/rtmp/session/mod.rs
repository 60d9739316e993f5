//! One encoder's side of RTMP, from its first byte to its last, without a socket and without a clock.
//! It must not know which keys are right, nor what is in sound and pictures.

mod commands;
mod handshake;
mod outgoing;
#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;

use super::{
    amf0::{self, Value},
    chunks::{
        ChunkReader, Message,
        guard::{COMMAND_BYTES, Guard},
    },
    refusal::Refusal,
};
use bytes::{Bytes, BytesMut};
use commands::{Command, Connect};
use handshake::Handshake;
use outgoing::{MESSAGE_STREAM, WINDOW_BYTES};

/// Kinds of messages (RTMP 1.0, sections 5.4, 6.2 and 7.1).
mod kind {
    pub(super) const USER_CONTROL: u8 = 4;
    pub(super) const WINDOW_SIZE: u8 = 5;
    pub(super) const AUDIO: u8 = 8;
    pub(super) const VIDEO: u8 = 9;
    pub(super) const DATA_AMF3: u8 = 15;
    pub(super) const COMMAND_AMF3: u8 = 17;
    pub(super) const DATA: u8 = 18;
    pub(super) const COMMAND: u8 = 20;
    pub(super) const AGGREGATE: u8 = 22;
}

/// A peer that wants to hear of fewer bytes than these hears of these.
const WINDOW_BYTES_MIN: u32 = 128 << 10;
const PING: u16 = 6;

/// What an encoder says that others have to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It wants to send. Nothing is read until [`Session::admit`].
    Publish { key: String, agent: Option<String> },
    /// It says what program it is.
    Agent(String),
    /// The body of an FLV tag; `time` in milliseconds, modulo 2^32.
    Audio { time: u32, body: Bytes },
    /// The same, of pictures.
    Video { time: u32, body: Bytes },
    /// It has said that it ends.
    Ended,
}

/// How far a session is.
#[derive(Debug)]
enum Stage {
    Handshake(Handshake),
    /// `connect` is awaited.
    Greeted,
    /// `publish` is awaited.
    Connected(Connect),
    /// It is looked whether the key is right.
    Asked,
    Publishing,
}

/// One connection, to its end.
#[derive(Debug)]
pub(crate) struct Session {
    stage: Stage,
    chunks: ChunkReader,
    output: BytesMut,
    /// How many bytes of it the peer heard of last, and how many it wants to hear of.
    acknowledged: u64,
    window: u32,
    message_bytes: usize,
}

impl Session {
    /// For an encoder whose messages may be so long once its key is accepted.
    pub(crate) fn new(message_bytes: usize) -> Self {
        Session {
            stage: Stage::Handshake(Handshake::Hello),
            chunks: ChunkReader::new(Guard::new()),
            output: BytesMut::new(),
            acknowledged: 0,
            window: WINDOW_BYTES,
            message_bytes,
        }
    }

    /// Takes bytes up to the next event; none where more are needed.
    pub(crate) fn read(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Refusal> {
        if let Stage::Handshake(handshake) = &mut self.stage {
            handshake.read(input, &mut self.output, self.chunks.guard_mut())?;
            if *handshake != Handshake::Done {
                return Ok(None);
            }
            self.stage = Stage::Greeted;
        }
        while !matches!(self.stage, Stage::Asked) {
            let Some(message) = self.chunks.read(input)? else { break };
            if let Some(event) = self.hear(message)? {
                return Ok(Some(event));
            }
        }
        self.acknowledge();
        Ok(None)
    }

    /// The key of [`Event::Publish`] is right.
    pub(crate) fn admit(&mut self) {
        self.chunks.admit(self.message_bytes);
        self.stage = Stage::Publishing;
        outgoing::stream_begin(&mut self.output);
        outgoing::on_fc_publish(&mut self.output);
        outgoing::on_status("status", "NetStream.Publish.Start", "Send.", &mut self.output);
    }

    /// Says why it ends from here, where the peer is far enough to understand it.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) {
        let code = match refusal {
            Refusal::Key(_) => "NetStream.Publish.BadName",
            Refusal::Play => "NetStream.Play.Failed",
            _ => "NetStream.Failed",
        };
        match &self.stage {
            Stage::Handshake(_) => {}
            Stage::Greeted => {
                outgoing::begin(&mut self.output);
                let why =
                    outgoing::information("error", "NetConnection.Connect.Rejected", &refusal.to_string());
                let connect = 1.0;
                outgoing::answer("_error", connect, [Value::Null, why], &mut self.output);
            }
            Stage::Connected(_) | Stage::Asked | Stage::Publishing => {
                outgoing::on_status("error", code, &refusal.to_string(), &mut self.output);
            }
        }
    }

    /// What is to be sent.
    pub(crate) fn take_output(&mut self) -> BytesMut {
        self.output.split()
    }

    fn hear(&mut self, message: Message) -> Result<Option<Event>, Refusal> {
        let Message { time, kind, body } = message;
        let is_publishing = matches!(self.stage, Stage::Publishing);
        match kind {
            kind::AUDIO if is_publishing => return Ok(Some(Event::Audio { time, body })),
            kind::VIDEO if is_publishing => return Ok(Some(Event::Video { time, body })),
            kind::AUDIO | kind::VIDEO => {
                return Err(Refusal::Protocol("sound or pictures before a key is accepted"));
            }
            kind::AGGREGATE => return Err(Refusal::Protocol("many tags in one message")),
            kind::COMMAND => return self.command(&body),
            // One byte says that AMF3 may follow; commands in it are still AMF0.
            kind::COMMAND_AMF3 => return self.command(body.get(1..).unwrap_or_default()),
            kind::DATA if is_publishing => return data(&body),
            kind::DATA_AMF3 if is_publishing => return data(body.get(1..).unwrap_or_default()),
            kind::USER_CONTROL => self.user_control(&body),
            kind::WINDOW_SIZE => self.set_window(&body),
            // What is said of windows the other way, and what nobody sends.
            _ => {}
        }
        Ok(None)
    }

    fn command(&mut self, body: &[u8]) -> Result<Option<Event>, Refusal> {
        let values = values(body)?;
        let Some((command, transaction)) = Command::of(&values)? else { return Ok(None) };
        match (command, &self.stage) {
            (Command::Connect(connect), Stage::Greeted) => {
                connect.check()?;
                outgoing::begin(&mut self.output);
                outgoing::connected(transaction, &mut self.output);
                self.stage = Stage::Connected(connect);
            }
            (Command::Connect(_), _) => return Err(Refusal::Protocol("a second connect")),
            (_, Stage::Greeted) => return Err(Refusal::Protocol("a command before connect")),
            (Command::Play, _) => return Err(Refusal::Play),
            (Command::CreateStream, _) => {
                let stream = Value::Number(f64::from(MESSAGE_STREAM));
                outgoing::answer("_result", transaction, [Value::Null, stream], &mut self.output);
            }
            (Command::Announce, _) => {
                outgoing::answer("_result", transaction, [Value::Null, Value::Null], &mut self.output);
            }
            (Command::Publish { key }, Stage::Connected(connect)) => {
                let agent = connect.agent.clone();
                self.stage = Stage::Asked;
                return Ok(Some(Event::Publish { key, agent }));
            }
            (Command::Publish { .. }, _) => return Err(Refusal::Protocol("a second publish")),
            (Command::End, _) => return Ok(Some(Event::Ended)),
        }
        Ok(None)
    }

    fn user_control(&mut self, body: &[u8]) {
        if let [kind_high, kind_low, a, b, c, d, ..] = *body
            && u16::from_be_bytes([kind_high, kind_low]) == PING
        {
            outgoing::pong([a, b, c, d], &mut self.output);
        }
    }

    fn set_window(&mut self, body: &[u8]) {
        if let Some(bytes) = body.get(..4).and_then(|four| four.try_into().ok()) {
            self.window = u32::from_be_bytes(bytes).max(WINDOW_BYTES_MIN);
        }
    }

    /// Tells the peer how much came, where it is time for it.
    fn acknowledge(&mut self) {
        let read = self.chunks.guard().bytes_read();
        if read - self.acknowledged >= u64::from(self.window) {
            self.acknowledged = read;
            outgoing::acknowledgement(read as u32, &mut self.output);
        }
    }
}

/// What an encoder says of itself beside commands: `onMetaData` names the program.
fn data(body: &[u8]) -> Result<Option<Event>, Refusal> {
    let values = values(body)?;
    let is_metadata = values.iter().any(|value| value.as_text() == Some("onMetaData"));
    let encoder = values.iter().find_map(|value| value.property("encoder")).and_then(Value::as_text);
    Ok(encoder.filter(|_| is_metadata).and_then(commands::agent).map(Event::Agent))
}

fn values(body: &[u8]) -> Result<Vec<Value>, Refusal> {
    if body.len() > COMMAND_BYTES {
        return Err(Refusal::TooBig("a command of 16 kB"));
    }
    amf0::decode(body)
}
