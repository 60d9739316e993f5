//! Measures the database each minute, for operators, and has the minute noted, for the graphs of administrators.
//! It must not know what else is in a minute.

use crate::{
    logging::Recurring,
    metrics::Metrics,
    services::course::Course,
    store::{Store, database::size},
};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const MINUTE: Duration = Duration::from_secs(60);

/// Notes for as long as the future is polled.
pub(super) async fn note(store: Store, course: Course, metrics: Metrics) {
    let fault = Recurring::new("the size of the database cannot be read");
    let mut ticks = interval(MINUTE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_over = false; // The first tick comes at once, and ends no minute.
    loop {
        ticks.tick().await;
        match store.read(size::bytes).await {
            Ok(bytes) => {
                fault.worked();
                metrics.db_bytes.set(bytes as i64);
                if is_over {
                    course.note(bytes);
                }
            }
            Err(error) => fault.failed(error),
        }
        is_over = true;
    }
}
