//! What anybody may send as often as they like is logged by nobody, unless an operator asks for it.

use crate::tools::{Place, Running, until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
};

const UNMATCHED: &str = "livehouse_media_unmatched_datagrams_total";
/// Messages of each kind: were each logged, there would be many lines.
const COUNT: usize = 100;

/// A binding request of STUN whose attributes are all an empty MAPPED-ADDRESS: 363 are as many as fit into one datagram.
fn stun_of(count: usize) -> Vec<u8> {
    let attributes = [0, 1, 0, 0].repeat(count);
    let length = u16::try_from(attributes.len()).unwrap().to_be_bytes();
    [&[0, 1][..], &length, &[0x21, 0x12, 0xa4, 0x42], &[7; 12], &attributes].concat()
}

async fn media_address(running: &Running) -> String {
    let line = running.says("pictures travel by ").await;
    line.split("travel by ").nth(1).unwrap().split(',').next().unwrap().to_owned()
}

async fn send_datagrams(running: &Running) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (address, few, many) = (media_address(running).await, stun_of(8), stun_of(363));
    until("they have all been read", async || {
        socket.send_to(&few, &address).await.unwrap();
        socket.send_to(&many, &address).await.unwrap();
        running.metric(UNMATCHED).await >= COUNT.try_into().unwrap()
    })
    .await;
}

async fn send_unreadable_requests(running: &Running) {
    for _ in 0..COUNT {
        let mut socket = TcpStream::connect(("127.0.0.1", running.port())).await.unwrap();
        socket.write_all(b"\x16\x03\x01 no request\r\n\r\n").await.unwrap();
        // It may be closed with a reset.
        let _ = socket.read_to_end(&mut Vec::new()).await;
    }
}

#[tokio::test]
async fn what_clients_send_is_not_logged() {
    let place = Place::new();
    let running = Running::start(&place, &[]);
    let before = running.log().len();
    send_datagrams(&running).await;
    send_unreadable_requests(&running).await;
    let log = running.stop();
    let after = log.len() - before;
    assert!(after < COUNT / 2, "{after} lines more: {:#?}", &log[before..][..20]);
}

#[tokio::test]
async fn who_asks_for_it_by_name_has_it() {
    let place = Place::new();
    let running = Running::start(&place, &[("LIVEHOUSE_LOG", "info,is::stun=warn")]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&stun_of(1), media_address(&running).await).await.unwrap();
    running.says("is::stun: STUN got MappedAddress").await;
}
