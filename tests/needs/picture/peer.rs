//! Programs that send and see pictures, and what they say of it: aiortc by WebRTC, ffmpeg by RTMP.
//! It must not know what a test wants of them.

use crate::{
    need::Need,
    tools::{Client, PATIENCE},
};
use reqwest::Method;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    panic::Location,
    process::{Child, Command, Stdio},
    thread,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/needs/picture/peer.py");

/// A program that is ended with its test.
pub struct Helper {
    child: Child,
    said: UnboundedReceiver<Value>,
    seen: Vec<Value>,
}

impl Helper {
    fn start(mut command: Command) -> Helper {
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = streams.spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let (tell, said) = unbounded_channel();
        thread::spawn(move || {
            // Nobody listens any more once the test is over.
            lines.map_while(Result::ok).for_each(|line| {
                _ = tell.send(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            });
        });
        Helper { child, said, seen: Vec::new() }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Waits until it says this event, of which this is true.
    #[track_caller]
    pub fn expect(&mut self, event: &str, is_it: impl Fn(&Value) -> bool) -> impl Future<Output = Value> {
        let at = Location::caller();
        async move {
            let waiting = async {
                while let Some(said) = self.said.recv().await {
                    self.seen.push(said.clone());
                    if said["event"] == event && is_it(&said) {
                        return Some(said);
                    }
                }
                None
            };
            let found = timeout(PATIENCE, waiting).await.unwrap_or_default();
            found.unwrap_or_else(|| panic!("{at}: waited for {event}; came: {:#?}", self.seen))
        }
    }

    /// Ends it without a goodbye.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.end();
    }
}

fn aiortc(what: &str, client: &Client, path: &str, options: &[&str]) -> Helper {
    let mut command = Command::new(Need::Aiortc.found().expect("aiortc"));
    command.arg(SCRIPT).arg(what);
    command.arg(format!("http://127.0.0.1:{}{}", client.ports.any(), client.path(path))).args(options);
    if let Some(token) = &client.token {
        command.args(["--token", token]);
    }
    Helper::start(command)
}

/// Sends to the stream at hand, and is let in.
#[track_caller]
pub fn publish(client: &Client, path: &str) -> impl Future<Output = Peer> {
    begin(aiortc("publish", client, path, &[]))
}

/// The same with options of the script.
#[track_caller]
pub fn publish_with(client: &Client, path: &str, options: &[&str]) -> impl Future<Output = Peer> {
    begin(aiortc("publish", client, path, options))
}

/// Sees the stream at hand, and is let in.
#[track_caller]
pub fn view(client: &Client) -> impl Future<Output = Peer> {
    begin(aiortc("view", client, "whep", &[]))
}

/// The same with options of the script.
#[track_caller]
pub fn view_with(client: &Client, options: &[&str]) -> impl Future<Output = Peer> {
    begin(aiortc("view", client, "whep", options))
}

/// The status with which a publisher or a viewer is answered, and the code of the problem.
pub async fn refusal(what: &str, client: &Client, path: &str) -> (i64, String) {
    let answered = aiortc(what, client, path, &[]).expect("answered", |_| true).await;
    let problem: Value = serde_json::from_str(answered["text"].as_str().expect("a text")).expect("a problem");
    (answered["status"].as_i64().expect("a number"), problem["code"].as_str().expect("a code").to_owned())
}

#[track_caller]
fn begin(helper: Helper) -> impl Future<Output = Peer> {
    let at = Location::caller();
    async move {
        let mut helper = helper;
        let answered = helper.expect("answered", |_| true).await;
        assert_eq!(answered["status"], 201, "{at}: {answered}");
        Peer { helper, answered }
    }
}

/// A peer that was let in.
pub struct Peer {
    helper: Helper,
    pub answered: Value,
}

impl Peer {
    /// A header of the answer, empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.answered["headers"][name].as_str().unwrap_or("")
    }

