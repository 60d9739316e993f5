//! HTML and XML, put together from elements and texts: a text is escaped as it comes in, so it can never be anything else.
//! It must not know what is said.

use serde_json::Value;

/// The name of an attribute, and its text.
pub(crate) type Attribute<'a> = (&'static str, &'a str);

/// A piece of HTML or XML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup(String);

impl Markup {
    /// The beginning of an XML document.
    pub(crate) fn xml() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned())
    }

    /// An element without content; HTML reads the void ones so, too.
    pub(crate) fn empty(mut self, tag: &'static str, attributes: &[Attribute]) -> Self {
        self.open(tag, attributes);
        self.0.push_str("/>\n");
        self
    }

    /// An element that has a text.
    pub(crate) fn text(self, tag: &'static str, text: &str) -> Self {
        self.words(tag, &[], text)
    }

    /// An element that has attributes and a text.
    pub(crate) fn words(mut self, tag: &'static str, attributes: &[Attribute], text: &str) -> Self {
        self.open(tag, attributes);
        self.0.push('>');
        escape(text, &mut self.0);
        self.close(tag)
    }

    /// An element that has markup in it.
    pub(crate) fn element(mut self, tag: &'static str, attributes: &[Attribute], inner: Markup) -> Self {
        self.open(tag, attributes);
        self.0.push('>');
        self.0.push_str(&inner.0);
        self.close(tag)
    }

    /// A block of data in HTML, which no browser runs. Nothing is decoded in it, so what could end it is written as JSON escapes.
    pub(crate) fn data(mut self, kind: &str, value: &Value) -> Self {
        self.open("script", &[("type", kind)]);
        self.0.push('>');
        let json = value.to_string();
        self.0.push_str(&json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"));
        self.close("script")
    }

    /// This, and then the other.
    pub(crate) fn and(mut self, other: Markup) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// As it is sent.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, given away.
    pub(crate) fn into_string(self) -> String {
        self.0
    }

    fn open(&mut self, tag: &'static str, attributes: &[Attribute]) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, text) in attributes {
            self.0.extend([" ", name, "=\""]);
            escape(text, &mut self.0);
            self.0.push('"');
        }
    }

    fn close(mut self, tag: &'static str) -> Self {
        self.0.extend(["</", tag, ">\n"]);
        self
    }
}

/// What no XML document may hold, not even escaped (XML 1.0, 2.2), becomes U+FFFD; HTML can do without it, too.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Parsers make other spaces of them.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\0'..'\x20' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use html5gum::{Token, Tokenizer};
    use proptest::prelude::*;
    use serde_json::json;

    /// What is left of a text in a document.
    fn readable(text: &str) -> String {
        let is_forbidden =
            |c: char| matches!(c, '\0'..'\x20' | '\u{fffe}' | '\u{ffff}') && !"\t\n\r".contains(c);
        text.replace(is_forbidden, "\u{fffd}")
    }

    /// All text between tags, and all values of attributes, as a browser reads them.
    fn html(markup: &Markup) -> (Vec<String>, Vec<String>) {
        let (mut texts, mut attributes) = (vec![String::new()], Vec::new());
        for token in Tokenizer::new(markup.as_str()) {
            let Ok(token) = token;
            match token {
                Token::String(text) => {
                    texts.last_mut().unwrap().push_str(std::str::from_utf8(&text).unwrap())
                }
                Token::StartTag(tag) => {
                    attributes.extend(
                        tag.attributes.values().map(|value| String::from_utf8(value.to_vec()).unwrap()),
                    );
                    texts.push(String::new());
                }
                Token::EndTag(_) => texts.push(String::new()),
                other => panic!("{other:?} in {markup:?}"),
            }
        }
        (texts, attributes)
    }

    proptest! {
        #[test]
        fn an_xml_parser_gives_back_every_text(text in any::<String>(), attribute in any::<String>()) {
            let inner = Markup::default().text("a", &text).empty("b", &[("c", &attribute)]);
            let document = Markup::xml().element("r", &[], inner).into_string();
            let read = roxmltree::Document::parse(&document).unwrap();
            let node = |name| read.descendants().find(|node| node.has_tag_name(name)).unwrap();
            prop_assert_eq!(node("a").text().unwrap_or_default(), readable(&text));
            prop_assert_eq!(node("b").attribute("c").unwrap_or_default(), readable(&attribute));
        }

        #[test]
        fn an_html_parser_gives_back_every_text(text in any::<String>(), attribute in any::<String>()) {
            let (texts, attributes) = html(&Markup::default().text("a", &text).empty("meta", &[("content", &attribute)]));
            prop_assert_eq!(&texts[1], &readable(&text));
            prop_assert_eq!(attributes, [readable(&attribute)]);
        }

        #[test]
        fn data_ends_where_it_should_and_is_read_as_it_was(text in any::<String>()) {
            let value = json!({ &text: [text, "</script><script>alert(1)</script><!--"] });
            let markup = Markup::default().data("application/ld+json", &value).into_string();
            let inner = markup.strip_prefix("<script type=\"application/ld+json\">").unwrap();
            let inner = inner.strip_suffix("</script>\n").unwrap();
            prop_assert!(!inner.contains(['<', '>', '&']));
            prop_assert_eq!(serde_json::from_str::<Value>(inner).unwrap(), value);
        }
    }

    #[test]
    fn hostile_texts_stay_texts() {
        for text in include_str!("../../../tests/needs/browser/injections.txt").lines() {
            let (texts, attributes) =
                html(&Markup::default().text("title", text).empty("meta", &[("content", text)]));
            assert_eq!((texts.concat(), attributes), (format!("{text}\n\n"), vec![text.to_owned()]));
        }
    }
}
