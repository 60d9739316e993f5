//! What a commit ends: the pictures of streams that are over, and whatever somebody sends or sees without the right to any
//! more. It must not know why something was committed, nor how a picture ends.

use super::{
    PictureParts,
    claims::End,
    sessions::{MediaSession, Part},
    sight::Looker,
};
use crate::{
    domain::{
        Login, StreamId, UserId,
        stream::ingest_key::{KeyGeneration, KeyOf, KeyVersion},
    },
    media::handle::CutReason,
    room::{
        self,
        operations::{Notice, Publication, SignedOut, Stored},
        pictures::Pictures,
    },
    store::{Store, streams::ingest},
    wire::Event,
};
use std::time::Duration;

/// How often it is tried to end a session while the picture's thread has too much to do.
const CLOSE_TRIES: u32 = 20;
const CLOSE_AGAIN: Duration = Duration::from_millis(50);

/// Ends what may not go on. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ends {
    store: Store,
    pictures: Pictures,
    parts: PictureParts,
}

impl Ends {
    /// Of these pictures.
    pub(crate) fn new(store: Store, pictures: Pictures, parts: PictureParts) -> Self {
        Self { store, pictures, parts }
    }

    /// Ends what a commit has made an end of. From here on, nobody is let in by what held before; what is open ends in a task
    /// of its own.
    pub(crate) fn hear(&self, publication: &Publication) {
        for notice in &publication.notices {
            match notice {
                Notice::RoomGone(stream) => self.deleted(*stream),
                Notice::KeyRotated(of) => self.key_rotated(*of),
                Notice::SignedOut(who) => self.signed_out(*who),
                Notice::PictureMoved(_) => self.parts.claims.look_now(),
                Notice::SourceRefused { stream, refusal } => {
                    self.pictures.refused(*stream, refusal.clone());
                }
                Notice::Barred { user, ban: Some(_), .. } => self.cut_all_of(*user, CutReason::Barred),
                Notice::Rejected { .. }
                | Notice::Renamed(_)
                | Notice::Barred { ban: None, .. }
                | Notice::ChannelChanged(_) => {}
            }
        }
        publication.streams.iter().for_each(|stored| self.stored(stored));
    }

    /// Ends what another node has made an end of without being heard.
    pub(crate) fn found(&self, stream: StreamId, end: End) {
        match end {
            End::Cut(CutReason::Deleted) => self.deleted(stream),
            End::Cut(reason) => self.cut(stream, reason),
            End::Key(of) => self.key_rotated(of),
            End::Sight => self.judge_anew(stream),
        }
    }

    fn deleted(&self, stream: StreamId) {
        self.cut(stream, CutReason::Deleted);
        self.pictures.forget(stream);
        self.parts.recorder.forget(stream);
    }

    fn stored(&self, stored: &Stored) {
        let has = |is_it: fn(&Event) -> bool| stored.events.iter().any(|numbered| is_it(&numbered.event));
        if has(|event| matches!(event, Event::StreamEnded(_))) {
            return self.cut(stored.stream_id, CutReason::Ended);
        }
        let concerns_sight = has(|event| {
            matches!(
                event,
                Event::StreamStarted(_)
                    | Event::StreamUpdated(_)
                    | Event::ModeratorAdded(_)
                    | Event::ModeratorRemoved(_)
            )
        });
        if concerns_sight || stored.stale.contains(&room::core::Part::Members) {
            self.judge_anew(stored.stream_id);
        }
    }

    /// Others than before may see the picture of a stream.
    fn judge_anew(&self, stream: StreamId) {
        self.parts.sight.forget_stream(stream);
        let ends = self.clone();
        actix::spawn(async move { ends.judge_viewers(stream).await });
    }

    fn cut(&self, stream: StreamId, reason: CutReason) {
        self.parts.sight.forget_stream(stream);
        if let Some(media) = self.parts.media.clone() {
            actix::spawn(async move { media.cut(stream, reason).await });
        }
    }

