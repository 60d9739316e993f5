//! What was kept of a picture, by HTTP: what there is, the playlist of it, and its films.
//! It must not know how a picture was kept.

pub(crate) mod files;
mod playlist;
pub(crate) mod removal;
pub(crate) mod view;
