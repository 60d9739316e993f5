//! May this be said? Pure: role, settings, state and what the author said before, against the text.
//! It must not read the clock, the database, or who else is here.

pub(crate) mod last_words;
#[cfg(test)]
mod tests;

use self::last_words::Said;
use crate::{
    domain::{
        Millis, Now, Role, Settings, Status, TermList,
        rate::Rate,
        stream::settings::{CommentsBy, LinkPolicy},
        terms::TermAction,
        text::links::has_link,
        time::now::ms_between,
    },
    store::comments::fences::{Fence, Fenced, Fences, Kind},
    wire::{Code, Refusal, view::BanView},
};

/// Who wants to speak.
#[derive(Clone, Debug)]
pub(crate) struct Speaker<'a> {
    pub role: Role,
    /// Their ban, if one is in force.
    pub ban: Option<BanView>,
    /// Whether they follow the host; looked up only where it matters.
    pub follows_host: bool,
    /// When their account was made.
    pub account_created_at: Millis,
    /// What they said last, and when.
    pub last: Option<&'a Said>,
}

/// What holds where it would be said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoomRules<'a> {
    /// Status of the stream.
    pub status: Status,
    /// The room's settings.
    pub settings: &'a Settings,
    /// The room's terms.
    pub terms: &'a TermList,
}

/// What becomes of a comment that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// Everybody sees it, in this wording.
    Publish(String),
    /// It waits for a moderator, in this wording.
    Hold(String),
}

/// Judges a comment; staff are exempt from what is meant for the audience.
pub(crate) fn judge(
    rules: RoomRules<'_>,
    speaker: &Speaker<'_>,
    content: &str,
    key: &str,
    now: Now,
) -> Result<Ruling, Refusal> {
    may_write(rules.status, speaker.role, speaker.ban.as_ref(), now.wall)?;
    who_may_comment(rules.settings.comments, speaker)?;
    if speaker.role.is_staff() {
        return Ok(Ruling::Publish(content.to_owned()));
    }
    old_enough(rules.settings, speaker, now)?;
    slow_mode(rules.settings, speaker, now)?;
    not_again(rules.settings, speaker, key, now)?;
    wording(rules, content)
}

/// Judges a question to the host as a comment, and gives its wording. Questions cannot wait for a moderator: what a comment
/// would be held for, a question is refused for.
pub(crate) fn judge_question(
    rules: RoomRules<'_>,
    speaker: &Speaker<'_>,
    content: &str,
    key: &str,
    now: Now,
) -> Result<String, Refusal> {
    match judge(rules, speaker, content, key, now)? {
        Ruling::Publish(wording) => Ok(wording),
        Ruling::Hold(_) if rules.settings.hold_all => {
            Err(Refusal::new(Code::CommentsOff, "Questions are not taken while every comment is held."))
        }
        Ruling::Hold(_) if rules.settings.links == LinkPolicy::Hold && has_link(content) => Err(no_links()),
        Ruling::Hold(_) => Err(not_this_wording()),
    }
}

/// Whether somebody may write here at all: comments, reactions, votes, questions.
pub(crate) fn may_write(
    status: Status,
    role: Role,
    ban: Option<&BanView>,
    now: Millis,
) -> Result<(), Refusal> {
    if role == Role::Guest {
        return Err(Refusal::log_in_first());
    }
    if role == Role::Viewer
        && let Some(ban) = ban
    {
        return Err(banned(ban, now));
    }
    if status == Status::Ended {
        return Err(Refusal::new(Code::StreamEnded, "This stream is over."));
    }
    Ok(())
}

/// The refusal of whoever is banned.
pub(crate) fn banned(ban: &BanView, now: Millis) -> Refusal {
    let why = ban.reason.as_deref().map(|reason| format!(" Reason: {reason}")).unwrap_or_default();
    match ban.until {
        Some(until) => Refusal::new(Code::Banned, format!("You may not write here until {until}.{why}"))
            .retry_after(until.since(now)),
        None => Refusal::new(Code::Banned, format!("You may not write here.{why}")),
    }
}

fn who_may_comment(by: CommentsBy, speaker: &Speaker<'_>) -> Result<(), Refusal> {
    match by {
        CommentsBy::Users => Ok(()),
        CommentsBy::Followers if speaker.role.is_staff() || speaker.follows_host => Ok(()),
        CommentsBy::Followers => {
            Err(Refusal::new(Code::FollowersOnly, "Only followers of the host may comment."))
        }
        CommentsBy::Moderators if speaker.role.is_staff() => Ok(()),
        CommentsBy::Moderators => Err(Refusal::new(Code::CommentsOff, "Only moderators may comment now.")),
        CommentsBy::Off => Err(Refusal::new(Code::CommentsOff, "Comments are off.")),
    }
}

