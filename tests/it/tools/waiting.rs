//! Waiting for what nobody is told of. Like all that waits, it names the line that does.

use std::{
    panic::Location,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long anything that must come is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN: Duration = Duration::from_millis(5);

/// Asks again and again until it is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    let at = Location::caller();
    async move {
        let begun = Instant::now();
        while !is_so().await {
            assert!(begun.elapsed() < PATIENCE, "{at}: waited until {what}");
            sleep(BETWEEN).await;
        }
    }
}
