//! What an operator has decided at another node, or by the command: found in the table, within a second.
//! It must not know what follows from it.

use crate::{
    logging::Recurring,
    services::site::Site,
    store::{Store, site::settings},
};
use std::time::Duration;
use tokio::time::sleep;

/// Twice within the second in which it must hold everywhere.
const EVERY: Duration = Duration::from_millis(500);

/// Looks for as long as the future is polled.
pub(super) async fn look(store: Store, site: Site) {
    let fault = Recurring::new("what operators decide cannot be looked for");
    loop {
        sleep(EVERY).await;
        match store.read(settings::read).await {
            Ok(decided) => {
                fault.worked();
                site.see(decided);
            }
            // What was missed is found by the next look that succeeds.
            Err(error) => fault.failed(error),
        }
    }
}
