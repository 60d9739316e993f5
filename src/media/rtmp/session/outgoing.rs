//! What we say to an encoder: control messages and answers to commands, as chunks.
//! It must not know when to say what.

use crate::media::rtmp::amf0::{Value, encode};
use bytes::{BufMut, BytesMut};

/// How many bytes a peer shall send until it hears of them, and we until we do.
pub(super) const WINDOW_BYTES: u32 = 2_500_000;
/// Length of our chunks, once it is announced; no message of ours is longer than a few hundred bytes.
const CHUNK_BYTES: u32 = 4096;
/// Words for a person are cut here, so that an answer stays one chunk.
const WORDS_BYTES: usize = 1024;

const CONTROL: u8 = 2;
const COMMANDS: u8 = 3;
/// The message stream that `createStream` gives: there is one a connection.
pub(super) const MESSAGE_STREAM: u32 = 1;

/// How we speak from here on: before any command of ours, which may be longer than the chunks that a peer expects.
pub(super) fn begin(output: &mut BytesMut) {
    control(5, &WINDOW_BYTES.to_be_bytes(), output);
    let dynamic = 2;
    control(6, &[&WINDOW_BYTES.to_be_bytes()[..], &[dynamic]].concat(), output);
    control(1, &CHUNK_BYTES.to_be_bytes(), output);
}

/// The answer to `connect`.
pub(super) fn connected(transaction: f64, output: &mut BytesMut) {
    // What encoders look for, as the first servers said it.
    let server = [("fmsVer", Value::text("FMS/3,0,1,123")), ("capabilities", Value::Number(31.0))];
    let server = Value::Object(server.map(|(name, value)| (name.to_owned(), value)).into());
    let mut success = information("status", "NetConnection.Connect.Success", "Connected.");
    if let Value::Object(properties) = &mut success {
        properties.push(("objectEncoding".to_owned(), Value::Number(0.0)));
    }
    answer("_result", transaction, [server, success], output);
}

/// So many bytes came, modulo 2^32.
pub(super) fn acknowledgement(bytes: u32, output: &mut BytesMut) {
    control(3, &bytes.to_be_bytes(), output);
}

/// The stream is there to be sent to.
pub(super) fn stream_begin(output: &mut BytesMut) {
    control(4, &[&[0, 0][..], &MESSAGE_STREAM.to_be_bytes()].concat(), output);
}

/// The answer to a ping.
pub(super) fn pong(of: [u8; 4], output: &mut BytesMut) {
    control(4, &[&[0, 7][..], &of].concat(), output);
}

/// The answer to a command: `_result` or `_error`, then two values.
pub(super) fn answer(name: &str, transaction: f64, values: [Value; 2], output: &mut BytesMut) {
    let [first, second] = values;
    command(0, &[Value::text(name), Value::Number(transaction), first, second], output);
}

/// What a stream has come to; `level` is `status` or `error`.
pub(super) fn on_status(level: &str, code: &str, words: &str, output: &mut BytesMut) {
    let values = [Value::text("onStatus"), Value::Number(0.0), Value::Null, information(level, code, words)];
    command(MESSAGE_STREAM, &values, output);
}

/// What those encoders wait for that said `FCPublish`.
pub(super) fn on_fc_publish(output: &mut BytesMut) {
    let start = information("status", "NetStream.Publish.Start", "Send.");
    command(0, &[Value::text("onFCPublish"), Value::Number(0.0), Value::Null, start], output);
}

/// The object that says how something went.
pub(super) fn information(level: &str, code: &str, words: &str) -> Value {
    let words = &words[..words.floor_char_boundary(WORDS_BYTES)];
    let properties = [("level", level), ("code", code), ("description", words)];
    Value::Object(properties.map(|(name, text)| (name.to_owned(), Value::text(text))).into())
}

fn control(kind: u8, body: &[u8], output: &mut BytesMut) {
    chunk(CONTROL, kind, 0, body, output);
}

fn command(message_stream: u32, values: &[Value], output: &mut BytesMut) {
    let mut body = BytesMut::new();
    values.iter().for_each(|value| encode(value, &mut body));
    chunk(COMMANDS, 20, message_stream, &body, output);
}

/// A message in one chunk with a whole header, at time 0.
fn chunk(stream: u8, kind: u8, message_stream: u32, body: &[u8], output: &mut BytesMut) {
    output.put_u8(stream);
    output.put_uint(0, 3);
    output.put_uint(body.len() as u64, 3);
    output.put_u8(kind);
    output.put_u32_le(message_stream);
    output.put_slice(body);
}
