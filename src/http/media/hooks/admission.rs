//! Whether somebody may send to a media server in the name of a stream, by the same keys and rules as to this one; and the
//! session that stands for them here. It must not know how a server asks.

use super::said::Asked;
use crate::{
    domain::{
        Millis, Status, StreamId,
        stream::{
            ingest_key::KeyVersion,
            picture::{IngestRefusal, MediaServer},
        },
    },
    http::{ClientAddress, Services, media::offers},
    media::handle::{Announce, MediaSessionId, Owner, Refused},
    room::{
        front::registry::PictureOf,
        operations::{Effects, Notice, words},
    },
    services::picture::{
        encoder_keys::{Entry, NoEntry},
        servers::{api, publishers::Entering},
    },
    store::{
        Stream,
        streams::{self, Patch, ingest},
    },
    wire::{Refusal, event::StreamUpdated},
};
use std::{net::IpAddr, time::Duration};
use tokio::{sync::oneshot, time::timeout};

/// So long may be waited for whether the one before is still there.
const ASK_WITHIN: Duration = Duration::from_millis(400);

/// Why somebody is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotLetIn {
    /// For programs, as with encoders by RTMP.
    pub code: &'static str,
    /// A text for people.
    pub words: String,
}

impl NotLetIn {
    fn new(code: &'static str, words: &str) -> Self {
        Self { code, words: words.to_owned() }
    }

    /// What this house gives nobody by way of a media server.
    pub(super) fn never() -> Self {
        Self::new("forbidden", "that is not for this house to allow")
    }

    /// What not everybody may see.
    pub(super) fn not_for_all() -> Self {
        Self::new("forbidden", "this stream is not there for everybody to see")
    }

    /// Somebody who was sent away, and goes on.
    pub(super) fn sent_away() -> Self {
        Self::new("sent_away", "the stream does not take this encoder any more")
    }

    fn unavailable() -> Self {
        Self::new("unavailable", "keys cannot be looked up now")
    }

    /// Whether it says nothing of who asks: later, the answer may be another.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.code, "unavailable" | "overloaded" | "throttled")
    }

    /// The status that goes with it.
    pub(super) fn status(&self) -> u16 {
        match self.code {
            "no_key" => 401,
            "conflict" | "no_stream" | "stream_ended" => 409,
            "throttled" => 429,
            "unavailable" | "overloaded" => 503,
            _ => 403,
        }
    }
}

/// Somebody who has been let in.
struct LetIn {
    entering: Entering,
    session: MediaSessionId,
    owner: Owner,
}

impl LetIn {
    /// They are told that they may not after all.
    async fn undo(self, services: &Services) {
        self.entering.is_refused();
        if let Some(media) = &services.picture.media {
            media.close(&self.session, self.owner).await;
        }
    }
}

/// Whether somebody might send; nothing begins.
pub(super) async fn might(services: &Services, asked: &Asked, caller: ClientAddress) -> Result<(), NotLetIn> {
    let opened = open(services, asked, caller.0).await;
    told(services, asked, opened.map(drop)).await
}

/// Lets somebody in, whose picture is `live` once this is answered; who cannot be within this time is refused.
pub(super) async fn begin(
    services: &Services,
    asked: Asked,
    caller: ClientAddress,
    within: Duration,
) -> Result<(), NotLetIn> {
    let (answer, answered) = oneshot::channel();
    let services = services.clone();
    // Runs to its end, so that who could not be answered in time is not there either.
    actix::spawn(async move {
        let let_in = let_in(&services, &asked, caller.0).await;
        let (let_in, outcome) = match let_in {
            Ok(let_in) => (let_in, Ok(())),
            Err(why) => (None, Err(why)),
        };
        let outcome = told(&services, &asked, outcome).await;
        if answer.send(outcome).is_err()
            && let Some(let_in) = let_in
        {
            let_in.undo(&services).await;
        }
    });
    match timeout(within, answered).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) | Err(_) => Err(NotLetIn::unavailable()),
    }
}

/// None where they are there already.
async fn let_in(services: &Services, asked: &Asked, caller: IpAddr) -> Result<Option<LetIn>, NotLetIn> {
    let picture = &services.picture;
    let media = offers::media(services)
        .map_err(|refusal| NotLetIn { code: "unavailable", words: refusal.message.to_string() })?;
    let Entry { stream, key, digest } = open(services, asked, caller).await?;
    let publishers = &picture.servers.publishers;
    if publishers.has(stream, asked.client.server, &asked.client.id) {
        return Ok(None);
    }
    make_room(services, stream).await;
    // Where there is something to see is known before it is there, and not where somebody else sends.
    if services.streams.pictures.of(stream).is_free() {
        show(services, asked).await;
    }
    if !picture.claims.claim(stream).await.map_err(|_| NotLetIn::unavailable())? {
        return Err(refused(&Refused::Conflict));
    }
    let owner = Owner::Key(digest);
    let (entering, held) = publishers.begin(stream, asked.client.clone(), owner.clone());
    let announce = Announce {
        stream,
        owner: owner.clone(),
        key,
        protocol: asked.client.protocol,
        via: asked.client.server,
        agent: asked.agent.clone(),
        held,
    };
    let session = match media.announce(announce).await {
        Ok(session) => session,
        Err(why) => {
            picture.claims.let_go(stream).await;
            return Err(refused(&why));
        }
    };
    let is_there = entering.is(&session);
    let let_in = LetIn { entering, session, owner };
    // Between the first look and the entry in the table nothing finds it that would end it.
    let again = match is_there {
        true => still_opens(services, asked, caller, key).await,
        false => Err(NotLetIn::sent_away()),
    };
    if let Err(why) = again {
        let_in.undo(services).await;
        return Err(why);
    }
    show(services, asked).await;
    Ok(Some(let_in))
}

