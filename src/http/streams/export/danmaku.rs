//! Danmaku XML: comments as players of flying comments read them. One `<d p="…">` a comment, its fields being seconds into
//! the stream, mode, size, colour, time of writing, pool, author's hash and id. It must not know where comments come from.

use crate::{
    domain::{
        StreamId, UserId,
        text::style::{Color, Mode, Size, Style},
    },
    wire::view::CommentView,
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What a comment without a style looks like.
const PLAIN: Style = Style { mode: Mode::Scroll, color: Color::WHITE, size: Size::Normal };

/// All before the first comment.
pub(super) fn head(stream_id: StreamId) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<i><chatserver>livehouse</chatserver><chatid>{stream_id}</chatid>\
         <mission>0</mission><maxlimit>0</maxlimit><state>0</state><real_name>0</real_name><source>k-v</source>\n"
    )
}

/// All after the last comment.
pub(super) const TAIL: &str = "</i>\n";

/// One comment, on a line of its own, so many milliseconds from the beginning.
pub(super) fn line(comment: &CommentView, at_ms: i64) -> String {
    let style = comment.style.unwrap_or(PLAIN);
    let mut line = String::with_capacity(comment.content.len() + 160);
    let written = write!(
        line,
        "<d p=\"{}.{:03},{},{},{},{},0,{},{}\">",
        at_ms / 1000,
        at_ms % 1000,
        mode(style.mode),
        size(style.size),
        style.color.0,
        comment.created_at.0 / 1000,
        author_hash(comment.user.id),
        comment.id,
    );
    written.expect("a string takes all");
    escape_into(&mut line, &comment.content);
    line.push_str("</d>\n");
    line
}

fn mode(mode: Mode) -> u8 {
    match mode {
        Mode::Scroll => 1,
        Mode::Bottom => 4,
        Mode::Top => 5,
    }
}

fn size(size: Size) -> u8 {
    match size {
        Size::Small => 18,
        Size::Normal => 25,
        Size::Large => 36,
    }
}

/// Tells authors apart, as the format wants it: 8 hexadecimal digits.
fn author_hash(id: UserId) -> String {
    HEXLOWER.encode(&Sha256::digest(id.0.as_bytes())[..4])
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if is_xml(c) => out.push(c),
            _ => {}
        }
    }
}

/// XML 1.0, production 2: no control characters, no U+FFFE, no U+FFFF.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Millis, room::samples};

    fn comment(content: &str, style: Option<Style>) -> CommentView {
        let created_at = Millis(1_700_000_000_123);
        CommentView { style, created_at, ..samples::comment(content) }
    }

    #[test]
    fn the_fields_are_in_the_order_of_the_format() {
        let style = Style { mode: Mode::Top, color: Color(0xff_00_00), size: Size::Large };
        let comment = comment("hi", Some(style));
        let (id, hash) = (comment.id, author_hash(comment.user.id));
        assert_eq!(
            line(&comment, 83_042),
            format!("<d p=\"83.042,5,36,16711680,1700000000,0,{hash},{id}\">hi</d>\n")
        );
        assert_eq!(hash.len(), 8);
    }

    #[test]
    fn a_plain_comment_flies_in_white() {
        assert!(line(&comment("hi", None), 0).starts_with("<d p=\"0.000,1,25,16777215,"));
    }

    #[test]
    fn marks_are_escaped_and_characters_that_xml_has_not_are_left_out() {
        let line = line(&comment("a<b>&\"c'\u{1}\u{fffe}\u{ffff}\u{b}é🦀", None), 0);
        assert!(line.ends_with(">a&lt;b&gt;&amp;&quot;c&apos;é🦀</d>\n"), "{line}");
    }
}
