//! The parts of a server, started in the order in which they need each other.
//! It must not know of listeners.

use super::{
    barred,
    nodes::way::Way,
    picture::{self, Started},
};
use crate::{
    auth::{Hasher, Keys, Throttle, setup::SetupToken},
    bus::{
        Bus,
        ear::Ear,
        presence::{self, Presence, Times},
        quotas::Quotas,
        redis::Tasks,
    },
    config::Config,
    connections::limits::Connections,
    domain::webhook::address::Allowed,
    domain::{BootId, Login},
    http::{Services, media::forward},
    identity::Identities,
    media::thread::MediaThread,
    metrics::Metrics,
    recordings::{self, Disk},
    room::{
        barred::Barred,
        core::core_parts::CoreParts,
        front::{registry::RoomRegistry, streams::Streams},
        journal::Journal,
        operations::{
            Notice, SignedOut,
            publish::{Hears, Publisher},
        },
        parts::RoomParts,
        pictures::Pictures,
        viewer_counts::ViewerCounts,
    },
    services::{
        Draining, WebhookParts,
        course::Course,
        images::ImageMaker,
        picture::{
            PictureParts, WAITING_MAX,
            claims::Claims,
            encoder_keys::EncoderKeys,
            ends::Ends,
            servers::{
                ServerParts,
                api::ServerApi,
                publishers::{Remote, RemotePublishers},
            },
            sessions::MediaSessions,
            sight::Sight,
        },
        site::Site,
        tries::Tries,
    },
    store::{
        self, Store,
        accounts::{key_uses::KeyUses, users},
        audit_queue::AuditQueue,
        database::house,
        site,
    },
    webhooks::Hints,
    wire::Close,
};
use actix::Actor;
use anyhow::Context;
use secrecy::SecretString;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc::Receiver};
use url::Url;

/// Everything but the listeners.
pub(super) struct Parts {
    /// What handlers reach.
    pub services: Services,
    /// What the log shows to whoever will be its first administrator, where there is none.
    pub setup_shown: Option<SecretString>,
    /// The picture's thread, and what it tells.
    pub media_thread: Option<MediaThread>,
    /// The thread that keeps pictures; it ends after that.
    pub recording: Option<recordings::Running>,
    pub heard: Option<picture::Heard>,
    /// Publishers that media servers are to send away, until a task takes them.
    pub sent_away: Option<Receiver<Remote>>,
    /// Who may write nowhere.
    pub barred: Barred,
    /// This run of the server, among those that work on its database.
    pub boot: BootId,
    /// The way to other nodes, what they say, and who hears of it beside the rooms.
    pub bus: Bus,
    /// Says who is here.
    pub presence: presence::Running,
    pub ear: Option<Ear>,
    pub hears: Hears,
    /// The way to other nodes ends with the server.
    _bus_tasks: Option<Tasks>,
}

