//! The load tester: a crowd of viewers and commenters against any running server, which checks while it counts.
//! It is a client: it knows the contract and must not know any module of the server.
//!
//! `scenario` runs the show; `worker`s (a thread each) hold `client`s (a socket each), which understand through `frames` and
//! `cache` and check through `ledger`. `report::figures` is the result, `report` shows it.

mod api;
mod args;
mod client;
mod net;
mod patience;
mod process;
mod report;
mod scenario;
mod stamp;
mod tally;
mod worker;

pub use args::CrowdArgs;
use std::process::ExitCode;

const BROKE: u8 = 1;
const COULD_NOT_RUN: u8 = 2;

/// Runs a crowd on a runtime of its own and reports. The exit code is 0 where every invariant held, 1 where one
/// broke, 2 where the crowd could not run as asked.
pub fn run(args: CrowdArgs) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(&error),
    };
    let figures = match runtime.block_on(scenario::perform(&args)) {
        Ok(figures) => figures,
        Err(reason) => return could_not_run(&reason),
    };
    if let Err(error) = show(&args, &figures) {
        return could_not_run(&error);
    }
    match (figures.breaches, &figures.fell_short) {
        (0, None) => ExitCode::SUCCESS,
        (0, Some(reason)) => could_not_run(reason),
        _ => ExitCode::from(BROKE),
    }
}

fn could_not_run(reason: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("livehouse crowd: {reason}");
    ExitCode::from(COULD_NOT_RUN)
}

#[allow(clippy::print_stdout)]
fn show(args: &CrowdArgs, figures: &report::figures::Figures) -> std::io::Result<()> {
    if args.json {
        println!("{}", serde_json::to_string_pretty(figures)?);
    } else {
        print!("{}", report::table(figures));
    }
    match &args.report {
        Some(file) => std::fs::write(file, report::page(figures)),
        None => Ok(()),
    }
}
