//! `livehouse admin`: reads its arguments, has the work done, and prints what came of it.
//! It must not know how the work is done.

use super::{
    orders::{
        self, By,
        accounts::{self, Changed, Wanted},
        bans, house,
        invitations::{self, EXPIRES_MAX_S},
    },
    password::PasswordFrom,
    show,
};
use crate::{
    auth::{password::hash_blocking, shown_once},
    config::{Config, DatabaseUrl, Error, Flags, Purpose},
    domain::{Millis, SessionId, Username, accounts::display_name::DisplayName, text::Reason},
    store::{self, Failure, Store, Tx, accounts::users::NewUser, site},
};
use anyhow::anyhow;
use clap::Subcommand;
use std::{env, path::PathBuf, process::ExitCode};

/// The longest ban, in seconds: a hundred years.
const BAN_MAX_S: i64 = 100 * 365 * 24 * 3600;

/// What an operator wants done, and on which database.
#[derive(clap::Args)]
pub struct AdminArgs {
    #[command(flatten)]
    database: DatabaseFlags,
    #[command(subcommand)]
    order: Order,
}

/// The flags that say which database; all else of the configuration does not matter here.
#[derive(clap::Args)]
struct DatabaseFlags {
    /// TOML file of the server
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Directory of the embedded database
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<String>,
    /// sqlite:FILE or postgres://…
    #[arg(long, value_name = "URL", global = true)]
    database_url: Option<String>,
    /// File that holds the database URL
    #[arg(long, value_name = "FILE", global = true)]
    database_url_file: Option<String>,
}

/// One piece of operator work.
#[derive(Subcommand)]
enum Order {
    /// Create an admin
    Create {
        username: String,
        /// What others see [default: the username]
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// Make an admin of an account
    Promote { username: String },
    /// Make an account like any other of an admin, and end all its sessions
    Demote { username: String },
    /// Set a new password and end all sessions
    ResetPassword {
        username: String,
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// See and end sessions
    #[command(subcommand)]
    Sessions(Sessions),
    /// Disable an account and end its sessions
    Disable { username: String },
    /// Let a disabled account log in again
    Enable { username: String },
    /// Show what is on record, latest last: logins, refusals, acts of moderators and operators
    Audit {
        /// How many entries
        #[arg(long, value_name = "COUNT", default_value_t = 50)]
        last: usize,
    },
    /// Allow an account to host, for servers with --streams-by granted
    GrantHosting { username: String },
    /// Take that back
    RevokeHosting { username: String },
    /// Show what is set for the site, or set it; a server that runs goes by it within a second
    #[command(subcommand)]
    Settings(Settings),
    /// Make an invitation, for a site that takes nobody without one
    Invite {
        /// How many may register with it
        #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=100))]
        uses: i32,
        /// For how long it is good; for good, where nothing is said
        #[arg(long, value_name = "S", value_parser = clap::value_parser!(i64).range(1..=EXPIRES_MAX_S))]
        expires_in_s: Option<i64>,
    },
    /// Make a link by which somebody sets a new password within a day
    ResetLink { username: String },
    /// Let an account in that waits for it
    Approve { username: String },
    /// Ban an account from writing anywhere on the site
    Ban {
        username: String,
        /// For so long; for good, where nothing is said
        #[arg(long, value_name = "S", value_parser = clap::value_parser!(i64).range(1..=BAN_MAX_S))]
        duration_s: Option<i64>,
        /// What they are shown
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Lift that ban
    Unban { username: String },
    /// List the servers that work on a PostgreSQL database
    Nodes,
    /// Copy the embedded database into a new file, also while a server writes to it
    Backup { file: PathBuf },
    /// After a restored backup: make clients forget their places in logs that have lost events
    NewEpoch,
}

/// Work on what is set for the site.
#[derive(Subcommand)]
enum Settings {
    /// Show what was set; what is not listed is as usual, and flags of the server win
    Get,
    /// Set one of them, or return it to what is usual
    Set {
        /// name, description, accent, rules, registration or streams_by
        name: String,
        /// Nothing, for what is usual
        value: Option<String>,
    },
}

/// Work on the sessions of one account.
#[derive(Subcommand)]
enum Sessions {
    /// List those in force
    List { username: String },
    /// End one, or all
    Revoke {
        username: String,
        /// Which, as `sessions list` shows it
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<SessionId>,
        /// All of them
        #[arg(long)]
        all: bool,
    },
}

/// Does what the arguments say, and says what was done.
pub fn run(args: AdminArgs) -> ExitCode {
    let config = match Config::load(&args.database.flags(), env::vars_os(), Purpose::Operate) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("livehouse: {error}");
            return ExitCode::from(Error::EXIT_CODE);
        }
    };
    match carry_out(&config, args.order) {
        Ok(done) => {
            print!("{done}");
            eprintln!("livehouse: done on the database {}", shown(&config));
            ExitCode::SUCCESS
        }
        // It names the database itself.
        Err(error) if exit_code(&error) != 1 => {
            eprintln!("livehouse: {error:#}");
            ExitCode::from(exit_code(&error))
        }
        Err(error) => {
            eprintln!("livehouse: {error:#}; the database is {}", shown(&config));
            ExitCode::FAILURE
        }
    }
}

/// What the process ends with after such an error: trying again does not help where the operator must put something right.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let is_for_the_operator =
        |error: &store::Error| matches!(error, store::Error::Unusable(_) | store::Error::Url(_));
    let of_store = error.chain().find_map(|cause| {
        let of_order = || cause.downcast_ref::<orders::Error>()?.as_store();
        cause.downcast_ref::<store::Error>().or_else(of_order)
    });
    if of_store.is_some_and(is_for_the_operator) { Error::EXIT_CODE } else { 1 }
}

