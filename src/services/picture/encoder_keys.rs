//! Whose stream the key of an encoder opens. Wrong keys are counted by address; a right one is never refused for them.
//! It must not know how an encoder came.

use super::claims::Claims;
use crate::{
    auth::{Keys, Throttle, Throttled, picture::ingest::digest},
    domain::{
        Millis, Status, StreamId,
        stream::ingest_key::{IngestKey, KeyOf, KeyVersion},
    },
    media::handle::{Admitted, IngestKeys, KeyRefused},
    room::{operations::access::ban_of, rules::banned},
    store::{self, Conn, Failure, Store, streams::ingest},
    wire::Refusal,
};
use futures_util::future::BoxFuture;
use std::{net::IpAddr, time::Instant};

/// Why a key opens nothing.
#[derive(Debug)]
pub(crate) enum NoEntry {
    /// Nobody's, or one that was rotated.
    Unknown,
    /// The same, and one of too many from this address.
    Throttled(Throttled),
    /// An account's, which has no stream on air nor scheduled.
    NoStream,
    /// Of a stream that is over.
    Ended,
    /// Of a host who may write nowhere on the site.
    Barred(Refusal),
    /// It could not be looked up.
    Store(store::Error),
}

/// What a key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub stream: StreamId,
    /// Which key it is.
    pub key: KeyVersion,
    /// By which the key is known again.
    pub digest: String,
}

/// Looks keys of encoders up. Cheap to clone.
#[derive(Clone)]
pub(crate) struct EncoderKeys {
    store: Store,
    keys: Keys,
    throttle: Throttle,
    claims: Claims,
}

impl EncoderKeys {
    /// Keys made with these secrets, of streams in this store; for an encoder that is let in by one, the picture is claimed.
    pub(crate) fn new(store: Store, keys: Keys, throttle: Throttle, claims: Claims) -> Self {
        Self { store, keys, throttle, claims }
    }

    /// What the key opens for somebody from that address; where a stream is wanted, that one or nothing.
    /// Errors: [`NoEntry`].
    pub(crate) async fn open(
        &self,
        key: &str,
        wanted: Option<StreamId>,
        from: IpAddr,
    ) -> Result<Entry, NoEntry> {
        let opened = match key.parse::<IngestKey>() {
            Ok(key) => {
                let keys = self.keys.clone();
                self.store.read(move |conn| look_up(conn, &keys, &key, wanted)).await
            }
            Err(_) => Err(NoEntry::Unknown),
        };
        if matches!(opened, Err(NoEntry::Unknown)) {
            self.throttle.wrong_ingest_key(from, Instant::now()).map_err(NoEntry::Throttled)?;
        }
        opened
    }

    /// Lets an encoder in, unless another one sends to another node.
    async fn claim(&self, Entry { stream, key, .. }: Entry) -> Result<Admitted, KeyRefused> {
        match self.claims.claim(stream).await {
            Ok(true) => Ok(Admitted { stream, key }),
            Ok(false) => Err(KeyRefused::Conflict(stream)),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

fn look_up(
    conn: &mut Conn,
    keys: &Keys,
    key: &IngestKey,
    wanted: Option<StreamId>,
) -> Result<Entry, NoEntry> {
    let digest = digest(key);
    let of = ingest::by_digest(conn, &digest)?.ok_or(NoEntry::Unknown)?;
    let generation = ingest::generation(conn, of)?;
    if !keys.is_ingest_key(key, of, generation) {
        return Err(NoEntry::Unknown);
    }
    let target = match (of, wanted) {
        (KeyOf::Stream(id), _) => ingest::target_of(conn, id)?.ok_or(NoEntry::Unknown)?,
        (KeyOf::Account(host), Some(id)) => {
            let target = ingest::target_of(conn, id)?.filter(|target| target.host == host);
            target.ok_or(NoEntry::Unknown)?
        }
        (KeyOf::Account(host), None) => ingest::target_of_account(conn, host)?.ok_or(NoEntry::NoStream)?,
    };
    if wanted.is_some_and(|wanted| wanted != target.stream) {
        return Err(NoEntry::Unknown);
    }
    let now = Millis::now();
    if let Some(ban) = ban_of(conn, target.host, target.is_admins, now)? {
        return Err(NoEntry::Barred(banned(&ban, now)));
    }
    match target.status {
        Status::Ended => Err(NoEntry::Ended),
        _ => Ok(Entry { stream: target.stream, key: KeyVersion { of, generation }, digest }),
    }
}

impl IngestKeys for EncoderKeys {
    fn admit(&self, key: String, from: IpAddr) -> BoxFuture<'static, Result<Admitted, KeyRefused>> {
        let keys = self.clone();
        Box::pin(async move {
            let entry = keys.open(&key, None, from).await.map_err(refused)?;
            keys.claim(entry).await
        })
    }

    fn still_opens(
        &self,
        key: String,
        from: IpAddr,
        stream: StreamId,
    ) -> BoxFuture<'static, Result<(), KeyRefused>> {
        let keys = self.clone();
        Box::pin(async move { keys.open(&key, Some(stream), from).await.map(drop).map_err(refused) })
    }
}

fn refused(why: NoEntry) -> KeyRefused {
    match why {
        NoEntry::Unknown => KeyRefused::Unknown,
        NoEntry::Throttled(_) => KeyRefused::Throttled,
        NoEntry::NoStream => KeyRefused::NoStream,
        NoEntry::Ended => KeyRefused::Ended,
        NoEntry::Barred(_) => KeyRefused::Barred,
        NoEntry::Store(error) => unavailable(&error),
    }
}

fn unavailable(error: &store::Error) -> KeyRefused {
    log::warn!("the key of an encoder could not be looked up: {error}");
    KeyRefused::Unavailable
}

impl From<store::Error> for NoEntry {
    fn from(error: store::Error) -> Self {
        NoEntry::Store(error)
    }
}

impl Failure for NoEntry {
    fn as_store(&self) -> Option<&store::Error> {
        match self {
            NoEntry::Store(error) => Some(error),
            _ => None,
        }
    }
}
