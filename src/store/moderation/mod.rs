//! Who belongs to a stream, who is kept out of it, its terms, and the record of what was done.
//! It must not know who may do what.

pub(crate) mod audit;
pub(crate) mod bans;
pub(crate) mod relations;
pub(crate) mod review;
pub(crate) mod terms;
