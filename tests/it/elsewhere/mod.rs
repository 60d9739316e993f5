//! The site as it is seen from elsewhere: what pages say of themselves, and what others embed.

mod channel;
mod document;
mod feeds;
mod files;
mod frames;
mod heads;
mod oembed;
mod page_policy;

use crate::tools::Setup;

/// How the site is reached from outside in these tests.
const BASE: &str = "https://live.example";

/// For what says whole addresses.
fn public(setup: &mut Setup) {
    setup.public_url = Some(BASE.parse().expect("a URL"));
}