async fn open(services: &Services, asked: &Asked, caller: IpAddr) -> Result<Entry, NotLetIn> {
    // MediaMTX asks once without, before it asks its client for a key.
    if asked.key.is_none() && asked.client.server == MediaServer::Mediamtx {
        return Err(NotLetIn::new("no_key", "a key is needed"));
    }
    let (key, from) = (asked.key.as_deref().unwrap_or_default(), asked.from.unwrap_or(caller));
    let opened = services.picture.encoder_keys.open(key, Some(asked.stream), from).await;
    opened.map_err(|why| match why {
        NoEntry::Unknown => {
            NotLetIn::new("unknown_key", "an encoder came with a key that is not this stream's")
        }
        NoEntry::Throttled(too_many) => {
            services.limit_reached(too_many);
            NotLetIn::new("throttled", "too many wrong keys from this address")
        }
        NoEntry::NoStream => NotLetIn::new("no_stream", "there is no stream to send to"),
        NoEntry::Ended => NotLetIn::new("stream_ended", "the stream has ended"),
        NoEntry::Barred(_) => NotLetIn::new("banned", "the host of this stream is banned from the site"),
        NoEntry::Store(error) => {
            log::warn!("the key of an encoder could not be looked up: {error}");
            NotLetIn::unavailable()
        }
    })
}

async fn still_opens(
    services: &Services,
    asked: &Asked,
    caller: IpAddr,
    key: KeyVersion,
) -> Result<(), NotLetIn> {
    let again = open(services, asked, caller).await?;
    if again.key == key { Ok(()) } else { Err(NotLetIn::sent_away()) }
}

fn refused(why: &Refused) -> NotLetIn {
    NotLetIn { code: why.code(), words: why.to_string() }
}

/// The one before may have gone without a word of its server, which knows it.
async fn make_room(services: &Services, stream: StreamId) {
    let servers = &services.picture.servers;
    let Some(before) = servers.publishers.of(stream).filter(|_| servers.api.is_known()) else { return };
    let is_gone = timeout(ASK_WITHIN, servers.api.has(&before.client)).await == Ok(api::Answer::Gone);
    if let (true, Some(media)) = (is_gone, &services.picture.media) {
        servers.lose(media, &before).await;
    }
}

/// Says where what comes in there can be seen, if the operator has said it.
async fn show(services: &Services, asked: &Asked) {
    let Some(template) = &services.config.media_playback_template else { return };
    let (id, url) = (asked.stream, template.url(&asked.stream.to_string(), &asked.client.name));
    let is_shown = |stream: &Stream| stream.playback_url.as_ref() == Some(&url);
    let known = services.store.read(move |conn| streams::by_id(conn, id)).await;
    if matches!(&known, Ok(Some(stream)) if is_shown(stream)) {
        return;
    }
    let shown = services.streams.act(id, move |tx, now| {
        let before = streams::by_id(tx, id)?.ok_or_else(Refusal::not_found)?;
        if before.status == Status::Ended {
            return Ok(Effects::none(()));
        }
        let patch = Patch { playback_url: Some(Some(url.clone())), ..Patch::default() };
        let stream = streams::update(tx, id, &patch, None, now)?;
        Ok(Effects::event((), StreamUpdated { stream: stream.into() }))
    });
    if let Err(error) = shown.await {
        log::warn!("where the picture of {id} can be seen is not said: {error:?}");
    }
}

/// Tells the host why somebody was not let in, where there is such a stream. Who tries too often is not told of, nor looked up.
async fn told(services: &Services, asked: &Asked, outcome: Result<(), NotLetIn>) -> Result<(), NotLetIn> {
    let Err(why) = &outcome else { return outcome };
    if why.code == "no_key" {
        return outcome;
    }
    services.metrics.media_refused.of(why.code).inc();
    if matches!(why.code, "throttled" | "unavailable") {
        return outcome;
    }
    let stream = asked.stream;
    let target = services.store.read(move |conn| ingest::target_of(conn, stream)).await;
    if matches!(target, Ok(Some(_))) {
        let detail = format!("{} (by way of {})", why.words, asked.client.server);
        tell_host(services, stream, IngestRefusal { at: Millis::now(), code: why.code.into(), detail });
    }
    outcome
}

fn tell_host(services: &Services, stream: StreamId, refusal: IngestRefusal) {
    services.streams.pictures.refused(stream, refusal.clone());
    if services.streams.registry.try_send(PictureOf(stream)).is_err() {
        log::debug!("the host of {stream} is told later that a source was refused");
    }
    if services.bus.has_others() {
        let refused = Notice::SourceRefused { stream, refusal }.into();
        words::of(&refused).into_iter().for_each(|(topic, words)| services.bus.say(topic, words));
    }
}
