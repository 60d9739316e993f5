//! What is true in a room, kept by applying the log's events in their order.
//! It must not know who is here, nor of actors, nor the clock.

pub(crate) mod history;
pub(crate) mod minute_stats;
pub(crate) mod picture;
pub(crate) mod roster;
pub(crate) mod sequencer;
pub(crate) mod thinning;

use super::rules::RoomRules;
use crate::{
    domain::{CommentId, Millis, News, Role, RulesVersion, Seq, Settings, TermList, UserId, role::Standing},
    identity::Account,
    wire::{
        Event,
        view::{
            AnnouncementView, BanView, CommentView, PollView, QuestionView, Reactions, StreamCore, UserRef,
        },
    },
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

pub(crate) const SNAPSHOT_COMMENTS: usize = 50;
/// Open questions in a snapshot.
pub(crate) const SNAPSHOT_QUESTIONS: usize = 50;

/// What is true in a room.
#[derive(Debug)]
pub(crate) struct RoomState {
    /// The place in the log up to which all has been applied.
    pub head: Seq,
    /// The epoch of the log.
    pub epoch: String,
    pub stream: StreamCore,
    pub settings: Settings,
    pub terms: TermList,
    /// Bans, also some that have run out.
    pub bans: HashMap<UserId, BanView>,
    pub moderators: HashSet<UserId>,
    /// Who may see a private stream.
    pub members: HashSet<UserId>,
    pub pinned: Option<CommentView>,
    /// The last announcement.
    pub announcement: Option<AnnouncementView>,
    /// The open poll.
    pub poll: Option<PollView>,
    pub questions: Vec<QuestionView>,
    /// The last comments, oldest first.
    pub comments: VecDeque<Arc<CommentView>>,
    /// Comments that can be read.
    pub comment_count: i64,
    /// The most viewers ever.
    pub peak_viewers: i64,
    /// Totals of reactions.
    pub reactions: Reactions,
    /// Comments that wait for a moderator.
    pub held: i64,
    /// The version of the rules that comments are judged by here; [`RoomState::rules`] are those themselves.
    pub rules_version: RulesVersion,
    /// Up to which change of what is not in the log all is known here.
    pub news: News,
    /// The same of the channel, for a stream that is over: its log says nothing more.
    pub channel_news: News,
}

impl RoomState {
    fn standing(&self, account: Option<&Account>) -> Standing {
        let Some(account) = account else { return Standing::default() };
        let user = account.user.id;
        Standing {
            is_signed_in: true,
            is_host: user == self.stream.host.user.id,
            is_admin: account.is_admin,
            is_moderator: self.moderators.contains(&user),
            is_member: self.members.contains(&user),
        }
    }

    /// What somebody is here.
    pub(crate) fn role_of(&self, account: Option<&Account>) -> Role {
        self.standing(account).role()
    }

    /// Whether somebody may know of this stream.
    pub(crate) fn may_see(&self, account: Option<&Account>) -> bool {
        self.standing(account).may_see(self.stream.visibility)
    }

    /// The ban in force against somebody.
    pub(crate) fn ban_of(&self, user: UserId, now: Millis) -> Option<&BanView> {
        self.bans.get(&user).filter(|ban| ban.until.is_none_or(|until| until > now))
    }

    /// What a comment is judged by.
    pub(crate) fn rules(&self) -> RoomRules<'_> {
        RoomRules { status: self.stream.status, settings: &self.settings, terms: &self.terms }
    }

    /// When the next ban runs out, or ran out without having been ended.
    pub(crate) fn next_ban_end(&self) -> Option<Millis> {
        self.bans.values().filter_map(|ban| ban.until).min()
    }

    /// Forgets bans that have run out, and says whose they were.
    pub(crate) fn end_bans(&mut self, now: Millis) -> Vec<UserId> {
        let has_ended = |ban: &BanView| ban.until.is_some_and(|until| until <= now);
        let ended: Vec<_> =
            self.bans.iter().filter(|(_, ban)| has_ended(ban)).map(|(&user, _)| user).collect();
        ended.iter().for_each(|user| drop(self.bans.remove(user)));
        ended
    }

    /// Applies the next event of the log.
    pub(crate) fn apply(&mut self, seq: Seq, event: &Event) {
        self.head = seq;
        match event {
            Event::CommentCreated(created) => self.add_comment(Arc::new(created.comment.clone())),
            Event::CommentDeleted(deleted) => self.drop_comment(deleted.comment_id),
            Event::CommentTombstone(_)
            | Event::QuestionTombstone(_)
            | Event::AnnouncementTombstone(_)
            | Event::Other(_) => {}
            Event::CommentsPurged(purged) => self.purge(purged.user_id),
            Event::CommentPinned(pinned) => self.pinned = Some(pinned.comment.clone()),
            Event::CommentUnpinned(_) => self.pinned = None,
            Event::AnnouncementCreated(created) => self.announcement = Some(created.announcement.clone()),
            Event::AnnouncementRemoved(removed) => {
                self.announcement.take_if(|said| said.id == removed.announcement_id);
            }
            Event::StreamUpdated(updated) => self.stream = updated.stream.clone(),
            Event::StreamStarted(started) => self.stream = started.stream.clone(),
            Event::StreamEnded(ended) => self.stream = ended.stream.clone(),
            Event::SettingsUpdated(updated) => self.settings = updated.settings,
            Event::ViewerBanned(banned) => {
                self.bans
                    .entry(banned.user_id)
                    .or_insert(BanView { until: banned.until, reason: None })
                    .until = banned.until;
            }
            Event::ViewerUnbanned(unbanned) => drop(self.bans.remove(&unbanned.user_id)),
            Event::ModeratorAdded(added) => drop(self.moderators.insert(added.user_id)),
            Event::ModeratorRemoved(removed) => drop(self.moderators.remove(&removed.user_id)),
            Event::PollOpened(opened) => self.poll = Some(opened.poll.clone()),
            Event::PollClosed(closed) => {
                self.poll.take_if(|poll| poll.id == closed.poll.id);
            }
            Event::QuestionCreated(created) => {
                self.questions.push(created.question.clone());
                self.sort_questions();
            }
            Event::QuestionAnswered(answered) => self.questions.retain(|q| q.id != answered.question.id),
        }
    }

    fn add_comment(&mut self, comment: Arc<CommentView>) {
        self.comment_count += 1;
        self.comments.push_back(comment);
        if self.comments.len() > SNAPSHOT_COMMENTS {
            self.comments.pop_front();
        }
    }

    fn drop_comment(&mut self, id: CommentId) {
        self.comments.retain(|comment| comment.id != id);
        self.pinned.take_if(|pinned| pinned.id == id);
        self.comment_count -= 1;
    }

    fn purge(&mut self, user: UserId) {
        self.comments.retain(|comment| comment.user.id != user);
        self.pinned.take_if(|pinned| pinned.user.id == user);
        self.questions.retain(|question| question.user.user.id != user);
    }

    /// Most wanted first, of equals the oldest, and no more than a snapshot has.
    pub(crate) fn sort_questions(&mut self) {
        self.questions.sort_by_key(|question| (std::cmp::Reverse(question.votes), question.id));
        self.questions.truncate(SNAPSHOT_QUESTIONS);
    }

    /// An account's shown name has changed, wherever it stands here.
    pub(crate) fn rename(&mut self, user: &UserRef) {
        let announced = self.announcement.iter_mut().map(|announcement| &mut announcement.user.user);
        let asked = self.questions.iter_mut().map(|question| &mut question.user.user);
        let named = std::iter::once(&mut self.stream.host.user).chain(announced).chain(asked);
        named.filter(|named| named.id == user.id).for_each(|named| *named = user.clone());

        let theirs = |comment: &CommentView| comment.user.id == user.id;
        for comment in self.comments.iter_mut().filter(|comment| theirs(comment)) {
            Arc::make_mut(comment).user.display_name.clone_from(&user.display_name);
        }
        if let Some(pinned) = self.pinned.as_mut().filter(|pinned| theirs(pinned)) {
            pinned.user.display_name.clone_from(&user.display_name);
        }
    }
}

/// Whether an event changes when something is due.
pub(crate) fn changes_dates(event: &Event) -> bool {
    matches!(
        event,
        Event::ViewerBanned(_) | Event::ViewerUnbanned(_) | Event::PollOpened(_) | Event::PollClosed(_)
    )
}
