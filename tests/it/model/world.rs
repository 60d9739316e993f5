//! The model: what a room is, in as few words as it can be said, and what becomes of each act in it.
//! Written from the contract; it knows neither the server's code nor its types.

use super::{
    acts::{Act, HOST, TERMS, Who},
    channel::{Bans, Channel},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What became of an act: what it made or found (`c3`: the fourth comment), or the code of the refusal.
pub type Fate = Result<Kind, &'static str>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Done,
    New(String),
    Again(String),
    Held(String),
    TurnedDown(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Visible,
    Held,
    Rejected,
    Deleted,
}

#[derive(Clone, Debug)]
pub struct Comment {
    pub author: usize,
    pub text: String,
    pub state: State,
    client_id: Option<String>,
    pub reporters: BTreeSet<usize>,
    reported_by: BTreeSet<usize>,
    role: &'static str,
}

#[derive(Clone, Debug, Default)]
pub struct Poll {
    pub votes: BTreeMap<usize, u32>,
    pub is_closed: bool,
}

#[derive(Clone, Debug)]
pub struct Question {
    pub author: usize,
    pub text: String,
    pub votes: BTreeSet<usize>,
    pub is_answered: bool,
    pub is_gone: bool,
}

/// A stream and its room.
pub struct World {
    pub status: &'static str,
    pub visibility: &'static str,
    pub settings: Value,
    pub terms: usize,
    pub moderators: BTreeSet<usize>,
    pub members: BTreeSet<usize>,
    pub followers: BTreeSet<usize>,
    pub bans: Bans,
    /// What the host keeps from stream to stream.
    pub channel: Channel,
    /// Which settings were set in this stream.
    pub own: BTreeSet<&'static str>,
    pub comments: Vec<Comment>,
    pub shown: Vec<usize>,
    pub polls: Vec<Poll>,
    pub questions: Vec<Question>,
    pub pinned: Option<usize>,
    pub announcement: Option<String>,
    pub reactions: BTreeMap<&'static str, i64>,
    pub audit: Vec<(usize, &'static str)>,
    /// Who said what last, and where: a comment or a question, by number.
    last_words: BTreeMap<usize, (String, (char, usize))>,
    log: Vec<Value>,
}

impl World {
    pub fn new(followers: BTreeSet<usize>, channel: Channel) -> World {
        let settings = json!({"comments": "users", "slow_mode_s": 0, "min_account_age_s": 0, "repeat_window_s": 0,
            "links": "allow", "hold_all": false});
        World {
            status: "scheduled",
            visibility: "public",
            settings,
            terms: 0,
            moderators: BTreeSet::new(),
            members: BTreeSet::new(),
            followers,
            bans: BTreeMap::new(),
            channel,
            own: BTreeSet::new(),
            comments: Vec::new(),
            shown: Vec::new(),
            polls: Vec::new(),
            questions: Vec::new(),
            pinned: None,
            announcement: None,
            reactions: BTreeMap::new(),
            audit: Vec::new(),
            last_words: BTreeMap::new(),
            log: Vec::new(),
        }
    }

    /// What `you` says.
    pub fn can(&self, who: Who) -> Vec<&'static str> {
        let all = "comment react vote ask delete ban review pin announce poll settings manage";
        let count = match self.role(who) {
            "guest" => 0,
            "viewer" if self.is_banned(who) => 0,
            "viewer" => 4,
            "moderator" => 11,
            _ => 12,
        };
        all.split(' ').take(count).collect()
    }

    /// The log as it reads now.
    pub fn log(&self) -> Vec<Value> {
        let buried = |entry: &Value| {
            let at = |name: &str| entry[name]["id"].as_str().and_then(|id| id[1..].parse::<usize>().ok());
            if at("comment").is_some_and(|comment| self.comments[comment].state == State::Deleted) {
                return json!({"type": "comment.tombstone", "comment_id": entry["comment"]["id"]});
            }
            if at("question").is_some_and(|question| self.questions[question].is_gone) {
                return json!({"type": "question.tombstone", "question_id": entry["question"]["id"]});
            }
            entry.clone()
        };
        self.log.iter().map(buried).collect()
    }

    /// The open questions, most wanted first.
    pub fn open_questions(&self) -> Vec<usize> {
        let is_open = |&at: &usize| !self.questions[at].is_answered && !self.questions[at].is_gone;
        let mut open: Vec<usize> = (0..self.questions.len()).filter(is_open).collect();
        open.sort_by_key(|&at| (std::cmp::Reverse(self.questions[at].votes.len()), at));
        open
    }

    pub fn tally(&self, poll: usize) -> [usize; 2] {
        [0, 1].map(|option| self.polls[poll].votes.values().filter(|&&vote| vote == option).count())
    }

    pub fn open_poll(&self) -> Option<usize> {
        self.polls.iter().position(|poll| !poll.is_closed)
    }

    /// Comments that wait for a moderator, oldest first.
    pub fn queue(&self) -> Vec<usize> {
        let waits = |comment: &Comment| match comment.state {
            State::Held => true,
            State::Visible => !comment.reporters.is_empty(),
            _ => false,
        };
        (0..self.comments.len()).filter(|&at| waits(&self.comments[at])).collect()
    }

    /// The server starts anew: of what was deleted nobody remembers the words, only that there were some.
    pub fn restart(&mut self) {
        for (words, place) in self.last_words.values_mut() {
            let is_gone = match *place {
                ('c', at) => self.comments[at].state == State::Deleted,
                (_, at) => self.questions[at].is_gone,
            };
            if is_gone {
                words.clear();
            }
        }
    }

    /// Somebody does something.
    pub fn act(&mut self, who: Who, act: &Act) -> Fate {
        let who = who.ok_or("unauthenticated")?;
        if let Act::Follow(is_wanted) = act {
            let changed = if *is_wanted { self.followers.insert(who) } else { self.followers.remove(&who) };
            return Ok(Kind::Done).inspect(|_| _ = changed);
        }
        if act.is_of_channel() {
            return self.act_in_channel(who, act);
        }
        if !self.may_see(Some(who)) {
            return Err("not_found");
        }
        match act {
            Act::Comment { content, client_id } => self.comment(who, content, client_id.as_deref()),
            Act::Delete(comment) => self.delete(who, *comment),
            Act::Report(comment) => self.report(who, *comment),
            Act::Vote { poll, option } => self.vote(who, *poll, *option),
            Act::Ask(content) => self.ask(who, content),
            Act::Want(question) => self.want(who, *question),
            Act::React { kind, count } => {
                self.may_write(who)?;
                *self.reactions.entry(kind).or_default() += i64::from(*count);
                Ok(Kind::Done)
            }
            _ => self.manage(who, act),
        }
    }

    fn may_write(&self, who: usize) -> Result<(), &'static str> {
        match self.status {
            _ if self.is_banned(Some(who)) => Err("banned"),
            "ended" => Err("stream_ended"),
            _ => Ok(()),
        }
    }

    fn not_ended(&self) -> Result<(), &'static str> {
        if self.status == "ended" { Err("stream_ended") } else { Ok(()) }
    }

    pub(super) fn say(&mut self, event: Value) {
        self.log.push(event);
    }

    pub(super) fn record(&mut self, who: usize, action: &'static str) {
        self.audit.push((who, action));
    }

    /// What somebody says, as it is shown, and whether it waits first (and for what).
    fn judge(&self, who: usize, content: &str) -> Result<(String, Option<&'static str>), &'static str> {
        self.may_write(who)?;
        match self.settings["comments"].as_str() {
            Some("off") => return Err("comments_off"),
            Some("moderators") if !self.is_staff(who) => return Err("comments_off"),
            Some("followers") if !self.is_staff(who) && !self.followers.contains(&who) => {
                return Err("followers_only");
            }
            _ if self.is_staff(who) => return Ok((content.to_owned(), None)),
            _ => {}
        }
        let is_on = |name: &str| self.settings[name] != 0;
        let last = self.last_words.get(&who);
        match last {
            _ if is_on("min_account_age_s") => return Err("account_too_new"),
            Some(_) if is_on("slow_mode_s") => return Err("slow_mode"),
            Some((last, _)) if is_on("repeat_window_s") && last == content => return Err("repeated"),
            _ => {}
        }
        let term =
            TERMS[self.terms].iter().find(|(term, _)| content.starts_with(term)).map(|(_, action)| *action);
        let links = if content.contains("://") { self.settings["links"].as_str() } else { None };
        let text = if term == Some("mask") { format!("***{}", &content[3..]) } else { content.to_owned() };
        match (term, links) {
            (Some("reject"), _) => Err("term_not_allowed"),
            (_, Some("reject")) => Err("links_not_allowed"),
            _ if self.settings["hold_all"] == true => Ok((text, Some("comments_off"))),
            (_, Some("hold")) => Ok((text, Some("links_not_allowed"))),
            (Some("hold"), _) => Ok((text, Some("term_not_allowed"))),
            _ => Ok((text, None)),
        }
    }

    fn comment(&mut self, who: usize, content: &str, client_id: Option<&str>) -> Fate {
        let is_it =
            |c: &Comment| c.author == who && client_id.is_some() && c.client_id.as_deref() == client_id;
        if let Some(first) = self.comments.iter().position(|c| is_it(c) && c.state != State::Deleted) {
            let name = format!("c{first}");
            return Ok(match self.comments[first].state {
                State::Held => Kind::Held(name),
                State::Rejected => Kind::TurnedDown(name),
                _ => Kind::Again(name),
            });
        }
        let (text, waits) = self.judge(who, content)?;
        let at = self.comments.len();
        self.last_words.insert(who, (content.to_owned(), ('c', at)));
        self.comments.push(Comment {
            author: who,
            text,
            state: State::Held,
            client_id: client_id.map(str::to_owned),
            reporters: BTreeSet::new(),
            reported_by: BTreeSet::new(),
            role: self.role(Some(who)),
        });
        if waits.is_some() {
            return Ok(Kind::Held(format!("c{at}")));
        }
        self.show(at);
        Ok(Kind::New(format!("c{at}")))
    }

    fn show(&mut self, at: usize) {
        let comment = &mut self.comments[at];
        comment.state = State::Visible;
        let user = json!({"id": format!("u{}", comment.author), "role": comment.role});
        let view = json!({"id": format!("c{at}"), "content": comment.text, "user": user});
        self.shown.push(at);
        self.say(json!({"type": "comment.created", "comment": view}));
    }

    fn delete(&mut self, who: usize, at: usize) -> Fate {
        let comment = self.comments.get(at).ok_or("not_found")?;
        let is_own = comment.author == who;
        match comment.state {
            State::Deleted | State::Rejected => return Err("not_found"),
            State::Held if !is_own && !self.is_staff(who) => return Err("not_found"),
            _ if !is_own && !self.is_staff(who) => return Err("forbidden"),
            _ => {}
        }
        self.bury(who, at);
        Ok(Kind::Done)
    }

    fn bury(&mut self, who: usize, at: usize) {
        let comment = &mut self.comments[at];
        let was = std::mem::replace(&mut comment.state, State::Deleted);
        let by = if comment.author == who { "author" } else { self.role(Some(who)) };
        if by != "author" {
            self.record(who, "comment.delete");
        }
        if was == State::Visible {
            self.say(json!({"type": "comment.deleted", "comment_id": format!("c{at}"), "by": by}));
        }
        self.unpin_where(|pinned| pinned == at);
    }

    pub(super) fn unpin_where(&mut self, is_it: impl Fn(usize) -> bool) {
        if self.pinned.take_if(|pinned| is_it(*pinned)).is_some() {
            self.say(json!({"type": "comment.unpinned"}));
        }
    }

    fn report(&mut self, who: usize, at: usize) -> Fate {
        let comment = self.comments.get_mut(at).filter(|c| c.state == State::Visible).ok_or("not_found")?;
        if comment.reported_by.insert(who) {
            comment.reporters.insert(who);
        }
        Ok(Kind::Done)
    }

    fn vote(&mut self, who: usize, poll: usize, option: u32) -> Fate {
        self.may_write(who)?;
        let poll = self.polls.get_mut(poll).ok_or("not_found")?;
        if poll.is_closed {
            return Err("conflict");
        }
        if option > 1 {
            return Err("invalid_field");
        }
        poll.votes.insert(who, option);
        Ok(Kind::Done)
    }

    fn ask(&mut self, who: usize, content: &str) -> Fate {
        let (text, waits) = self.judge(who, content)?;
        if let Some(code) = waits {
            return Err(code);
        }
        let at = self.questions.len();
        self.last_words.insert(who, (content.to_owned(), ('q', at)));
        let name = format!("q{at}");
        let view = json!({"id": name, "content": text, "user": {"id": format!("u{who}")}, "answered": false});
        self.questions.push(Question {
            author: who,
            text,
            votes: BTreeSet::new(),
            is_answered: false,
            is_gone: false,
        });
        self.say(json!({"type": "question.created", "question": view}));
        Ok(Kind::New(name))
    }

    fn want(&mut self, who: usize, at: usize) -> Fate {
        self.may_write(who)?;
        let question = self.questions.get_mut(at).filter(|q| !q.is_gone).ok_or("not_found")?;
        if question.is_answered {
            return Err("conflict");
        }
        question.votes.insert(who);
        Ok(Kind::Done)
    }
}

#[path = "staff.rs"]
mod staff;
