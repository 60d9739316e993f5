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
            let Asked { key, from, agent } = asked;
            let admitted = match self.keys.admit(key.clone(), from).await {
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
            let beginning = Beginning { admitted, agent, answer };
            let ended = |_| reason("unavailable", "pictures have ended here");
            self.calls
                .send(Call::Begin(beginning))
                .await
                .map_err(|_| reason("unavailable", "pictures have ended here"))?;
            let encoder = answered.await.map_err(ended)??;
            // Whatever ended its right between the first look and its beginning has found nobody to send away.
            let again = self.keys.still_opens(key, from, admitted.stream).await;
            again.map_err(|refused| unlocked(&refused))?;
            Ok(Pieces { encoder, calls: self.calls.clone() })
        }
        .boxed()
    }
}

impl Sink for Pieces {
    async fn push(&mut self, piece: Piece) -> Result<(), Reason> {
        if *self.encoder.is_cut.borrow() {
            return Err(sent_away());
        }
        let call = Call::Piece(self.encoder.end.end.peer, piece);
        self.calls.send(call).await.map_err(|_| reason("unavailable", "pictures have ended here"))
    }

    async fn sent_away(&mut self) -> Reason {
        // An error says that its sender is gone, which forgets who is sent away.
        let _ = self.encoder.is_cut.wait_for(|is_cut| *is_cut).await;
        sent_away()
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
        KeyRefused::Barred => "banned",
        KeyRefused::Conflict(_) => "conflict",
        KeyRefused::Unavailable => "unavailable",
    };
    reason(code, &refused.to_string())
}

fn sent_away() -> Reason {
    reason("sent_away", "the stream does not take this encoder any more")
}

/// A reason of the house.
pub(super) fn reason(code: &'static str, words: &str) -> Reason {
    Reason { code, words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stream::ingest_key::{KeyGeneration, KeyOf, KeyVersion};
    use parking_lot::Mutex;
    use std::net::IpAddr;

    /// The stream that the one right key opens, until something ends that.
    struct OneKey(StreamId, Mutex<Option<KeyRefused>>);

    impl OneKey {
        fn of(stream: StreamId) -> Arc<Self> {
            Arc::new(Self(stream, Mutex::default()))
        }

        fn look(&self, key: &str) -> Result<Admitted, KeyRefused> {
            match (key, *self.1.lock()) {
                ("right", None) => {
                    let key = KeyVersion { of: KeyOf::Stream(self.0), generation: KeyGeneration(1) };
                    Ok(Admitted { stream: self.0, key })
                }
                ("right", Some(refused)) => Err(refused),
                _ => Err(KeyRefused::Unknown),
            }
        }
    }

    impl IngestKeys for OneKey {
        fn admit(&self, key: String, _: IpAddr) -> BoxFuture<'static, Result<Admitted, KeyRefused>> {
            let looked = self.look(&key);
            async move { looked }.boxed()
        }

        fn still_opens(
            &self,
            key: String,
            _: IpAddr,
            stream: StreamId,
        ) -> BoxFuture<'static, Result<(), KeyRefused>> {
            assert_eq!(stream, self.0);
            let looked = self.look(&key).map(drop);
            async move { looked }.boxed()
        }
    }

    /// Lets the next one in, after this has happened.
    async fn answer(encoders: &mut Encoders, peer: PeerId, meanwhile: impl FnOnce()) {
        let Some(Call::Begin(beginning)) = encoders.calls.recv().await else { panic!("nobody begins") };
        meanwhile();
        assert!(beginning.answer.send(Ok(encoders.insert(peer))).is_ok());
    }

    fn asked(key: &str) -> Asked {
        Asked { key: key.to_owned(), from: IpAddr::from([192, 0, 2, 1]), agent: None }
    }

    #[tokio::test]
    async fn a_wrong_key_asks_nobody_and_a_right_one_the_thread() {
        let stream = StreamId::new();
        let (mut encoders, host) = encoders(OneKey::of(stream));
        assert_eq!(host.clone().admit(asked("wrong")).await.err().unwrap().code, "unknown_key");
        let answering = answer(&mut encoders, PeerId(7), || ());
        let (pieces, ()) = tokio::join!(host.admit(asked("right")), answering);
        let mut pieces = pieces.ok().unwrap();
        pieces.push(Piece::RunBegins).await.unwrap();
        assert!(matches!(encoders.calls.recv().await, Some(Call::Piece(PeerId(7), Piece::RunBegins))));
        assert!(encoders.close(PeerId(7)) && !encoders.close(PeerId(7)));
        assert_eq!(pieces.sent_away().await.code, "sent_away");
        assert_eq!(pieces.push(Piece::RunBegins).await.unwrap_err().code, "sent_away");
        pieces.close(Closed::Finished);
        let end = End { peer: PeerId(7), said_goodbye: true, refusal: None };
        assert_eq!(encoders.ends.recv().await, Some(end));
    }

    #[tokio::test]
    async fn whose_key_is_ended_while_it_is_let_in_does_not_stay() {
        for (ended, code) in [(KeyRefused::Unknown, "unknown_key"), (KeyRefused::Ended, "stream_ended")] {
            let keys = OneKey::of(StreamId::new());
            let (mut encoders, host) = encoders(keys.clone());
            let answering = answer(&mut encoders, PeerId(7), || *keys.1.lock() = Some(ended));
            let (refused, ()) = tokio::join!(host.admit(asked("right")), answering);
            assert_eq!(refused.err().unwrap().code, code);
            let end = End { peer: PeerId(7), said_goodbye: false, refusal: None };
            assert_eq!(encoders.ends.recv().await, Some(end));
        }
    }

    #[tokio::test]
    async fn who_is_dropped_without_a_word_has_ended_without_a_goodbye() {
        let (mut encoders, _host) = encoders(OneKey::of(StreamId::new()));
        drop(encoders.insert(PeerId(3)));
        let end = End { peer: PeerId(3), said_goodbye: false, refusal: None };
        assert_eq!(encoders.ends.recv().await, Some(end));
    }
}
