//! One UDP socket for all peers: many datagrams a system call, and answers from the address that was written to.
//! It must not know what is in a datagram, nor whose it is.

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    collections::VecDeque,
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr, UdpSocket as StdSocket},
};
use tokio::{io::Interest, net::UdpSocket};

/// What the kernel is asked to hold each way, and gives as far as it is allowed to: a keyframe for many viewers.
const BUFFER_BYTES: usize = 8 << 20;
/// Of one buffer: the largest that the kernel joins datagrams to.
const RECEIVE_BYTES: usize = 65_535;
/// Of datagrams that go out in one call.
const SEGMENTS_BYTES: usize = 60_000;
/// Held back while the kernel takes nothing; what does not fit is lost, as on any full queue of a network.
const BACKLOG_BYTES: usize = 32 << 20;

/// Some datagrams of one size, but the last, for one destination.
#[derive(Debug)]
struct Batch {
    to: SocketAddr,
    from: Option<IpAddr>,
    contents: Vec<u8>,
    segment: usize,
    /// Whether one that was shorter has come: it is the last.
    is_full: bool,
}

/// A datagram as it came.
pub(super) struct Datagram<'a> {
    pub from: SocketAddr,
    /// Which of our addresses it was sent to, where the system tells.
    pub to: Option<IpAddr>,
    pub contents: &'a [u8],
}

/// The socket, with what goes out through it next.
pub(crate) struct Udp {
    socket: UdpSocket,
    /// One of both families: it writes IPv4 addresses as IPv6 has them.
    is_v6: bool,
    state: UdpSocketState,
    buffers: Vec<Vec<u8>>,
    metas: Vec<RecvMeta>,
    batch: Option<Batch>,
    /// What the last batch was written into, for the next one.
    spare: Vec<u8>,
    backlog: VecDeque<Batch>,
    backlog_bytes: usize,
    /// Datagrams that did not fit since this was last asked for.
    dropped: u64,
}

/// Binds the socket, not yet used.
pub(crate) fn bind(address: SocketAddr) -> io::Result<StdSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // The kernel gives what it may; the least is enough for some dozen viewers.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

