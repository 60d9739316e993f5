//! Encoders by RTMP, as the thread sees them: let in by their key, then pieces in order, then an end that always comes.
//! It must not know how they speak, nor what becomes of what they send.

use crate::{
    domain::StreamId,
    media::{
        handle::{Admitted, IngestKeys, KeyRefused},
        packet::PeerId,
        rtmp::{Asked, Closed, Host, Piece, Reason, Refusal, Sink},
    },
};
use futures_util::future::{BoxFuture, FutureExt};
use std::{collections::HashMap, sync::Arc};
use tokio::sync::{mpsc, oneshot, watch};

/// Pieces that may wait for the thread, of all encoders together; more slow them down.
const PIECES_MAX: usize = 1024;

/// What encoders do.
pub(super) enum Call {
    Begin(Beginning),
    /// Its key is right, and yet it is not let in, because another node has a source of this stream.
    Refused(StreamId, Reason),
    Piece(PeerId, Piece),
}

/// An encoder whose key is right, and that waits to be let in.
pub(super) struct Beginning {
    pub admitted: Admitted,
    pub agent: Option<String>,
    pub answer: oneshot::Sender<Result<Encoder, Reason>>,
}

/// The end of an encoder, however it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub peer: PeerId,
    pub said_goodbye: bool,
    /// Why it was sent away, unless by the thread, which knows.
    pub refusal: Option<Refusal>,
}

/// The thread's end of all encoders.
pub(super) struct Encoders {
    pub calls: mpsc::Receiver<Call>,
    /// Each encoder ends once, so there are no more of these than encoders.
    pub ends: mpsc::UnboundedReceiver<End>,
    tell_end: mpsc::UnboundedSender<End>,
    cut: HashMap<PeerId, watch::Sender<bool>>,
}

/// Asks for keys, and lets the thread decide.
pub(super) struct KeyHolders {
    keys: Arc<dyn IngestKeys>,
    calls: mpsc::Sender<Call>,
}

/// The end of the thread and that of the encoders.
pub(super) fn encoders(keys: Arc<dyn IngestKeys>) -> (Encoders, Arc<KeyHolders>) {
    let (tell, calls) = mpsc::channel(PIECES_MAX);
    let (tell_end, ends) = mpsc::unbounded_channel();
    (Encoders { calls, ends, tell_end, cut: HashMap::new() }, Arc::new(KeyHolders { keys, calls: tell }))
}

impl Encoders {
    /// An encoder that is let in.
    pub(super) fn insert(&mut self, peer: PeerId) -> Encoder {
        let (cut, is_cut) = watch::channel(false);
        self.cut.insert(peer, cut);
        let end =
            EndOnDrop { end: End { peer, said_goodbye: false, refusal: None }, tell: self.tell_end.clone() };
        Encoder { is_cut, end }
    }

    /// Sends an encoder away; false where the peer is none.
    pub(super) fn close(&mut self, peer: PeerId) -> bool {
        self.cut.remove(&peer).is_some_and(|cut| {
            cut.send_replace(true);
            true
        })
    }

    /// Forgets an encoder that has ended.
    pub(super) fn remove(&mut self, peer: PeerId) {
        self.cut.remove(&peer);
    }
}

/// One encoder that was let in; its drop is its end.
pub(super) struct Encoder {
    is_cut: watch::Receiver<bool>,
    end: EndOnDrop,
}

struct EndOnDrop {
    end: End,
    tell: mpsc::UnboundedSender<End>,
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        // Once the thread is gone, so are all pictures.
        let _ = self.tell.send(self.end.clone());
    }
}

/// The way of one encoder's pieces to the thread.
pub(super) struct Pieces {
    encoder: Encoder,
    calls: mpsc::Sender<Call>,
}

impl Host for KeyHolders {
    type Sink = Pieces;

    fn admit(self: Arc<Self>, asked: Asked) -> BoxFuture<'static, Result<Pieces, Reason>> {
        async move {
            let admitted = match self.keys.admit(asked.key, asked.from).await {
                Ok(admitted) => admitted,
                Err(refused) => {
                    let why = unlocked(&refused);
                    if let KeyRefused::Conflict(stream) = refused {
                        // Where the thread is gone, there is nobody to tell.
                        let _ = self.calls.send(Call::Refused(stream, why.clone())).await;
                    }
                    return Err(why);
                }
            };
            let (answer, answered) = oneshot::channel();
            let beginning = Beginning { admitted, agent: asked.agent, answer };
            let ended = |_| reason("unavailable", "pictures have ended here");
            self.calls
                .send(Call::Begin(beginning))
                .await
                .map_err(|_| reason("unavailable", "pictures have ended here"))?;
            let encoder = answered.await.map_err(ended)??;
            Ok(Pieces { encoder, calls: self.calls.clone() })
        }
        .boxed()
    }
}