    /// Where the server said that it listens.
    pub fn server(&self) -> SocketAddr {
        let answer = self.answered["text"].as_str().expect("an answer");
        let candidate = answer.lines().find(|line| line.contains("udp") && line.starts_with("a=candidate:"));
        let words: Vec<&str> = candidate.expect("a candidate").split(' ').collect();
        format!("{}:{}", words[4], words[5]).parse().expect("an address")
    }

    /// Waits until it is connected.
    #[track_caller]
    pub fn connects(&mut self) -> impl Future<Output = Value> {
        self.helper.expect("state", |said| said["state"] == "connected")
    }

    /// Waits until so many pictures more have come than now.
    #[track_caller]
    pub fn sees(&mut self, more: i64) -> impl Future<Output = Value> {
        let at = Location::caller();
        async move {
            let first = self.helper.expect("picture", |_| true).await["count"].as_i64().expect("a number");
            let is_later =
                move |said: &Value| said["count"].as_i64().is_some_and(|count| count >= first + more);
            let seen = self.helper.expect("picture", is_later).await;
            assert!(seen["width"].as_i64().is_some_and(|width| width > 0), "{at}: {seen}");
            seen
        }
    }

    /// Waits until it hears a tone within one part in a hundred of that.
    #[track_caller]
    pub fn hears(&mut self, hertz: f64) -> impl Future<Output = Value> {
        self.helper.expect("sound", move |said| {
            let is_loud = said["level"].as_f64().is_some_and(|level| level > 100.0);
            is_loud && said["hertz"].as_f64().is_some_and(|heard| (heard - hertz).abs() < hertz / 100.0)
        })
    }

    /// Waits until the server has ended it.
    #[track_caller]
    pub fn is_closed(&mut self) -> impl Future<Output = Value> {
        self.helper.expect("state", |said| said["state"] == "closed" || said["state"] == "failed")
    }

    /// Ends it as its owner.
    pub async fn leave(&self, client: &Client) -> u16 {
        let session = self.header("location").trim_start_matches("/api/v1").to_owned();
        client.send(client.request(Method::DELETE, &session)).await.status
    }

    /// Lets it close its connection, without a word by HTTP.
    pub fn close(&mut self) {
        self.helper.child.stdin = None;
    }

    /// Ends it without a goodbye.
    pub fn kill(self) {
        self.helper.kill();
    }
}

/// Sends by RTMP: a test picture of 30 a second with a keyframe a second, and a tone of 440 Hz.
pub fn encode(url: &str, b_frames: bool) -> Helper {
    let mut command = Command::new(Need::Ffmpeg.found().expect("ffmpeg"));
    let source = "-loglevel error -re -f lavfi -i testsrc=size=320x240:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000";
    let video = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 30 -keyint_min 30 -sc_threshold 0";
    let audio = "-c:a aac -b:a 96k -ac 2 -f flv";
    command.args(source.split(' ')).args(video.split(' '));
    command.args(["-bf", if b_frames { "2" } else { "0" }]).args(audio.split(' ')).arg(url);
    Helper::start(command)
}

/// Sends by RTMP a picture that says its own time, from that second on: whole seconds as the grey of its left half, four steps
/// each, and the rest as that of its right, 200 steps a second.
pub fn encode_clock(url: &str, from_s: u32) -> Helper {
    let mut command = Command::new(Need::Ffmpeg.found().expect("ffmpeg"));
    let grey = format!("if(lt(X,80),16+4*mod(floor(T+{from_s}),50),16+200*mod(T,1))");
    let picture = format!("nullsrc=size=160x120:rate=30,format=yuv420p,geq=lum='{grey}':cb=128:cr=128");
    let sound = "-re -f lavfi -i sine=frequency=440:sample_rate=48000";
    let video = "-c:v libx264 -preset ultrafast -color_range tv -g 30 -keyint_min 30 -sc_threshold 0 -bf 0 -c:a aac -f flv";
    command.args("-loglevel error -re -f lavfi -i".split(' ')).arg(picture);
    command.args(sound.split(' ')).args(video.split(' ')).arg(url);
    Helper::start(command)
}
