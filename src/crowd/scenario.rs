//! The show, from an empty room to an empty room. It must not know how a socket works or how figures are shown.

use super::{
    api::Api,
    args::CrowdArgs,
    client::{context::Plan, ledger::Goal},
    net::target::{Dialect, Target},
    patience,
    process::{self, Sample},
    report::{
        figures::{Figures, Marks},
        limits::CannotRun,
        progress::Progress,
        series::Series,
    },
    stamp::{Clock, Program, Timetable},
    tally::Tally,
    worker::{self, News, Order},
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout_at};

/// How long the last of the crowd may take to come in, after the ramp.
const LATE_JOINS: Duration = Duration::from_secs(30);
/// How long answers and deliveries may take after the last comment.
const GRACE: Duration = Duration::from_secs(15);
/// Quiet before the first comment.
const QUIET: Duration = Duration::from_secs(1);
/// Quiet before the server's memory is looked at: hashing the passwords of new accounts took some, for a moment.
const SETTLED_MEMORY: Duration = Duration::from_secs(4);
const SNAPSHOT_COMMENTS: usize = 50;
/// Files a process has open that are not sockets of the crowd.
const OTHER_DESCRIPTORS: u64 = 64;

/// Runs a whole crowd and says what it saw.
pub(super) async fn perform(args: &CrowdArgs) -> Result<Figures, CannotRun> {
    args.check().map_err(CannotRun::Other)?;
    let sockets = (args.viewers + args.commenters) as u64;
    process::allow_descriptors(sockets + OTHER_DESCRIPTORS).map_err(CannotRun::Other)?;
    let progress = Progress::new();
    let targets = args.urls.iter().map(|url| Target::resolve(url, args.dialect()));
    let targets = targets.collect::<Result<Vec<_>, _>>().map_err(CannotRun::Other)?;
    for target in &targets {
        patience::until_ready(target).await?;
    }
    let room = Room::prepare(args, &targets[0], &progress).await?;
    let plan = Arc::new(plan(args, targets, &room)?);
    let mut scenario = Scenario::open(args, plan, progress);
    let marks = scenario.run(args, &room).await?;
    room.close().await;
    Ok(Figures::draw(args, scenario.threads, scenario.total, scenario.series, marks))
}

/// Where the crowd goes.
struct Room {
    api: Option<Api>,
    stream: String,
    /// Who made the stream.
    host: Option<String>,
    pens: Vec<String>,
}

impl Room {
    async fn prepare(args: &CrowdArgs, target: &Target, progress: &Progress) -> Result<Self, CannotRun> {
        if args.dialect() != Dialect::Livehouse {
            return Ok(Self { api: None, stream: String::new(), host: None, pens: Vec::new() });
        }
        let api = Api::new(target);
        let pens = match &args.token {
            Some(token) => vec![token.clone(); args.commenters],
            None => register(&api, args, progress).await?,
        };
        let mut room = Self { api: None, stream: args.stream.clone().unwrap_or_default(), host: None, pens };
        if args.stream.is_none() {
            let host = match &args.token {
                Some(token) => token.clone(),
                None => room.pens.pop().ok_or_else(|| CannotRun::Other("no account to host with".into()))?,
            };
            room.stream = api.start_stream(&host, "A crowd").await?;
            room.host = Some(host);
        }
        if args.join_storm {
            let writer = room.host.as_ref().or(room.pens.first());
            let writer =
                writer.ok_or_else(|| CannotRun::Other("--join-storm needs someone who writes".into()))?;
            for number in 0..SNAPSHOT_COMMENTS {
                api.comment(writer, &room.stream, &format!("What was said before the crowd came, {number}"))
                    .await?;
            }
        }
        room.api = Some(api);
        Ok(room)
    }

    fn token(&self) -> Option<&str> {
        self.host.as_deref().or(self.pens.first().map(String::as_str))
    }

    async fn head(&self) -> Result<Option<u64>, CannotRun> {
        let Some(api) = &self.api else { return Ok(None) };
        Ok(Some(api.head(self.token(), &self.stream).await?))
    }

    /// The total of reactions, where any are sent.
    async fn reactions(&self, args: &CrowdArgs) -> Result<Option<u64>, CannotRun> {
        let Some(api) = self.api.as_ref().filter(|_| args.reacts()) else { return Ok(None) };
        Ok(Some(api.reactions(self.token(), &self.stream).await?))
    }

    /// Ends a stream of one's own; that it could not be ended is no fault of the run.
    async fn close(&self) {
        if let (Some(api), Some(host)) = (&self.api, &self.host) {
            let _ = api.end_stream(host, &self.stream).await;
        }
    }
}

