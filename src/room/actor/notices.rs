//! What a room is told beside its log: that its stream is gone, a name has changed, a comment was
//! rejected, how many watch elsewhere, the server stops.
//! It must not decide any of it.

use super::room::Room;
use crate::{
    bus::presence::Total,
    domain::Millis,
    room::{core::Part, operations::Notice},
    wire::Close,
};
use actix::prelude::*;
use std::time::Duration;

impl Handler<Notice> for Room {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, notice: Notice, ctx: &mut Self::Context) -> Self::Result {
        self.handled += 1;
        match (notice, &mut self.core) {
            (Notice::RoomGone(_), Some(core)) => {
                core.close_all(Close::Gone);
                ctx.stop();
            }
            (Notice::Barred { user, .. }, Some(core)) => core.tell_rights(user, Millis::now()),
            (Notice::Renamed(user), Some(core)) => core.rename(&user),
            (Notice::Rejected { author, comment, .. }, Some(core)) => core.notify_rejected(author, comment),
            (Notice::ChannelChanged(host), Some(core)) if core.is_over_of(host) => {
                return self.refresh(Part::OF_CHANNEL.to_vec(), Vec::new());
            }
            _ => {}
        }
        Box::pin(async {}.into_actor(self))
    }
}

/// Something has changed about the picture of this room's stream; what, is in [`crate::room::pictures`].
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct PictureChanged;

impl Handler<PictureChanged> for Room {
    type Result = ();

    fn handle(&mut self, _: PictureChanged, ctx: &mut Self::Context) {
        if let Some(core) = &mut self.core {
            core.look_at_picture();
        }
        self.settle(ctx);
    }
}

/// Another node has changed how many watch.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct ViewersHeard(pub Total);

impl Handler<ViewersHeard> for Room {
    type Result = ();

    fn handle(&mut self, ViewersHeard(total): ViewersHeard, ctx: &mut Self::Context) {
        if let Some(core) = &mut self.core {
            core.hear_viewers(total);
        }
        self.settle(ctx);
    }
}

/// Another number of viewers may be shown now; which, the room's [`Here`](crate::bus::presence::Here) knows.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct ViewersChanged;

impl Handler<ViewersChanged> for Room {
    type Result = ();

    fn handle(&mut self, _: ViewersChanged, ctx: &mut Self::Context) {
        if let Some(core) = &mut self.core {
            core.count_viewers();
        }
        self.settle(ctx);
    }
}

/// The server stops: say goodbye to all, each with a time to come back at.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct Drain {
    /// Goodbyes are spread over this time, in milliseconds, so that clients do not come back all at once.
    pub spread_ms: u64,
}

impl Handler<Drain> for Room {
    type Result = ();

    fn handle(&mut self, Drain { spread_ms }: Drain, ctx: &mut Self::Context) {
        let Some(core) = &self.core else { return };
        let handles: Vec<_> = core.roster.iter().map(|(_, occupant)| occupant.handle.clone()).collect();
        let count = handles.len().max(1) as u64;
        for (place, handle) in (0..).zip(handles) {
            let after_ms = spread_ms * place / count;
            let close = Close::Restart { retry_after_ms: 500 + after_ms };
            ctx.run_later(Duration::from_millis(after_ms), move |_, _| handle.close(close));
        }
    }
}
