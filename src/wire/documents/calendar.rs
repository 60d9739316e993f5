//! A calendar for others to subscribe to (RFC 5545): lines of at most 75 octets, texts escaped as they come in, times in UTC.
//! It must not know what a stream is.

use crate::domain::Millis;
use jiff::Timestamp;

/// Octets of a line, without its end (RFC 5545, 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// Something that happens.
pub(crate) struct Event<'a> {
    /// The same for ever, and nobody else's.
    pub uid: &'a str,
    /// When it was last changed.
    pub changed_at: Millis,
    /// Counts its changes.
    pub sequence: i64,
    pub starts_at: Millis,
    pub ends_at: Millis,
    /// What it is called.
    pub summary: &'a str,
    pub description: &'a str,
    /// Where it can be seen.
    pub url: &'a str,
    /// What it is about.
    pub categories: &'a [String],
}

/// A calendar as it is being written.
pub(crate) struct Calendar(String);

/// A value, by how it is written.
enum Value<'a> {
    /// What somebody wrote.
    Text(&'a str),
    /// Several of those.
    Texts(&'a [String]),
    /// An address, which has no line breaks.
    Address(&'a str),
    Time(Millis),
    Number(i64),
    /// A word of the format.
    Word(&'static str),
}

impl Calendar {
    /// An empty one of this name.
    pub(crate) fn named(name: &str) -> Self {
        let mut calendar = Self(String::new());
        calendar.line("BEGIN", Value::Word("VCALENDAR"));
        calendar.line("VERSION", Value::Word("2.0"));
        calendar.line("PRODID", Value::Word("-//Livehouse//Livehouse//EN"));
        // The first is of RFC 7986, the second what was there before it.
        calendar.line("NAME", Value::Text(name));
        calendar.line("X-WR-CALNAME", Value::Text(name));
        calendar.line("REFRESH-INTERVAL;VALUE=DURATION", Value::Word("PT1H"));
        calendar
    }

    /// The same with one event more.
    pub(crate) fn with(mut self, event: &Event) -> Self {
        self.line("BEGIN", Value::Word("VEVENT"));
        self.line("UID", Value::Text(event.uid));
        self.line("DTSTAMP", Value::Time(event.changed_at));
        self.line("LAST-MODIFIED", Value::Time(event.changed_at));
        self.line("SEQUENCE", Value::Number(event.sequence));
        self.line("DTSTART", Value::Time(event.starts_at));
        self.line("DTEND", Value::Time(event.ends_at));
        self.line("SUMMARY", Value::Text(event.summary));
        if !event.description.is_empty() {
            self.line("DESCRIPTION", Value::Text(event.description));
        }
        self.line("URL", Value::Address(event.url));
        if !event.categories.is_empty() {
            self.line("CATEGORIES", Value::Texts(event.categories));
        }
        self.line("END", Value::Word("VEVENT"));
        self
    }

    /// All of it, as it is sent.
    pub(crate) fn finish(mut self) -> String {
        self.line("END", Value::Word("VCALENDAR"));
        self.0
    }

    fn line(&mut self, name: &'static str, value: Value) {
        let value = match value {
            Value::Text(text) => escaped(text),
            Value::Texts(texts) => texts.iter().map(|text| escaped(text)).collect::<Vec<_>>().join(","),
            Value::Address(address) => address.to_owned(),
            Value::Time(time) => utc(time),
            Value::Number(number) => number.to_string(),
            Value::Word(word) => word.to_owned(),
        };
        fold(&format!("{name}:{value}"), &mut self.0);
    }
}

/// A text (RFC 5545, 3.3.11): its line breaks as `\n`, and none of the controls that it may not have.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' | '\r' => out.push_str("\\n"),
            '\t' => out.push(c),
            c if c.is_ascii_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line, cut where it is too long; the next part begins with a space. No character is cut.
fn fold(line: &str, out: &mut String) {
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS_MAX {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
}

fn utc(time: Millis) -> String {
    let time = Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use icalendar::{Calendar as Read, CalendarComponent, Component};
    use proptest::prelude::*;

    fn written(summary: &str, description: &str) -> String {
        let event = Event {
            uid: "0198c0de-0000-7000-8000-000000000000",
            changed_at: Millis(1_770_000_000_000),
            sequence: 3,
            starts_at: Millis(1_770_000_000_999),
            ends_at: Millis(1_770_003_600_000),
            summary,
            description,
            url: "https://live.example/s/0198c0de-0000-7000-8000-000000000000",
            categories: &["a, b".to_owned(), "c;d".to_owned()],
        };
        Calendar::named("ana; on air").with(&event).finish()
    }

    /// What a text may keep of itself.
    fn readable(text: &str) -> String {
        text.replace("\r\n", "\n")
            .replace('\r', "\n")
            .replace(|c: char| c.is_ascii_control() && !"\t\n".contains(c), "")
    }

    #[test]
    fn times_are_in_utc_and_to_the_second() {
        let text = written("one", "");
        for line in
            ["DTSTART:20260202T024000Z", "DTEND:20260202T034000Z", "SEQUENCE:3", "CATEGORIES:a\\, b,c\\;d"]
        {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}: {text}");
        }
        assert!(
            text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n")
        );
        assert!(!text.contains("DESCRIPTION"), "{text}");
    }

    #[test]
    fn a_line_has_seventy_five_octets_and_the_next_one_begins_with_a_space() {
        let mut out = String::new();
        fold(&"x".repeat(75), &mut out);
        assert_eq!(out, format!("{}\r\n", "x".repeat(75)));
        out.clear();
        fold(&"é".repeat(38), &mut out);
        assert_eq!(out, format!("{}\r\n {}\r\n", "é".repeat(37), "é"));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_as_it_was(summary in any::<String>(), description in "\\PC+|.+") {
            let text = written(&summary, &description);
            for line in text.split_terminator("\r\n") {
                prop_assert!(line.len() <= LINE_OCTETS_MAX, "{line:?}");
                prop_assert!(!line.contains(['\r', '\n']), "{line:?}");
            }
            let read: Read = text.parse().unwrap();
            let Some(CalendarComponent::Event(event)) = read.components.first() else { panic!("no event in {text}") };
            prop_assert_eq!(read.components.len(), 1);
            prop_assert_eq!(event.get_summary().unwrap_or_default(), readable(&summary));
            prop_assert_eq!(event.get_description().unwrap_or_default(), readable(&description));
            prop_assert_eq!(event.get_uid(), Some("0198c0de-0000-7000-8000-000000000000"));
        }
    }
}
