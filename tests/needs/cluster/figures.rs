//! What was measured, as lines that begin with `figure: `. No test hangs on a figure.

use std::time::Duration;

/// Says a figure.
pub fn say(name: &str, value: impl std::fmt::Display, unit: &str) {
    println!("figure: {name} {value} {unit}");
}

/// How long it took, each time.
pub struct Delays(Vec<Duration>);

impl Delays {
    pub fn of(delays: impl IntoIterator<Item = Duration>) -> Delays {
        let mut delays: Vec<Duration> = delays.into_iter().collect();
        delays.sort();
        Delays(delays)
    }

    /// Says how many, the median, the 99th of a hundred, and the longest.
    pub fn say(&self, name: &str) {
        say(&format!("{name}_count"), self.0.len(), "times");
        for (which, part) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
            if let Some(delay) = self.at(part) {
                say(&format!("{name}_{which}"), format!("{:.1}", delay.as_secs_f64() * 1000.0), "ms");
            }
        }
    }

    /// The one that this part of all are not longer than.
    fn at(&self, part: f64) -> Option<Duration> {
        let place = (self.0.len() as f64 * part).ceil() as usize;
        self.0.get(place.saturating_sub(1)).copied()
    }
}
