//! A PostgreSQL and a Redis of a test's own, that can be stopped, frozen and lost. They must not know who uses them.

use crate::tools::{Place, Signal, until};
use rustix::process::{Pid, geteuid, kill_process};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The one that `initdb` makes.
const DATABASE: &str = "postgres";
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
        make_directory(&place, "pg");
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
        self.ask("psql", &["-AtX", "-c", sql, DATABASE]).lines().map(str::to_owned).collect()
    }

    /// The database as it is now, as `pg_dump` writes it while others go on; before each thing its removal.
    pub fn dump(&self) -> String {
        self.ask("pg_dump", &["--clean", "--if-exists", DATABASE])
    }

    /// Makes the database what it was when it was dumped.
    pub fn restore(&self, dump: &str) {
        let file = self.place.file("dump.sql", dump);
        self.ask("psql", &["-qX", "-v", "ON_ERROR_STOP=1", "-f", &file, DATABASE]);
    }

    /// The same in a database of the same name that is new.
    pub fn restore_anew(&self, dump: &str) {
        let acts = [format!("DROP DATABASE {DATABASE} WITH (FORCE)"), format!("CREATE DATABASE {DATABASE}")];
        acts.iter().for_each(|act| drop(self.ask("psql", &["-qX", "-c", act, "template1"])));
        self.restore(dump);
    }

    /// Copies its files while it runs, so that it can be recovered from them.
    pub fn copy_files(&self) {
        make_directory(&self.place, "copy");
        let mut copying = as_postgres(&self.bin.join("pg_basebackup"));
        copying.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "-c", "fast"]);
        run(copying.arg("-D").arg(self.place.path("copy")));
    }

    /// Ends it, and recovers it as it was when its files were copied, as from an archive that holds nothing later.
    pub async fn recover(&mut self) {
        self.end();
        let (files, copy) = (self.place.path("pg"), self.place.path("copy"));
        fs::remove_dir_all(&files).and_then(|()| fs::rename(copy, &files)).expect("files for a test");
        fs::write(files.join("postgresql.auto.conf"), "restore_command = 'false'\n")
            .expect("a file for a test");
        run(as_postgres(Path::new("touch")).arg(files.join("recovery.signal")));
        self.server = serve(&self.bin, &self.place, self.port);
        self.ready().await;
        until("it has recovered", async || self.rows("SELECT pg_is_in_recovery()") == ["f"]).await;
    }

    /// Runs one of the programs that come with it to its end: what it prints.
    fn ask(&self, program: &str, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        let asked = Command::new(self.bin.join(program))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres"])
            .args(arguments)
            .output()
            .unwrap_or_else(|error| panic!("{program} runs: {error}"));
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
        String::from_utf8(asked.stdout).expect("text")
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

/// A directory of PostgreSQL's own user alone, as it wants them.
fn make_directory(place: &Place, name: &str) {
    fs::DirBuilder::new().mode(0o700).create(place.path(name)).expect("a directory for a test");
    if geteuid().is_root() {
        run(Command::new("chown").arg("postgres").arg(place.path(name)));
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
