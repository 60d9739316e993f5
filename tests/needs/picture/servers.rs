//! A media server that nobody here wrote: nginx with its RTMP module, by what `deploy/media` has, and ffmpeg that sends to it.

use super::peer::encode;
use crate::{
    need::{self, Need},
    tools::{Client, PATIENCE, Place, Scene, Setup, until},
};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::{
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
};

const CONFIGURATION: &str = include_str!("../../../deploy/media/nginx-rtmp.conf");
const SECRET: &str = "0123456789abcdef0123456789";

pub fn tests() -> Vec<Trial> {
    need::tests![[Ffmpeg, NginxRtmp]: what_goes_to_nginx_is_seen_there_and_ends_with_its_key]
}

/// An nginx, which ends with its test.
struct Nginx {
    child: Child,
    rtmp: u16,
    /// Where it shows what it takes in, and is told to send somebody away.
    http: u16,
    place: Place,
}

impl Nginx {
    /// Ports for one that is not started yet.
    fn ports() -> [u16; 2] {
        let listeners = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
        listeners.map(|listener| listener.local_addr().expect("its address").port())
    }

    /// Started as its configuration in `deploy` says, with other places and ports, and signs of life each second.
    fn start([rtmp, http]: [u16; 2], site: u16) -> Nginx {
        let place = Place::new();
        let dir = place.path("").to_str().expect("a plain path").trim_end_matches('/').to_owned();
        fs::create_dir(place.path("hls")).expect("a directory");
        let module = Need::NginxRtmp.found().expect("the module");
        let changes = [
            ("/usr/lib/nginx/modules/ngx_rtmp_module.so", module),
            ("/var/log/nginx/error.log", format!("{dir}/error.log")),
            ("/run/nginx.pid", format!("{dir}/nginx.pid")),
            ("0.0.0.0:1935", format!("127.0.0.1:{rtmp}")),
            ("127.0.0.1:8090", format!("127.0.0.1:{http}")),
            ("/var/lib/nginx/hls", format!("{dir}/hls")),
            ("127.0.0.1:8080", format!("127.0.0.1:{site}")),
            ("SECRET/", format!("{SECRET}/")),
            ("notify_update_timeout 30s", "notify_update_timeout 1s".to_owned()),
            // One process, which may write where the test does.
            ("worker_processes 1;", "daemon off; master_process off;".to_owned()),
            ("user www-data;", String::new()),
            ("access_log off;", temporary(&dir)),
        ];
        let text = changes.into_iter().fold(CONFIGURATION.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "deploy/media has no {from}");
            text.replace(from, &to)
        });
        let path = place.file("nginx.conf", &text);
        let mut command = Command::new("nginx");
        // Debian's is where not everybody's PATH leads.
        command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
        let command = command.args(["-c", &path, "-e"]).arg(place.path("start.log"));
        let child = command.stderr(Stdio::null()).spawn().expect("nginx starts");
        Nginx { child, rtmp, http, place }
    }

    /// Where an encoder sends to a stream.
    fn address(&self, stream: &str, key: &str) -> String {
        format!("rtmp://127.0.0.1:{}/live/{stream}?key={key}", self.rtmp)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.place.path("error.log")).unwrap_or_default()
    }
}

fn temporary(dir: &str) -> String {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = kinds.map(|kind| format!("{kind}_temp_path {dir}/{kind};"));
    format!("access_log off; {}", paths.concat())
}

impl Drop for Nginx {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

async fn key_of(host: &Client) -> String {
    host.get("ingest").await.ok()["key"].as_str().expect("a key").to_owned()
}

async fn publisher_of(host: &Client) -> Value {
    host.get("ingest").await.ok()["publisher"].clone()
}

/// What ffprobe says of the picture at an address; nothing where there is none yet.
fn codec_at(url: &str) -> String {
    let asked = "-v error -select_streams v:0 -show_entries stream=codec_name -of csv=p=0";
    let probed = Command::new("ffprobe").args(asked.split(' ')).arg(url).output().expect("ffprobe");
    let said = String::from_utf8(probed.stdout).expect("a text");
    // Once for the stream, and once for the programme that it is in.
    said.lines().next().unwrap_or_default().to_owned()
}

async fn what_goes_to_nginx_is_seen_there_and_ends_with_its_key() {
    let [rtmp, http] = Nginx::ports();
    let configured = |setup: &mut Setup| {
        setup.on_one_node();
        setup.media_hook_secret = Some(SECRET.into());
        setup.hook_answer_within = PATIENCE;
        setup.media_server_api = Some(format!("http://127.0.0.1:{http}").parse().expect("a URL"));
        let template = format!("http://127.0.0.1:{http}/hls/{{name}}.m3u8");
        setup.media_playback_template = Some(template.parse().expect("a template"));
    };
    let Scene { server, host, bo } = &Scene::live_with(configured).await;
    let nginx = Nginx::start([rtmp, http], server.port);
    let id = &host.stream;
    let mut at_bo = bo.join().await;
    until("nginx listens", async || tokio::net::TcpStream::connect(("127.0.0.1", nginx.rtmp)).await.is_ok())
        .await;

    let wrong = Command::new("ffmpeg")
        .args("-loglevel error -re -f lavfi -i testsrc=size=320x240:rate=30 -c:v libx264 -f flv".split(' '))
        .arg(nginx.address(id, "lh_aaaaaaaaaaaaaaaaaaaaaaaaaa"))
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg");
    assert!(!wrong.status.success(), "{wrong:?}");
    assert_eq!(host.get("ingest").await.ok()["last_refusal"]["code"], "unknown_key", "{}", nginx.log());

    let right = nginx.address(id, &key_of(host).await);
    let encoder = encode(&right, false);
    at_bo.expect_where("picture", |frame| frame["state"] == "live" && frame["whep"] == false).await;
    let publisher = publisher_of(host).await;
    assert_eq!((&publisher["via"], &publisher["protocol"]), (&json!("nginx"), &json!("rtmp")));
    assert!(publisher["agent"].as_str().is_some_and(|agent| agent.contains("Lavf")), "{publisher}");
    let url = bo.get("").await.ok()["playback_url"].as_str().expect("an address").to_owned();
    assert_eq!(url, format!("http://127.0.0.1:{}/hls/{id}.m3u8", nginx.http));
    until("it plays", async || codec_at(&url) == "h264").await;
    let second = Command::new("ffmpeg")
        .args("-loglevel error -re -f lavfi -i testsrc=size=320x240:rate=30 -c:v libx264 -f flv".split(' '))
        .arg(&right)
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg");
    assert!(!second.status.success(), "{second:?}");

    host.post("ingest/rotate", json!({})).await.ok();
    until("there is none", async || bo.get("").await.ok()["picture"]["state"] == "none").await;
    until("it is sent away", async || {
        server.metrics().await.contains("livehouse_media_kicks_total{outcome=\"done\"} 1")
    })
    .await;
    drop(encoder);

    let encoder = encode(&nginx.address(id, &key_of(host).await), false);
    at_bo.expect_where("picture", |frame| frame["state"] == "live").await;
    encoder.kill();
    at_bo.expect_where("picture", |frame| frame["state"] == "stalled").await;
    until("there is none", async || bo.get("").await.ok()["picture"]["state"] == "none").await;
    assert_eq!(publisher_of(host).await, Value::Null);
}
