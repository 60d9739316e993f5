//! What was taken away is gone: from every answer, every file of the database, and the log, whichever way it went.

use crate::tools::{PASSWORD, Place, Running, TestServer, User};
use serde_json::{Value, json};
use std::fs;

/// A house with a public stream, its host, a moderator and somebody who writes.
struct Scene {
    host: User,
    moderator: User,
    stream: String,
}

impl Scene {
    fn path(&self, rest: &str) -> String {
        format!("/streams/{}/{rest}", self.stream)
    }

    async fn comment(&self, author: &User, content: &str) -> String {
        id(&author.comment(&self.stream, content).await)
    }

    async fn pin(&self, comment: &str) {
        self.host.put(&self.path("pin"), json!({"comment_id": comment})).await.ok();
    }

    /// Each way a comment goes by itself.
    async fn remove_comments(&self, bo: &User) {
        let own = self.comment(bo, "gone-by-author").await;
        bo.delete(&self.path(&format!("comments/{own}"))).await.ok();
        let others = self.comment(bo, "gone-by-moderator").await;
        let report = json!({"reason": "gone-reason says gone-quote"});
        self.host.post(&self.path(&format!("comments/{others}/report")), report).await.ok();
        self.moderator.delete(&self.path(&format!("comments/{others}"))).await.ok();
        let pinned = self.comment(bo, "gone-pinned").await;
        let other = self.comment(&self.host, "stays-pinned").await;
        self.pin(&pinned).await;
        self.pin(&other).await;
        self.host.delete(&self.path("pin")).await.ok();
        self.pin(&pinned).await;
        self.host.delete(&self.path(&format!("comments/{pinned}"))).await.ok();
    }

    async fn reject(&self, bo: &User) {
        let hold = async |hold: bool| {
            self.host.patch(&self.path("settings"), json!({"hold_all": hold})).await.ok();
        };
        hold(true).await;
        let rejected = bo.post(&self.path("comments"), json!({"content": "gone-rejected"})).await.ok();
        let rejected = rejected["comment_id"].as_str().expect("an id").to_owned();
        self.moderator.post(&self.path(&format!("held/{rejected}/reject")), json!({})).await.ok();
        hold(false).await;
    }

    async fn ban(&self) {
        let cy = User::register(self.host.guest(), "cyd").await;
        let pinned = self.comment(&cy, "gone-banned-pinned").await;
        self.pin(&pinned).await;
        self.comment(&cy, "gone-banned").await;
        cy.post(&self.path("questions"), json!({"content": "gone-question?"})).await.ok();
        let ban = json!({"duration_s": null, "reason": "stays-reason", "delete_comments": true});
        self.host.put(&self.path("bans/cyd"), ban).await.ok();
    }

    /// Somebody who was everything here and leaves.
    async fn leave(&self) {
        let dee = User::register(self.host.guest(), "dee").await;
        dee.patch("/users/me", json!({"display_name": "gone-name-before"})).await.ok();
        self.host.put(&self.path("moderators/dee"), json!({})).await.ok();
        dee.post(&self.path("announcements"), json!({"content": "stays-announced"})).await.ok();
        dee.patch("/users/me", json!({"display_name": "gone-name-after"})).await.ok();
        self.host.delete(&self.path("moderators/dee")).await.ok();
        let pinned = self.comment(&dee, "gone-account-pinned").await;
        self.pin(&pinned).await;
        dee.post(&self.path("questions"), json!({"content": "gone-account-question?"})).await.ok();
        let others = self.comment(&self.host, "stays-reported").await;
        let report = json!({"reason": "gone-account-reason"});
        dee.post(&self.path(&format!("comments/{others}/report")), report).await.ok();
        let farewell = dee.request(reqwest::Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
        dee.send(farewell).await.ok();
    }

    async fn delete_a_stream(&self) {
        let body = json!({"title": "gone-title", "description": "gone-description", "tags": ["gone-tag"]});
        let stream = id(&self.host.post("/streams", body).await.ok());
        let path = |rest: &str| format!("/streams/{stream}/{rest}");
        self.host.comment(&stream, "gone-with-stream").await;
        self.host.post(&path("announcements"), json!({"content": "gone-announcement"})).await.ok();
        let poll = json!({"question": "gone-poll?", "options": ["gone-yes", "gone-no"], "duration_s": 60});
        self.host.post(&path("polls"), poll).await.ok();
        let terms = json!({"terms": [{"text": "gone-term", "action": "mask"}]});
        self.host.put(&path("terms"), terms).await.ok();
        self.host.delete(&format!("/streams/{stream}")).await.ok();
    }

    async fn answers(&self) -> Vec<String> {
        let mut answers = Vec::new();
        for rest in [
            "events?after=0",
            "comments",
            "comments/export",
            "held",
            "questions",
            "audit",
            "bans",
            "moderators",
        ] {
            answers.push(self.host.get(&self.path(rest)).await.text);
        }
        answers
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

fn lines_with(word: &str, text: &str) -> Vec<String> {
    text.lines().filter(|line| line.contains(word)).map(str::to_owned).collect()
}

#[tokio::test]
async fn text_that_was_taken_away_is_nowhere() {
    let place = Place::new();
    let running = Running::start(&place, &[("LIVEHOUSE_LOG", "livehouse=trace")]);
    let host = User::register(running.guest(), "ana").await;
    let moderator = User::register(running.guest(), "mod").await;
    let bo = User::register(running.guest(), "bob").await;
    let stream = host.go_live("stays-title").await;
    let scene = Scene { host, moderator, stream };
    scene.host.put(&scene.path("moderators/mod"), json!({})).await.ok();
    scene.remove_comments(&bo).await;
    scene.reject(&bo).await;
    scene.ban().await;
    scene.leave().await;
    scene.delete_a_stream().await;

    for answer in scene.answers().await {
        assert!(!answer.contains("gone-"), "{answer}");
    }
    let log = running.stop().join("\n");
    assert_eq!(lines_with("gone-", &log), Vec::<String>::new());
    let mut stays = 0;
    for entry in fs::read_dir(place.path("data")).expect("a directory") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file");
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let found: Vec<&str> =
            text.match_indices("gone-").map(|(at, _)| text.get(at..at + 24).unwrap_or("?")).collect();
        assert_eq!(found, Vec::<&str>::new(), "in {path:?}");
        stays += text.matches("stays-").count();
    }
    assert!(stays > 5, "what was not taken away is found: {stays}");

    let again = Running::start(&place, &[]);
    let viewer = again.guest().join(&scene.stream).await;
    let opening = viewer.opening.to_string();
    assert!(opening.contains("stays-") && !opening.contains("gone-"), "{opening}");
    viewer.leave().await;
}

#[tokio::test]
async fn an_open_room_forgets_the_name_of_a_deleted_account() {
    let server = TestServer::spawn();
    let (host, mo) = (server.register("host").await, server.register("moderator1").await);
    let id = host.go_live("one").await;
    host.put(&format!("/streams/{id}/moderators/moderator1"), json!({})).await.ok();
    let open = host.join(&id).await;
    mo.patch("/users/me", json!({"display_name": "Canary the First"})).await.ok();
    mo.post(&format!("/streams/{id}/announcements"), json!({"content": "hi"})).await.ok();
    let farewell = mo.request(reqwest::Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
    assert_eq!(mo.send(farewell).await.status, 204);
    let newcomer = server.guest().join(&id).await;
    assert_eq!(newcomer.opening["announcement"]["user"]["display_name"], "");
    for viewer in [open, newcomer] {
        viewer.leave().await;
    }
}
