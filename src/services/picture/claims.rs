//! Which pictures are this node's, where several share a database: claimed before a source is let in, told with each change,
//! given up when they are gone. It must not know how a picture travels, nor how nodes hear of each other.

use crate::{
    domain::{BootId, Status, StreamId, stream::ingest_key::KeyOf},
    media::handle::CutReason,
    room::pictures::{Pictures, Source},
    store::{
        self, Store,
        streams::pictures::{self as table, Standing, Told},
    },
    wire::picture::write_source,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, MutexGuard, Notify};

/// A source for which a picture was claimed has come by then, or will not.
const COMES_WITHIN: Duration = Duration::from_secs(3);

/// The claims of one node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Claims {
    store: Store,
    boot: BootId,
    /// Where other nodes reach this one.
    node_url: Option<String>,
    pictures: Pictures,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Held while a claim is made or given up, so that neither overtakes the other.
    own: Mutex<HashMap<StreamId, Own>>,
    look: Notify,
}

/// A picture of this node.
struct Own {
    claimed: Instant,
    said: Option<(Told, Source)>,
    /// What decided about it at the last look.
    standing: Option<Standing>,
}

/// The right to take a picture from another node, once the source is let in; without that, the picture stays where it is.
pub(crate) struct Takeover<'a> {
    claims: &'a Claims,
    own: MutexGuard<'a, HashMap<StreamId, Own>>,
}

impl Takeover<'_> {
    /// Makes the picture of a stream this node's, whoever has it.
    /// Errors: those of the store.
    pub(crate) async fn claim(mut self, stream: StreamId) -> Result<(), store::Error> {
        self.claims.claim_into(&mut self.own, stream, true).await.map(drop)
    }
}

/// What was found out about the pictures of this node.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Streams whose picture is another than was said.
    pub moved: Vec<StreamId>,
    pub ends: Vec<(StreamId, End)>,
}

/// What another node has done that ends something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The picture itself, for this reason.
    Cut(CutReason),
    /// What came by a key.
    Key(KeyOf),
    /// Whatever is seen by who may not see it any more.
    Sight,
}

/// What is to be written of the pictures of this node.
#[derive(Clone, Default)]
struct Report {
    over: Vec<StreamId>,
    /// What comes in without a claim: the database was away, or the source late.
    found: Vec<Told>,
    said: Vec<(Told, Source)>,
    own: Vec<StreamId>,
}

/// What stands in the tables afterwards.
struct Tables {
    still: HashSet<StreamId>,
    standing: HashMap<StreamId, Standing>,
    taken: HashSet<StreamId>,
}

impl Claims {
    /// Those of the run of a server.
    pub(crate) fn new(store: Store, boot: BootId, node_url: Option<String>, pictures: Pictures) -> Self {
        Self { store, boot, node_url, pictures, shared: Arc::default() }
    }

    /// Which run of a server it is, where it may have others beside it.
    pub(crate) fn boot(&self) -> Option<BootId> {
        self.store.is_shared().then_some(self.boot)
    }

    /// Makes the picture of a stream this node's before a source is let in. False where another node has one that still sends.
    /// Errors: those of the store.
    pub(crate) async fn claim(&self, stream: StreamId) -> Result<bool, store::Error> {
        if !self.store.is_shared() {
            return Ok(true);
        }
        let mut own = self.shared.own.lock().await;
        self.claim_into(&mut own, stream, false).await
    }