    /// Ends what viewers see who may not see it any more.
    async fn judge_viewers(&self, stream: StreamId) {
        if self.may_see(stream, Looker::Anybody).await {
            return;
        }
        let is_viewer = |session: &MediaSession| matches!(session.part, Part::Viewer(_));
        for session in self.parts.sessions.find(|session| session.stream == stream && is_viewer(session)) {
            let looker = session.login.map_or(Looker::Anybody, |(_, login)| Looker::Login(login));
            if !self.may_see(stream, looker).await {
                self.close(session).await;
            }
        }
    }

    /// A database that is away ends nothing: it is asked again when somebody is let in.
    async fn may_see(&self, stream: StreamId, looker: Looker) -> bool {
        self.parts.sight.may_see(stream, looker).await.unwrap_or(true)
    }

    /// Logins have ended: what was sent with them ends, and what was seen that not everybody may see; with an account that is
    /// disabled or gone, also what comes into its streams by keys of encoders.
    fn signed_out(&self, who: SignedOut) {
        self.parts.sight.forget_logins();
        if let SignedOut::Account(user) = who {
            self.cut_all_of(user, CutReason::HostGone);
        }
        let is_theirs = move |session: &MediaSession| match (who, session.login) {
            (SignedOut::Session(ended), Some((_, login))) => login == Login::Session(ended),
            (SignedOut::Key(ended), Some((_, login))) => login == Login::Key(ended),
            (SignedOut::Sessions { user, kept }, Some((of, login))) => {
                of == user && login.session().is_some_and(|session| Some(session) != kept)
            }
            (SignedOut::Account(user), Some((of, _))) => of == user,
            (_, None) => false,
        };
        let (ends, theirs) = (self.clone(), self.parts.sessions.find(is_theirs));
        actix::spawn(async move {
            for session in theirs {
                let is_publisher = session.part == Part::Publisher;
                if is_publisher || !ends.may_see(session.stream, Looker::Anybody).await {
                    ends.close(session).await;
                }
            }
        });
    }

    /// Ends the pictures of whatever somebody hosts.
    fn cut_all_of(&self, user: UserId, reason: CutReason) {
        let ends = self.clone();
        actix::spawn(async move {
            for stream in ends.streams_of(user).await {
                ends.cut(stream, reason);
            }
        });
    }

    /// Who came by a key that is no more is sent away; who came by the one in force, by the other key or by a login stays.
    /// Which one is in force is read: word of a change can come late, after the next one.
    fn key_rotated(&self, of: KeyOf) {
        let Some(media) = self.parts.media.clone() else { return };
        let ends = self.clone();
        actix::spawn(async move {
            let generation = ends.key_in_force(of).await;
            let rotated = CutReason::KeyRotated(KeyVersion { of, generation });
            let streams = match of {
                KeyOf::Stream(stream) => vec![stream],
                KeyOf::Account(user) => ends.streams_of(user).await,
            };
            for stream in streams {
                media.cut(stream, rotated).await;
            }
        });
    }

    /// Where it cannot be read, one that nobody can have come by yet.
    async fn key_in_force(&self, of: KeyOf) -> KeyGeneration {
        let generation = self.store.read(move |conn| ingest::generation(conn, of)).await;
        generation.unwrap_or_else(|error| {
            log::error!("which key is in force could not be read: {error}");
            KeyGeneration(i64::MAX)
        })
    }

    async fn streams_of(&self, user: UserId) -> Vec<StreamId> {
        let streams = self.store.read(move |conn| ingest::open_streams_of(conn, user)).await;
        streams.unwrap_or_else(|error| {
            log::error!("the pictures of {user} could not be ended: {error}");
            Vec::new()
        })
    }

    /// Ends one session. Who is only being let in is looked at once more when that is done.
    pub(crate) async fn close(&self, session: MediaSession) {
        let (Some(media), Some(id)) = (&self.parts.media, session.id) else { return };
        for _ in 0..CLOSE_TRIES {
            if media.close(&id, session.owner.clone()).await || !self.parts.sessions.has(&id) {
                return;
            }
            tokio::time::sleep(CLOSE_AGAIN).await;
        }
        log::warn!("the picture's thread does not end a session of {}", session.stream);
    }
}