impl Parts {
    /// Store, metrics, keys, journal, pictures, registry.
    pub(super) async fn start(config: Config) -> anyhow::Result<Parts> {
        let config = Arc::new(config);
        let metrics = Metrics::new();
        let keys = Keys::new(&config.secret_key, config.secret_key_previous.as_ref());
        let (store, house) = open_store(&config, keys.ids()).await?;
        let store = store.counting(metrics.clone());
        let hints = Hints::default();
        // Its thread ends with the last room.
        let (journal, _thread) =
            Journal::start(store.clone(), metrics.clone(), hints.clone()).context("the journal's thread")?;
        let boot = BootId::new();
        let Way { bus, ear, commands, tasks } = Way::open(&config, house.as_deref(), boot, &metrics)?;
        let presence = commands.clone().map_or_else(Presence::alone, |commands| Presence::by(commands, boot));
        let viewer_counts = ViewerCounts::new(presence.clone());
        let limits = Arc::new(config.limits.clone());
        let connections = Connections::new(limits.clone(), metrics.clone());
        let throttle = Throttle::new(&config.limits);
        let pictures = Pictures::default();
        let node_url = config.node_url.as_ref().map(Url::to_string);
        let claims = Claims::new(store.clone(), boot, node_url, pictures.clone());
        let encoder_keys = EncoderKeys::new(store.clone(), keys.clone(), throttle.clone(), claims.clone());
        let shared_keys = Arc::new(encoder_keys.clone());
        let (recorder, recording) = picture::recordings::start(&config, &store, &metrics);
        let started = picture::start(
            &config,
            metrics.clone(),
            pictures.clone(),
            claims.clone(),
            shared_keys,
            recorder.clone(),
        );
        let (media, media_thread, heard) = match started {
            Some(Started { media, thread, heard }) => (Some(media), Some(thread), Some(heard)),
            None => (None, None, None),
        };
        let (publishers, sent_away) = RemotePublishers::new();
        let api = ServerApi::new(config.media_server_api.as_ref()).context("the way to the media server")?;
        let picture = PictureParts {
            servers: ServerParts { publishers, api },
            rtmp_port: media_thread.as_ref().and_then(MediaThread::rtmp_port),
            media,
            sessions: MediaSessions::default(),
            sight: Sight::new(store.clone()),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            encoder_keys,
            claims,
            nodes: forward::client().context("the way to other nodes")?,
            recorder,
            disk: Disk::below(&config.data_dir),
        };
        let picture_ends = Ends::new(store.clone(), pictures.clone(), picture.clone());
        let barred = barred::first(&store).await?;
        let hears = hears(connections.clone(), picture_ends.clone(), barred.clone(), hints.clone());
        let core = CoreParts {
            viewer_counts: viewer_counts.clone(),
            presence: presence.clone(),
            barred: barred.clone(),
            pictures: pictures.clone(),
            metrics: metrics.clone(),
            limits,
            flush_window: config.flush_window,
        };
        let parts = RoomParts { store: store.clone(), journal, hears: hears.clone(), bus: bus.clone(), core };
        let registry = RoomRegistry::new(parts).start();
        let presence_running =
            presence.start(registry.clone().recipient(), metrics.clone(), about(&config), Times::default());
        let publisher = Publisher::new(registry.clone().recipient(), hears.clone(), bus.clone());
        let identities = Identities {
            store: store.clone(),
            keys: keys.clone(),
            throttle: throttle.clone(),
            uses: KeyUses::start(store.clone(), metrics.clone()),
            metrics: metrics.clone(),
        };
        let tries = match commands {
            Some(commands) => {
                Tries::with_others(throttle, Quotas::new(commands), keys.clone(), &config.limits)
            }
            None => Tries::alone(throttle),
        };
        let site = Site::new(&config, store.read(site::settings::read).await?);
        let (setup, shown) = SetupToken::random()?;
        let setup_shown = (!store.read(users::has_admin).await?).then(|| shown.into());
        let services = Services {
            audit_queue: AuditQueue::start(store.clone(), metrics.clone()),
            streams: Streams::new(store.clone(), registry, (viewer_counts, presence), pictures, publisher),
            store,
            keys,
            identities,
            setup,
            site,
            course: Course::new(metrics.clone()),
            hasher: Hasher::new(&metrics),
            images: ImageMaker::new(metrics.clone()),
            tries,
            connections,
            picture,
            picture_ends,
            draining: Draining::default(),
            webhooks: WebhookParts { hints, allowed: Arc::new(allowed(&config)) },
            warnings: Arc::default(),
            metrics,
            bus: bus.clone(),
            config,
        };
        Ok(Parts {
            services,
            setup_shown,
            media_thread,
            recording,
            heard,
            sent_away: Some(sent_away),
            barred,
            boot,
            bus,
            presence: presence_running,
            ear,
            hears,
            _bus_tasks: tasks,
        })
    }
}

/// Closes the sockets of those whose tokens have died, ends pictures, notes who may write nowhere, and that there may be
/// something for webhooks.
fn hears(connections: Connections, picture_ends: Ends, barred: Barred, hints: Hints) -> Hears {
    Arc::new(move |publication| {
        for notice in &publication.notices {
            match notice {
                Notice::SignedOut(who) => close_sockets(&connections, *who),
                Notice::Barred { change, user, ban } => barred.hear(*change, *user, ban.clone()),
                _ => {}
            }
        }
        picture_ends.hear(publication);
        hints.stored(publication.streams.iter().map(|stored| stored.stream_id));
    })
}

fn close_sockets(connections: &Connections, who: SignedOut) {
    match who {
        SignedOut::Session(session) => connections.close_login(Login::Session(session), Close::Revoked),
        SignedOut::Key(key) => connections.close_login(Login::Key(key), Close::Revoked),
        SignedOut::Sessions { user, kept } => connections.close_sessions(user, kept, Close::Revoked),
        SignedOut::Account(user) => connections.close_user(user, Close::Revoked),
    }
}

/// Which addresses beyond the public net the operator lets webhooks lead to.
fn allowed(config: &Config) -> Allowed {
    Allowed { is_insecure: config.webhooks_insecure, ranges: config.webhooks_allow.clone() }
}

/// What other nodes may know of this one.
fn about(config: &Config) -> String {
    let name = config.node_name();
    // A name needs no escapes.
    format!(r#"{{"name":"{name}","version":"{}"}}"#, env!("CARGO_PKG_VERSION"))
}

/// Opening migrates, which may take its time. Where other servers may use the same database, its house has an id, and this
/// server must sign by their key.
async fn open_store(
    config: &Config,
    (key, previous): (String, Option<String>),
) -> anyhow::Result<(Store, Option<String>)> {
    let (url, connections) = (config.database_url.expose(), config.database_connections);
    let opened = tokio::task::spawn_blocking(move || {
        let store = Store::open_with(&url, &store::pool::Options::of(&url, connections)?)?;
        let house = store.is_shared().then(|| {
            store.write_blocking::<_, store::Error>(|tx| {
                house::share_key(tx, &key, previous.as_deref())?;
                house::id(tx)
            })
        });
        let house = house.transpose()?;
        let restored = store.begin_epoch_if_restored()?;
        Ok((store, house, restored))
    });
    match opened.await? {
        Ok((store, house, restored)) => {
            if let Some(why) = restored {
                log::warn!("{why}: a new epoch begins, in which clients forget their places in the logs");
            }
            Ok((store, house))
        }
        // It names the database itself.
        Err(error @ store::Error::Unusable(_)) => Err(error.into()),
        Err(error) => Err(error).with_context(|| format!("the database {}", config.database_url.masked())),
    }
}
