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
/// The most that a dripping viewer reads at a look, in bytes.
const DRIP_MAX: usize = 64 << 10;

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
        let most = drip_bytes(context.plan.drip_kbits);
        let ending = loop {
            sleep(LOOK).await;
            let ended = if self.role == Role::Dripping { drip(stream, most) } else { look(stream).await };
            if let Some(ending) = ended {
                break ending;
            }
        };
        let took_us = context.now_us() - since_us;
        context.tally.borrow_mut().slow_ended.saturating_record(took_us);
        ending
    }
}

/// What comes by a link of so many kilobits a second between two looks.
fn drip_bytes(kbits: f64) -> usize {
    let bytes = kbits * 1000.0 / 8.0 * LOOK.as_secs_f64();
    (bytes as usize).clamp(1, DRIP_MAX)
}

fn drip(stream: &TcpStream, most: usize) -> Option<Ending> {
    match stream.try_read(&mut vec![0; most]) {
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
