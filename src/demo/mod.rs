//! `livehouse demo`: a server with a throw-away directory, and people in it who host, watch and talk, so that anyone sees a
//! busy site by one command. It drives the server by its interface alone, and must not know its tables.

mod cast;
mod dice;
mod house;
mod scene;
mod scratch;

use crate::{
    config::{Config, Flags, Purpose},
    domain::Millis,
    server,
};
use anyhow::Context;
use cast::{Cast, Programme, State};
use house::{Guest, House};
use scene::Scene;
use scratch::Scratch;
use secrecy::SecretString;
use serde_json::json;
use std::{collections::BTreeMap, iter::empty, net::SocketAddr};
use tokio::task::JoinSet;

const ADMINISTRATOR: &str = "olga";

/// Show a busy site: a server with a throw-away directory, and people in it who host, watch and talk
///
/// It reads no configuration and lifts all limits of rate: it is there to be looked at, and for nobody else.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Where the site is
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// How many watch, over all rooms
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(0..=5000))]
    viewers: u16,
}

/// Serves until a signal comes; then nothing is left of it.
///
/// # Errors
/// Where the address is taken, or no directory can be made.
pub async fn run(args: &DemoArgs) -> anyhow::Result<()> {
    let scratch = Scratch::new()?;
    let flags = Flags {
        data_dir: Some(scratch.path()),
        listen: Some(args.listen.to_string()),
        ops_listen: Some(any_port(args.listen)),
        media_listen: Some(any_port(args.listen)),
        rtmp_listen: Some("off".to_owned()),
        limits: Some("off".to_owned()),
        log: Some("warn".to_owned()),
        ..Flags::default()
    };
    let config = Config::load(&flags, empty(), Purpose::Serve)?;
    crate::logging::start(&config);
    let password = password()?;
    let server = server::bind(config).await?;
    let setup = server.setup_token().context("a new house has no administrator")?.clone();
    let address = SocketAddr::new(args.listen.ip(), server.port());
    let house = House::at(address, &password)?;
    let viewers = args.viewers.into();
    tokio::select! {
        stopped = server.run_until_stopped() => stopped,
        ended = play(house, viewers, address, &password, &setup) => ended.context("the people stay away"),
    }
}

/// Lets all come in, and play on for as long as whoever asked waits.
async fn play(
    house: House,
    viewers: usize,
    address: SocketAddr,
    password: &str,
    setup: &SecretString,
) -> anyhow::Result<()> {
    house.set_up(setup, ADMINISTRATOR).await?;
    let cast = Cast::of_program();
    let mut people = BTreeMap::new();
    for person in &cast.people {
        people.insert(person.username.as_str(), house.register(person).await?);
    }
    let guests: Vec<Guest> = cast.guests().map(|guest| people[guest.username.as_str()].clone()).collect();
    let mut scenes = Vec::new();
    for programme in &cast.streams {
        scenes.extend(stage(programme, &people[programme.host.as_str()], &guests).await?);
    }
    tell(address, password, &cast);
    let mut playing = JoinSet::new();
    let weights: usize = scenes.iter().map(|scene| scene.show.weight).sum();
    for scene in scenes {
        let share = viewers * scene.show.weight / weights.max(1);
        for _ in 0..share {
            playing.spawn(scene::attend(house.clone(), scene.stream.clone()));
        }
        let guests = guests.clone();
        playing.spawn(async move { scene.talk(&guests).await });
    }
    while let Some(ended) = playing.join_next().await {
        ended??;
    }
    Ok(())
}

/// Brings a stream to where it should be; a scene where it is on air.
async fn stage(programme: &Programme, host: &Guest, guests: &[Guest]) -> anyhow::Result<Option<Scene>> {
    let at = match programme.state {
        State::Scheduled { in_s } => Some(Millis::now().plus_s(in_s)),
        _ => None,
    };
    let stream = host.create(programme, at).await?;
    let path = format!("/streams/{stream}");
    let nothing = json!({});
    match &programme.state {
        State::Scheduled { .. } => Ok(None),
        State::Ended { lines } => {
            host.post(&format!("{path}/start"), &nothing).await?;
            for (guest, line) in guests.iter().cycle().zip(lines) {
                guest.post(&format!("{path}/comments"), &json!({"content": line})).await?;
            }
            host.post(&format!("{path}/end"), &nothing).await?;
            Ok(None)
        }
        State::Live(show) => {
            host.post(&format!("{path}/start"), &nothing).await?;
            let scene = Scene { stream, host: host.clone(), show: show.clone() };
            scene.open(guests).await?;
            Ok(Some(scene))
        }
    }
}

#[allow(clippy::print_stdout)]
fn tell(address: SocketAddr, password: &str, cast: &Cast) {
    let hosts = cast.people.iter().filter(|person| person.is_host);
    let hosts: Vec<&str> = hosts.map(|host| host.username.as_str()).collect();
    println!("A busy house, until Ctrl+C, and nothing is kept: http://{address}");
    println!(
        "Log in as {ADMINISTRATOR}, who runs it, as {}, who host, or as birk, who watches.",
        hosts.join(", ")
    );
    println!("The password of all is {password}");
}

/// Another for each run, since the site may be seen by others.
fn password() -> anyhow::Result<String> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes)?;
    Ok(data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

fn any_port(listen: SocketAddr) -> String {
    SocketAddr::new(listen.ip(), 0).to_string()
}
