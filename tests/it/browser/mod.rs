//! The page in a real Chromium over a real server. Without a Chromium these tests say so and pass, unless
//! `LIVEHOUSE_REQUIRE_BROWSER=1`; the check by axe wants `LIVEHOUSE_AXE` to name `axe.min.js`.

mod access;
mod cdp;
mod house;
mod load;
mod seams;
mod show;
mod text;
mod visitor;