/// One account for each commenter, and one more, last, for the host.
async fn register(api: &Api, args: &CrowdArgs, progress: &Progress) -> Result<Vec<String>, CannotRun> {
    let accounts = args.commenters + usize::from(args.stream.is_none());
    let run = random()?;
    let password = format!("{:08x}{:08x}", random()?, random()?);
    progress.part("accounts", accounts as u64);
    let mut tokens = Vec::new();
    for number in 0..accounts {
        let username = format!("{}-{run:08x}-{number}", args.username_prefix);
        tokens.push(api.register(&username, &password).await?.token);
        progress.at(tokens.len() as u64, String::new());
    }
    Ok(tokens)
}

fn random() -> Result<u32, CannotRun> {
    getrandom::u32().map_err(|error| CannotRun::Other(error.to_string()))
}

fn plan(args: &CrowdArgs, targets: Vec<Target>, room: &Room) -> Result<Plan, CannotRun> {
    let path = match args.dialect() {
        Dialect::Livehouse => format!("/api/v1/streams/{}/ws", room.stream),
        Dialect::Raw if targets[0].base.is_empty() => "/".to_owned(),
        Dialect::Raw => String::new(),
        Dialect::Socketio => "/socket.io/?EIO=4&transport=websocket".to_owned(),
    };
    Ok(Plan {
        targets,
        dialect: args.dialect(),
        clock: Clock::start(),
        path,
        crowd: random()?,
        pens: room.pens.clone(),
        viewer_token: args.token.clone(),
        viewers: args.viewers,
        commenters: args.commenters,
        slow: args.slow,
        drip: args.drip,
        drip_kbits: args.drip_kbits,
        readers: args.readers,
        content_bytes: usize::from(args.content_bytes),
        source_addresses: args.source_addresses,
        deflate: args.deflate,
        churn: args.churn,
    })
}

struct Scenario {
    plan: Arc<Plan>,
    progress: Progress,
    orders: Vec<mpsc::UnboundedSender<Order>>,
    news: mpsc::UnboundedReceiver<News>,
    timetable: watch::Sender<Option<Program>>,
    threads: usize,
    /// Process ids of the nodes.
    servers: Vec<u32>,
    started: Instant,
    next_second: Instant,
    /// When something was last delivered.
    last_delivery: Instant,
    total: Tally,
    series: Series,
    /// When comments began, and how long after that the room had lost as many viewers as were slow.
    writing_since: Option<Instant>,
    slow_gone: Option<Duration>,
    finished: usize,
    left: usize,
}

impl Scenario {
    fn open(args: &CrowdArgs, plan: Arc<Plan>, progress: Progress) -> Self {
        let threads =
            args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let (news, heard) = mpsc::unbounded_channel();
        let (timetable, told) = watch::channel(None);
        let (mut orders, mut readers) = (Vec::new(), Vec::new());
        for _ in 0..args.readers {
            let (order, taken) = mpsc::unbounded_channel();
            let (reader, visits) = std::sync::mpsc::channel();
            orders.push(order);
            readers.push(reader);
            let (plan, news) = (plan.clone(), news.clone());
            std::thread::spawn(move || worker::read(&plan, visits, taken, news));
        }
        for index in 0..threads.max(1) {
            let (order, taken) = mpsc::unbounded_channel();
            orders.push(order);
            let (plan, told, readers, news) = (plan.clone(), told.clone(), readers.clone(), news.clone());
            std::thread::spawn(move || {
                worker::run(plan, (index, threads.max(1)), told, readers, taken, news)
            });
        }
        let now = Instant::now();
        Self {
            plan,
            progress,
            orders,
            news: heard,
            timetable,
            threads: threads.max(1) + args.readers,
            servers: args.server_pids.clone(),
            started: now,
            next_second: now,
            last_delivery: now,
            total: Tally::default(),
            series: Series::new(),
            writing_since: None,
            slow_gone: None,
            finished: 0,
            left: 0,
        }
    }

    async fn run(&mut self, args: &CrowdArgs, room: &Room) -> Result<Marks, CannotRun> {
        if !self.servers.is_empty() && !room.pens.is_empty() {
            self.pass(SETTLED_MEMORY).await;
        }
        let mut marks = Marks { before: self.look()?, ..Marks::default() };
        self.fill(args).await;
        self.pass(QUIET).await;
        marks.joined = self.look()?;
        marks.own_joined = process::sample(std::process::id()).unwrap_or_default();
        let deliveries = self.total.deliveries;
        let before = room.reactions(args).await?;
        let began = Instant::now();
        self.write(args).await;
        let heard = self.total.posted;
        let reactions = room.reactions(args).await?;
        marks.reactions = reactions.zip(before).map(|(after, before)| after - before);
        self.finish(Goal { head: room.head().await?, heard, reactions }).await;
        marks.settled = self.look()?;
        marks.own_settled = process::sample(std::process::id()).unwrap_or_default();
        marks.deliveries = self.total.deliveries - deliveries;
        let ended = if marks.deliveries > 0 { self.last_delivery } else { Instant::now() };
        marks.lasted = ended.saturating_duration_since(began).max(Duration::from_millis(1));
        marks.viewers = self.total.viewers;
        marks.slow_gone = self.slow_gone;
        self.empty(args.linger).await;
        marks.left = self.look()?;
        self.progress.done();
        Ok(marks)
    }

