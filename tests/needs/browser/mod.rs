//! The page in a real Chromium over a real server; the check by axe wants its rules as well.

mod access;
mod cdp;
mod docs;
mod house;
mod load;
mod seams;
mod show;
mod text;
mod visitor;

use libtest_mimic::Trial;

/// All of them.
pub fn tests() -> Vec<Trial> {
    let all = [access::tests(), docs::tests(), load::tests(), seams::tests(), show::tests(), text::tests()];
    all.into_iter().flatten().collect()
}
