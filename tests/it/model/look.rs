//! All that can be seen of a room, compared with the model's.

use super::{
    acts::{CAST, HOST, Who},
    house::{House, terms},
    world::State,
};
use crate::{
    streams::sse::read_whole,
    tools::{Client, Dice, id_of},
};
use serde_json::{Value, json};

/// In the order in which the API names those that are a stream's own.
const SETTINGS: [&str; 6] =
    ["comments", "slow_mode_s", "min_account_age_s", "repeat_window_s", "links", "hold_all"];
/// Comments in a snapshot.
const SNAPSHOT_COMMENTS: usize = 50;

impl House {
    /// Compares everything.
    pub async fn look_around(&mut self, dice: &mut Dice) {
        let (log, head) = self.client(Some(HOST)).log().await;
        assert_eq!(log.len() as i64, head);
        self.compare_log(log.clone());
        self.compare_seats(&log, head).await;
        let somebody = (dice.below(6) > 0).then(|| 1 + dice.below(CAST as u64 - 1) as usize);
        for who in [Some(HOST), somebody] {
            self.compare_entrance(who, head).await;
        }
        self.compare_desk().await;
        self.compare_comments().await;
        self.find_nothing_hidden(somebody, head).await;
    }

    fn compare_log(&self, log: Vec<Value>) {
        let expected = self.world.log();
        let found: Vec<Value> = log.into_iter().map(|event| self.localized(event)).collect();
        for (event, wanted) in found.iter().zip(&expected) {
            assert_eq!(difference(event, wanted), None, "the log has {event}");
        }
        assert_eq!(found.len(), expected.len(), "{:?}\nagainst {:?}", found.last(), expected.last());
    }

    /// Open sockets have seen the same log, and know who they are.
    async fn compare_seats(&mut self, log: &[Value], head: i64) {
        let mut seats = std::mem::take(&mut self.seats);
        for seat in &mut seats {
            seat.story.read_to(&mut seat.viewer, head).await;
            seat.story.compare(log);
            if let Some(token) = self.client(seat.who).token.clone() {
                let you = seat.viewer.ask(json!({"op": "auth", "token": token})).await;
                self.compare_you(seat.who, &you);
            }
        }
        self.seats = seats;
    }

    fn compare_you(&self, who: Who, you: &Value) {
        let vote =
            self.world.open_poll().zip(who).and_then(|(poll, who)| self.world.polls[poll].votes.get(&who));
        let found = (&you["role"], &you["can"], you["ban"].is_object(), &you["vote"]);
        let (role, can) = (json!(self.world.role(who)), json!(self.world.can(who)));
        assert_eq!(found, (&role, &can, self.world.is_banned(who), &json!(vote)), "{who:?}: {you}");
        if let Some((reason, for_good, _)) =
            who.filter(|_| self.world.is_banned(who)).and_then(|who| self.world.ban_of(who))
        {
            assert_eq!((&you["ban"]["reason"], you["ban"]["until"].is_null()), (&json!(reason), for_good));
        }
    }

    /// Who comes in now is told everything as it is.
    async fn compare_entrance(&self, who: Who, head: i64) {
        let client = self.client(who);
        if !self.world.may_see(who) {
            for rest in ["", "comments", "events"] {
                client.get(rest).await.refused(404, "not_found");
            }
            self.find_the_door_shut(who).await;
            return;
        }
        let viewer = client.join().await;
        self.compare_you(who, &viewer.welcome["you"]);
        let snapshot = self.localized(viewer.opening.clone());
        viewer.leave().await;
        assert_eq!(snapshot["seq"], head);
        assert_eq!(difference(&snapshot, &self.snapshot()), None, "{who:?}: {snapshot}");
    }

    fn visible(&self) -> Vec<usize> {
        let is_visible = |at: &usize| self.world.comments[*at].state == State::Visible;
        self.world.shown.iter().copied().filter(is_visible).collect()
    }

    fn snapshot(&self) -> Value {
        let world = &self.world;
        let visible = self.visible();
        let comment = |&at: &usize| json!({"id": format!("c{at}"), "content": world.comments[at].text});
        let last: Vec<_> = visible.iter().rev().take(SNAPSHOT_COMMENTS).rev().map(comment).collect();
        let question = |at: usize| {
            let question = &world.questions[at];
            json!({"id": format!("q{at}"), "content": question.text, "votes": question.votes.len()})
        };
        json!({
            "settings": world.settings,
            "stream": {"status": world.status, "visibility": world.visibility,
                "comment_count": visible.len(), "reactions": world.reactions},
            "comments": last,
            "pinned": world.pinned.map(|at| json!({"id": format!("c{at}")})),
            "announcement": world.announcement.as_ref().map(|content| json!({"content": content})),
            "poll": world.open_poll().map(|at| json!({"id": format!("p{at}"), "tally": world.tally(at)})),
            "questions": world.open_questions().into_iter().map(question).collect::<Vec<_>>(),
        })
    }

