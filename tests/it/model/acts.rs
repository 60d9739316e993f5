//! What people in a room do, drawn by dice: mostly sensible, sometimes forbidden, sometimes at things that are not there.

use super::world::World;
use crate::tools::Dice;

/// One of the cast, by number; none is a guest.
pub type Who = Option<usize>;

pub const HOST: usize = 0;
pub const ADMIN: usize = 6;
/// The host, five viewers, an operator.
pub const CAST: usize = 7;

/// Term lists to choose from, as (text, action).
pub const TERMS: [&[(&str, &str)]; 3] =
    [&[], &[("mud", "mask")], &[("mud", "mask"), ("hmm", "hold"), ("bad", "reject")]];
pub const KINDS: [&str; 3] = ["like", "fire", "clap"];

/// Something done. Things are numbered in the order in which they came into the room; a number may be of nothing.
#[derive(Clone, Debug)]
pub enum Act {
    Comment { content: String, client_id: Option<String> },
    Delete(usize),
    Report(usize),
    Approve(usize),
    Reject(usize),
    Pin(usize),
    Unpin,
    Ban { whom: usize, for_good: bool, reason: &'static str, purge: bool, scope: Option<&'static str> },
    ChannelBan { whom: usize, for_good: bool, reason: &'static str, purge: bool },
    ChannelUnban(usize),
    ChannelAppoint(usize),
    ChannelDismiss(usize),
    Unban(usize),
    Appoint(usize),
    Dismiss(usize),
    Admit(usize),
    Expel(usize),
    Comments(&'static str),
    SlowMode(bool),
    MinAge(bool),
    Repeats(bool),
    Links(&'static str),
    HoldAll(bool),
    Terms(usize),
    Announce(String),
    OpenPoll,
    Vote { poll: usize, option: u32 },
    ClosePoll(usize),
    Ask(String),
    Want(usize),
    Answered(usize),
    React { kind: &'static str, count: u8 },
    Follow(bool),
    Visibility(&'static str),
    Start,
    End,
}

impl Act {
    /// Whether it names a channel and no stream.
    pub fn is_of_channel(&self) -> bool {
        matches!(
            self,
            Act::ChannelBan { .. } | Act::ChannelUnban(_) | Act::ChannelAppoint(_) | Act::ChannelDismiss(_)
        )
    }
}

/// What comes next, and by whom.
pub fn next(dice: &mut Dice, world: &World, number: usize) -> (Who, Act) {
    let act = draw(dice, world, number);
    let is_for_staff = !matches!(
        act,
        Act::Comment { .. }
            | Act::Delete(_)
            | Act::Report(_)
            | Act::Vote { .. }
            | Act::Ask(_)
            | Act::Want(_)
            | Act::React { .. }
            | Act::Follow(_)
    );
    let who = match dice.below(14) {
        0 => None,
        1 | 2 if !matches!(act, Act::Follow(_)) => Some(HOST),
        3 => Some(ADMIN),
        4..=8 if is_for_staff => Some(HOST),
        _ => Some(1 + dice.below(5) as usize),
    };
    (who, act)
}

fn draw(dice: &mut Dice, world: &World, number: usize) -> Act {
    let whom = dice.below(CAST as u64) as usize;
    let comment = one_of(dice, world.comments.len());
    let is_so = dice.below(2) == 0;
    match dice.below(100) {
        0..28 => Act::Comment { content: content(dice, number), client_id: client_id(dice) },
        28..34 => Act::Delete(comment),
        34..37 => Act::Ban {
            whom,
            for_good: is_so,
            reason: pick(dice, &["rude", "spam"]),
            purge: dice.below(3) == 0,
            scope: [None, Some("stream"), Some("channel")][dice.below(3) as usize],
        },
        37..39 => Act::ChannelBan {
            whom,
            for_good: is_so,
            reason: pick(dice, &["rude", "spam"]),
            purge: dice.below(3) == 0,
        },
        39..42 => Act::Unban(whom),
        42..43 => Act::ChannelUnban(whom),
        43..45 => Act::Appoint(whom),
        45..46 if is_so => Act::ChannelDismiss(whom),
        45..46 => Act::ChannelAppoint(whom),
        46..48 => Act::Dismiss(whom),
        48..50 => Act::Admit(whom),
        50..51 => Act::Expel(whom),
        51..58 => setting(dice),
        58..60 => Act::Terms(dice.below(3) as usize),
        60..63 => Act::Pin(comment),
        63..64 => Act::Unpin,
        64..66 => Act::Announce(content(dice, number)),
        66..68 => Act::OpenPoll,
        68..75 => Act::Vote { poll: one_of(dice, world.polls.len()), option: dice.below(9) as u32 / 4 },
        75..77 => Act::ClosePoll(one_of(dice, world.polls.len())),
        77..82 => Act::Ask(content(dice, number)),
        82..85 => Act::Want(one_of(dice, world.questions.len())),
        85..86 => Act::Answered(one_of(dice, world.questions.len())),
        86..89 => Act::React { kind: pick(dice, &KINDS), count: 1 + dice.below(20) as u8 },
        89..92 => Act::Approve(one_of(dice, world.comments.len())),
        92..94 => Act::Reject(comment),
        94..96 => Act::Report(comment),
        96..97 => Act::Follow(is_so),
        97..98 => Act::Visibility(pick(dice, &["public", "private", "unlisted"])),
        _ if world.status == "live" && is_so && dice.below(2) == 0 => Act::End,
        _ => Act::Start,
    }
}

/// Mostly back to what lets people talk.
fn setting(dice: &mut Dice) -> Act {
    let is_on = dice.below(3) == 0;
    match dice.below(6) {
        0 => Act::Comments(pick(dice, &["users", "users", "users", "followers", "moderators", "off"])),
        1 => Act::SlowMode(is_on),
        2 => Act::MinAge(is_on && dice.below(2) == 0),
        3 => Act::Repeats(!is_on),
        4 => Act::Links(pick(dice, &["allow", "hold", "reject"])),
        _ => Act::HoldAll(is_on),
    }
}

/// A text with a word of its own (but one), by which it is found wherever it should not be.
fn content(dice: &mut Dice, number: usize) -> String {
    match dice.below(8) {
        0..3 => format!("hello w{number}x"),
        3 => "the same thing".to_owned(),
        4 => format!("mud w{number}x"),
        5 => format!("hmm w{number}x"),
        6 => format!("bad w{number}x"),
        _ => format!("see https://a.example/ w{number}x"),
    }
}

fn client_id(dice: &mut Dice) -> Option<String> {
    (dice.below(3) == 0).then(|| format!("k{}", dice.below(4)))
}

/// The number of one of so many things, the later ones more often, or of none.
fn one_of(dice: &mut Dice, count: usize) -> usize {
    match dice.below(12) {
        0 => usize::MAX,
        1..4 => dice.below(count.max(1) as u64) as usize,
        _ => count.saturating_sub(1 + dice.below(6) as usize),
    }
}

fn pick(dice: &mut Dice, words: &[&'static str]) -> &'static str {
    words[dice.below(words.len() as u64) as usize]
}
