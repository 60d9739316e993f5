//! The real thing beside the model: a server, a cast with their sockets, and each act carried out by REST or by socket.

use super::{
    Script,
    acts::{ADMIN, Act, CAST, HOST, TERMS, Who},
    world::{Fate, Kind, World},
};
use crate::tools::{Answer, Client, Dice, Story, TestServer, User, Viewer, without_limits};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

const NOWHERE: &str = "01890000-0000-7000-8000-000000000000";
/// Most sockets at once.
const SEATS: usize = 8;

/// Somebody's socket, and what was seen through it.
pub struct Seat {
    pub who: Who,
    pub viewer: Viewer,
    pub story: Story,
}

pub struct House {
    server: Option<TestServer>,
    pub cast: Vec<User>,
    pub guest: Client,
    pub world: World,
    pub seats: Vec<Seat>,
    /// What the model calls c0 is this on the server, and back.
    names: HashMap<String, String>,
    ids: HashMap<String, String>,
}

impl House {
    pub async fn open() -> House {
        let server = TestServer::spawn_with(without_limits);
        let mut cast = Vec::new();
        for number in 0..CAST {
            cast.push(server.register(&format!("user{number}")).await);
        }
        server.promote(&cast[ADMIN]);
        let guest = server.guest();
        let world = World::new(Default::default(), Default::default());
        let (names, ids) = (HashMap::new(), HashMap::new());
        let mut house = House { server: Some(server), cast, guest, world, seats: Vec::new(), names, ids };
        house.next_stream().await;
        house
    }

    pub async fn next_stream(&mut self) {
        for seat in self.seats.drain(..) {
            seat.viewer.leave().await;
        }
        let stream = self.cast[HOST].create_stream("Everybody").await.stream;
        self.cast.iter_mut().for_each(|user| user.stream.clone_from(&stream));
        self.guest.stream = stream;
        let (followers, channel) = (&mut self.world.followers, &mut self.world.channel);
        self.world = World::new(std::mem::take(followers), std::mem::take(channel));
        self.ids.clear();
        self.names.clear();
        for (number, user) in self.cast.iter().enumerate() {
            self.names.insert(format!("u{number}"), user.id.clone());
            self.ids.insert(user.id.clone(), format!("u{number}"));
        }
        // Somebody is always there, so that the room stays open.
        self.take_seat(None).await;
        self.take_seat(Some(1)).await;
    }

    pub fn client(&self, who: Who) -> &Client {
        who.map_or(&self.guest, |who| &self.cast[who])
    }

    /// The server's id of something of the model's.
    fn id(&self, letter: char, number: usize) -> &str {
        self.names.get(&format!("{letter}{number}")).map_or(NOWHERE, String::as_str)
    }

