//! Keeps the table that searches use short, between the commits of those who write.
//! It must not know what is in the table.

use crate::{
    logging::Recurring,
    metrics::Metrics,
    store::{Result, Store, database::trigrams},
};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// How often is looked whether something was written. At 10,000 comments a second, that is some 100 commits:
/// the more are merged at once, the less often each is written again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Does so for as long as the future is polled.
pub(super) async fn keep_short(store: Store, metrics: Metrics) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let fault = Recurring::new("the table for searches cannot be kept short");
    let mut seen = None;
    loop {
        ticks.tick().await;
        if seen == Some(store.commits()) {
            continue;
        }
        seen = match all_steps(&store, &metrics).await {
            Ok(commits) => {
                fault.worked();
                Some(commits)
            }
            Err(error) => {
                fault.failed(error);
                None
            }
        };
    }
}

/// Takes steps until there is nothing more to do. Others write meanwhile: at least as long as a step took.
/// How many commits there were then, the last step's included.
async fn all_steps(store: &Store, metrics: &Metrics) -> Result<u64> {
    loop {
        let (began, commits) = (Instant::now(), store.commits());
        if !store.write(trigrams::step).await? {
            return Ok(commits + 1);
        }
        metrics.search_merge_seconds.observe(began.elapsed().as_secs_f64());
        sleep(began.elapsed()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::TestDatabase;
    use tokio::time::timeout;

    #[actix_web::test]
    async fn what_was_written_is_merged_by_the_chore_until_there_is_nothing_to_do() {
        let database = TestDatabase::sqlite();
        let ana = database.user("ana");
        let stream_id = database.stream(&ana);
        for n in 0..40 {
            database.says(stream_id, &ana, &format!("comment {n}"));
        }
        let (before, metrics) = (database.store.commits(), Metrics::new());
        let all = all_steps(&database.store, &metrics);
        let commits = timeout(Duration::from_secs(60), all).await.unwrap().unwrap();
        assert!(commits > before + 1, "no step was of use");
        assert_eq!(commits, database.store.commits());
        assert_eq!(all_steps(&database.store, &metrics).await.unwrap(), commits + 1, "there was more to do");
    }
}
