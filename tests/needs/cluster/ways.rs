//! The ways to a Redis other than a plain connection to one server: TLS, and sentinels that name another when it dies.

use super::{
    house::House,
    services::{answers, free_port},
};
use crate::{
    need::{self, Need},
    tools::{Place, User, until},
};
use libtest_mimic::Trial;
use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
};

pub fn tests() -> Vec<Trial> {
    need::tests![[Postgres, Redis]:
        nodes_meet_over_tls_where_they_trust_the_certificate,
        sentinels_name_another_redis_when_theirs_dies,
    ]
}

/// A redis-server of these arguments, in whatever part; gone when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(place: &Place, port: u16, arguments: &str) -> Server {
        let child = Command::new(Need::Redis.found().expect("it was looked for"))
            .args(arguments.split_whitespace())
            .args(["--dir", &place.path("").display().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Server { child: child.expect("Redis starts"), port }
    }

    /// One that keeps things, in memory alone.
    async fn keeps(place: &Place, more: &str) -> Server {
        let port = free_port();
        let server =
            Server::start(place, port, &format!("--port {port} --bind 127.0.0.1 --appendonly no {more}"));
        until("Redis answers", async || answers(port)).await;
        server
    }

    fn ask(&self, command: &str) -> redis::Value {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).expect("an address");
        let mut words = command.split_whitespace();
        let mut asked = redis::cmd(words.next().expect("a command"));
        words.for_each(|word| _ = asked.arg(word));
        client.get_connection().and_then(|mut connection| asked.query(&mut connection)).expect("it answers")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// What is said on the first node is heard on the second, and both count who is there.
async fn meet(house: &House, host: &User, bo: &User) {
    let mut here = house.at(host, 0).at(&host.stream).join().await;
    let mut there = house.at(bo, 1).at(&host.stream).join().await;
    let heard = house.running(1).metric("livehouse_bus_heard_total").await;
    here.comment("over the bus").await;
    there.expect("comment.created").await;
    until("it was heard by the bus", async || {
        house.running(1).metric("livehouse_bus_heard_total").await > heard
    })
    .await;
    for node in [0, 1] {
        let stream = house.at(host, node).at(&host.stream);
        until("both are counted", async || stream.get("").await.ok()["viewers"] == 2).await;
    }
    here.leave().await;
    there.leave().await;
}

async fn nodes_meet_over_tls_where_they_trust_the_certificate() {
    let place = Place::new();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let certificate = place.file("redis.crt", &made.cert.pem());
    let key = place.file("redis.key", &made.signing_key.serialize_pem());
    let port = free_port();
    let how = format!(
        "--port 0 --tls-port {port} --bind 127.0.0.1 --tls-cert-file {certificate} --tls-key-file {key} \
         --tls-ca-cert-file {certificate} --tls-auth-clients no"
    );
    let _redis = Server::start(&place, port, &how);
    until("Redis takes connections", async || TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
    let url = format!("rediss://localhost:{port}");

    let house = House::open_by(2, &[("LIVEHOUSE_REDIS_URL", &url), ("SSL_CERT_FILE", &certificate)]).await;
    let host = house.on_air().await;
    let bo = User::register(host.guest(), "bob").await;
    house.until_buses_are("sure").await;
    meet(&house, &host, &bo).await;
    house.assert_calm();

    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let other = place.file("other.crt", &other.cert.pem());
    let wary = House::open_by(1, &[("LIVEHOUSE_REDIS_URL", &url), ("SSL_CERT_FILE", &other)]).await;
    wary.running(0).says("other nodes are not heard").await;
    assert_eq!(wary.bus_of(0).await, "unsure");
}

async fn sentinels_name_another_redis_when_theirs_dies() {
    let places = [Place::new(), Place::new(), Place::new()];
    let first = Server::keeps(&places[0], "").await;
    let second = Server::keeps(&places[1], &format!("--replicaof 127.0.0.1 {}", first.port)).await;
    until("the second follows the first", async || {
        format!("{:?}", first.ask("INFO replication")).contains("state=online")
    })
    .await;
    let port = free_port();
    let conf = places[2].file(
        "sentinel.conf",
        &format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor house 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds house 500\nsentinel failover-timeout house 5000\n",
            first.port
        ),
    );
    let sentinel = Server::start(&places[2], port, &format!("{conf} --sentinel"));
    until("the sentinel answers", async || answers(port)).await;
    until("it knows both", async || {
        format!("{:?}", sentinel.ask("SENTINEL REPLICAS house")).contains(&second.port.to_string())
    })
    .await;

    let url = format!("redis+sentinel://127.0.0.1:{port}/house");
    let house = House::open_by(2, &[("LIVEHOUSE_REDIS_URL", &url)]).await;
    let host = house.on_air().await;
    let bo = User::register(host.guest(), "bob").await;
    house.until_buses_are("sure").await;
    meet(&house, &host, &bo).await;

    drop(first);
    house.until_buses_are("unsure").await;
    house.until_buses_are("sure").await;
    meet(&house, &host, &bo).await;
    house.assert_calm();
}
