//! A configuration as TOML, to look at and to start from: secrets are comments.
//! It must not know how it was resolved.

use super::{Config, DatabaseUrl, FlushWindow, SecretOrigin, layers::limit_key, secret::MASK};
use std::fmt::Display;
use toml::Value;

/// What stands for a setting.
enum Line {
    Value(Value),
    /// A secret: never its value, and no value that could be taken for it.
    Comment(String),
}

impl Config {
    /// One key a line, in the order of the table of flags; a configuration file that gives the same but for the secrets.
    pub fn to_toml(&self) -> String {
        let settings = self.settings().into_iter().filter_map(|(key, line)| Some((key.to_owned(), line?)));
        let limits = self.limits.listed().into_iter();
        let limits = limits.map(|(name, limit)| (limit_key(name), Line::Value(Value::Integer(limit as i64))));
        settings.chain(limits).map(|(key, line)| line.under(&key)).collect()
    }

    fn settings(&self) -> [(&'static str, Option<Line>); 20] {
        [
            ("listen", text(&self.listen)),
            ("ops_listen", text(&self.ops_listen)),
            ("data_dir", text(&self.data_dir.display())),
            ("database_url", self.database_line()),
            ("redis_url", self.redis_url.as_ref().and_then(|_| comment(&"given"))),
            ("workers", number(self.workers as u64)),
            (
                "public_url",
                self.public_url.as_ref().and_then(|url| text(&url.as_str().trim_end_matches('/'))),
            ),
            ("allowed_origins", list(&self.allowed_origins)),
            ("trusted_proxies", list(&self.trusted_proxies)),
            ("forwarded_header", text(&self.forwarded_header)),
            ("registration", text(&self.registration)),
            ("streams_by", text(&self.streams_by)),
            ("flush_window_ms", self.flush_window_line()),
            ("drain_s", number(self.drain.as_secs())),
            ("production", Some(Line::Value(Value::Boolean(self.production)))),
            ("secret_key", self.secret_key_line()),
            ("secret_key_previous", self.secret_key_previous.as_ref().and_then(|_| comment(&"given"))),
            ("log", text(&self.log)),
            ("log_format", text(&self.log_format)),
            ("limits", text(&if self.limits.lifted { "off" } else { "on" })),
        ]
    }

    fn database_line(&self) -> Option<Line> {
        let shown = self.database_url.masked();
        match self.database_url {
            DatabaseUrl::Sqlite(_) => text(&shown),
            DatabaseUrl::Postgres(_) => comment(&shown),
        }
    }

    fn flush_window_line(&self) -> Option<Line> {
        match self.flush_window {
            FlushWindow::Auto => text(&"auto"),
            FlushWindow::Fixed(window) => number(window.as_millis() as u64),
        }
    }

    fn secret_key_line(&self) -> Option<Line> {
        comment(&match self.secret_key.origin() {
            SecretOrigin::Given => "given",
            SecretOrigin::Generated => "generated, in the data directory",
            SecretOrigin::Missing => "to be generated, in the data directory",
        })
    }
}

impl Line {
    fn under(self, key: &str) -> String {
        match self {
            Line::Value(value) => format!("{key} = {value}\n"),
            Line::Comment(text) => format!("# {key} = \"{MASK} ({text})\"\n"),
        }
    }
}

fn text(value: &dyn Display) -> Option<Line> {
    Some(Line::Value(Value::from(value.to_string())))
}

fn number(value: u64) -> Option<Line> {
    Some(Line::Value(Value::Integer(value as i64)))
}

fn list(items: &[impl ToString]) -> Option<Line> {
    Some(Line::Value(items.iter().map(ToString::to_string).collect::<Vec<_>>().into()))
}

fn comment(text: &dyn Display) -> Option<Line> {
    Some(Line::Comment(text.to_string()))
}
