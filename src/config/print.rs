//! A configuration as TOML, for people to look at: secrets masked.
//! It must not know how it was resolved.

use super::{Config, FlushWindow, SecretOrigin, layers::limit_key};
use toml::Value;

impl Config {
    /// One key a line, in the order of the table of flags; readable as a configuration file but for what is masked.
    pub fn to_toml(&self) -> String {
        self.listed().into_iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
    }

    fn listed(&self) -> Vec<(String, Value)> {
        let text = |value: &dyn std::fmt::Display| Some(Value::from(value.to_string()));
        let number = |value: u64| Some(Value::Integer(value as i64));
        let flush_window = match self.flush_window {
            FlushWindow::Auto => Some(Value::from("auto")),
            FlushWindow::Fixed(window) => number(window.as_millis() as u64),
        };
        let secret_key = match self.secret_key.origin() {
            SecretOrigin::Given => "*** (given)",
            SecretOrigin::Generated => "*** (generated)",
            SecretOrigin::Missing => "*** (to be generated)",
        };
        let settings = [
            ("listen", text(&self.listen)),
            ("ops_listen", text(&self.ops_listen)),
            ("data_dir", text(&self.data_dir.display())),
            ("database_url", text(&self.database_url.masked())),
            ("redis_url", self.redis_url.as_ref().map(|_| Value::from("***"))),
            ("workers", number(self.workers as u64)),
            (
                "public_url",
                self.public_url.as_ref().and_then(|url| text(&url.as_str().trim_end_matches('/'))),
            ),
            ("allowed_origins", Some(list(&self.allowed_origins))),
            ("trusted_proxies", Some(list(&self.trusted_proxies))),
            ("registration", text(&self.registration)),
            ("streams_by", text(&self.streams_by)),
            ("flush_window_ms", flush_window),
            ("drain_s", number(self.drain.as_secs())),
            ("production", Some(Value::Boolean(self.production))),
            ("secret_key", Some(Value::from(secret_key))),
            ("secret_key_previous", self.secret_key_previous.as_ref().map(|_| Value::from("***"))),
            ("log", text(&self.log)),
            ("log_format", text(&self.log_format)),
            ("limits", text(&if self.limits.lifted { "off" } else { "on" })),
        ];
        let settings = settings.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let limits = self.limits.listed().into_iter();
        settings.chain(limits.map(|(name, limit)| (limit_key(name), Value::Integer(limit as i64)))).collect()
    }
}

fn list(items: &[impl ToString]) -> Value {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().into()
}