    async fn fill(&mut self, args: &CrowdArgs) {
        let (seats, ramp) = (self.plan.seats() as u64, args.ramp());
        self.progress.part("joining", seats);
        let first_us = self.plan.clock.now_us() + 50_000;
        self.order(|| Order::Join { first_us, ramp });
        let until = Instant::now() + ramp + LATE_JOINS;
        let none_left = |scenario: &Self| scenario.total.joins + scenario.total.gone >= seats;
        while !none_left(self) && self.hear(until).await {
            self.progress.at(self.total.joins, String::new());
        }
    }

    async fn write(&mut self, args: &CrowdArgs) {
        let now_us = self.plan.clock.now_us();
        let table = |rate| Timetable::new(now_us, rate, args.length);
        let program = Program { comments: table(args.rate), reactions: table(args.reactions) };
        self.progress.part("watching", args.length.as_secs());
        if args.writes() || args.reacts() {
            self.timetable.send_replace(Some(program));
            self.writing_since = Some(Instant::now());
        }
        let began = Instant::now();
        while self.hear(began + args.length).await {
            let last =
                self.series.seconds.last().map_or((0.0, None), |last| (last.deliveries_per_s, last.p99_ms));
            let p99 = last.1.map_or("-".into(), |ms| format!("{ms:.0} ms"));
            self.progress.at(began.elapsed().as_secs(), format!("{:.0} deliveries/s, p99 {p99}", last.0));
        }
        let wanted = if args.writes() { program.comments.count } else { 0 };
        let wanted_reactions = if args.reacts() { program.reactions.count } else { 0 };
        let answered = |scenario: &Self| match scenario.plan.dialect {
            Dialect::Livehouse => scenario.total.answered(),
            Dialect::Raw | Dialect::Socketio => scenario.total.posted,
        };
        let until = Instant::now() + GRACE;
        let is_done = |scenario: &Self| {
            answered(scenario) >= wanted && scenario.total.reactions_answered() >= wanted_reactions
        };
        while !is_done(self) && self.hear(until).await {}
    }

    async fn finish(&mut self, goal: Goal) {
        self.order(|| Order::Finish { goal, grace: GRACE });
        let until = Instant::now() + GRACE * 2;
        while self.finished < self.threads && self.hear(until).await {}
    }

    async fn empty(&mut self, linger: Duration) {
        self.order(|| Order::Leave);
        let until = Instant::now() + GRACE;
        while self.left < self.threads && self.hear(until).await {}
        self.progress.part("lingering", linger.as_secs());
        sleep(linger).await;
    }

    fn order(&self, order: impl Fn() -> Order) {
        for worker in &self.orders {
            let _ = worker.send(order());
        }
    }

    async fn pass(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while self.hear(until).await {}
    }

    /// Takes one piece of news; false at `until`.
    async fn hear(&mut self, until: Instant) -> bool {
        let Ok(Some(news)) = timeout_at(until, self.news.recv()).await else { return false };
        match news {
            News::Finished => self.finished += 1,
            News::Left => self.left += 1,
            News::Tick(tick) => {
                if tick.deliveries > 0 {
                    self.last_delivery = Instant::now();
                }
                self.watch_slow(tick.viewers);
                self.series.take(&tick);
                self.total.add(*tick);
                if Instant::now() >= self.next_second {
                    self.next_second = Instant::now() + Duration::from_secs(1);
                    let server = process::sample_all(&self.servers).filter(|_| !self.servers.is_empty());
                    self.series.close(self.started.elapsed().as_secs_f64(), server);
                }
            }
        }
        Instant::now() < until
    }

    /// A viewer that does not read does not learn that it was ended; the others see it in the room's pulse.
    fn watch_slow(&mut self, viewers: Option<u64>) {
        let slow = self.plan.slow + self.plan.drip;
        let (Some(since), Some(viewers), None) = (self.writing_since, viewers, self.slow_gone) else {
            return;
        };
        if slow > 0 && viewers <= (self.plan.seats() - slow) as u64 {
            self.slow_gone = Some(since.elapsed());
        }
    }

    fn look(&self) -> Result<Option<Sample>, CannotRun> {
        if self.servers.is_empty() {
            return Ok(None);
        }
        let gone = || CannotRun::Other("--server-pid: no such process, or not ours to see".into());
        process::sample_all(&self.servers).map(Some).ok_or_else(gone)
    }
}
