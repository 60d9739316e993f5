//! The page in a real Chromium over a real server; the check by axe wants its rules as well.

mod access;
mod card;
mod cdp;
mod channel;
mod docs;
mod firefox;
mod front;
mod hands;
mod house;
mod images;
mod keys;
mod link;
mod load;
mod operator;
mod outside;
mod picture;
mod profile;
mod replay;
mod scene;
mod seams;
mod setup;
mod show;
mod small;
mod tabs;
mod talk;
mod text;
mod told;
mod visitor;
mod webhooks;

use libtest_mimic::Trial;

/// All of them.
pub fn tests() -> Vec<Trial> {
    let people = [
        card::tests(),
        channel::tests(),
        front::tests(),
        images::tests(),
        keys::tests(),
        webhooks::tests(),
        operator::tests(),
        profile::tests(),
        replay::tests(),
        seams::tests(),
        setup::tests(),
        show::tests(),
        small::tests(),
        tabs::tests(),
        talk::tests(),
        text::tests(),
        told::tests(),
    ];
    let machines = [
        access::tests(),
        docs::tests(),
        hands::tests(),
        link::tests(),
        load::tests(),
        outside::tests(),
        picture::tests(),
    ];
    let all = people.into_iter().chain(machines);
    all.flatten().collect()
}
