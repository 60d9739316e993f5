//! Two hands at one thing, and hands that let go. Most are run `LIVEHOUSE_RACES` times.

mod fence;
mod ghosts;
mod hands;
mod hosts;
mod on_time;
mod told;
