//! Has each minute noted, for the graphs of administrators.
//! It must not know what is in a minute.

use crate::{
    logging::Recurring,
    services::course::Course,
    store::{Store, database::size},
};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval_at};

const MINUTE: Duration = Duration::from_secs(60);

/// Notes for as long as the future is polled.
pub(super) async fn note(store: Store, course: Course) {
    let fault = Recurring::new("the size of the database cannot be read");
    let mut ticks = interval_at(tokio::time::Instant::now() + MINUTE, MINUTE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.read(size::bytes).await {
            Ok(bytes) => {
                fault.worked();
                course.note(bytes);
            }
            Err(error) => fault.failed(error),
        }
    }
}
