//! The command line: parse it, hand over. It must not know how anything is done.
#![forbid(unsafe_code)]

use clap::{CommandFactory, Parser, Subcommand, error::ErrorKind};
use clap_complete::Shell;
use clap_mangen::Man;
use livehouse::{
    config::{Config, Error, Flags, Purpose},
    crowd::{self, CrowdArgs},
    demo::{self, DemoArgs},
    logging, operate, probe, server,
};
use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const NAME: &str = "livehouse";

const ENVIRONMENT: &str = "\
Each flag is also a variable, LIVEHOUSE_OPS_LISTEN for --ops-listen, and a key of the file, ops_listen.
Variables and keys alone, for arguments can be read by others: LIVEHOUSE_SECRET_KEY, and with
LIVEHOUSE_SECRET_KEY_PREVIOUS the one before it; each secret and URL also as a file: LIVEHOUSE_SECRET_KEY_FILE.
Each limit by its name: LIVEHOUSE_LIMITS_COMMENTS_PER_USER=10; 0 lifts it.
Flags are stronger than variables, and these than the file; an empty variable counts as unset.";

/// A self-hosted live-stream server: accounts, streams, rooms and comments in one binary.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = ENVIRONMENT)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; the same as no command
    Serve(Flags),
    /// Work on accounts, sessions and the database, also while the server runs
    Admin(operate::AdminArgs),
    /// Send a crowd of viewers and commenters to a running server, and check what they see
    Crowd(CrowdArgs),
    /// Show a busy site: a server with a throw-away directory, and people in it who host, watch and talk
    Demo(DemoArgs),
    /// Look at the configuration
    #[command(subcommand)]
    Config(Look),
    /// End with 0 if the server of this configuration is ready, and with 1 if not
    Health(Flags),
    /// Print what completes this command line in a shell
    Completions {
        /// The shell, such as bash or zsh
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Write it into this directory instead, with a page for each command
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Look {
    /// Say whether a server would start on it
    Check(Flags),
    /// Print it as TOML, resolved, with secrets masked
    Print(Flags),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match cli.command {
        None => serve(&cli.flags),
        Some(Command::Serve(flags)) => serve(&flags),
        Some(Command::Admin(args)) => operate::run(args),
        Some(Command::Crowd(args)) => crowd::run(args),
        Some(Command::Demo(args)) => served(actix::System::new().block_on(demo::run(&args))),
        Some(Command::Config(Look::Check(flags))) => look(&flags, |_| "ok\n".to_owned()),
        Some(Command::Config(Look::Print(flags))) => look(&flags, Config::to_toml),
        Some(Command::Health(flags)) => health(&flags),
        Some(Command::Completions { shell }) => told(completions(shell)),
        Some(Command::Man { into }) => told(manual(into.as_deref())),
    }
}

fn serve(flags: &Flags) -> ExitCode {
    let config = match Config::load(flags, env::vars_os(), Purpose::Serve) {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    logging::start(&config);
    served(actix::System::new().block_on(async { server::bind(config).await?.run_until_stopped().await }))
}

fn served(stopped: anyhow::Result<()>) -> ExitCode {
    match stopped {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error:#}");
            ExitCode::from(operate::exit_code(&error))
        }
    }
}

fn look(flags: &Flags, show: impl FnOnce(&Config) -> String) -> ExitCode {
    match Config::load(flags, env::vars_os(), Purpose::Inspect) {
        Ok(config) => {
            config.notices.iter().for_each(|notice| eprintln!("livehouse: {}", notice.text));
            print!("{}", show(&config));
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error),
    }
}

fn health(flags: &Flags) -> ExitCode {
    match Config::load(flags, env::vars_os(), Purpose::Operate) {
        Ok(config) => actix::System::new().block_on(probe::run(&config)),
        Err(error) => refuse(&error),
    }
}

/// Through memory, since the generator takes a pipe that is closed early for a fault of the program.
fn completions(shell: Shell) -> io::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut text);
    io::stdout().write_all(&text)
}

fn manual(into: Option<&Path>) -> io::Result<()> {
    let command = Cli::command().disable_help_subcommand(true);
    match into {
        Some(directory) => clap_mangen::generate_to(command, directory),
        None => Man::new(command).render(&mut io::stdout()),
    }
}

fn told(written: io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("livehouse: this cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn refuse(error: &Error) -> ExitCode {
    eprintln!("livehouse: {error}");
    ExitCode::from(Error::EXIT_CODE)
}

/// A flag is a key of the configuration: one that does not exist ends like any other mistake in it, in one line.
fn explain(error: &clap::Error) -> ExitCode {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    let is_answer =
        matches!(error.kind(), DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand);
    if is_answer || !concerns_configuration() {
        error.exit();
    }
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    eprintln!("livehouse: {first}; allowed: what `livehouse --help` lists");
    ExitCode::from(Error::EXIT_CODE)
}

/// Whether the command that was asked for reads the configuration and nothing else.
fn concerns_configuration() -> bool {
    let asked = env::args().nth(1).unwrap_or_default();
    let is_command = Cli::command().get_subcommands().any(|command| command.get_name() == asked);
    !is_command || matches!(asked.as_str(), "serve" | "config" | "health")
}
