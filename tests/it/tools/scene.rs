//! Where most stories begin: a server, a stream that is live, its host, and somebody who has come to see it.

use super::{Setup, TestServer, User};
use futures_util::future::join_all;
use livehouse::config::Limits;
use serde_json::json;

/// Everybody here has the stream at hand.
pub struct Scene {
    pub server: TestServer,
    /// The account "ana".
    pub host: User,
    /// The account "bob", a viewer.
    pub bo: User,
}

impl Scene {
    pub async fn live() -> Scene {
        Scene::live_with(|_| {}).await
    }

    /// The same on a server with something changed.
    pub async fn live_with(change: impl FnOnce(&mut Setup)) -> Scene {
        let scene = Scene::scheduled_with(change).await;
        scene.host.post("start", json!({})).await.ok();
        scene
    }

    /// The same before the stream has begun.
    pub async fn scheduled() -> Scene {
        Scene::scheduled_with(|_| {}).await
    }

    pub async fn scheduled_with(change: impl FnOnce(&mut Setup)) -> Scene {
        let mut server = TestServer::spawn_with(change);
        let mut host = server.register("ana").await;
        host.stream = host.create_stream("one").await.stream;
        server.stream.clone_from(&host.stream);
        let bo = server.register("bob").await;
        Scene { server, host, bo }
    }

    /// Stops the server and starts another on the same data, for the same people.
    pub fn restart(self) -> Scene {
        let Scene { server, mut host, mut bo } = self;
        let server = server.restart();
        [&mut host, &mut bo].into_iter().for_each(|user| user.ports = server.ports().clone());
        Scene { server, host, bo }
    }
}

/// For what is about files, also where the suite runs over PostgreSQL.
pub fn on_sqlite(setup: &mut Setup) {
    setup.on_sqlite();
}

/// For what is one server's own, also where the suite runs over several.
pub fn on_one_node(setup: &mut Setup) {
    setup.on_one_node();
}

/// For what servers have in common by Redis alone.
pub fn on_one_node_without_redis(setup: &mut Setup) {
    setup.on_one_node_without_redis();
}

/// No limit on anything.
pub fn without_limits(config: &mut Setup) {
    config.limits = Limits::default().lift();
}

/// How often each race is run: `LIVEHOUSE_RACES` times, a few by default.
pub fn races() -> usize {
    std::env::var("LIVEHOUSE_RACES").map_or(5, |text| text.parse().expect("LIVEHOUSE_RACES is a number"))
}

/// Accounts by these names.
pub async fn register_all(server: &TestServer, names: impl IntoIterator<Item = String>) -> Vec<User> {
    let names: Vec<String> = names.into_iter().collect();
    let mut users = Vec::new();
    // No more at once than may wait for their passwords to be hashed.
    for some in names.chunks(50) {
        users.extend(join_all(some.iter().map(|name| server.register(name))).await);
    }
    users
}
