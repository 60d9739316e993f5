//! The log: one record is one line, whatever a client put into it.
//! It must not know what is logged, and nothing but `main` sets it up: a test server has no log of its own.

mod once_per_minute;
mod recurring;

pub use once_per_minute::OncePerMinute;
pub use recurring::Recurring;

use crate::{
    config::{Config, LogFormat},
    domain::Millis,
};
use env_logger::fmt::Formatter;
use log::{Level, LevelFilter, Record};
use std::{
    fmt::Write as _,
    future::Future,
    io::{self, Write as _},
    panic,
    sync::Arc,
};

/// Longer messages are cut, in characters.
const MESSAGE_CHARS_MAX: usize = 8192;

/// Targets whose records are about the server itself: its own, those of its listeners and workers, and of its ways to the databases.
const OURS: [&str; 4] = ["livehouse", "actix_server", "r2d2", "redis"];

tokio::task_local! {
    /// The request that a task works for. Each task has its own, so servers of one process share nothing.
    static REQUEST: Arc<str>;
}

/// Does what a request asks for; each line that it logs meanwhile says which request it was.
pub async fn for_request<T>(id: &str, work: impl Future<Output = T>) -> T {
    REQUEST.scope(id.into(), work).await
}

fn request() -> Option<Arc<str>> {
    REQUEST.try_with(Arc::clone).ok()
}

/// Starts the log as configured, and says what the configuration has to say. Panics become records too.
pub fn start(config: &Config) {
    let line = match config.log_format {
        LogFormat::Text => write_text,
        LogFormat::Json => write_json,
    };
    // Only a second start in one process fails, and then there is a log already.
    let _already = filtered(&config.log).format(line).try_init();
    panic::set_hook(Box::new(|panic| {
        let backtrace = std::backtrace::Backtrace::capture();
        log::error!("{panic}; {backtrace}");
    }));
    for notice in &config.notices {
        log::log!(target: "livehouse", notice.level, "{}", notice.text);
    }
}

/// A level without a target is that of [`OURS`]. Other libraries speak of what clients send, as often as those like and on the
/// thread that should serve others meanwhile: they are logged where their target is asked for by name.
fn filtered(filters: &str) -> env_logger::Builder {
    let mut builder = env_logger::Builder::new();
    if let Some(level) = level_without_target(filters) {
        for target in OURS {
            builder.filter_module(target, level);
        }
    }
    builder.parse_filters(filters).filter_level(LevelFilter::Off);
    builder
}

/// Of several, the last.
fn level_without_target(filters: &str) -> Option<LevelFilter> {
    let directives = filters.split('/').next()?;
    directives.split(',').filter_map(|directive| directive.trim().parse().ok()).next_back()
}

fn write_text(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let style = out.default_level_style(record.level());
    let message = one_line(&record.args().to_string());
    let (time, level, target) = (Millis::by_the_system(), record.level(), one_line(record.target()));
    let request = request().map(|id| format!(" request={}", one_line(&id))).unwrap_or_default();
    writeln!(out, "{time} {style}{level:<5}{style:#} {target}: {message}{request}")
}

fn write_json(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let message = record.args().to_string();
    let line =
        json_line(Millis::by_the_system(), record.level(), record.target(), &message, request().as_deref());
    writeln!(out, "{line}")
}

