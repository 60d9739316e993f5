//! A PostgreSQL and a Redis of a test's own, that can be stopped, frozen and lost. They must not know who uses them.

use crate::tools::{Place, Signal, until};
use rustix::process::{Pid, geteuid, kill_process};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

const REDIS_WITHIN: Duration = Duration::from_secs(1);

/// A PostgreSQL with a new, empty database.
pub struct Postgres {
    bin: PathBuf,
    place: Place,
    port: u16,
    server: Child,
}

impl Postgres {
    pub async fn start(bin: &Path) -> Postgres {
        let place = Place::new();
        // Its own user must find the way.
        fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).expect("it is ours");
        fs::create_dir(place.path("pg")).expect("a directory for a test");
        if geteuid().is_root() {
            run(Command::new("chown").arg("postgres").arg(place.path("pg")));
        }
        let mut initdb = as_postgres(&bin.join("initdb"));
        run(initdb.arg("-D").arg(place.path("pg")).args(["-A", "trust", "-U", "postgres", "--no-sync"]));
        let port = free_port();
        let server = serve(bin, &place, port);
        let postgres = Postgres { bin: bin.to_owned(), place, port, server };
        postgres.ready().await;
        postgres
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as its own crash would, and starts it again on the same files.
    pub async fn restart(&mut self) {
        self.end();
        self.server = serve(&self.bin, &self.place, self.port);
        self.ready().await;
    }

    /// The rows of a query, a line each.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let port = self.port.to_string();
        let asked = Command::new(self.bin.join("psql"))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-AtXc", sql, "postgres"])
            .output()
            .expect("psql runs");
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
        String::from_utf8(asked.stdout).expect("text").lines().map(str::to_owned).collect()
    }

    async fn ready(&self) {
        let port = self.port.to_string();
        until("PostgreSQL is ready", async || {
            let mut asking = Command::new(self.bin.join("pg_isready"));
            asking.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            asking.status().expect("pg_isready runs").success()
        })
        .await;
    }

    fn end(&mut self) {
        // Immediate shutdown: the postmaster takes its children with it.
        signal(&self.server, Signal::QUIT);
        self.server.wait().expect("it can be waited for");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end();
        if geteuid().is_root() {
            _ = fs::remove_dir_all(self.place.path("pg"));
        }
    }
}

fn serve(bin: &Path, place: &Place, port: u16) -> Child {
    as_postgres(&bin.join("postgres"))
        .arg("-D")
        .arg(place.path("pg"))
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
        .args(["-c", "max_connections=100"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(place.path("postgres.log")).expect("a file for a test"))
        .spawn()
        .expect("PostgreSQL starts")
}

/// A program as the user that PostgreSQL wants to be: it refuses to be root.
fn as_postgres(program: &Path) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let ended = command.output().expect("it runs");
    assert!(ended.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ended.stderr));
}

/// A Redis that forgets everything when it ends.
pub struct Redis {
    program: PathBuf,
    place: Place,
    port: u16,
    server: Child,
}

impl Redis {
    pub async fn start(program: &Path) -> Redis {
        let (place, port) = (Place::new(), free_port());
        let server = serve_redis(program, &place, port);
        let redis = Redis { program: program.to_owned(), place, port, server };
        redis.ready().await;
        redis
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// It does nothing more, and nobody is told.
    pub fn freeze(&self) {
        signal(&self.server, Signal::STOP);
    }

    /// It goes on where it was.
    pub fn thaw(&self) {
        signal(&self.server, Signal::CONT);
    }

    /// It is gone at once.
    pub fn kill(&mut self) {
        _ = self.server.kill();
        _ = self.server.wait();
    }

    /// It comes back and knows nothing.
    pub async fn return_empty(&mut self) {
        self.server = serve_redis(&self.program, &self.place, self.port);
        self.ready().await;
    }

    async fn ready(&self) {
        until("Redis is ready", async || answers(self.port)).await;
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn serve_redis(program: &Path, place: &Place, port: u16) -> Child {
    Command::new(program)
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
        ])
        .arg(place.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("Redis starts")
}

pub fn answers(port: u16) -> bool {
    let Ok(mut connection) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0; 5];
    connection.set_read_timeout(Some(REDIS_WITHIN)).is_ok()
        && connection.write_all(b"PING\r\n").is_ok()
        && connection.read_exact(&mut answer).is_ok()
        && &answer == b"+PONG"
}

fn signal(process: &Child, signal: Signal) {
    kill_process(Pid::from_child(process), signal).expect("it runs");
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}
