//! The life of one TCP connection: packets in, packets out, until either side ends it or it has nothing to say.
//! It must not know whose it is.

use super::{backlog::Backlog, framing};
use crate::media::webrtc::udp::canonical;
use bytes::{Bytes, BytesMut};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    time::timeout,
};

/// Who has not proved to be a peer by then is sent away.
const PROVE_WITHIN: Duration = Duration::from_secs(10);
/// Both sides of ICE speak more often.
const IDLE: Duration = Duration::from_secs(30);
/// A network that takes nothing for so long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Of one write.
const WRITE_BYTES: usize = 16 << 10;

/// What happens on a connection.
#[derive(Debug)]
pub(crate) enum TcpEvent {
    /// A packet, to one of our addresses.
    Packet {
        from: SocketAddr,
        to: SocketAddr,
        contents: Bytes,
    },
    /// Packets were left out, and there is room again.
    Resumes(SocketAddr),
    Closed(SocketAddr),
}

/// Stays with a connection to its end. `is_proven` becomes true once its packets have proved to be a peer's.
pub(super) async fn run(
    socket: TcpStream,
    from: SocketAddr,
    backlog: Arc<Backlog>,
    is_proven: watch::Receiver<bool>,
    events: mpsc::Sender<TcpEvent>,
) {
    // Without it packets would wait for others; what fails here fails again when it is read.
    let _ = socket.set_nodelay(true);
    let Ok(to) = socket.local_addr().map(canonical) else { return };
    let (reading, writing) = socket.into_split();
    tokio::select! {
        () = unproven(is_proven) => {}
        _ = read(reading, from, to, &events) => {}
        _ = write(writing, from, &backlog, &events) => {}
    }
    // The receiver is gone only with the thread.
    let _ = events.send(TcpEvent::Closed(from)).await;
}

/// Ends when nothing has been proved in time.
async fn unproven(mut is_proven: watch::Receiver<bool>) {
    let proven =
        timeout(PROVE_WITHIN, is_proven.wait_for(|proven| *proven)).await.is_ok_and(|proven| proven.is_ok());
    if proven {
        std::future::pending::<()>().await;
    }
}

async fn read(
    mut socket: OwnedReadHalf,
    from: SocketAddr,
    to: SocketAddr,
    events: &mpsc::Sender<TcpEvent>,
) -> io::Result<()> {
    let mut received = BytesMut::new();
    loop {
        while let Some(contents) = framing::next(&mut received).map_err(|_| io::ErrorKind::InvalidData)? {
            let packet = TcpEvent::Packet { from, to, contents };
            events.send(packet).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        received.reserve(4096);
        if timeout(IDLE, socket.read_buf(&mut received)).await?? == 0 {
            return Ok(());
        }
    }
}

async fn write(
    mut socket: OwnedWriteHalf,
    from: SocketAddr,
    backlog: &Backlog,
    events: &mpsc::Sender<TcpEvent>,
) -> io::Result<()> {
    while let Some(chunk) = backlog.take(WRITE_BYTES).await {
        timeout(WRITE_WITHIN, socket.write_all(&chunk.bytes)).await??;
        if chunk.resumes {
            events.send(TcpEvent::Resumes(from)).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
    }
    socket.shutdown().await
}
