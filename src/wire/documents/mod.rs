//! Documents for those who do not run the page: markup, calendars, and what a page has of its own. A text becomes part of one
//! only by being escaped here. They must not know who asks.

pub(crate) mod calendar;
pub(crate) mod markup;

pub(crate) use markup::Markup;

/// What the page at one address has that the others have not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnParts {
    /// Its policy, where that of every page does not do.
    pub policy: Option<String>,
    /// What its head says of it.
    pub head: Option<Markup>,
}
