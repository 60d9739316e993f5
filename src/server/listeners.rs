//! The two listeners: the site for everybody, and health and metrics for operators.
//! They must not know any resource, only where all of them are listed.

use super::{
    connection_limiter::{ConnectionLimiter, free_descriptors},
    heads::Checked,
    parts::Parts,
    socket_options,
    supervision::Threads,
    upgraded::upgrades,
};
use crate::{
    config::{Cap, Config},
    connections::worker::WorkerContext,
    http::{Services, elsewhere::pages, middleware::guard::guard, routes},
    room::{
        fanout::{
            shard::{Audience, Shard},
            socket::Connection,
        },
        front::registry::WorkerUp,
    },
    ui::{self, Own},
};
use actix::{Actor, Arbiter};
use actix_http::{HttpService, Request, body::MessageBody, error::DispatchError};
use actix_server::{Server, ServerHandle};
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt,
    boxed::{self, BoxServiceFactory},
    fn_service, map_config,
};
use actix_web::{
    App, Error, HttpRequest, HttpResponse, HttpServer,
    dev::{AppConfig, ServiceRequest, ServiceResponse},
    http::KeepAlive,
    middleware::{Compress, from_fn},
    web,
};
use anyhow::Context;
use std::{
    cell::RefCell,
    future::ready,
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinHandle};

/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection that is over may take to end.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long an idle connection is kept for the next request: longer than proxies keep theirs, which would send into a
/// connection that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long requests under way may take once all sockets are closed, in seconds.
const SHUTDOWN_TIMEOUT_S: u64 = 2;
/// Connections beside those that `CONNECTIONS` counts: requests, and those that are being refused.
const SPARE_CONNECTIONS: usize = 10_000;

type Site = BoxServiceFactory<(), Request, ServiceResponse, HttpResponse, ()>;

/// A listener that does not answer yet.
pub(super) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// A listener that answers.
pub(super) struct Running {
    pub address: SocketAddr,
    pub handle: ServerHandle,
    /// Done when it has stopped.
    pub ended: JoinHandle<io::Result<()>>,
}

impl Bound {
    pub(super) fn site(config: &Config) -> anyhow::Result<Bound> {
        Bound::at(config.listen).with_context(|| format!("cannot listen on {}", config.listen))
    }

    /// The operators': a server without it is better than none.
    pub(super) fn operators(config: &Config) -> Option<Bound> {
        let bound = Bound::at(config.ops_listen);
        bound
            .inspect_err(|error| log::warn!("no metrics: cannot listen on {}: {error}", config.ops_listen))
            .ok()
    }

    /// The port that is bound, also where 0 was asked for.
    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    fn at(address: SocketAddr) -> io::Result<Bound> {
        let listener = TcpListener::bind(address)?;
        Ok(Bound { address: listener.local_addr()?, listener })
    }

    pub(super) fn serve(self, parts: &Parts, threads: &Threads) -> anyhow::Result<Running> {
        let (services, threads) = (parts.services.clone(), threads.clone());
        let workers = services.config.workers;
        let limiter = ConnectionLimiter::new(&services.config, &services.metrics);
        let numbers = Arc::new(AtomicUsize::new(0));
        let at_once = connections_at_once(services.config.limits.connections, workers);
        let server = Server::build();
        let stopping = server.graceful_shutdown_signal();
        // `HttpServer` would keep the sockets to itself; seats write to them, too.
        let server = server
            .workers(workers)
            .max_concurrent_connections(at_once)
            .shutdown_timeout(SHUTDOWN_TIMEOUT_S)
            .disable_signals()
            .listen("site", self.listener, move || {
                let limiter = limiter.clone();
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                threads.join(number);
                let worker = worker(&services, number);
                let upgrades = upgrades(upgrading_site(&services, &worker), DISCONNECT_TIMEOUT);
                let stopping = stopping.clone();
                let http = HttpService::build()
                    .graceful_shutdown_signal(move || {
                        let stopping = stopping.clone();
                        async move { stopping.notified().await }
                    })
                    .client_request_timeout(HEAD_TIMEOUT)
                    .client_disconnect_timeout(DISCONNECT_TIMEOUT)
                    .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
                    .on_connect_ext(|checked: &Checked, data| {
                        data.insert(checked.connection().handle());
                    })
                    .upgrade(upgrades)
                    .h1(site(&services, &worker));
                fn_service(move |socket| ready(Ok::<_, DispatchError>(accepted(&limiter, socket))))
                    .and_then(http)
            })?;
        Ok(running(self.address, server.run()))
    }

