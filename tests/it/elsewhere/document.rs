//! A served document as a program reads it that does not run it.

use crate::tools::Client;
use html5gum::{Token, Tokenizer};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a head says.
#[derive(Debug, Default, PartialEq)]
pub struct Head {
    pub title: String,
    /// By `name` or `property`.
    pub meta: BTreeMap<String, String>,
    /// `rel`, `type` and `href` of each link but those to assets.
    pub links: Vec<[String; 3]>,
    /// JSON-LD, where there is any.
    pub data: Option<Value>,
    /// Every tag, as a text that became markup would add one.
    pub tags: Vec<String>,
}

impl Head {
    /// Of the page at a path.
    pub async fn of(client: &Client, path: &str) -> Self {
        let answer = client.get(&format!("/{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        Self::read(&answer.text)
    }

    /// The address of the link of this `rel` and `type`.
    pub fn link(&self, rel: &str, kind: &str) -> Option<&str> {
        self.links.iter().find(|[of, is, _]| of == rel && is == kind).map(|[_, _, href]| href.as_str())
    }

    fn read(text: &str) -> Self {
        let mut head = Self::default();
        let (mut within, mut data) = (String::new(), String::new());
        for token in Tokenizer::new(text) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let attribute = |name: &str| {
                        tag.attributes.get(name.as_bytes()).map(|value| plain(value)).unwrap_or_default()
                    };
                    let name = plain(&tag.name);
                    let key = [attribute("name"), attribute("property")].concat();
                    let link = ["rel", "type", "href"].map(attribute);
                    match name.as_str() {
                        "meta" => assert!(
                            head.meta.insert(key, attribute("content")).is_none()
                                || !attribute("charset").is_empty()
                        ),
                        "link" if !link[2].starts_with("/assets/") => head.links.push(link),
                        _ => {}
                    }
                    within =
                        if attribute("type").contains("json") { "data".to_owned() } else { name.clone() };
                    head.tags.push(name);
                }
                Token::String(text) if within == "title" => head.title.push_str(&plain(&text)),
                Token::String(text) if within == "data" => data.push_str(&plain(&text)),
                Token::EndTag(_) => within.clear(),
                _ => {}
            }
        }
        head.data = (!data.is_empty()).then(|| serde_json::from_str(&data).expect("JSON"));
        head
    }
}

fn plain(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}
