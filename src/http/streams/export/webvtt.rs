//! WebVTT: comments as subtitles that any player shows over a film. It must not know where comments come from.

use crate::wire::view::CommentView;

/// All before the first comment.
pub(super) const HEAD: &str = "WEBVTT\n\n";
/// How long each of them stands there.
const SHOWN_MS: i64 = 5_000;

/// One comment as a cue, which is voiced by its author.
pub(super) fn cue(comment: &CommentView, at_ms: i64) -> String {
    let (from, to) = (timestamp(at_ms), timestamp(at_ms + SHOWN_MS));
    let (name, text) = (escaped(&comment.user.display_name), escaped(&comment.content));
    format!("{}\n{from} --> {to}\n<v {name}>{name}: {text}\n\n", comment.id)
}

/// Hours, minutes, seconds; of the hours there may be more than two digits.
fn timestamp(ms: i64) -> String {
    let (seconds, rest) = (ms / 1000, ms % 1000);
    format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Without what would be a tag, and on one line: an empty one would end the cue.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::samples;

    #[test]
    fn a_comment_is_a_cue_of_its_author_without_tags_and_empty_lines() {
        let comment = samples::comment("<b>&\n\n-->");
        let (id, name) = (comment.id, &comment.user.display_name);
        let told =
            format!("{id}\n01:01:01.500 --> 01:01:06.500\n<v {name}>{name}: &lt;b&gt;&amp;  --&gt;\n\n");
        assert_eq!(cue(&comment, 3_661_500), told);
        assert_eq!(timestamp(360_000_000), "100:00:00.000");
    }
}