    /// What host and moderators have on their desk.
    async fn compare_desk(&self) {
        let (host, world) = (self.client(Some(HOST)), &self.world);
        let read = async |rest: &str| self.localized(host.get(rest).await.ok());
        let mut settings = world.settings.clone();
        let own = SETTINGS.into_iter().filter(|name| world.own.contains(name));
        settings["own"] = json!(own.collect::<Vec<_>>());
        assert_eq!(read("settings").await, settings);
        assert_eq!(read("terms").await, terms(world.terms));
        let stats = json!({"comment_count": self.visible().len(), "reactions": world.reactions});
        assert_eq!(difference(&read("stats").await, &stats), None, "stats");

        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        let who = |item: &Value| id_of(item).to_owned();
        let moderators = [("channel", &world.channel.moderators), ("stream", &world.moderators)];
        let found = self.all(host, "moderators").await;
        for (scope, expected) in moderators {
            let found = found.iter().filter(|entry| entry["scope"] == scope).map(who).collect();
            assert_eq!(sorted(found), names(expected), "moderators of the {scope}");
        }
        let found = self.all(host, "members").await.iter().map(who).collect();
        assert_eq!(sorted(found), names(&world.members), "members");
        let bans = self.all(host, "bans").await;
        for (scope, expected) in [("channel", &world.channel.bans), ("stream", &world.bans)] {
            let found =
                bans.iter().filter(|ban| ban["scope"] == scope).map(|ban| who(&ban["user"])).collect();
            assert_eq!(sorted(found), names(expected.keys()), "bans of the {scope}");
        }
        let held: Vec<_> =
            self.all(host, "held").await.iter().map(|c| (who(c), c["reports"].clone())).collect();
        let reports = |at: usize| (format!("c{at}"), json!(world.comments[at].reporters.len()));
        assert_eq!(held, world.queue().into_iter().map(reports).collect::<Vec<_>>(), "held");
        let mut audit = self.all(host, "audit").await;
        audit.reverse();
        let entry = |entry: &Value| (entry["actor"]["id"].clone(), entry["action"].clone());
        let expected = world.audit.iter().map(|(who, action)| (json!(format!("u{who}")), json!(action)));
        assert_eq!(audit.iter().map(entry).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    /// Every page of a list.
    async fn all(&self, client: &Client, rest: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = client.get(&format!("{rest}?limit=7{cursor}")).await.ok();
            items.extend(page["items"].as_array().expect("a list").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items.into_iter().map(|item| self.localized(item)).collect(),
            }
        }
    }

    async fn compare_comments(&self) {
        let mut listed = self.all(self.client(Some(HOST)), "comments").await;
        listed.reverse();
        let found: Vec<_> = listed.iter().map(|comment| comment["id"].clone()).collect();
        let expected: Vec<_> = self.visible().iter().map(|at| json!(format!("c{at}"))).collect();
        assert_eq!(found, expected);
    }

    /// What is held, turned down or deleted shows nowhere to a viewer.
    async fn find_nothing_hidden(&self, who: Who, head: i64) {
        if !self.world.may_see(who) {
            return;
        }
        let client = self.client(who);
        let mut seen = String::new();
        for rest in
            ["comments?limit=100", "events?limit=100", "comments/export", "comments/export?format=xml"]
        {
            seen += &client.get(rest).await.text;
        }
        let viewer = client.join().await;
        seen += &viewer.opening.to_string();
        let mut back = client.rejoin(0).await;
        for _ in 0..head {
            seen += &back.next_event().await.to_string();
        }
        seen += &read_whole(client, head).await;
        seen += &client.get("events?limit=100&after=100").await.text;
        for viewer in [viewer, back] {
            viewer.leave().await;
        }
        let word = |text: &str| text.rsplit(' ').next().expect("a word").to_owned();
        for (at, comment) in self.world.comments.iter().enumerate() {
            let word = word(&comment.text);
            if comment.state == State::Visible || !word.starts_with('w') {
                continue;
            }
            assert!(!seen.contains(&word), "c{at} is {:?} and shows {word}", comment.state);
            let found = client.get(&format!("comments?q={word}")).await.ok();
            assert_eq!(found["items"], json!([]), "{word}");
        }
        for question in self.world.questions.iter().filter(|question| question.is_gone) {
            let word = word(&question.text);
            assert!(!word.starts_with('w') || !seen.contains(&word), "{word} shows");
        }
    }
}

fn names<'a>(who: impl IntoIterator<Item = &'a usize>) -> Vec<String> {
    who.into_iter().map(|who| format!("u{who}")).collect()
}

/// Where what is found is not what is wanted; objects may have more members.
fn difference(found: &Value, wanted: &Value) -> Option<String> {
    let at = |place: &str, found, wanted| difference(found, wanted).map(|rest| format!("{place} {rest}"));
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            wanted.iter().find_map(|(name, wanted)| at(name, found.get(name).unwrap_or(&Value::Null), wanted))
        }
        (Value::Array(found), Value::Array(wanted)) if found.len() == wanted.len() => {
            let mut pairs = found.iter().zip(wanted).enumerate();
            pairs.find_map(|(place, (found, wanted))| at(&place.to_string(), found, wanted))
        }
        _ if found == wanted => None,
        _ => Some(format!("is {found}\nnot {wanted}")),
    }
}