fn old_enough(settings: &Settings, speaker: &Speaker<'_>, now: Now) -> Result<(), Refusal> {
    let age_ms = now.wall.since(speaker.account_created_at);
    let Some(wait_ms) = wait_ms(settings.min_account_age_s, age_ms) else { return Ok(()) };
    Err(Refusal::new(Code::AccountTooNew, "Your account is too new to comment here.").retry_after(wait_ms))
}

fn slow_mode(settings: &Settings, speaker: &Speaker<'_>, now: Now) -> Result<(), Refusal> {
    let Some(last) = speaker.last else { return Ok(()) };
    let Some(wait_ms) = wait_ms(settings.slow_mode_s, ms_between(last.at, now.instant)) else {
        return Ok(());
    };
    Err(too_soon(wait_ms))
}

fn too_soon(wait_ms: i64) -> Refusal {
    let refusal = Refusal::new(Code::SlowMode, "Slow mode is on: wait a little before the next comment.");
    refusal.retry_after(wait_ms)
}

fn not_again(settings: &Settings, speaker: &Speaker<'_>, key: &str, now: Now) -> Result<(), Refusal> {
    let Some(last) = speaker.last.filter(|last| last.key == key) else { return Ok(()) };
    let said_ms_ago = ms_between(last.at, now.instant);
    let Some(wait_ms) = wait_ms(settings.repeat_window_s, said_ms_ago) else { return Ok(()) };
    Err(said_before(wait_ms))
}

fn said_before(wait_ms: i64) -> Refusal {
    Refusal::new(Code::Repeated, "You have just said that.").retry_after(wait_ms)
}

/// The refusal of what comes at too high a pace: comments, or questions.
pub(crate) fn too_fast(what: Kind, wait_ms: i64) -> Refusal {
    let text = match what {
        Kind::Comment => "Too many comments in a short time.",
        Kind::Question => "Too many questions in a short time.",
    };
    Refusal::new(Code::TooFast, text).retry_after(wait_ms)
}

/// What the audience is held to by what it says on other nodes, too. `is_as_written` is false where terms have changed the
/// wording: others' words that were changed to the same are no repeat.
pub(crate) fn fences(settings: &Settings, pace: Option<Rate>, is_as_written: bool) -> Fences {
    let ms = |rule_s: u32| i64::from(rule_s) * 1000;
    Fences {
        slow_mode_ms: ms(settings.slow_mode_s),
        repeat_ms: if is_as_written { ms(settings.repeat_window_s) } else { 0 },
        pace,
    }
}

/// The refusal of what another node's words stand against.
pub(crate) fn fenced(Fenced { by, retry_after_ms }: Fenced, what: Kind) -> Refusal {
    match by {
        Fence::SlowMode => too_soon(retry_after_ms),
        Fence::Repeated => said_before(retry_after_ms),
        Fence::TooFast => too_fast(what, retry_after_ms),
    }
}

/// How many milliseconds of a rule's time are left; none where it has passed, or the rule is off.
fn wait_ms(rule_s: u32, passed_ms: i64) -> Option<i64> {
    let left_ms = i64::from(rule_s) * 1000 - passed_ms;
    (rule_s > 0 && left_ms > 0).then_some(left_ms)
}

fn wording(rules: RoomRules<'_>, content: &str) -> Result<Ruling, Refusal> {
    let verdict = rules.terms.judge(content);
    if verdict.action == Some(TermAction::Reject) {
        return Err(not_this_wording());
    }
    let links = if has_link(content) { rules.settings.links } else { LinkPolicy::Allow };
    if links == LinkPolicy::Reject {
        return Err(no_links());
    }
    let wording = verdict.masked.unwrap_or_else(|| content.to_owned());
    let is_held =
        rules.settings.hold_all || links == LinkPolicy::Hold || verdict.action == Some(TermAction::Hold);
    Ok(if is_held { Ruling::Hold(wording) } else { Ruling::Publish(wording) })
}

fn not_this_wording() -> Refusal {
    Refusal::new(Code::TermNotAllowed, "This wording is not allowed here.")
}

fn no_links() -> Refusal {
    Refusal::new(Code::LinksNotAllowed, "Links are not allowed here.")
}