    pub(super) fn serve_operators(self, parts: &Parts) -> anyhow::Result<Running> {
        let services = parts.services.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(services.clone()))
                .wrap(from_fn(guard))
                .configure(routes::operators)
                .default_service(web::to(routes::nothing))
        });
        let server = server
            .workers(1)
            .client_request_timeout(HEAD_TIMEOUT)
            .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
            .shutdown_timeout(SHUTDOWN_TIMEOUT_S)
            .disable_signals()
            .listen(self.listener)?;
        Ok(running(self.address, server.run()))
    }
}

/// How many connections a worker may have; what comes beyond that waits to be accepted.
fn connections_at_once(limit: Cap, workers: usize) -> usize {
    let wanted = limit.limit().unwrap_or(u32::MAX / 2) as usize + SPARE_CONNECTIONS;
    let possible = free_descriptors() / workers.max(1) as u64;
    wanted.min(usize::try_from(possible).unwrap_or(usize::MAX)).max(1)
}

/// A page that says so for browsers, a problem for all others.
async fn nowhere(request: HttpRequest) -> HttpResponse {
    match ui::lost(&request) {
        Some(page) => page,
        None => routes::nothing().await,
    }
}

fn accepted(limiter: &ConnectionLimiter, socket: TcpStream) -> (Checked, Option<SocketAddr>) {
    let peer = socket.peer_addr().ok();
    let connection = Connection::new(socket);
    let place = socket_options::prepare(limiter, &connection);
    (Checked::new(connection, place), peer)
}

/// What answers the requests of one worker.
fn site(services: &Services, worker: &Rc<WorkerContext>) -> Site {
    guarded(app(services, worker).wrap(Compress::default()))
}

/// The same for those who ask for another protocol: an open socket would keep the state of a compressor that has nothing to do.
fn upgrading_site(services: &Services, worker: &Rc<WorkerContext>) -> Site {
    guarded(app(services, worker))
}

fn app(
    services: &Services,
    worker: &Rc<WorkerContext>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    App::new()
        .app_data(web::Data::new(services.clone()))
        .app_data(worker.clone())
        .configure(routes::site)
        .configure(ui::configure(Own { room: pages::room, channel: pages::channel, embed: pages::embed }))
        .default_service(web::to(nowhere))
}

fn guarded<T, B>(app: App<T>) -> Site
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        >,
    T: 'static,
    B: MessageBody + 'static,
{
    let site = app.wrap(from_fn(guard)).into_factory().map_err(|error| error.error_response());
    // Boxed, its future is: it would be a part of each connection for as long as that lives.
    boxed::factory(map_config(site, |()| AppConfig::default()))
}

fn running(address: SocketAddr, server: Server) -> Running {
    Running { address, handle: server.handle(), ended: tokio::spawn(server) }
}

/// What the sessions of one worker share: made on its thread, where it stays.
fn worker(services: &Services, number: usize) -> Rc<WorkerContext> {
    let limits = Arc::new(services.config.limits.clone());
    let heartbeat = services.config.heartbeat;
    let audience = Rc::new(RefCell::new(Audience::new(limits.outbox_bytes as u64, &services.metrics)));
    let shard = Shard::new(audience.clone(), heartbeat, services.metrics.clone()).start();
    // Once in the life of a worker.
    services.streams.registry.do_send(WorkerUp(Arbiter::current()));
    Rc::new(WorkerContext {
        streams: services.streams.clone(),
        identities: services.identities.clone(),
        connections: services.connections.clone(),
        audit_queue: services.audit_queue.clone(),
        limits,
        metrics: services.metrics.clone(),
        heartbeat,
        audience,
        shard,
        number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{HttpResponse, body, dev::Service, test};
    use std::{env, fs};

    async fn parts() -> Parts {
        let place = env::temp_dir().join(format!("livehouse-panic-{}", uuid::Uuid::now_v7()));
        let parts = Parts::start(Config::for_tests(&place)).await.unwrap();
        // The files stay open, and go with the last descriptor.
        fs::remove_dir_all(place).unwrap();
        parts
    }

    async fn panics() -> HttpResponse {
        panic!("canary");
    }

    #[actix_web::test]
    async fn a_handler_that_panics_is_a_500_that_says_nothing_of_it() {
        let parts = parts().await;
        let services = App::new().app_data(web::Data::new(parts.services.clone()));
        let service =
            test::init_service(services.wrap(from_fn(guard)).route("/", web::get().to(panics))).await;
        let error = service.call(test::TestRequest::get().uri("/").to_request()).await.unwrap_err();
        let answer = error.error_response();
        assert_eq!(answer.status().as_u16(), 500);
        assert!(answer.headers().contains_key("content-security-policy"));
        let text = body::to_bytes(answer.into_body()).await.unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("\"internal\"") && !text.contains("canary"), "{text}");
    }
}