impl Udp {
    /// To be called within a runtime.
    pub(crate) fn new(socket: StdSocket) -> io::Result<Self> {
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self {
            is_v6: socket.local_addr()?.is_ipv6(),
            socket: UdpSocket::from_std(socket)?,
            state,
            buffers: vec![vec![0; RECEIVE_BYTES]; BATCH_SIZE],
            metas: vec![RecvMeta::default(); BATCH_SIZE],
            batch: None,
            spare: Vec::new(),
            backlog: VecDeque::new(),
            backlog_bytes: 0,
            dropped: 0,
        })
    }

    /// Waits for datagrams, or for room for those that are held back.
    pub(super) async fn ready(&self) -> io::Result<()> {
        let interest = if self.backlog.is_empty() {
            Interest::READABLE
        } else {
            Interest::READABLE | Interest::WRITABLE
        };
        self.socket.ready(interest).await.map(drop)
    }

    /// Takes what has come, without waiting. Returns into how many buffers.
    pub(super) fn receive(&mut self) -> usize {
        let mut slices: Vec<IoSliceMut> =
            self.buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
        let (state, socket, metas) = (&self.state, &self.socket, &mut self.metas);
        let received =
            socket.try_io(Interest::READABLE, || state.recv(UdpSockRef::from(socket), &mut slices, metas));
        // Errors here are of single datagrams, as when a peer's host says that its port is closed.
        received.unwrap_or(0)
    }

    /// The datagrams of one buffer.
    pub(super) fn datagrams(&self, buffer: usize) -> impl Iterator<Item = Datagram<'_>> {
        let meta = self.metas[buffer];
        let contents = &self.buffers[buffer][..meta.len];
        let pieces = contents.chunks(meta.stride.max(1));
        let (from, to) = (canonical(meta.addr), meta.dst_ip.map(|ip| ip.to_canonical()));
        pieces.map(move |contents| Datagram { from, to, contents })
    }

    /// Sends a datagram with others of its size, once one for somebody else comes or all is flushed.
    pub(super) fn send(&mut self, to: SocketAddr, from: Option<IpAddr>, contents: &[u8]) {
        let segments_max = self.state.max_gso_segments().max(1);
        let joins = self.batch.as_ref().is_some_and(|batch| {
            let has_room = batch.contents.len() + contents.len() <= SEGMENTS_BYTES
                && batch.contents.len() / batch.segment < segments_max;
            batch.to == to
                && batch.from == from
                && !batch.is_full
                && contents.len() <= batch.segment
                && has_room
        });
        if !joins {
            self.flush();
        }
        let segment = contents.len().max(1);
        let batch = self.batch.get_or_insert_with(|| Batch {
            to,
            from,
            contents: std::mem::take(&mut self.spare),
            segment,
            is_full: false,
        });
        batch.is_full = contents.len() < batch.segment;
        batch.contents.extend_from_slice(contents);
    }

    /// Sends what has been gathered.
    pub(super) fn flush(&mut self) {
        let Some(mut batch) = self.batch.take() else { return };
        if !self.backlog.is_empty() || !self.try_send(&batch) {
            return self.hold_back(batch);
        }
        batch.contents.clear();
        self.spare = batch.contents;
    }

    /// Sends what was held back, as far as there is room.
    pub(super) fn send_backlog(&mut self) {
        while let Some(batch) = self.backlog.pop_front() {
            if !self.try_send(&batch) {
                self.backlog.push_front(batch);
                return;
            }
            self.backlog_bytes -= batch.contents.len();
        }
    }

    /// False where there is no room. Other errors lose the datagrams, as a network may.
    fn try_send(&self, batch: &Batch) -> bool {
        let segment_size = (batch.contents.len() > batch.segment).then_some(batch.segment);
        let transmit = Transmit {
            destination: if self.is_v6 { mapped(batch.to) } else { batch.to },
            ecn: None,
            contents: &batch.contents,
            segment_size,
            src_ip: batch.from,
        };
        let sent = self
            .socket
            .try_io(Interest::WRITABLE, || self.state.try_send(UdpSockRef::from(&self.socket), &transmit));
        !sent.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    fn hold_back(&mut self, mut batch: Batch) {
        if self.backlog_bytes + batch.contents.len() > BACKLOG_BYTES {
            self.dropped += batch.contents.len().div_ceil(batch.segment) as u64;
            return;
        }
        self.backlog_bytes += batch.contents.len();
        // What a large one left room for before is not counted, and must not be kept.
        batch.contents.shrink_to_fit();
        self.backlog.push_back(batch);
    }

    /// Datagrams lost for want of room since this was last asked for.
    pub(super) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

/// An IPv4 address as such, however a socket of both families writes it.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn mapped(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(v4) => SocketAddr::new(v4.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A socket and one that writes to it.
    fn pair() -> (Udp, StdSocket) {
        let udp = Udp::new(bind("127.0.0.1:0".parse().unwrap()).unwrap()).unwrap();
        let other = StdSocket::bind("127.0.0.1:0").unwrap();
        other.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        (udp, other)
    }

    #[tokio::test]
    async fn datagrams_of_one_size_go_out_together_and_arrive_apart() {
        let (mut udp, other) = pair();
        udp.socket.writable().await.unwrap();
        let to = other.local_addr().unwrap();
        let sizes = [1000, 1000, 1000, 500, 1000, 1200, 3];
        sizes
            .iter()
            .for_each(|&size| udp.send(to, Some("127.0.0.1".parse().unwrap()), &vec![size as u8; size]));
        udp.flush();
        let mut buffer = [0; 2000];
        for size in sizes {
            let (length, _) = other.recv_from(&mut buffer).unwrap();
            assert_eq!((length, buffer[0]), (size, size as u8));
        }
    }

    #[tokio::test]
    async fn what_comes_says_where_it_was_sent_to() {
        let (mut udp, other) = pair();
        let to = udp.socket.local_addr().unwrap();
        (0..3).for_each(|n| assert_eq!(other.send_to(&[n; 100], to).unwrap(), 100));
        let mut found = Vec::new();
        while found.len() < 3 {
            udp.ready().await.unwrap();
            for buffer in 0..udp.receive() {
                for datagram in udp.datagrams(buffer) {
                    assert_eq!(datagram.from, other.local_addr().unwrap());
                    assert_eq!(datagram.to, Some("127.0.0.1".parse().unwrap()));
                    found.push(datagram.contents.to_vec());
                }
            }
        }
        assert_eq!(found, [[0; 100], [1; 100], [2; 100]]);
    }

    #[tokio::test]
    async fn a_socket_of_both_families_speaks_ipv4() {
        let mut udp = Udp::new(bind("[::]:0".parse().unwrap()).unwrap()).unwrap();
        let other = StdSocket::bind("127.0.0.1:0").unwrap();
        other.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let port = udp.socket.local_addr().unwrap().port();
        other.send_to(&[7; 30], ("127.0.0.1", port)).unwrap();
        udp.ready().await.unwrap();
        assert_eq!(udp.receive(), 1);
        let datagram = udp.datagrams(0).next().unwrap();
        let (from, to) = (datagram.from, datagram.to);
        assert_eq!((from, to), (other.local_addr().unwrap(), Some("127.0.0.1".parse().unwrap())));
        udp.socket.writable().await.unwrap();
        udp.send(from, to, &[8; 30]);
        udp.flush();
        let mut answer = [0; 100];
        assert_eq!(other.recv_from(&mut answer).unwrap(), (30, SocketAddr::from(([127, 0, 0, 1], port))));
    }

    #[tokio::test]
    async fn what_the_system_does_not_take_is_held_back_up_to_a_limit() {
        let (mut udp, other) = pair();
        let to = other.local_addr().unwrap();
        for _ in 0..BACKLOG_BYTES / SEGMENTS_BYTES + 1 {
            udp.hold_back(Batch {
                to,
                from: None,
                contents: vec![0; SEGMENTS_BYTES],
                segment: 1200,
                is_full: false,
            });
        }
        assert!(udp.backlog_bytes <= BACKLOG_BYTES);
        assert_eq!((udp.take_dropped(), udp.take_dropped()), (50, 0));
    }
}
