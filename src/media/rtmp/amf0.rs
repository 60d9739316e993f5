//! AMF0, the values of RTMP's commands: read to a fixed depth from what is there, and written.
//! It must not know what commands there are.

use super::refusal::Refusal;
use bytes::{BufMut, BytesMut};

/// How deep values may lie in each other; commands need two levels.
const DEPTH: usize = 8;

/// A value; those that no command needs are read as `Null`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Boolean(bool),
    Text(String),
    Object(Vec<(String, Value)>),
    Null,
}

impl Value {
    /// A text, made from what is at hand.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    /// What it says, if it is a text.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A property, if it is an object that has it.
    pub(crate) fn property(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(properties) => properties.iter().find(|(of, _)| of == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// All values of a message, whose length is the limit of what is kept of it.
pub(crate) fn decode(body: &[u8]) -> Result<Vec<Value>, Refusal> {
    let mut reader = Reader { rest: body };
    let mut values = Vec::new();
    while !reader.rest.is_empty() {
        values.push(reader.value(0)?);
    }
    Ok(values)
}

/// Writes a value behind others.
pub(crate) fn encode(value: &Value, output: &mut BytesMut) {
    match value {
        Value::Number(number) => {
            output.put_u8(0);
            output.put_f64(*number);
        }
        Value::Boolean(is_true) => output.put_slice(&[1, u8::from(*is_true)]),
        Value::Text(text) => {
            output.put_u8(2);
            put_name(text, output);
        }
        Value::Object(properties) => {
            output.put_u8(3);
            for (name, value) in properties {
                put_name(name, output);
                encode(value, output);
            }
            output.put_slice(&[0, 0, 9]);
        }
        Value::Null => output.put_u8(5),
    }
}

/// A text behind its length; what is too long for that is cut at a character.
fn put_name(text: &str, output: &mut BytesMut) {
    let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
    output.put_u16(text.len() as u16);
    output.put_slice(text.as_bytes());
}

/// What is left of a message.
struct Reader<'a> {
    rest: &'a [u8],
}

const ENDS_EARLY: Refusal = Refusal::Protocol("a command that ends early");

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, Refusal> {
        if depth >= DEPTH {
            return Err(Refusal::TooDeep);
        }
        match self.byte()? {
            0 => Ok(Value::Number(f64::from_be_bytes(self.array()?))),
            1 => Ok(Value::Boolean(self.byte()? != 0)),
            2 => self.short_text().map(Value::Text),
            3 => self.properties(depth).map(Value::Object),
            5 | 6 | 13 => Ok(Value::Null), // null, undefined, unsupported
            8 => {
                self.take(4)?; // how many there are said to be; the end marker counts
                self.properties(depth).map(Value::Object)
            }
            10 => self.strict_array(depth),
            11 => self.take(10).map(|_| Value::Null), // a date and its zone
            12 => {
                let length = u32::from_be_bytes(self.array()?);
                self.take(length as usize).map(|text| Value::Text(lossy(text)))
            }
            _ => Err(Refusal::Protocol("a kind of value that commands do not need")),
        }
    }

    fn properties(&mut self, depth: usize) -> Result<Vec<(String, Value)>, Refusal> {
        let mut properties = Vec::new();
        loop {
            let name = self.short_text()?;
            if name.is_empty() && self.rest.first() == Some(&9) {
                self.byte()?;
                return Ok(properties);
            }
            properties.push((name, self.value(depth + 1)?));
        }
    }

    /// Its values are read past: no command needs them.
    fn strict_array(&mut self, depth: usize) -> Result<Value, Refusal> {
        for _ in 0..u32::from_be_bytes(self.array()?) {
            self.value(depth + 1)?;
        }
        Ok(Value::Null)
    }

    fn short_text(&mut self) -> Result<String, Refusal> {
        let length = u16::from_be_bytes(self.array()?);
        self.take(usize::from(length)).map(lossy)
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        self.take(N)?.try_into().map_err(|_| ENDS_EARLY)
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(ENDS_EARLY)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize, marker: &[u8]) -> Vec<u8> {
        marker.repeat(levels)
    }

    #[test]
    fn what_was_written_is_read_again() {
        let values = [
            Value::text("connect"),
            Value::Number(1.5),
            Value::Boolean(true),
            Value::Null,
            Value::Object(vec![("app".into(), Value::text("live")), ("in".into(), Value::Object(vec![]))]),
        ];
        let mut bytes = BytesMut::new();
        values.iter().for_each(|value| encode(value, &mut bytes));
        assert_eq!(decode(&bytes), Ok(values.into()));
        for end in 0..bytes.len() {
            // Wherever it ends, it is read up to a value's end or refused.
            let read = decode(&bytes[..end]);
            assert!(read.is_err() || read.is_ok_and(|values| values.len() < 5), "{end}");
        }
    }

    #[test]
    fn what_commands_do_not_need_is_read_past() {
        let array = [&[10, 0, 0, 0, 2][..], &[5], &[1, 1]].concat();
        let date = [&[11][..], &[0; 10]].concat();
        let long = [&[12, 0, 0, 0, 2][..], b"hi"].concat();
        let bytes = [array, date, long, vec![6], vec![8, 0, 0, 0, 9, 0, 1, b'a', 5, 0, 0, 9]].concat();
        let object = Value::Object(vec![("a".into(), Value::Null)]);
        assert_eq!(
            decode(&bytes),
            Ok(vec![Value::Null, Value::Null, Value::text("hi"), Value::Null, object])
        );
    }

    #[test]
    fn values_lie_eight_deep_and_no_deeper() {
        // An object with one property, whose name is empty, that is an object ..., and the ends of all.
        let deep = |levels: usize| {
            let open = nested(levels, &[3, 0, 0]);
            [open, vec![5], nested(levels, &[0, 0, 9])].concat()
        };
        assert!(decode(&deep(7)).is_ok());
        assert_eq!(decode(&deep(8)), Err(Refusal::TooDeep));
    }

    /// Row 18 of the attacks: 80 kB of objects inside each other, which end a process that reads them by recursion.
    #[test]
    fn twenty_thousand_values_inside_each_other_are_refused() {
        for marker in [&[3, 0, 1, b'a'][..], &[8, 0, 0, 0, 1, 0, 1, b'a'], &[10, 0, 0, 0, 1]] {
            assert_eq!(decode(&nested(20_000, marker)), Err(Refusal::TooDeep));
        }
    }

    #[test]
    fn an_array_that_announces_more_than_there_is_ends_early() {
        assert_eq!(decode(&[10, 255, 255, 255, 255, 5, 5]), Err(ENDS_EARLY));
        assert_eq!(decode(&[12, 255, 255, 255, 255, 5]), Err(ENDS_EARLY));
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_at_a_character() {
        let mut bytes = BytesMut::new();
        encode(&Value::text("é".repeat(40_000)), &mut bytes);
        assert_eq!(decode(&bytes), Ok(vec![Value::text("é".repeat(32_767))]));
    }
}