    /// What the server says, in the model's names.
    pub fn localized(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.ids.get(&text).cloned().unwrap_or(text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.localized(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (name, self.localized(value))).collect()
            }
            other => other,
        }
    }

    async fn take_seat(&mut self, who: Who) {
        if self.world.may_see(who) {
            let viewer = self.client(who).join().await;
            let story = Story::begin(&viewer);
            self.seats.push(Seat { who, viewer, story });
        } else {
            self.find_the_door_shut(who).await;
        }
    }

    pub async fn find_the_door_shut(&self, who: Who) {
        assert_eq!(self.client(who).refusal().await, 404);
    }

    /// Somebody comes, goes, or goes and comes back for what they missed.
    pub async fn coming_and_going(&mut self, dice: &mut Dice, script: &mut Script) {
        let place = dice.below(self.seats.len().max(1) as u64) as usize;
        let who = (dice.below(8) > 0).then(|| dice.below(CAST as u64) as usize);
        match dice.below(3) {
            0 if self.seats.len() > 1 => {
                script.note("leaves", self.seats[place].who);
                self.seats.remove(place).viewer.leave().await;
            }
            1 if !self.seats.is_empty() => {
                let seat = self.seats.remove(place);
                script.note("comes back", seat.who);
                seat.viewer.leave().await;
                self.come_back(seat.who, seat.story).await;
            }
            _ if self.seats.len() < SEATS => {
                script.note("joins", who);
                self.take_seat(who).await;
            }
            _ => {}
        }
    }

    async fn come_back(&mut self, who: Who, story: Story) {
        let viewer = self.client(who).join_with(&story.query()).await;
        story.go_on(&viewer);
        self.seats.push(Seat { who, viewer, story });
    }

    /// The server stops and starts again; some come back for what they missed, others begin anew.
    pub async fn restart(&mut self, dice: &mut Dice) {
        let server = self.server.take().expect("it runs");
        server.begin_to_stop();
        let mut left = Vec::new();
        for mut seat in self.seats.drain(..) {
            seat.viewer.expect_close().await.says(1012);
            left.push((seat.who, seat.story));
        }
        let server = server.restart();
        self.cast.iter_mut().for_each(|user| user.ports = server.ports().clone());
        self.guest.ports = server.ports().clone();
        self.server = Some(server);
        self.world.restart();
        for (who, story) in left {
            match dice.below(2) {
                0 => self.come_back(who, story).await,
                _ => self.take_seat(who).await,
            }
        }
    }

    pub async fn close(mut self) {
        for seat in self.seats.drain(..) {
            seat.viewer.leave().await;
        }
    }

    /// Does something in the model and on the server; the answers agree.
    pub async fn carry_out(&mut self, who: Who, act: &Act, by_socket: bool) {
        let fate = self.world.act(who, act);
        let seat = self.seats.iter().position(|seat| seat.who == who).filter(|_| by_socket);
        let found = match (seat, self.op(act)) {
            (Some(seat), Some(op)) => by_frame(&self.seats[seat].viewer.ask(op).await),
            _ => {
                let (method, path, body) = self.request(act);
                let client = self.client(who);
                by_answer(&client.send(client.request(method, &path).json(&body)).await)
            }
        };
        self.agree(fate, found);
        self.see_out().await;
    }

    fn agree(&mut self, fate: Fate, (word, id): (String, Option<String>)) {
        let (expected, name) = match fate {
            Ok(Kind::Done) => ("done", None),
            Ok(Kind::New(name)) => ("done", Some(name)),
            Ok(Kind::Again(name)) => ("again", Some(name)),
            Ok(Kind::Held(name)) => ("held", Some(name)),
            Ok(Kind::TurnedDown(name)) => ("rejected", Some(name)),
            Err(code) => (code, None),
        };
        assert_eq!(word, expected, "expected {name:?}, found {id:?}");
        let Some(name) = name else { return };
        let id = id.unwrap_or_else(|| panic!("{name} has an id"));
        self.ids.entry(id.clone()).or_insert_with(|| name.clone());
        let known = self.names.entry(name).or_insert_with(|| id.clone());
        assert_eq!(*known, id);
    }

    /// Who may see the stream no longer has been shown the door.
    async fn see_out(&mut self) {
        let (stay, mut go): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.seats).into_iter().partition(|seat| self.world.may_see(seat.who));
        self.seats = stay;
        for seat in &mut go {
            seat.viewer.expect_close().await.says(4404);
        }
        if self.seats.is_empty() {
            self.take_seat(Some(HOST)).await;
        }
    }

    fn op(&self, act: &Act) -> Option<Value> {
        Some(match act {
            Act::Comment { content, client_id } => {
                json!({"op": "comment", "content": content, "client_id": client_id})
            }
            Act::Delete(comment) => json!({"op": "delete", "comment_id": self.id('c', *comment)}),
            Act::Vote { poll, option } => {
                json!({"op": "vote", "poll_id": self.id('p', *poll), "option": option})
            }
            Act::React { kind, count } => json!({"op": "react", "kind": kind, "count": count}),
            _ => return None,
        })
    }

    fn request(&self, act: &Act) -> (Method, String, Value) {
        let nothing = || json!({});
        let comment = |number: &usize, rest: &str| format!("comments/{}{rest}", self.id('c', *number));
        let held = |number: &usize, rest: &str| format!("held/{}/{rest}", self.id('c', *number));
        let user = |what: &str, whom: &usize| format!("{what}/user{whom}");
        let settings = |body| (Method::PATCH, "settings".to_owned(), body);
        let (method, path, body) = match act {
            Act::Comment { content, client_id } => {
                (Method::POST, "comments".into(), json!({"content": content, "client_id": client_id}))
            }
            Act::Delete(at) => (Method::DELETE, comment(at, ""), nothing()),
            Act::Report(at) => (Method::POST, comment(at, "/report"), nothing()),
            Act::Approve(at) => (Method::POST, held(at, "approve"), nothing()),
            Act::Reject(at) => (Method::POST, held(at, "reject"), nothing()),
            Act::Pin(at) => (Method::PUT, "pin".into(), json!({"comment_id": self.id('c', *at)})),
            Act::Unpin => (Method::DELETE, "pin".into(), nothing()),
            Act::Ban { whom, for_good, reason, purge, scope } => {
                let body = ban(*for_good, reason, *purge);
                (Method::PUT, user("bans", whom), with_scope(body, *scope))
            }
            Act::ChannelBan { whom, for_good, reason, purge } => {
                (Method::PUT, user("/channels/user0/bans", whom), ban(*for_good, reason, *purge))
            }
            Act::ChannelUnban(whom) => (Method::DELETE, user("/channels/user0/bans", whom), nothing()),
            Act::ChannelAppoint(whom) => (Method::PUT, user("/channels/user0/moderators", whom), nothing()),
            Act::ChannelDismiss(whom) => {
                (Method::DELETE, user("/channels/user0/moderators", whom), nothing())
            }
            Act::Unban(whom) => (Method::DELETE, user("bans", whom), nothing()),
            Act::Appoint(whom) => (Method::PUT, user("moderators", whom), nothing()),
            Act::Dismiss(whom) => (Method::DELETE, user("moderators", whom), nothing()),
            Act::Admit(whom) => (Method::PUT, user("members", whom), nothing()),
            Act::Expel(whom) => (Method::DELETE, user("members", whom), nothing()),
            Act::Comments(by) => settings(json!({"comments": by})),
            Act::SlowMode(is_on) => settings(json!({"slow_mode_s": if *is_on { 3600 } else { 0 }})),
            Act::MinAge(is_on) => settings(json!({"min_account_age_s": if *is_on { 31_536_000 } else { 0 }})),
            Act::Repeats(is_on) => settings(json!({"repeat_window_s": if *is_on { 86_400 } else { 0 }})),
            Act::Links(policy) => settings(json!({"links": policy})),
            Act::HoldAll(is_on) => settings(json!({"hold_all": is_on})),
            Act::Terms(list) => (Method::PUT, "terms".into(), terms(*list)),
            Act::Announce(content) => (Method::POST, "announcements".into(), json!({"content": content})),
            Act::OpenPoll => {
                let body = json!({"question": "which?", "options": ["a", "b"], "duration_s": 86_400});
                (Method::POST, "polls".into(), body)
            }
            Act::Vote { poll, option } => {
                (Method::PUT, format!("polls/{}/vote", self.id('p', *poll)), json!({"option": option}))
            }
            Act::ClosePoll(poll) => (Method::POST, format!("polls/{}/close", self.id('p', *poll)), nothing()),
            Act::Ask(content) => (Method::POST, "questions".into(), json!({"content": content})),
            Act::Want(at) => (Method::PUT, format!("questions/{}/vote", self.id('q', *at)), nothing()),
            Act::Answered(at) => {
                (Method::POST, format!("questions/{}/answered", self.id('q', *at)), nothing())
            }
            Act::React { kind, count } => {
                (Method::POST, "reactions".into(), json!({"kind": kind, "count": count}))
            }
            Act::Visibility(visibility) => (Method::PATCH, "".into(), json!({"visibility": visibility})),
            Act::Start => (Method::POST, "start".into(), nothing()),
            Act::End => (Method::POST, "end".into(), nothing()),
            Act::Follow(is_wanted) => {
                let method = if *is_wanted { Method::PUT } else { Method::DELETE };
                return (method, "/users/user0/follow".into(), nothing());
            }
        };
        (method, path, body)
    }
}