impl Sink for Pieces {
    async fn push(&mut self, piece: Piece) -> Result<(), Reason> {
        // Also where its sender is gone, which forgets who is sent away.
        if *self.encoder.is_cut.borrow() {
            return Err(reason("sent_away", "the stream does not take this encoder any more"));
        }
        let call = Call::Piece(self.encoder.end.end.peer, piece);
        self.calls.send(call).await.map_err(|_| reason("unavailable", "pictures have ended here"))
    }

    fn close(mut self, why: Closed) {
        let end = &mut self.encoder.end.end;
        match why {
            Closed::Finished => end.said_goodbye = true,
            Closed::Refused(refusal) if !matches!(refusal, Refusal::Cut(_)) => end.refusal = Some(refusal),
            Closed::Refused(_) | Closed::Lost => {}
        }
    }
}

fn unlocked(refused: &KeyRefused) -> Reason {
    let code = match refused {
        KeyRefused::Unknown => "unknown_key",
        KeyRefused::Throttled => "throttled",
        KeyRefused::NoStream => "no_stream",
        KeyRefused::Ended => "stream_ended",
        KeyRefused::Conflict(_) => "conflict",
        KeyRefused::Unavailable => "unavailable",
    };
    reason(code, &refused.to_string())
}

/// A reason of the house.
pub(super) fn reason(code: &'static str, words: &str) -> Reason {
    Reason { code, words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stream::ingest_key::KeyOf;
    use std::net::IpAddr;

    struct OneKey(StreamId);

    impl IngestKeys for OneKey {
        fn admit(&self, key: String, _: IpAddr) -> BoxFuture<'static, Result<Admitted, KeyRefused>> {
            let admitted = Admitted { stream: self.0, key: KeyOf::Stream(self.0) };
            async move { if key == "right" { Ok(admitted) } else { Err(KeyRefused::Unknown) } }.boxed()
        }
    }

    fn asked(key: &str) -> Asked {
        Asked { key: key.to_owned(), from: IpAddr::from([192, 0, 2, 1]), agent: None }
    }

    #[tokio::test]
    async fn a_wrong_key_asks_nobody_and_a_right_one_the_thread() {
        let stream = StreamId::new();
        let (mut encoders, host) = encoders(Arc::new(OneKey(stream)));
        assert_eq!(host.clone().admit(asked("wrong")).await.err().unwrap().code, "unknown_key");
        let answering = async {
            let Some(Call::Begin(beginning)) = encoders.calls.recv().await else { panic!("nobody begins") };
            assert_eq!(beginning.admitted.stream, stream);
            let encoder = encoders.insert(PeerId(7));
            assert!(beginning.answer.send(Ok(encoder)).is_ok());
        };
        let (pieces, ()) = tokio::join!(host.admit(asked("right")), answering);
        let mut pieces = pieces.ok().unwrap();
        pieces.push(Piece::RunBegins).await.unwrap();
        assert!(matches!(encoders.calls.recv().await, Some(Call::Piece(PeerId(7), Piece::RunBegins))));
        assert!(encoders.close(PeerId(7)) && !encoders.close(PeerId(7)));
        assert_eq!(pieces.push(Piece::RunBegins).await.unwrap_err().code, "sent_away");
        pieces.close(Closed::Finished);
        let end = End { peer: PeerId(7), said_goodbye: true, refusal: None };
        assert_eq!(encoders.ends.recv().await, Some(end));
    }

    #[tokio::test]
    async fn who_is_dropped_without_a_word_has_ended_without_a_goodbye() {
        let (mut encoders, _host) = encoders(Arc::new(OneKey(StreamId::new())));
        drop(encoders.insert(PeerId(3)));
        let end = End { peer: PeerId(3), said_goodbye: false, refusal: None };
        assert_eq!(encoders.ends.recv().await, Some(end));
    }
}