    /// Before a source is let in that is to take the picture from another node: until it has, nothing is told of it, nor is it
    /// taken for one that has come too late.
    pub(crate) async fn takeover(&self) -> Takeover<'_> {
        Takeover { claims: self, own: self.shared.own.lock().await }
    }

    async fn claim_into(
        &self,
        own: &mut HashMap<StreamId, Own>,
        stream: StreamId,
        takes_over: bool,
    ) -> Result<bool, store::Error> {
        let told = Told { is_free: false, ..self.told(stream, &self.pictures.here(stream)) };
        let claim = move |tx: &mut store::Tx<'_>| {
            let claimed = table::claim(tx, &told, takes_over)?;
            Ok::<_, store::Error>((claimed, table::standing(tx, &[stream])?.pop()))
        };
        let (claimed, standing) = self.store.write(claim).await?;
        if claimed {
            let claimed = Instant::now();
            let own = own.entry(stream).or_insert(Own { claimed, said: None, standing });
            own.claimed = claimed;
            // Who comes now has been let in by what holds now: a key that was changed before is no end of theirs.
            if self.pictures.here(stream).is_over() {
                own.standing = standing;
            }
        }
        Ok(claimed)
    }

    /// A source for which the picture was claimed is not let in: others may send, unless one comes in here.
    pub(crate) async fn let_go(&self, stream: StreamId) {
        if !self.store.is_shared() {
            return;
        }
        let (mut own, boot) = (self.shared.own.lock().await, self.boot);
        if !self.pictures.here(stream).is_over() {
            return;
        }
        own.remove(&stream);
        if let Err(error) = self.store.write(move |tx| table::give_up(tx, boot, stream)).await {
            log::debug!("others may send to {stream} in a few seconds: {error}");
        }
    }

    /// Something is to be told at once, or was told by another node.
    pub(crate) fn look_now(&self) {
        self.shared.look.notify_one();
    }

    /// Resolves when it is to be looked before the time.
    pub(crate) async fn wanted(&self) {
        self.shared.look.notified().await;
    }

    /// Tells the others how the pictures of this node are, and finds out what has become of them.
    /// Errors: those of the store; the next time, all is told.
    pub(crate) async fn keep(&self) -> Result<Kept, store::Error> {
        let mut own = self.shared.own.lock().await;
        let found: Vec<StreamId> =
            self.pictures.coming_in().into_iter().filter(|stream| !own.contains_key(stream)).collect();
        if own.is_empty() && found.is_empty() {
            return Ok(Kept::default());
        }
        let now = Instant::now();
        let report = self.report(&own, &found, now);
        let (boot, told, ids) = (self.boot, report.clone(), report.own.clone());
        if report.has_news() {
            self.store.write(move |tx| tell(tx, boot, &told)).await?;
        }
        // In a transaction of its own: a row that one has written already is checked against its stream when it is written again,
        // and who deletes that stream would wait for this as this waits for them.
        let tables = self.store.write(move |tx| look(tx, boot, &ids)).await?;
        own.extend(
            found.into_iter().map(|stream| (stream, Own { claimed: now, said: None, standing: None })),
        );
        let mut kept = Kept::default();
        for stream in report.over {
            own.remove(&stream);
            kept.moved.push(stream);
        }
        for (told, source) in report.said {
            let Some(own) = own.get_mut(&told.stream_id) else { continue };
            if own.said.as_ref().and_then(|(_, said)| said.picture) != source.picture {
                kept.moved.push(told.stream_id);
            }
            own.said = Some((told, source));
        }
        own.retain(|stream, own| kept.read_from(*stream, own, &tables));
        Ok(kept)
    }

    /// Has no pictures any more.
    pub(crate) async fn leave(&self) {
        if !self.store.is_shared() {
            return;
        }
        let (_own, boot) = (self.shared.own.lock().await, self.boot);
        if let Err(error) = self.store.write(move |tx| table::leave(tx, boot)).await {
            log::debug!("other nodes find out for themselves that the pictures here are gone: {error}");
        }
    }

    fn report(&self, own: &HashMap<StreamId, Own>, found: &[StreamId], now: Instant) -> Report {
        let mut report = Report { own: own.keys().chain(found).copied().collect(), ..Report::default() };
        for stream in found {
            report.found.push(self.told(*stream, &self.pictures.here(*stream)));
        }
        for (&stream, own) in own {
            let source = self.pictures.here(stream);
            let may_come = now.saturating_duration_since(own.claimed) < COMES_WITHIN;
            if source.is_over() && !may_come {
                report.over.push(stream);
                continue;
            }
            let told = self.told(stream, &source);
            let told = Told { is_free: told.is_free && !may_come, ..told };
            if own.said.as_ref().is_none_or(|(said, _)| *said != told) {
                report.said.push((told, source));
            }
        }
        report
    }

    fn told(&self, stream_id: StreamId, source: &Source) -> Told {
        Told {
            stream_id,
            boot: self.boot,
            node_url: self.node_url.clone(),
            source: write_source(source),
            is_free: source.is_free(),
        }
    }
}

impl Report {
    fn has_news(&self) -> bool {
        !self.over.is_empty() || !self.found.is_empty() || !self.said.is_empty()
    }
}