fn json_line(time: Millis, level: Level, target: &str, message: &str, request: Option<&str>) -> String {
    let request = request.map(|id| format!(r#","request_id":"{}""#, json_text(id))).unwrap_or_default();
    let level = level.as_str().to_ascii_lowercase();
    let (target, message) = (json_text(target), json_text(message));
    format!(r#"{{"time":"{time}","level":"{level}","target":"{target}","message":"{message}"{request}}}"#)
}

/// Without anything that a terminal or a reader of lines would obey.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars().take(MESSAGE_CHARS_MAX) {
        if is_obeyed(c) { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

/// The inside of a JSON string.
fn json_text(text: &str) -> String {
    let mut inside = String::with_capacity(text.len());
    for c in text.chars().take(MESSAGE_CHARS_MAX) {
        match c {
            '"' | '\\' => inside.extend(['\\', c]),
            '\n' => inside.push_str("\\n"),
            c if is_obeyed(c) => write!(inside, "\\u{:04x}", u32::from(c)).expect("a String takes all"),
            c => inside.push(c),
        }
    }
    inside
}

/// Controls, with them the beginning of every ANSI sequence; other ends of line; reversals of direction.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "x\n[ERROR] fake\r\t\u{1b}[31m\u{9b}2J\0\u{7f}\u{2028}\u{202e}\"\\é🎉";

    #[test]
    fn a_message_stays_in_its_line_and_moves_no_cursor() {
        let line = one_line(NASTY);
        assert_eq!(line, "x\\n[ERROR] fake\\r\\t\\u{1b}[31m\\u{9b}2J\\u{0}\\u{7f}\\u{2028}\\u{202e}\"\\é🎉");
    }

    #[test]
    fn a_json_line_reads_back_as_what_was_logged() {
        let line = json_line(Millis(1_700_000_000_000), Level::Warn, "a\"b", NASTY, Some("r\"1"));
        assert!(!line.contains(is_obeyed), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["message"], NASTY);
        assert_eq!(read["target"], "a\"b");
        assert_eq!(read["level"], "warn");
        assert_eq!(read["request_id"], "r\"1");
        assert_eq!(read["time"], "2023-11-14T22:13:20.000Z");
    }

    #[test]
    fn what_clients_can_bring_a_library_to_say_is_logged_only_where_it_is_asked_for() {
        let locked = include_str!("../Cargo.lock");
        let names = locked.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let targets: Vec<String> = names.map(|name| name.replace('-', "_")).collect();
        assert!(["is", "dimpl", "str0m", "actix_http"].iter().all(|name| targets.iter().any(|t| t == name)));
        for target in targets.iter().filter(|target| !OURS.contains(&target.as_str())) {
            let inside = format!("{target}::inside");
            for filters in ["info", "error", "trace", "info,livehouse::http=debug", "livehouse=info"] {
                assert!(!logs(filters, target, Level::Error), "{target} by {filters}");
                assert!(!logs(filters, &inside, Level::Error), "{inside} by {filters}");
            }
            assert!(logs(&format!("info,{target}=warn"), &inside, Level::Warn), "{target}");
            assert!(logs(&format!("{inside}=debug, info"), &inside, Level::Debug), "{target}");
        }
    }

    #[test]
    fn a_level_without_a_target_is_that_of_what_speaks_of_the_server_itself() {
        for target in OURS {
            assert!(logs("info", target, Level::Info) && !logs("warn", target, Level::Info), "{target}");
            assert!(!logs("livehouse::room=debug", target, Level::Error), "{target}");
        }
        assert!(logs("info", "livehouse::room", Level::Info) && logs("warn, info", "livehouse", Level::Info));
        assert!(logs("warn,livehouse::room=debug", "livehouse::room", Level::Debug));
        assert!(!logs("livehouse=error,info", "livehouse", Level::Info));
        let named = |message: &str| {
            let mut record = Record::builder();
            record.target("livehouse").level(Level::Info);
            filtered("info/ready").build().matches(&record.args(format_args!("{message}")).build())
        };
        assert!(named("ready: here") && !named("elsewhere"));
    }

    fn logs(filters: &str, target: &str, level: Level) -> bool {
        let record = Record::builder().target(target).level(level).build();
        filtered(filters).build().matches(&record)
    }

    #[test]
    fn an_endless_message_is_cut() {
        assert_eq!(one_line(&"a".repeat(100_000)).len(), MESSAGE_CHARS_MAX);
        assert_eq!(json_text(&"a".repeat(100_000)).len(), MESSAGE_CHARS_MAX);
    }
}
