//! When webhooks are tried, and tried again. It must not know what is sent.

use std::time::Duration;

/// Times for webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookPace {
    /// How long a try may take, from the name's resolution to the head of the answer.
    pub try_within: Duration,
    /// How long is waited after the first failures; after further ones as long as after the last of these.
    pub retries: Vec<Duration>,
    /// For how long it may fail until it is disabled.
    pub failing_max: Duration,
}

impl Default for WebhookPace {
    fn default() -> Self {
        Self {
            try_within: Duration::from_secs(10),
            retries: [5, 30, 2 * 60, 10 * 60, 3600, 6 * 3600].map(Duration::from_secs).to_vec(),
            failing_max: Duration::from_secs(3 * 24 * 3600),
        }
    }
}

impl WebhookPace {
    /// How long is waited after so many failures in a row, of which the first was so long ago; none where that was the last try.
    pub(crate) fn wait_after(&self, failures: i64, failing_for: Duration) -> Option<Duration> {
        let index = usize::try_from(failures.max(1) - 1).unwrap_or(usize::MAX);
        let wait = *self.retries.get(index).or(self.retries.last())?;
        (failing_for < self.failing_max).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_tried_for_three_days_and_then_no_more() {
        let (pace, mut at, mut waits) = (WebhookPace::default(), Duration::ZERO, Vec::new());
        while let Some(wait) = pace.wait_after(waits.len() as i64 + 1, at) {
            waits.push(wait.as_secs());
            at += wait;
        }
        assert_eq!(waits[..7], [5, 30, 120, 600, 3600, 21600, 21600]);
        assert_eq!(waits.len(), 17);
        assert!(at >= pace.failing_max && at < pace.failing_max + Duration::from_secs(6 * 3600));
    }
}
