//! A viewer that goes in by itself and leaves what comes then to a reader.
//! It must not know how that one reads.

use super::{context::Context, reader::Visit, socket::Seat};
use crate::crowd::net::link::{Ending, Link};
use std::future::{pending, poll_fn};
use std::task::Poll;

impl Seat {
    /// Goes in like any viewer, and is read by a reader from then on.
    pub(super) async fn be_read(&self, mut link: Link, context: &Context) -> Ending {
        let enter = poll_fn(|cx| {
            let ended = {
                let mut scratch = context.scratch.borrow_mut();
                link.poll(cx, &mut scratch, &mut |text, came, answers| {
                    self.hear(text, came, answers, context)
                })
            };
            if self.is_inside() { Poll::Ready(None) } else { ended.map(Some) }
        });
        if let Some(ending) = enter.await {
            return ending;
        }
        let given = link.give_away().and_then(|(stream, begun)| Some((stream.into_std().ok()?, begun)));
        let Some((stream, begun)) = given else { return Ending::Lost("no bare socket".into()) };
        let visit = Visit::new(self.number, stream, begun, self.next_event());
        let reader = &context.readers[self.number % context.readers.len()];
        match reader.send(visit) {
            Ok(()) => pending().await,
            Err(_) => Ending::Lost("no reader".into()),
        }
    }
}