/// The database, so that whoever meant another one notices.
fn shown(config: &Config) -> String {
    match &config.database_url {
        DatabaseUrl::Sqlite(path) => {
            std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string()
        }
        url => url.masked(),
    }
}

/// Only the first account of a new house is made where nothing is yet; anything else on a wrong directory is a mistake.
fn open_or_make(config: &Config) -> store::Result<Store> {
    let url = config.database_url.expose();
    match may_make(config) {
        true => Store::open(&url),
        false => Store::open_existing(&url),
    }
}

/// In a directory that holds nothing else, or where the operator has named the file itself.
fn may_make(config: &Config) -> bool {
    let DatabaseUrl::Sqlite(path) = &config.database_url else { return true };
    let is_named = path.parent() != Some(config.data_dir.as_path());
    let is_empty = std::fs::read_dir(&config.data_dir).map_or(true, |mut entries| entries.next().is_none());
    is_named || is_empty
}

impl DatabaseFlags {
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            database_url_file: self.database_url_file.clone(),
            ..Flags::default()
        }
    }
}

fn carry_out(config: &Config, order: Order) -> anyhow::Result<String> {
    let open = || Store::open_existing(&config.database_url.expose());
    let now = Millis::now();
    Ok(match order {
        Order::Create { username, display_name, password } => {
            let new = new_admin(&username, display_name.as_deref(), &password, now)?;
            show::admin(&accounts::create(&open_or_make(config)?, &By::command(), &new)?)
        }
        Order::Promote { username } => {
            let wanted = Wanted { is_admin: Some(true), ..Wanted::default() };
            show::admin(&change(&open()?, &username, wanted)?.user)
        }
        Order::Demote { username } => {
            let wanted = Wanted { is_admin: Some(false), ..Wanted::default() };
            show::demoted(&change(&open()?, &username, wanted)?)
        }
        Order::ResetPassword { username, password } => {
            let store = open()?;
            let user = store.read_blocking(|conn| accounts::named(conn, &username))?;
            let password = password.read(&Username::from_stored(user.username))?;
            let hash = hash_blocking(&password).map_err(orders::Error::from)?;
            let reset = |tx: &mut Tx<'_>| accounts::reset_password(tx, &By::command(), &username, &hash, now);
            show::new_password(&store.write_blocking(reset)?)
        }
        Order::Sessions(Sessions::List { username }) => {
            show::sessions(&open()?.read_blocking(|conn| accounts::list_sessions(conn, &username, now))?)
        }
        Order::Sessions(Sessions::Revoke { username, id: Some(id), .. }) => {
            let revoke = |tx: &mut Tx<'_>| accounts::revoke_session(tx, &By::command(), &username, id, now);
            open()?.write_blocking(revoke)?;
            show::session_ended(id)
        }
        Order::Sessions(Sessions::Revoke { username, .. }) => {
            let revoke = |tx: &mut Tx<'_>| accounts::revoke_sessions(tx, &By::command(), &username, now);
            show::sessions_ended(&open()?.write_blocking(revoke)?)
        }
        Order::Disable { username } => {
            let wanted = Wanted { disabled: Some(true), ..Wanted::default() };
            show::disabled(&change(&open()?, &username, wanted)?.user)
        }
        Order::Enable { username } => {
            let wanted = Wanted { disabled: Some(false), ..Wanted::default() };
            show::disabled(&change(&open()?, &username, wanted)?.user)
        }
        Order::Audit { last } => show::record(&house::last_on_record(&open()?, last)?),
        Order::GrantHosting { username } => {
            let wanted = Wanted { may_host: Some(true), ..Wanted::default() };
            show::hosting(&change(&open()?, &username, wanted)?.user)
        }
        Order::RevokeHosting { username } => {
            let wanted = Wanted { may_host: Some(false), ..Wanted::default() };
            show::hosting(&change(&open()?, &username, wanted)?.user)
        }
        Order::Settings(Settings::Get) => show::settings(&open()?.read_blocking(site::settings::read)?),
        Order::Settings(Settings::Set { name, value }) => {
            let decision =
                orders::settings::one(&name, value.as_deref()).map_err(|refused| anyhow!(refused))?;
            show::settings(
                &open()?.write_blocking(|tx| orders::settings::decide(tx, &By::command(), &decision))?,
            )
        }
        Order::Invite { uses, expires_in_s } => {
            let wanted = invitations::Wanted { code: shown_once::random()?, uses, expires_in_s };
            let made = open()?.write_blocking(|tx| invitations::create(tx, &By::command(), &wanted, now))?;
            show::link(config.public_url.as_ref(), &format!("/invitation#code={}", made.code))
        }
        Order::ResetLink { username } => {
            let (token, expires_at) = (shown_once::random()?, now.plus_s(accounts::RESET_LINK_S));
            let hash = shown_once::hash(&token);
            let link =
                |tx: &mut Tx<'_>| accounts::reset_link(tx, &By::command(), &username, &hash, expires_at);
            open()?.write_blocking(link)?;
            show::link(config.public_url.as_ref(), &format!("/reset#token={token}"))
        }
        Order::Approve { username } => {
            let wanted = Wanted { approved: true, ..Wanted::default() };
            show::approved(&change(&open()?, &username, wanted)?.user)
        }
        Order::Ban { username, duration_s, reason } => {
            let reason = reason.map(|text| Reason::parse(&text)).transpose();
            let reason = reason.map_err(|refused| anyhow!("reason: {refused}"))?.map(String::from);
            let wanted = bans::Wanted { duration_s, reason: reason.filter(|text| !text.is_empty()) };
            open()?.write_blocking(|tx| bans::put(tx, &By::command(), &username, &wanted, now))?;
            show::banned(&username)
        }
        Order::Unban { username } => {
            open()?.write_blocking(|tx| bans::lift(tx, &By::command(), &username, now))?;
            show::unbanned(&username)
        }
        Order::Nodes => show::nodes(&house::nodes(&open()?)?),
        Order::Backup { file } => {
            house::backup(&open()?, &file)?;
            show::backup(&file)
        }
        Order::NewEpoch => show::epoch(&house::new_epoch(&open()?)?),
    })
}

fn change(store: &Store, username: &str, wanted: Wanted) -> orders::Result<Changed> {
    store.write_blocking(|tx| accounts::change(tx, &By::command(), username, &wanted, Millis::now()))
}

/// An admin to be; reads the password.
fn new_admin(
    username: &str,
    display_name: Option<&str>,
    password: &PasswordFrom,
    now: Millis,
) -> anyhow::Result<NewUser> {
    let username = Username::parse(username).map_err(|refused| anyhow!("username: {refused}"))?;
    let display_name = match display_name {
        Some(text) => DisplayName::parse(text).map_err(|refused| anyhow!("display name: {refused}"))?,
        None => DisplayName::from(&username),
    };
    let password = password.read(&username)?;
    Ok(accounts::new_admin(username, display_name, &password, now)?)
}
