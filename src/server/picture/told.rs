//! What the picture's thread tells, on its way to the rooms: kept in a table at once, and passed on by a task of the server,
//! which also starts streams that start with their picture, and to webhooks. It must not wait; what is lost on the way is told
//! again within a second.

use super::notices::Tell;
use crate::{
    bus::Bus,
    domain::{
        Millis, StreamId,
        stream::picture::{IngestRefusal, Picture, PictureState},
    },
    media::handle::Told,
    recordings::Recorder,
    room::{
        front::{registry::PictureOf, streams::Streams},
        operations::{Notice, acts, words},
        pictures::Pictures,
    },
    services::picture::claims::Claims,
};
use std::collections::HashSet;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Changes that may wait to be passed on.
const WAITING_MAX: usize = 1024;

/// Something about the picture of a stream has changed.
struct Change {
    stream: StreamId,
    /// None where there has been none.
    picture: Option<Picture>,
    /// A source was not let in, or sent away: the host may be at another node.
    refusal: Option<IngestRefusal>,
}

/// The other end of the way from the picture's thread.
pub(in crate::server) struct Heard(Receiver<Change>);

/// What to give the thread, and what comes out of it.
pub(super) fn way(
    pictures: Pictures,
    claims: Claims,
    recorder: Recorder,
) -> (impl Fn(Told) + Send + 'static, Heard) {
    let (tell, heard) = channel(WAITING_MAX);
    let tell_all = move |told| {
        let is_news = matches!(told, Told::Source { is_news: true, .. });
        hear(with_warning(told, &recorder), &pictures, &tell);
        if is_news {
            claims.look_now();
        }
    };
    (tell_all, Heard(heard))
}

/// With what the host should know of what is kept.
fn with_warning(mut told: Told, recorder: &Recorder) -> Told {
    if let Told::Source { stream, publisher: Some(_), warnings, .. } = &mut told {
        warnings.extend(recorder.warning(*stream));
    }
    told
}

fn hear(told: Told, pictures: &Pictures, tell: &Sender<Change>) {
    let (stream, picture, refusal) = match told {
        Told::Source { stream, picture, publisher, warnings, is_news: _ } => {
            pictures.set(stream, picture, publisher, warnings);
            (stream, Some(picture), None)
        }
        Told::Refused(stream, code, detail) => {
            let refusal = IngestRefusal { at: Millis::now(), code: code.into(), detail };
            pictures.refused(stream, refusal.clone());
            (stream, pictures.of(stream).picture, Some(refusal))
        }
    };
    if tell.try_send(Change { stream, picture, refusal }).is_err() {
        log::debug!("the room of {stream} hears later of its picture");
    }
}

impl Heard {
    /// Tells the rooms, webhooks, and other nodes what their tables do not say, for as long as it is polled.
    pub(super) async fn pass_on(mut self, streams: Streams, bus: Bus, webhooks: Tell) {
        // Those whose picture has been there since it was looked whether they start with it.
        let mut live = HashSet::new();
        while let Some(Change { stream, picture, refusal }) = self.0.recv().await {
            if let Some(refusal) = refusal.filter(|_| bus.has_others()) {
                let refused = Notice::SourceRefused { stream, refusal }.into();
                words::of(&refused).into_iter().for_each(|(topic, words)| bus.say(topic, words));
            }
            if streams.registry.try_send(PictureOf(stream)).is_err() {
                log::debug!("the room of {stream} hears later of its picture");
            }
            if let Some(picture) = picture {
                webhooks.changed(stream, picture);
            }
            match picture.is_some_and(|picture| picture.state == PictureState::Live) {
                true if live.insert(stream) => start(&streams, stream),
                true => {}
                false => drop(live.remove(&stream)),
            }
        }
    }
}

/// Starts a stream whose host wants it to start with the picture.
fn start(streams: &Streams, stream: StreamId) {
    let streams = streams.clone();
    actix::spawn(async move {
        match streams.act(stream, move |tx, now| acts::start_by_picture(tx, stream, now)).await {
            Ok(true) => log::info!("stream {stream} started with its picture"),
            Ok(false) => {}
            Err(error) => log::warn!("stream {stream} could not be started with its picture: {error:?}"),
        }
    });
}
