//! HLS where there is nothing to show: all that is no ticket, no file or no picture is absent alike.

use crate::tools::Scene;
use reqwest::Method;

#[tokio::test]
async fn what_is_no_ticket_no_file_or_no_picture_is_not_there() {
    let Scene { server, .. } = &Scene::live().await;
    let guest = &server.guest();
    for path in [
        "hls/open/master.m3u8",
        "hls/open/live.m3u8",
        "hls/open/poster.mp4",
        "hls/open/1/init.mp4",
        "hls/open/1/2.m4s",
        "hls/open/1/2.3.m4s",
        "hls/open/index.m3u8",
        "hls/open/1/..%2f..%2fsecret",
        "hls/OPEN/master.m3u8",
        "hls/AAAA/master.m3u8",
        "hls/open/1/2/3.m4s",
    ] {
        guest.get(path).await.refused(404, "not_found");
    }
    guest.get("hls/open/live.m3u8?_HLS_msn=x").await.refused(400, "bad_request");
    guest.get("hls/open/live.m3u8?_HLS_part=1").await.refused(400, "bad_request");
}

#[tokio::test]
async fn pages_of_other_sites_show_no_picture_of_here() {
    let allowed = "https://friend.example";
    let Scene { server, .. } =
        &Scene::live_with(|config| config.allowed_origins = vec![allowed.parse().unwrap()]).await;
    let guest = &server.guest();
    let from = |site: &str, origin: Option<&str>| {
        let request = guest.request(Method::GET, "hls/open/master.m3u8").header("sec-fetch-site", site);
        guest.send(origin.into_iter().fold(request, |request, origin| request.header("origin", origin)))
    };
    from("cross-site", None).await.refused(403, "forbidden");
    from("Cross-Site", None).await.refused(403, "forbidden");
    from("cross-site", Some("https://other.example")).await.refused(403, "forbidden");
    for (site, origin) in [("cross-site", Some(allowed)), ("same-origin", None), ("none", None)] {
        from(site, origin).await.refused(404, "not_found");
    }
}
