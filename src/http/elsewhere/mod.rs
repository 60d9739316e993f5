//! The site as it is seen from elsewhere: what pages say of themselves to those who do not run them, and what others embed.
//! Who asks is nobody, so what not everybody may know of is as if it were not there.

mod addresses;
mod answer;
pub(crate) mod calendar;
pub(crate) mod crawlers;
pub(crate) mod feeds;
mod head;
pub(crate) mod oembed;
pub(crate) mod pages;
pub(crate) mod well_known;

/// What the site is called.
const SITE_NAME: &str = "Livehouse";
