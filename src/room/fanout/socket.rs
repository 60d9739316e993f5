//! A viewer's socket, as the HTTP server drives it, and as a seat reaches it past the server, whatever state the server's task is
//! in: a client that does not read freezes that task (actix-web issue 2441). It must not know what is spoken on it.
//!
//! The server copies each body into a write buffer of the connection before it is sent. For an audience that is a second
//! copy of every batch for every viewer, into memory that is never warm: 3.3 of 12.8 microseconds at 12.8 kB. A seat that
//! knows this buffer to be empty writes from the ring itself, and waits itself until the socket takes the rest.

use super::batch::Form;
use socket2::SockRef;
use std::{
    cell::Cell,
    io::{self, IoSlice},
    net::Shutdown,
    pin::Pin,
    rc::{Rc, Weak},
    task::{Context, Poll, Waker, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

/// Whether a seat may write to the socket itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteState {
    /// Yes: the socket has all that was handed to its own task.
    Clear,
    /// Not now: something would be overtaken.
    Busy,
    /// Never: all of it goes by the socket's own task.
    Closed,
}

/// A viewer's socket, as a seat needs it.
pub(crate) struct Socket {
    pub writer: Box<dyn DirectWriter>,
    pub form: Form,
}

/// A socket, seen from the room's side.
pub trait DirectWriter {
    /// Whether the seat may write now.
    fn state(&self) -> WriteState;

    /// Wakes once, when the way is clear.
    fn when_clear(&self, waker: &Waker);

    /// Sends as much of these, one after the other, as the socket takes at once; the number of bytes taken. Only where the way
    /// is clear.
    fn send(&self, frames: &[IoSlice<'_>]) -> usize;

    /// Whether the socket takes anything; otherwise wakes once it does.
    fn poll_takes(&self, cx: &mut Context<'_>) -> Poll<()>;

    /// Something has been handed to the socket's own task.
    fn handed_over(&self);

    /// Nothing more is handed over: once all is sent, the other side is told so.
    fn over(&self);

    /// Ends the connection, whatever state its task is in.
    fn shut(&self);
}

/// The way to a connection, which it does not keep open.
#[derive(Clone, Default)]
pub struct SocketHandle(Weak<Shared>);

impl SocketHandle {
    /// Whether the other side has said that nothing more comes from there, as far as the server has read.
    pub fn has_been_left(&self) -> bool {
        self.0.upgrade().is_none_or(|connection| connection.is_left())
    }
}

impl DirectWriter for SocketHandle {
    fn state(&self) -> WriteState {
        match self.0.upgrade() {
            Some(connection) if connection.is_clear() => WriteState::Clear,
            _ => WriteState::Busy,
        }
    }

    fn when_clear(&self, waker: &Waker) {
        self.0.upgrade().into_iter().for_each(|connection| connection.when_clear(waker));
    }

    fn send(&self, frames: &[IoSlice<'_>]) -> usize {
        self.0.upgrade().map_or(0, |connection| connection.send(frames))
    }

    fn poll_takes(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.upgrade().map_or(Poll::Pending, |connection| connection.poll_takes(cx))
    }

    fn handed_over(&self) {
        self.0.upgrade().into_iter().for_each(|connection| connection.handed_over());
    }

    fn over(&self) {
        self.0.upgrade().into_iter().for_each(|connection| connection.over());
    }

    fn shut(&self) {
        if let Some(connection) = self.0.upgrade()
            && let Err(error) = connection.shut()
        {
            log::debug!("a socket was shut already: {error}");
        }
    }
}

/// A socket and its state, shared on one thread by the server's task and the viewer's seat; clones are one connection.
#[derive(Clone)]
pub struct Connection(Rc<Shared>);

struct Shared {
    socket: TcpStream,
    is_clear: Cell<bool>,
    is_over: Cell<bool>,
    is_left: Cell<bool>,
    waiting: Cell<Option<Waker>>,
}

impl Connection {
    /// A connection that has been accepted.
    pub fn new(socket: TcpStream) -> Self {
        let [is_clear, is_over, is_left] = std::array::from_fn(|_| Cell::new(false));
        Self(Rc::new(Shared { socket, is_clear, is_over, is_left, waiting: Cell::new(None) }))
    }

    /// The socket, to set its options.
    pub fn socket(&self) -> &TcpStream {
        &self.0.socket
    }

    /// The way to it from outside, as long as it lives.
    pub fn handle(&self) -> SocketHandle {
        SocketHandle(Rc::downgrade(&self.0))
    }
}

impl Shared {
    /// Whether the server's write buffer is empty: the last write took all that it holds, and it was given nothing since.
    fn is_clear(&self) -> bool {
        self.is_clear.get()
    }

    fn handed_over(&self) {
        self.is_clear.set(false);
    }

    fn over(&self) {
        self.is_over.set(true);
    }

    fn is_left(&self) -> bool {
        self.is_left.get()
    }

    fn when_clear(&self, waker: &Waker) {
        self.waiting.set(Some(waker.clone()));
    }

    fn now_clear(&self) {
        self.is_clear.set(true);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// What the socket takes at once. A broken one takes all, to nowhere: its own task finds out as it reads.
    fn send(&self, frames: &[IoSlice<'_>]) -> usize {
        let wanted = frames.iter().map(|frames| frames.len()).sum();
        let sent = Cell::new(0);
        let write = || {
            let socket = SockRef::from(&self.socket);
            // For one piece, which is the common case, the kernel need not read a list of them.
            sent.set(match frames {
                [one] => socket.send(one)?,
                _ => socket.send_vectored(frames)?,
            });
            // One that took a part is full; said to be so, it is waited for without another call that would take nothing.
            if sent.get() < wanted { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        };
        match self.socket.try_io(Interest::WRITABLE, write) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => wanted,
            _ => sent.get(),
        }
    }

    fn poll_takes(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.socket.poll_write_ready(cx).map(drop)
    }

    fn shut(&self) -> io::Result<()> {
        SockRef::from(&self.socket).shutdown(Shutdown::Both)
    }
}

/// A handle for a body that is not sent as it is: all of it goes by the connection's own task.
pub(crate) struct ServerWrites(pub SocketHandle);

impl DirectWriter for ServerWrites {
    fn state(&self) -> WriteState {
        WriteState::Closed
    }

    fn when_clear(&self, _: &Waker) {}

    fn send(&self, _: &[IoSlice<'_>]) -> usize {
        0
    }

    fn poll_takes(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    fn handed_over(&self) {}

    fn over(&self) {}

    fn shut(&self) {
        self.0.shut();
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = &self.0.socket;
        let has_room = buf.remaining() > 0;
        loop {
            ready!(socket.poll_read_ready(cx))?;
            match socket.try_read_buf(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                read => {
                    self.0.is_left.set(has_room && matches!(read, Ok(0) | Err(_)));
                    return Poll::Ready(read.map(drop));
                }
            }
        }
    }
}

impl AsyncWrite for Connection {
    /// The server offers all that its write buffer holds.
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let socket = &self.0.socket;
        self.0.is_clear.set(false);
        loop {
            ready!(socket.poll_write_ready(cx))?;
            match socket.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Ok(count) if count == bytes.len() => {
                    self.0.now_clear();
                    return Poll::Ready(Ok(count));
                }
                written => return Poll::Ready(written),
            }
        }
    }

    /// Called when the server's write buffer is empty. After a goodbye it would wait for the client to close first, as long
    /// as a connection that is over may take; but it is the server that closes first (RFC 6455, 7.1.1), and clients wait.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.0.is_clear.get() && self.0.is_over.take() {
            SockRef::from(&self.0.socket).shutdown(Shutdown::Write)?;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&self.0.socket).shutdown(Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::{future::poll_fn, time::Duration};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        time::timeout,
    };

    #[tokio::test]
    async fn the_other_side_hears_the_end_once_all_is_sent_though_the_server_keeps_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut connection = Connection::new(listener.accept().await.unwrap().0);
        connection.handle().over();
        connection.flush().await.unwrap();
        connection.write_all(b"bye").await.unwrap();
        connection.flush().await.unwrap();

        let mut heard = Vec::new();
        timeout(Duration::from_secs(5), client.read_to_end(&mut heard)).await.expect("an end").unwrap();
        assert_eq!(heard, b"bye");
        client.write_all(b"me too").await.unwrap();
        let mut answer = [0; 6];
        connection.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"me too");
    }

    #[tokio::test]
    async fn a_full_socket_is_waited_for_and_a_broken_one_takes_all() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let connection = Connection::new(listener.accept().await.unwrap().0);
        let socket = connection.handle();
        let much = vec![7; 16 << 20];
        let sent = socket.send(&[IoSlice::new(b"first"), IoSlice::new(&much)]);
        assert!((6..much.len()).contains(&sent), "{sent}");
        let takes = async || poll_fn(|cx| socket.poll_takes(cx)).await;
        assert!(takes().now_or_never().is_none());

        let mut heard = vec![0; sent];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard[..6], *b"first\x07");
        timeout(Duration::from_secs(5), takes()).await.expect("room again");

        SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        let is_broken = async || {
            while socket.send(&[IoSlice::new(&much)]) < much.len() {
                takes().await;
            }
        };
        timeout(Duration::from_secs(5), is_broken()).await.expect("to be rid of it");
    }
}
