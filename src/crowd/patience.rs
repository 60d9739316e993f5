//! Waiting for a server that is still starting. It must not know what the crowd will do there.

use super::{net::target::Target, report::limits::CannotRun};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN: Duration = Duration::from_millis(50);

/// Returns once somebody listens there. Whatever else is in the way is told by whoever meets it.
pub(super) async fn until_ready(target: &Target) -> Result<(), CannotRun> {
    let until = Instant::now() + PATIENCE;
    for tries in 0.. {
        match TcpStream::connect(target.address).await {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            _ => break,
        }
        if Instant::now() >= until {
            let waited = PATIENCE.as_secs();
            let told = format!("nobody listens at {}, also after {waited} s", target.authority);
            return Err(CannotRun::Other(told));
        }
        if tries == 0 {
            eprintln!("livehouse crowd: waiting for a server at {}", target.authority);
        }
        sleep(BETWEEN).await;
    }
    Ok(())
}
