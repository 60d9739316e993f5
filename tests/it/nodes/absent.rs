//! A host who is connected to one server is away from none.

use super::two_servers;
use crate::tools::PATIENCE;
use std::time::{Duration, Instant};

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn no_server_ends_a_stream_whose_host_another_one_sees() {
    let [one, other] = two_servers(|setup| setup.host_away_max = Duration::from_secs(3));
    let host = one.register("host").await.go_live("With its host at the other server").await;
    let here = host.at_port(other.port).join().await;
    let absent = one.register("absent").await.go_live("Without its host").await;
    let status = async |stream: &crate::tools::Client| stream.get("").await.ok()["status"].clone();

    let begun = Instant::now();
    while status(&absent).await != "ended" {
        assert!(begun.elapsed() < PATIENCE, "a stream whose host is away ends");
    }
    assert_eq!(status(&host).await, "live");
    here.leave().await;
}
