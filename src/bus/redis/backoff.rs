//! How long to wait before another try: longer each time, and not as long as others who wait for the same.
//! It must not know what is tried.

use std::time::Duration;

/// The waits between tries that fail, one behind the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    shortest: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub(super) fn between((shortest, longest): (Duration, Duration)) -> Self {
        Self { shortest, longest, next: shortest }
    }

    /// It has worked: the next wait is a short one.
    pub(super) fn worked(&mut self) {
        self.next = self.shortest;
    }

    /// The next wait, of which a half is left to chance: 0 to 1.
    pub(super) fn wait(&mut self, chance: f64) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.longest);
        wait.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

/// A number from 0 to 1; a half where the system has none.
pub(super) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_begin_anew_once_it_works() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::between((ms(50), ms(1000)));
        let waits: Vec<_> = (0..7).map(|_| backoff.wait(1.0)).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1000, 1000].map(ms));
        assert_eq!(backoff.wait(0.0), ms(500));
        backoff.worked();
        assert_eq!(backoff.wait(0.0), ms(25));
        assert!((0.0..=1.0).contains(&chance()));
    }
}
