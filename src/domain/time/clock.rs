//! The server's own clock. It begins where the system's clock stands, runs by the clock that nobody can set, and draws
//! near to the system's by a tenth of the time that passes. It must not know what is dated by it.

use parking_lot::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// A step of the system's clock that is longer than this is no mistake of hours but another date: it is taken over at once.
const ABSORBED_NS: i128 = 24 * 3600 * 1_000_000_000;
/// What passes while one unit is made up for. Who renews a token of ten minutes a minute before its end is in time even
/// while this clock runs a tenth too fast.
const SLEW: i128 = 10;
const NS_PER_MS: i128 = 1_000_000;

/// One for the process, as the system's clock is one for the machine.
static CLOCK: Mutex<Option<Steady>> = Mutex::new(None);

/// The clocks of the machine at one moment, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Reading {
    /// Of the clock that nobody can set, from any beginning.
    running: i128,
    /// Of the system's clock, since 1970.
    system: i128,
}

/// The time that a server goes by, as of its last reading.
#[derive(Clone, Copy, Debug)]
struct Steady {
    running: i128,
    time: i128,
}

/// How the server's clock and the system's stand to each other, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How far the server's time is ahead of the system's; negative where it is behind.
    pub ahead_ms: i64,
    /// The system's time less the clock that nobody can set: another number means that somebody has set it.
    pub offset_ms: i64,
}

/// Milliseconds since 1970 by the server's clock.
pub(crate) fn now_ms() -> i64 {
    read(Reading::now()).ms()
}

/// Milliseconds since 1970 by the system's clock, with all its steps.
pub(crate) fn system_ms() -> i64 {
    to_ms(Reading::now().system)
}

/// How the clocks stand now.
pub(crate) fn standing() -> Standing {
    let reading = Reading::now();
    let time = read(reading).time;
    Standing { ahead_ms: to_ms(time - reading.system), offset_ms: to_ms(reading.system - reading.running) }
}

fn read(reading: Reading) -> Steady {
    let mut clock = CLOCK.lock();
    let steady = match *clock {
        Some(steady) => steady.advanced(reading),
        None => Steady { running: reading.running, time: reading.system },
    };
    *clock = Some(steady);
    steady
}

fn to_ms(ns: i128) -> i64 {
    i64::try_from(ns.div_euclid(NS_PER_MS)).unwrap_or(i64::MAX)
}

impl Steady {
    fn advanced(self, reading: Reading) -> Steady {
        // Another thread may have read later and come earlier.
        let elapsed = (reading.running - self.running).max(0);
        let expected = self.time + elapsed;
        let error = reading.system - expected;
        let time = if error.abs() > ABSORBED_NS {
            reading.system
        } else {
            expected + error.clamp(-(elapsed / SLEW), elapsed / SLEW)
        };
        Steady { running: self.running + elapsed, time }
    }

    fn ms(self) -> i64 {
        to_ms(self.time)
    }
}

impl Reading {
    fn now() -> Reading {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Reading { running: running_ns(), system: since_epoch.as_nanos() as i128 }
    }
}

/// Counts the time that a machine sleeps, too, so that waking up is no step.
#[cfg(target_os = "linux")]
fn running_ns() -> i128 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}

#[cfg(not(target_os = "linux"))]
fn running_ns() -> i128 {
    static BEGINNING: Mutex<Option<std::time::Instant>> = Mutex::new(None);
    let now = std::time::Instant::now();
    now.duration_since(*BEGINNING.lock().get_or_insert(now)).as_nanos() as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i128 = 1_000_000_000;
    const START: i128 = 1_700_000_000 * S;

    /// A server that has run for 1,000 s by the time the system's clock is set `by` seconds ahead.
    struct Machine {
        steady: Steady,
        running: i128,
        system: i128,
    }

    impl Machine {
        fn stepped(by: i128) -> Machine {
            let steady = Steady { running: 0, time: START };
            let mut machine = Machine { steady, running: 0, system: START };
            machine.pass(1000 * S, 100);
            assert_eq!(machine.ahead(), 0, "no step, no difference");
            machine.system += by * S;
            machine
        }

        /// Lets time pass, read so many times meanwhile; never backwards, never faster or slower than a tenth.
        fn pass(&mut self, time: i128, reads: i128) {
            for _ in 0..reads {
                let step = time / reads;
                self.running += step;
                self.system += step;
                let before = self.steady.time;
                let reading = Reading { running: self.running, system: self.system };
                self.steady = self.steady.advanced(reading);
                let passed = self.steady.time - before;
                assert!((step - step / SLEW..=step + step / SLEW).contains(&passed), "{passed} of {step}");
            }
        }

        fn ahead(&self) -> i128 {
            self.steady.time - self.system
        }
    }

    #[test]
    fn a_step_of_hours_is_no_step_of_the_server_and_is_made_up_for_in_ten_times_its_length() {
        for by in [-3600, -3, 13 * 3600, 1] {
            let mut machine = Machine::stepped(by);
            machine.pass(S, 1000);
            assert!((machine.ahead() + by * S).abs() <= S / SLEW, "{by}: {}", machine.ahead());
            machine.pass(by.abs() * SLEW * S, 1000);
            assert_eq!(machine.ahead(), 0, "{by}");
        }
    }

    #[test]
    fn however_often_it_is_read_the_difference_shrinks_alike() {
        let ahead_after = |reads| {
            let mut machine = Machine::stepped(-3600);
            machine.pass(1000 * S, reads);
            machine.ahead()
        };
        assert!((ahead_after(10) - ahead_after(1_000_000)).abs() < S / 1000);
    }

    #[test]
    fn another_date_is_taken_over_at_once() {
        for by in [55 * 365 * 86_400, -9 * 365 * 86_400] {
            let mut machine = Machine::stepped(by);
            let reading = Reading { running: machine.running, system: machine.system };
            machine.steady = machine.steady.advanced(reading);
            assert_eq!(machine.ahead(), 0);
        }
    }

    #[test]
    fn a_reading_that_comes_late_does_not_turn_it_back() {
        let machine = Machine::stepped(0);
        let late = Reading { running: machine.running - S, system: machine.system - S };
        assert_eq!(machine.steady.advanced(late).time, machine.steady.time);
    }

    #[test]
    fn the_clock_of_this_process_stands_by_the_systems() {
        let (before, now, after) = (system_ms(), now_ms(), system_ms());
        assert!((before - 1000..=after + 1000).contains(&now), "{before} {now} {after}");
        assert!(now_ms() >= now);
    }
}
