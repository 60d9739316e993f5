//! A viewer that stops reading, or reads a few bytes at a time, and waits for the server to end it.
//! It must not know what it does not read.

use super::{
    context::Context,
    socket::{Role, Seat},
};
use crate::crowd::net::link::{Ending, Link};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const LOOK: Duration = Duration::from_millis(100);
/// What a dripping viewer reads at each look, in bytes.
const DRIP: usize = 64;

impl Seat {
    /// Behaves until comments are written, then stalls until the server has ended it.
    pub(super) async fn stall(&self, mut link: Link, context: &Context) -> Ending {
        let mut timetable = context.timetable.clone();
        while timetable.borrow_and_update().is_none() {
            tokio::select! {
                ending = self.listen(&mut link, context) => return ending,
                changed = timetable.changed() => if changed.is_err() { return Ending::Closed(None) },
            }
        }
        let Some(stream) = link.plain() else {
            return Ending::Lost("slow viewers need a bare socket".into());
        };
        let since_us = context.now_us();
        let ending = loop {
            sleep(LOOK).await;
            let ended = if self.role == Role::Dripping { drip(stream) } else { look(stream).await };
            if let Some(ending) = ended {
                break ending;
            }
        };
        let took_us = context.now_us() - since_us;
        context.tally.borrow_mut().slow_ended.saturating_record(took_us);
        ending
    }
}

fn drip(stream: &TcpStream) -> Option<Ending> {
    match stream.try_read(&mut [0; DRIP]) {
        Ok(0) => Some(Ending::Closed(None)),
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => Some(Ending::Lost(error.kind().to_string())),
    }
}

/// Whether the other side has closed or reset, without reading a byte.
async fn look(stream: &TcpStream) -> Option<Ending> {
    let interest = Interest::READABLE | Interest::ERROR;
    let ready = timeout(Duration::ZERO, stream.ready(interest)).await.ok()?.ok()?;
    if let Ok(Some(error)) = stream.take_error() {
        return Some(Ending::Lost(error.kind().to_string()));
    }
    if ready.is_error() {
        return Some(Ending::Lost(ErrorKind::ConnectionReset.to_string()));
    }
    ready.is_read_closed().then_some(Ending::Closed(None))
}
