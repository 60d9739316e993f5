//! Which pictures that come in here are to be kept: the recorder's thread, and the table as it is looked into for that.
//! It must not know files.

use crate::{
    config::Config,
    http::Services,
    logging::Recurring,
    metrics::Metrics,
    recordings::{self, Limits, Recorder, Running},
    store::{
        Store,
        recordings::{Keeper, wanted},
    },
};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use url::Url;

const GB: u64 = 1_000_000_000;
/// How often it is looked whose picture is to be kept.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Starts the recorder, also where nothing more is to be kept: what was kept is to go in its time. A server without is better
/// than none.
pub(in crate::server) fn start(
    config: &Config,
    store: &Store,
    metrics: &Metrics,
) -> (Recorder, Option<Running>) {
    let settings = recordings::Settings {
        data_dir: &config.data_dir,
        keeper: keeper(config),
        limits: Limits {
            of_node: u64::from(config.recordings_max_gb) * GB,
            of_host: config.recording_bounds.of_account,
            left_free: config.recording_bounds.left_free,
            days: config.recordings_days,
        },
    };
    match recordings::start(settings, store.clone(), metrics.clone()) {
        Ok((recorder, running)) => (recorder, Some(running)),
        Err(error) => {
            log::error!("no picture is kept: {error}");
            (Recorder::default(), None)
        }
    }
}

/// This node, as others find what it keeps.
fn keeper(config: &Config) -> Keeper {
    Keeper { node: config.node_name(), url: config.node_url.as_ref().map(Url::to_string) }
}

/// Looks for as long as it is polled. A database that is away changes nothing.
pub(super) async fn look(services: Services) {
    let fault = Recurring::new("it cannot be looked which pictures are to be kept");
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let here = services.streams.pictures.coming_in();
        let found = match here.is_empty() {
            true => Ok(Vec::new()),
            false => services.store.read(move |conn| wanted(conn, &here)).await,
        };
        match found {
            Ok(found) => {
                fault.worked();
                services.picture.recorder.want(found);
            }
            Err(error) => fault.failed(error),
        }
    }
}
