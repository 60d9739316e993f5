//! What encoders say, for tests.
//! It must not know how sessions read it.

use crate::media::rtmp::{
    amf0::{Value, encode},
    chunks::samples::message_in_chunks,
};
use bytes::BytesMut;

/// Both packets of the plain handshake.
pub(crate) fn handshake() -> Vec<u8> {
    [vec![3], vec![0; 1536], vec![1; 1536]].concat()
}

/// A command in chunks of 128 bytes.
pub(crate) fn command(name: &str, transaction: f64, values: &[Value]) -> Vec<u8> {
    let mut body = BytesMut::new();
    encode(&Value::text(name), &mut body);
    encode(&Value::Number(transaction), &mut body);
    values.iter().for_each(|value| encode(value, &mut body));
    message_in_chunks(3, 0, 20, &body, 128)
}

/// A `connect` to an application.
pub(crate) fn connect(application: &str) -> Vec<u8> {
    let properties = [
        ("app", Value::text(application)),
        ("flashVer", Value::text("FMLE/3.0 (compatible; FMSc/1.0)")),
        ("tcUrl", Value::text(format!("rtmp://localhost/{application}"))),
    ];
    let properties = properties.map(|(name, value)| (name.to_owned(), value));
    command("connect", 1.0, &[Value::Object(properties.into())])
}

/// What encoders say between `connect` and pictures.
pub(crate) fn publish(key: &str) -> Vec<u8> {
    let key = Value::text(key);
    [
        command("releaseStream", 2.0, &[Value::Null, key.clone()]),
        command("FCPublish", 3.0, &[Value::Null, key.clone()]),
        command("createStream", 4.0, &[Value::Null]),
        command("publish", 5.0, &[Value::Null, key, Value::text("live")]),
    ]
    .concat()
}

/// All that an encoder says to the point where its key is looked at.
pub(crate) fn up_to_publish(key: &str) -> Vec<u8> {
    [handshake(), connect("live"), publish(key)].concat()
}