fn tell(tx: &mut store::Tx<'_>, boot: BootId, report: &Report) -> store::Result<()> {
    for stream in &report.over {
        table::give_up(tx, boot, *stream)?;
    }
    for told in &report.found {
        table::claim(tx, told, false)?;
    }
    for (told, _) in &report.said {
        table::say(tx, told)?;
    }
    Ok(())
}

/// What has become of these, now that the node has said that it is here.
fn look(tx: &mut store::Tx<'_>, boot: BootId, own: &[StreamId]) -> store::Result<Tables> {
    let still = table::beat(tx, boot)?.into_iter().collect();
    let standing = table::standing(tx, own)?;
    Ok(Tables {
        still,
        standing: standing.into_iter().map(|standing| (standing.stream, standing)).collect(),
        taken: table::taken(tx, boot, own)?.into_iter().collect(),
    })
}

impl Kept {
    /// What the tables say of a picture of this node; false where it is none of this node's any more.
    fn read_from(&mut self, stream: StreamId, own: &mut Own, tables: &Tables) -> bool {
        let standing = tables.standing.get(&stream);
        let is_own = tables.still.contains(&stream);
        let ends = ends(own.standing.as_ref(), standing, is_own, tables.taken.contains(&stream));
        self.ends.extend(ends.into_iter().map(|end| (stream, end)));
        own.standing = standing.copied();
        is_own
    }
}

/// What ends, from what decided about a picture before and what does now.
fn ends(before: Option<&Standing>, now: Option<&Standing>, is_own: bool, is_taken: bool) -> Vec<End> {
    let cut = match now {
        None => Some(CutReason::Deleted),
        Some(now) if now.status == Status::Ended => Some(CutReason::Ended),
        Some(now) if !now.has_host => Some(CutReason::HostGone),
        Some(_) if is_own => None,
        Some(_) if is_taken => Some(CutReason::Elsewhere),
        Some(_) => Some(CutReason::Removed),
    };
    if let Some(reason) = cut {
        return vec![End::Cut(reason)];
    }
    let (Some(before), Some(now)) = (before, now) else { return Vec::new() };
    let key = (before.key != now.key).then_some(End::Key(KeyOf::Stream(now.stream)));
    let account_key = (before.account_key != now.account_key).then_some(End::Key(KeyOf::Account(now.host)));
    let of_sight = |standing: &Standing| (standing.status, standing.rules, standing.news);
    let sight = (of_sight(before) != of_sight(now)).then_some(End::Sight);
    [key, account_key, sight].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{News, RulesVersion, UserId, stream::ingest_key::KeyGeneration};

    fn standing() -> Standing {
        Standing {
            stream: StreamId::new(),
            host: UserId::new(),
            status: Status::Live,
            has_host: true,
            key: KeyGeneration(1),
            account_key: KeyGeneration(1),
            rules: RulesVersion(1),
            news: News(1),
        }
    }

    #[test]
    fn what_another_node_has_done_ends_what_it_must() {
        let is = standing();
        let found = |now: Standing| ends(Some(&is), Some(&now), true, false);
        assert!(found(is).is_empty());
        assert_eq!(found(Standing { status: Status::Ended, ..is }), [End::Cut(CutReason::Ended)]);
        assert_eq!(found(Standing { has_host: false, ..is }), [End::Cut(CutReason::HostGone)]);
        assert_eq!(found(Standing { key: KeyGeneration(2), ..is }), [End::Key(KeyOf::Stream(is.stream))]);
        let rotated = found(Standing { account_key: KeyGeneration(2), ..is });
        assert_eq!(rotated, [End::Key(KeyOf::Account(is.host))]);
        assert_eq!(found(Standing { news: News(2), ..is }), [End::Sight]);
        assert_eq!(found(Standing { rules: RulesVersion(2), ..is }), [End::Sight]);
    }

    #[test]
    fn a_picture_that_is_no_longer_ours_ends_for_the_reason_that_the_tables_have() {
        let is = standing();
        assert_eq!(ends(Some(&is), Some(&is), false, true), [End::Cut(CutReason::Elsewhere)]);
        assert_eq!(ends(Some(&is), Some(&is), false, false), [End::Cut(CutReason::Removed)]);
        assert_eq!(ends(Some(&is), None, false, false), [End::Cut(CutReason::Deleted)]);
    }

    #[test]
    fn what_is_seen_for_the_first_time_ends_nothing() {
        assert!(ends(None, Some(&standing()), true, false).is_empty());
    }
}
