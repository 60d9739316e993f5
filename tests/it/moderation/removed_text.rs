//! What was taken away is gone: from every answer, every file of the database, and the log, whichever way it went.

use crate::tools::{Place, Running, Scene, User, id_of};
use serde_json::{Value, json};
use std::fs;

/// A house with a public stream, its host, a moderator and somebody who writes.
struct House {
    host: User,
    moderator: User,
}

impl House {
    async fn comment(&self, author: &User, content: &str) -> String {
        id(&author.comment(content).await)
    }

    async fn pin(&self, comment: &str) {
        self.host.put("pin", json!({"comment_id": comment})).await.ok();
    }

    /// Each way a comment goes by itself.
    async fn remove_comments(&self, bo: &User) {
        let own = self.comment(bo, "gone-by-author").await;
        bo.delete(&format!("comments/{own}")).await.ok();
        let others = self.comment(bo, "gone-by-moderator").await;
        let report = json!({"reason": "gone-reason says gone-quote"});
        self.host.post(&format!("comments/{others}/report"), report).await.ok();
        self.moderator.delete(&format!("comments/{others}")).await.ok();
        let pinned = self.comment(bo, "gone-pinned").await;
        let other = self.comment(&self.host, "stays-pinned").await;
        self.pin(&pinned).await;
        self.pin(&other).await;
        self.host.delete("pin").await.ok();
        self.pin(&pinned).await;
        self.host.delete(&format!("comments/{pinned}")).await.ok();
    }

    async fn reject(&self, bo: &User) {
        let hold = async |hold: bool| {
            self.host.patch("settings", json!({"hold_all": hold})).await.ok();
        };
        hold(true).await;
        let rejected = bo.post("comments", json!({"content": "gone-rejected"})).await.ok();
        let rejected = rejected["comment_id"].as_str().expect("an id").to_owned();
        self.moderator.post(&format!("held/{rejected}/reject"), json!({})).await.ok();
        hold(false).await;
    }

    async fn ban(&self) {
        let cy = User::register(self.host.guest(), "cyd").await;
        let pinned = self.comment(&cy, "gone-banned-pinned").await;
        self.pin(&pinned).await;
        self.comment(&cy, "gone-banned").await;
        cy.post("questions", json!({"content": "gone-question?"})).await.ok();
        let ban = json!({"duration_s": null, "reason": "stays-reason", "delete_comments": true});
        self.host.put("bans/cyd", ban).await.ok();
    }

    /// Somebody who was everything here and leaves.
    async fn leave(&self) {
        let dee = User::register(self.host.guest(), "dee").await;
        dee.patch("/users/me", json!({"display_name": "gone-name-before"})).await.ok();
        self.host.put("moderators/dee", json!({})).await.ok();
        dee.post("announcements", json!({"content": "stays-announced"})).await.ok();
        dee.patch("/users/me", json!({"display_name": "gone-name-after"})).await.ok();
        self.host.delete("moderators/dee").await.ok();
        let pinned = self.comment(&dee, "gone-account-pinned").await;
        self.pin(&pinned).await;
        dee.post("questions", json!({"content": "gone-account-question?"})).await.ok();
        let others = self.comment(&self.host, "stays-reported").await;
        let report = json!({"reason": "gone-account-reason"});
        dee.post(&format!("comments/{others}/report"), report).await.ok();
        dee.farewell().await;
    }

    async fn delete_a_stream(&self) {
        let body = json!({"title": "gone-title", "description": "gone-description", "tags": ["gone-tag"]});
        let host = self.host.at(&id(&self.host.post("/streams", body).await.ok()));
        host.comment("gone-with-stream").await;
        host.post("announcements", json!({"content": "gone-announcement"})).await.ok();
        let poll = json!({"question": "gone-poll?", "options": ["gone-yes", "gone-no"], "duration_s": 60});
        host.post("polls", poll).await.ok();
        let terms = json!({"terms": [{"text": "gone-term", "action": "mask"}]});
        host.put("terms", terms).await.ok();
        host.delete("").await.ok();
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
            answers.push(self.host.get(rest).await.text);
        }
        answers
    }
}

fn id(value: &Value) -> String {
    id_of(value).to_owned()
}

fn lines_with(word: &str, text: &str) -> Vec<String> {
    text.lines().filter(|line| line.contains(word)).map(str::to_owned).collect()
}

#[tokio::test]
async fn text_that_was_taken_away_is_nowhere() {
    let place = Place::new();
    let running = Running::start(&place, &[("LIVEHOUSE_LOG", "livehouse=trace")]);
    let mut host = User::register(running.guest(), "ana").await;
    host.stream = host.go_live("stays-title").await.stream;
    let moderator = User::register(host.guest(), "mod").await;
    let bo = User::register(host.guest(), "bob").await;
    let house = House { host, moderator };
    house.host.put("moderators/mod", json!({})).await.ok();
    house.remove_comments(&bo).await;
    house.reject(&bo).await;
    house.ban().await;
    house.leave().await;
    house.delete_a_stream().await;

    for answer in house.answers().await {
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
    let viewer = again.guest().at(&house.host.stream).join().await;
    let opening = viewer.opening.to_string();
    assert!(opening.contains("stays-") && !opening.contains("gone-"), "{opening}");
    viewer.leave().await;
}

#[tokio::test]
async fn an_open_room_forgets_the_name_of_a_deleted_account() {
    let Scene { host, bo, .. } = &Scene::live().await;
    host.put("moderators/bob", json!({})).await.ok();
    let open = host.join().await;
    bo.patch("/users/me", json!({"display_name": "Canary the First"})).await.ok();
    bo.post("announcements", json!({"content": "hi"})).await.ok();
    bo.farewell().await;
    let newcomer = host.guest().join().await;
    assert_eq!(newcomer.opening["announcement"]["user"]["display_name"], "");
    for viewer in [open, newcomer] {
        viewer.leave().await;
    }
}
