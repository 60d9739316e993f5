//! A real Firefox, driven over WebDriver BiDi: one process, one tab. It must not know what the page is about.

use super::cdp::PATIENCE;
use crate::need::Need;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// Nothing is fetched by itself, a codec least of all; sound may begin without a gesture.
const PREFERENCES: [(&str, &str); 6] = [
    ("app.update.disabledForTesting", "true"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("media.autoplay.default", "0"),
    ("media.gmp-manager.updateEnabled", "false"),
    ("media.gmp-gmpopenh264.enabled", "false"),
];

/// A running Firefox with one tab; ends when dropped.
pub struct Firefox {
    child: Child,
    profile: PathBuf,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    context: String,
    next: u64,
}

impl Firefox {
    /// The one of this machine, started.
    pub async fn start() -> Self {
        let profile = std::env::temp_dir().join(format!("livehouse-firefox-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&profile).expect("a profile");
        let lines = PREFERENCES.map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"));
        fs::write(profile.join("user.js"), lines.concat()).expect("its preferences");
        let mut command = Command::new(Need::Firefox.found().expect("a Firefox"));
        command
            .args(["--headless", "--no-remote", "--remote-debugging-port", "0", "--profile"])
            .arg(&profile);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("Firefox starts");
        let (socket, _) = connect_async(address(&profile).await).await.expect("Firefox answers");
        let mut firefox = Self { child, profile, socket, context: String::new(), next: 0 };
        firefox.call("session.new", json!({ "capabilities": {} })).await;
        let tree = firefox.call("browsingContext.getTree", json!({})).await;
        tree["contexts"][0]["context"].as_str().expect("a tab").clone_into(&mut firefox.context);
        firefox
    }

    /// Goes to an address and waits until its document stands.
    pub async fn go(&mut self, url: &str) {
        let to = json!({ "context": self.context, "url": url, "wait": "complete" });
        self.call("browsingContext.navigate", to).await;
    }

    /// The value of an expression, promises awaited.
    pub async fn value(&mut self, script: &str) -> Value {
        let expression = format!("(async () => JSON.stringify(await ({script})) ?? 'null')()");
        let target = json!({ "context": self.context });
        let asked = json!({ "expression": expression, "target": target, "awaitPromise": true });
        let answer = self.call("script.evaluate", asked).await;
        let text = answer["result"]["value"].as_str().unwrap_or_else(|| panic!("{script}: {answer}"));
        serde_json::from_str(text).expect("JSON")
    }

    /// Waits until an expression holds, looking again and again.
    pub async fn until(&mut self, condition: &str) {
        let deadline = Instant::now() + PATIENCE;
        let look =
            format!("(() => {{ try {{ return Boolean({condition}); }} catch {{ return false; }} }})()");
        while self.value(&look).await != Value::Bool(true) {
            if Instant::now() > deadline {
                let text = self.value("document.body.innerText.slice(0, 3000)").await;
                panic!("never came true: {condition}\nthe page: {text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let message = json!({ "id": self.next, "method": method, "params": params });
        self.socket.send(Message::text(message.to_string())).await.expect("Firefox lives");
        let answer = tokio::time::timeout(PATIENCE * 2, async {
            while let Some(Ok(message)) = self.socket.next().await {
                let Message::Text(text) = message else { continue };
                let answer: Value = serde_json::from_str(&text).expect("Firefox writes JSON");
                if answer["id"] == self.next {
                    return answer;
                }
            }
            panic!("Firefox is gone");
        });
        let answer = answer.await.expect("in time");
        assert_eq!(answer["type"], "success", "{method}: {answer}");
        answer["result"].clone()
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        let _removed = fs::remove_dir_all(&self.profile);
    }
}

/// Firefox writes into its profile where it listens.
async fn address(profile: &Path) -> String {
    let deadline = Instant::now() + PATIENCE * 2;
    loop {
        let text = fs::read_to_string(profile.join("WebDriverBiDiServer.json")).unwrap_or_default();
        let found: Value = serde_json::from_str(&text).unwrap_or_default();
        if let (Some(host), Some(port)) = (found["ws_host"].as_str(), found["ws_port"].as_u64()) {
            return format!("ws://{host}:{port}/session");
        }
        assert!(Instant::now() < deadline, "Firefox did not say where it listens");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