fn ban(for_good: bool, reason: &str, purge: bool) -> Value {
    let duration_s = (!for_good).then_some(3600);
    json!({"duration_s": duration_s, "reason": reason, "delete_comments": purge})
}

fn with_scope(mut body: Value, scope: Option<&str>) -> Value {
    if let Some(scope) = scope {
        body["scope"] = json!(scope);
    }
    body
}

/// A list of terms as the API has it.
pub fn terms(list: usize) -> Value {
    let terms = TERMS[list].iter().map(|(text, action)| json!({"text": text, "action": action}));
    json!({"terms": terms.collect::<Vec<_>>()})
}

/// What a request came to: a word, and what it made or found.
fn by_answer(answer: &Answer) -> (String, Option<String>) {
    let id = ["id", "comment_id"].iter().find_map(|name| answer.body[name].as_str()).map(str::to_owned);
    let word = match answer.status {
        202 => answer.body["state"].as_str().expect("a state"),
        200 if answer.what.contains("/comments at :") => "again",
        200..=299 => "done",
        status => {
            let code = answer.body["code"].as_str().expect("a code");
            assert_eq!(answer.clone().refused(status_of(code), code)["status"], status);
            code
        }
    };
    (word.to_owned(), id)
}

/// The same of an op.
fn by_frame(frame: &Value) -> (String, Option<String>) {
    let id = ["id", "comment_id"].iter().find_map(|name| frame[name].as_str()).map(str::to_owned);
    let word = match frame["type"].as_str() {
        Some("ack") if frame["duplicate"] == true => "again",
        Some("ack") => "done",
        Some("held") => frame["state"].as_str().expect("a state"),
        _ => frame["code"].as_str().unwrap_or_else(|| panic!("{frame}")),
    };
    (word.to_owned(), id)
}

/// The status with which REST says a code.
fn status_of(code: &str) -> u16 {
    match code {
        "unauthenticated" => 401,
        "forbidden" | "banned" | "comments_off" | "followers_only" | "account_too_new" => 403,
        "not_found" => 404,
        "conflict" | "stream_ended" | "invalid_transition" => 409,
        "invalid_field" | "links_not_allowed" | "term_not_allowed" => 422,
        "slow_mode" | "repeated" | "too_fast" => 429,
        _ => panic!("{code} is not expected"),
    }
}
