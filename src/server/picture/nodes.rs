//! The pictures of several nodes: those here are told to the others, and those of the others to the rooms here, by the tables;
//! the bus only says that there is something to be looked for. It must not know how a picture travels.

use crate::{
    bus::Bus,
    domain::StreamId,
    http::Services,
    logging::Recurring,
    room::{
        front::registry::PictureOf,
        operations::{Notice, words},
        pictures::{Elsewhere, Source},
    },
    store::{
        self,
        streams::pictures::{self, Told},
    },
    wire::picture::read_source,
};
use std::{collections::HashMap, time::Duration};
use tokio::time::sleep;
use url::Url;

/// How often is looked where others are heard, and where they are not.
const LOOK_WHILE_SURE: Duration = Duration::from_secs(1);
const LOOK_WHILE_UNSURE: Duration = Duration::from_millis(300);

/// Tells and looks for as long as it is polled.
pub(super) async fn share(services: Services, bus: Bus) {
    let fault = Recurring::new("pictures cannot be told to other nodes, nor theirs looked for");
    let no_way = Recurring::new("a picture of another node is not shown here");
    loop {
        match look(&services, &bus, &no_way).await {
            Ok(()) => fault.worked(),
            Err(error) => fault.failed(error),
        }
        tokio::select! {
            () = sleep(if bus.is_sure() { LOOK_WHILE_SURE } else { LOOK_WHILE_UNSURE }) => {}
            () = services.picture.claims.wanted() => {}
        }
    }
}

async fn look(services: &Services, bus: &Bus, no_way: &Recurring) -> store::Result<()> {
    let claims = &services.picture.claims;
    let kept = claims.keep().await?;
    for stream in kept.moved {
        let moved = Notice::PictureMoved(stream).into();
        words::of(&moved).into_iter().for_each(|(topic, words)| bus.say(topic, words));
    }
    for (stream, end) in kept.ends {
        services.picture_ends.found(stream, end);
    }
    let Some(boot) = claims.boot() else { return Ok(()) };
    let others = services.store.read(move |conn| pictures::of_others(conn, boot)).await?;
    if others.iter().all(|told| told.node_url.is_some()) {
        no_way.worked();
    }
    let elsewhere = others.into_iter().filter_map(|told| read(told, no_way)).collect::<HashMap<_, _>>();
    for stream in services.streams.pictures.set_elsewhere(elsewhere) {
        if services.streams.registry.try_send(PictureOf(stream)).is_err() {
            log::debug!("the room of {stream} hears later of its picture");
        }
    }
    Ok(())
}

/// What another node tells. None where nobody can be led to it, or a later version tells it.
fn read(told: Told, no_way: &Recurring) -> Option<(StreamId, Elsewhere)> {
    let Some(url) = told.node_url else {
        no_way.failed(format_args!(
            "stream {} is sent to a node that does not say where it is reached; give each its --node-url",
            told.stream_id
        ));
        return None;
    };
    let source = read_source::<Source>(&told.source)?;
    Some((told.stream_id, Elsewhere { source, node: Url::parse(&url).ok()? }))
}
