//! What a person sees while the crowd is at work, on standard error alone. It must not know the figures.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// A bar where somebody looks, a line for each part where not.
pub(crate) struct Progress {
    bar: ProgressBar,
    watched: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{prefix:>9} [{bar:32}] {pos}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, watched: std::io::stderr().is_terminal() }
    }

    /// Begins a part that has `length` steps.
    pub(crate) fn part(&self, name: &'static str, length: u64) {
        self.bar.set_length(length);
        self.bar.set_position(0);
        self.bar.set_message("");
        self.bar.set_prefix(name);
        if !self.watched {
            eprintln!("{name} ({length})");
        }
    }

    pub(crate) fn at(&self, position: u64, message: String) {
        self.bar.set_position(position);
        self.bar.set_message(message);
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
