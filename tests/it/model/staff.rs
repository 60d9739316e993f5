//! The model, continued: what takes a right beyond a viewer's.

use super::*;
use crate::model::channel::Wanted;

impl World {
    pub(super) fn manage(&mut self, who: usize, act: &Act) -> Fate {
        if !self.is_staff(who) {
            return Err("forbidden");
        }
        match act {
            Act::Appoint(_)
            | Act::Dismiss(_)
            | Act::Admit(_)
            | Act::Expel(_)
            | Act::Visibility(_)
            | Act::Start
            | Act::End
                if self.role(Some(who)) == "moderator" =>
            {
                Err("forbidden")
            }
            Act::Appoint(HOST) => Err("conflict"),
            Act::Appoint(whom) if self.moderators.insert(*whom) => {
                self.told(who, "moderator.add", "moderator.added", *whom)
            }
            Act::Dismiss(whom) if self.moderators.remove(whom) => {
                if self.channel.moderators.contains(whom) {
                    return self.done(who, "moderator.remove");
                }
                self.told(who, "moderator.remove", "moderator.removed", *whom)
            }
            Act::Admit(whom) if self.members.insert(*whom) => self.done(who, "member.add"),
            Act::Expel(whom) if self.members.remove(whom) => self.done(who, "member.remove"),
            Act::Visibility(visibility) => {
                self.visibility = visibility;
                self.say(json!({"type": "stream.updated", "stream": {"visibility": visibility, "status": self.status}}));
                Ok(Kind::Done)
            }
            Act::Start => self.start(),
            Act::End => self.end(),
            &Act::Ban { whom, for_good, reason, purge, scope } => {
                self.ban(who, &Wanted { whom, for_good, reason, purge, scope, in_stream: true })
            }
            Act::Unban(whom) => self.unban(who, *whom),
            Act::Comments(by) => self.set(who, "comments", json!(by)),
            Act::SlowMode(is_on) => self.set(who, "slow_mode_s", json!(if *is_on { 3600 } else { 0 })),
            Act::MinAge(is_on) => {
                self.set(who, "min_account_age_s", json!(if *is_on { 31_536_000 } else { 0 }))
            }
            Act::Repeats(is_on) => self.set(who, "repeat_window_s", json!(if *is_on { 86_400 } else { 0 })),
            Act::Links(policy) => self.set(who, "links", json!(policy)),
            Act::HoldAll(is_on) => self.set(who, "hold_all", json!(is_on)),
            Act::Terms(list) => {
                self.terms = *list;
                self.done(who, "terms.replace")
            }
            Act::Approve(comment) => self.approve(who, *comment),
            Act::Reject(comment) => self.reject(who, *comment),
            Act::Pin(_)
            | Act::Unpin
            | Act::Announce(_)
            | Act::OpenPoll
            | Act::ClosePoll(_)
            | Act::Answered(_) => {
                self.not_ended()?;
                self.present(who, act)
            }
            _ => Ok(Kind::Done),
        }
    }

    fn done(&mut self, who: usize, action: &'static str) -> Fate {
        self.record(who, action);
        Ok(Kind::Done)
    }

    fn told(&mut self, who: usize, action: &'static str, event: &str, whom: usize) -> Fate {
        self.say(json!({"type": event, "user_id": format!("u{whom}")}));
        self.done(who, action)
    }

    fn start(&mut self) -> Fate {
        if self.status != "scheduled" {
            return Err("invalid_transition");
        }
        self.status = "live";
        self.say(json!({"type": "stream.started", "stream": {"status": "live"}}));
        Ok(Kind::Done)
    }

    fn end(&mut self) -> Fate {
        if self.status == "ended" {
            return Err("invalid_transition");
        }
        if let Some(poll) = self.open_poll() {
            self.close(poll);
        }
        self.status = "ended";
        self.say(json!({"type": "stream.ended", "stream": {"status": "ended"}}));
        Ok(Kind::Done)
    }

    fn set(&mut self, who: usize, name: &'static str, value: Value) -> Fate {
        let is_own_now = self.own.insert(name);
        if self.settings[name] == value {
            return if is_own_now { self.done(who, "settings.update") } else { Ok(Kind::Done) };
        }
        self.settings[name] = value;
        self.say(json!({"type": "settings.updated", "settings": self.settings}));
        self.done(who, "settings.update")
    }

    fn approve(&mut self, who: usize, at: usize) -> Fate {
        let comment = self.comments.get_mut(at).ok_or("not_found")?;
        match comment.state {
            State::Visible if !comment.reporters.is_empty() => comment.reporters.clear(),
            State::Held if self.status == "ended" => return Err("stream_ended"),
            State::Held => self.show(at),
            _ => return Err("not_found"),
        }
        self.record(who, "comment.approve");
        Ok(Kind::New(format!("c{at}")))
    }

    fn reject(&mut self, who: usize, at: usize) -> Fate {
        let comment = self.comments.get_mut(at).ok_or("not_found")?;
        match comment.state {
            State::Visible if !comment.reporters.is_empty() => self.bury(who, at),
            State::Held => {
                comment.state = State::Rejected;
                self.record(who, "comment.reject");
            }
            _ => return Err("not_found"),
        }
        Ok(Kind::Done)
    }

    fn present(&mut self, who: usize, act: &Act) -> Fate {
        match act {
            Act::Pin(at) => {
                self.comments.get(*at).filter(|c| c.state == State::Visible).ok_or("not_found")?;
                if self.pinned == Some(*at) {
                    return Ok(Kind::Done);
                }
                self.pinned = Some(*at);
                self.say(json!({"type": "comment.pinned", "comment": {"id": format!("c{at}")}}));
                self.done(who, "comment.pin")
            }
            Act::Unpin if self.pinned.is_some() => {
                self.unpin_where(|_| true);
                self.done(who, "comment.unpin")
            }
            Act::Announce(content) => {
                self.announcement = Some(content.clone());
                self.say(json!({"type": "announcement.created", "announcement": {"content": content}}));
                self.done(who, "announcement.create")
            }
            Act::OpenPoll if self.open_poll().is_some() => Err("conflict"),
            Act::OpenPoll => {
                let name = format!("p{}", self.polls.len());
                self.polls.push(Poll::default());
                self.say(json!({"type": "poll.opened", "poll": {"id": name, "tally": [0, 0]}}));
                self.record(who, "poll.open");
                Ok(Kind::New(name))
            }
            Act::ClosePoll(poll) => {
                if self.polls.get(*poll).ok_or("not_found")?.is_closed {
                    return Err("conflict");
                }
                self.close(*poll);
                self.done(who, "poll.close")
            }
            Act::Answered(at) => {
                let question = self.questions.get_mut(*at).filter(|q| !q.is_gone).ok_or("not_found")?;
                if std::mem::replace(&mut question.is_answered, true) {
                    return Ok(Kind::Done);
                }
                let view = json!({"id": format!("q{at}"), "votes": question.votes.len(), "answered": true});
                self.say(json!({"type": "question.answered", "question": view}));
                self.done(who, "question.answered")
            }
            _ => Ok(Kind::Done),
        }
    }

    fn close(&mut self, poll: usize) {
        self.polls[poll].is_closed = true;
        let tally = self.tally(poll);
        self.say(json!({"type": "poll.closed", "poll": {"id": format!("p{poll}"), "tally": tally}}));
    }
}
