//! What is done to a whole database: it is opened, marked, and copied.
//! It must not know any theme's rows.

pub(crate) mod backup;
pub(crate) mod epoch;
mod home;
pub(crate) mod mark;
pub(crate) mod open;
