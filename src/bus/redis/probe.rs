//! Whether a subscription still hears: a connection that looks healthy may have gone silent, and only what was said through it
//! proves that it has not. It must not know connections; time is an argument.

use std::time::{Duration, Instant};

/// How long what may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Silence that asks for a proof.
    pub silence: Duration,
    /// And how long that may take to come.
    pub proof: Duration,
    /// An answer to what is said.
    pub answer: Duration,
    /// The way to a connection.
    pub connect: Duration,
    /// The shortest and the longest wait before another try to connect.
    pub backoff: (Duration, Duration),
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(1),
            proof: Duration::from_secs(1),
            answer: Duration::from_millis(500),
            connect: Duration::from_secs(1),
            backoff: (Duration::from_millis(50), Duration::from_secs(1)),
        }
    }
}

/// What is to be done about silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing before then.
    Wait(Instant),
    /// Something must be said to oneself.
    Ask,
    /// Nothing comes any more.
    Lost,
}

/// Of one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    silence: Duration,
    proof: Duration,
    asked: Option<Instant>,
}

impl Probe {
    /// One whose first question is due at once, so that a connection is not believed before it has heard something.
    pub(super) fn new(patience: &Patience) -> Self {
        Self { silence: patience.silence, proof: patience.proof, asked: None }
    }

    /// What to do now, when something was heard last at `heard`; nothing yet, where that is none.
    pub(super) fn step(&mut self, heard: Option<Instant>, now: Instant) -> Step {
        self.asked = self.asked.filter(|asked| heard.is_none_or(|heard| heard < *asked));
        match (self.asked, heard) {
            (Some(asked), _) if now >= asked + self.proof => Step::Lost,
            (Some(asked), _) => Step::Wait(asked + self.proof),
            (None, Some(heard)) if now < heard + self.silence => Step::Wait(heard + self.silence),
            (None, _) => {
                self.asked = Some(now);
                Step::Ask
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);
    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn only_silence_is_probed_and_only_silence_behind_that_is_lost() {
        let (mut probe, begun) = (Probe::new(&Patience::default()), Instant::now());
        assert_eq!(probe.step(None, begun), Step::Ask, "nothing was heard yet");
        assert_eq!(probe.step(None, begun + MS), Step::Wait(begun + S));
        let heard = begun + 2 * MS;
        assert_eq!(probe.step(Some(heard), heard), Step::Wait(heard + S));
        let later = heard + S - MS;
        assert_eq!(probe.step(Some(later), heard + S), Step::Wait(later + S), "others have spoken");
        assert_eq!(probe.step(Some(later), later + S), Step::Ask);
        assert_eq!(probe.step(Some(later), later + 2 * S - MS), Step::Wait(later + 2 * S));
        assert_eq!(probe.step(Some(later), later + 2 * S), Step::Lost);
    }

    #[test]
    fn what_is_heard_at_the_moment_of_the_question_answers_it() {
        let (mut probe, begun) = (Probe::new(&Patience::default()), Instant::now());
        assert_eq!(probe.step(None, begun), Step::Ask);
        assert_eq!(probe.step(Some(begun), begun + S), Step::Ask, "answered, and silent since");
    }

    #[test]
    fn a_connection_that_never_hears_is_lost() {
        let (mut probe, begun) = (Probe::new(&Patience::default()), Instant::now());
        probe.step(None, begun);
        assert_eq!(probe.step(None, begun + S), Step::Lost);
    }
}
