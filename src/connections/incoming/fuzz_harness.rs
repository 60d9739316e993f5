//! The fuzz harness of the incoming half, shared by its property tests and the fuzz target: any bytes, cut anyhow.
//! It must not know what the bytes should mean, only what must hold whatever they are.

use super::{Inbox, Incoming, guard::FrameLimits, header::HEADER_BYTES_MAX};
use actix_web::web::Bytes;

/// Small enough for random bytes to reach them.
pub(crate) const TIGHT: FrameLimits =
    FrameLimits { frame_bytes: 200, fragments: 4, binary: false, deflate: false };
const CONTROL_FRAME_BYTES_MAX: usize = 125 + HEADER_BYTES_MAX;

/// Reads `bytes` in one piece, byte by byte, and in pieces of the sizes `cuts`; the same must come of it.
///
/// # Panics
/// When a way of cutting changes what comes, or more is kept than the limits allow.
pub fn withstand(bytes: &[u8], cuts: &[u8]) {
    let sizes: Vec<usize> = cuts.iter().map(|cut| usize::from(*cut).max(1)).collect();
    for limits in [TIGHT, FrameLimits { deflate: true, ..TIGHT }] {
        let whole = read_in_pieces(limits, bytes, &[usize::MAX]);
        assert_eq!(read_in_pieces(limits, bytes, &[1]), whole, "byte by byte");
        assert_eq!(read_in_pieces(limits, bytes, &sizes), whole, "cut at {sizes:?}");
    }
}

fn bytes_of(came: &Incoming) -> usize {
    match came {
        Incoming::Text(text) => text.len(),
        Incoming::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}

/// What comes of `bytes` when they arrive in pieces of `sizes`, again and again; in one piece where there are none.
///
/// # Panics
/// When more is kept or comes than the limits allow, or something follows a last item.
pub(crate) fn read_in_pieces(limits: FrameLimits, bytes: &[u8], sizes: &[usize]) -> Vec<Incoming> {
    let mut inbox = Inbox::new(limits);
    let mut came = Vec::new();
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(&usize::MAX);
        let (piece, after) = rest.split_at(rest.len().min(*size));
        rest = after;
        inbox.offer(Bytes::copy_from_slice(piece));
        came.extend(
            std::iter::from_fn(|| inbox.take()).inspect(|came| assert!(bytes_of(came) <= limits.frame_bytes)),
        );
        // A ping may stand between fragments, on top of the message.
        let travelling = limits.travelling_bytes(limits.deflate);
        assert!(inbox.kept() <= travelling + HEADER_BYTES_MAX + CONTROL_FRAME_BYTES_MAX);
    }
    let last = came.iter().position(|item| matches!(item, Incoming::Close(_) | Incoming::Refused(_)));
    assert!(last.is_none_or(|at| at + 1 == came.len()), "something came after the last: {came:?}");
    came
}
