//! Offers to send and to see a picture, as browsers write them, of peers that never come.
//! It must not know what becomes of an offer.

use crate::tools::{Answer, Client};
use reqwest::Method;

const TRANSPORT: &str = "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\na=setup:actpass\r\n\
    a=fingerprint:sha-256 11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00\r\n\
    a=rtcp-mux\r\n";

fn sdp(direction: &str) -> String {
    format!(
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{TRANSPORT}a=mid:0\r\na={direction}\r\na=rtpmap:111 opus/48000/2\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF 100\r\n{TRANSPORT}a=mid:1\r\na={direction}\r\na=rtpmap:100 H264/90000\r\n\
         a=fmtp:100 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    )
}

async fn offer(client: &Client, path: &str, direction: &str) -> Answer {
    let request = client.request(Method::POST, path).header("content-type", "application/sdp");
    client.send(request.body(sdp(direction))).await
}

/// Offers to send a picture.
pub async fn publish(client: &Client, path: &str) -> Answer {
    offer(client, path, "sendonly").await
}

/// Offers to see the picture of the stream at hand.
pub async fn view(client: &Client) -> Answer {
    offer(client, "whep", "recvonly").await
}

/// The address of the session that was begun.
pub fn session(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").trim_start_matches("/api/v1").to_owned()
}
