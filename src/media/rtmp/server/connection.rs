//! The life of one encoder's connection: a key is awaited and looked at, then pieces go to whoever takes them.
//! It must not know how encoders are counted.

use super::{
    host::{Asked, Closed, Host, Sink},
    limits::Limits,
    peer::Peer,
    waiting::{Place, Waiting},
};
use crate::media::rtmp::{
    flv::{Demuxer, Piece},
    refusal::{Reason, Refusal},
    session::{Event, Session},
};
use std::{net::IpAddr, sync::Arc};
use tokio::{net::TcpStream, time::timeout};

/// Stays with a connection to its end; why it was sent away, if it was.
pub(super) async fn run<H: Host>(
    socket: TcpStream,
    from: IpAddr,
    host: Arc<H>,
    limits: Limits,
    (waiting, place): (Arc<Waiting>, Place),
) -> Option<Refusal> {
    let mut peer = Peer::new(socket, Session::new(limits.picture_bytes));
    let mut sink = match admission(&mut peer, from, host, limits).await {
        Ok(sink) => sink?,
        Err(refusal) => {
            peer.refuse(&refusal, limits.goodbye).await;
            return Some(refusal);
        }
    };
    drop(place);
    match receive(&mut peer, &mut sink, limits).await {
        Ok(closed) => {
            sink.close(closed);
            None
        }
        Err(refusal) => {
            sink.close(Closed::Refused(refusal.clone()));
            // It counts as a publisher no more, so it is among those without a key again; where they are too many, it goes unheard.
            if let Ok(_place) = waiting.enter(from) {
                peer.refuse(&refusal, limits.goodbye).await;
            }
            Some(refusal)
        }
    }
}

/// Where the pieces go, once a key is accepted; none when the connection is gone before.
async fn admission<H: Host>(
    peer: &mut Peer,
    from: IpAddr,
    host: Arc<H>,
    limits: Limits,
) -> Result<Option<H::Sink>, Refusal> {
    let asked = timeout(limits.key_wait, asked(peer, from, limits)).await.map_err(|_| Refusal::Slow)??;
    let Some(asked) = asked else { return Ok(None) };
    let admitted = timeout(limits.key_wait, host.admit(asked)).await;
    let sink = admitted.map_err(|_| Refusal::Key(unavailable()))?.map_err(Refusal::Key)?;
    peer.admit();
    Ok(Some(sink))
}

async fn asked(peer: &mut Peer, from: IpAddr, limits: Limits) -> Result<Option<Asked>, Refusal> {
    // The whole has less time than this.
    while let Some(event) = peer.next(limits.key_wait * 2).await? {
        match event {
            Event::Publish { key, agent } => return Ok(Some(Asked { key, from, agent })),
            Event::Ended => return Ok(None),
            // A session gives none of these before a key is accepted.
            Event::Agent(_) | Event::Audio { .. } | Event::Video { .. } => {}
        }
    }
    Ok(None)
}

fn unavailable() -> Reason {
    Reason { code: "unavailable", words: "keys cannot be looked at now, try again".to_owned() }
}

/// Hands over what comes until an end.
async fn receive(peer: &mut Peer, sink: &mut impl Sink, limits: Limits) -> Result<Closed, Refusal> {
    let mut demuxer = Demuxer::new(limits.picture_bytes);
    loop {
        let event = tokio::select! {
            biased;
            reason = sink.sent_away() => return Err(Refusal::Cut(reason)),
            event = peer.next(limits.idle) => event?,
        };
        let pieces = match event {
            None => return Ok(Closed::Lost),
            Some(Event::Ended) => return Ok(Closed::Finished),
            Some(Event::Video { time, body }) => demuxer.video(time, body)?,
            Some(Event::Audio { time, body }) => demuxer.audio(time, body)?,
            Some(Event::Agent(agent)) => vec![Piece::Agent(agent)],
            Some(Event::Publish { .. }) => Vec::new(),
        };
        for piece in pieces {
            sink.push(piece).await.map_err(Refusal::Cut)?;
        }
    }
}
