//! Who belongs to a stream, who is kept out of it, its terms, and the record of what was done.
//! It must not know who may do what.

pub mod audit;
pub mod bans;
pub mod relations;
pub mod terms;
