//! A real Chromium, driven over its DevTools protocol: one process, one context a visitor, as many tabs as wanted.
//! It must not know what the page is about.

use crate::need::Need;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::{connect_async, tungstenite::Message};

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(30);
const FLAGS: &str = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage \
    --disable-background-timer-throttling --disable-renderer-backgrounding --hide-scrollbars \
    --disable-backgrounding-occluded-windows --use-fake-device-for-media-stream --use-fake-ui-for-media-stream \
    --remote-debugging-port=0 --window-size=1440,900 about:blank";

type Answers = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<Value, String>>>>>;
type Troubles = Arc<Mutex<Vec<(String, String)>>>;
type Files = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A running browser; ends when dropped.
pub struct Browser {
    child: Child,
    profile: PathBuf,
    wire: Wire,
}

/// The way to the browser. Cheap to clone.
#[derive(Clone)]
struct Wire {
    out: mpsc::Sender<Message>,
    answers: Answers,
    troubles: Troubles,
    elsewhere: Files,
    trace: Arc<Trace>,
    next: Arc<AtomicU64>,
}

/// What the browser recorded of its own work.
#[derive(Default)]
struct Trace {
    events: Mutex<Vec<Value>>,
    ended: tokio::sync::Notify,
}

/// One page of one visitor.
pub struct Tab {
    wire: Wire,
    session: String,
    context: Value,
}

/// The browser of this machine, started.
pub async fn browser() -> Browser {
    Browser::start(Need::Chromium.found().expect("a Chromium").into()).await
}

impl Browser {
    async fn start(program: PathBuf) -> Self {
        let profile = std::env::temp_dir().join(format!("livehouse-browser-{}", uuid::Uuid::now_v7()));
        let mut command = Command::new(program);
        command.args(FLAGS.split_whitespace()).arg(format!("--user-data-dir={}", profile.display()));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the browser starts");
        let address = address(&profile).await;
        let wire = Wire::open(&address).await;
        Self { child, profile, wire }
    }

    /// A visitor with cookies and storage of their own, at an address.
    pub async fn visit(&self, url: &str) -> Tab {
        let made = self.wire.call(None, "Target.createBrowserContext", json!({})).await;
        Tab::open(&self.wire, &made["browserContextId"], url).await
    }

    /// Records what the browser does until `stop_trace`.
    pub async fn start_trace(&self) {
        let config =
            json!({ "includedCategories": ["devtools.timeline", "disabled-by-default-devtools.timeline"] });
        let start = json!({ "transferMode": "ReportEvents", "traceConfig": config });
        self.wire.call(None, "Tracing.start", start).await;
    }

    /// What was recorded.
    pub async fn stop_trace(&self) -> Vec<Value> {
        self.wire.call(None, "Tracing.end", json!({})).await;
        self.wire.trace.ended.notified().await;
        std::mem::take(&mut *self.wire.trace.events.lock().expect("no panic while held"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        let _removed = std::fs::remove_dir_all(&self.profile);
    }
}

/// The browser writes its address into its profile once it listens.
async fn address(profile: &std::path::Path) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(profile.join("DevToolsActivePort")).unwrap_or_default();
        let mut lines = text.lines();
        if let (Some(port), Some(path)) = (lines.next(), lines.next()) {
            return format!("ws://127.0.0.1:{port}{path}");
        }
        assert!(Instant::now() < deadline, "the browser did not say where it listens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Wire {
    async fn open(address: &str) -> Self {
        let (socket, _) = connect_async(address).await.expect("the browser answers");
        let (mut sink, mut stream) = socket.split();
        let (out, mut queue) = mpsc::channel::<Message>(64);
        let wire = Self {
            out,
            answers: Answers::default(),
            troubles: Troubles::default(),
            elsewhere: Files::default(),
            trace: Arc::default(),
            next: Arc::new(AtomicU64::new(1)),
        };
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        let reader = wire.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Message::Text(text) = message {
                    reader.receive(&text);
                }
            }
        });
        wire
    }

    fn receive(&self, text: &str) {
        let message: Value = serde_json::from_str(text).expect("the browser writes JSON");
        let Some(id) = message["id"].as_u64() else {
            return self.note(&message);
        };
        let Some(answer) = self.answers.lock().expect("no panic while held").remove(&id) else { return };
        let result = match message.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(message["result"].clone()),
        };
        let _gone = answer.send(result);
    }

    /// Keeps what a page complained about: exceptions, errors on the console, violations of the policy.
    fn note(&self, message: &Value) {
        let (session, params) = (message["sessionId"].as_str().unwrap_or_default(), &message["params"]);
        let trouble = match message["method"].as_str().unwrap_or_default() {
            "Tracing.dataCollected" => {
                let events = params["value"].as_array().cloned().unwrap_or_default();
                return self.trace.events.lock().expect("no panic while held").extend(events);
            }
            "Tracing.tracingComplete" => return self.trace.ended.notify_one(),
            "Fetch.requestPaused" => return self.answer_for_elsewhere(session, params),
            "Runtime.exceptionThrown" => params["exceptionDetails"].to_string(),
            "Runtime.consoleAPICalled" if params["type"] == "error" => params["args"].to_string(),
            // The network's failures are told by the page itself, and wanted in some tests.
            "Log.entryAdded"
                if params["entry"]["level"] == "error" && params["entry"]["source"] != "network" =>
            {
                params["entry"].to_string()
            }
            _ => return,
        };
        self.troubles.lock().expect("no panic while held").push((session.to_owned(), trouble));
    }

    /// In the place of another site, which any page may read: a file that was put there, or 404.
    fn answer_for_elsewhere(&self, session: &str, params: &Value) {
        let url = params["request"]["url"].as_str().unwrap_or_default();
        let found = self.elsewhere.lock().expect("no panic while held").get(url).cloned();
        let answer = json!({ "requestId": params["requestId"], "responseCode": if found.is_some() { 200 } else { 404 },
            "responseHeaders": [{ "name": "access-control-allow-origin", "value": "*" }],
            "body": STANDARD.encode(found.unwrap_or_default()) });
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let message =
            json!({ "id": id, "method": "Fetch.fulfillRequest", "params": answer, "sessionId": session });
        self.out.try_send(Message::text(message.to_string())).expect("room for an answer");
    }

    async fn call(&self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.answers.lock().expect("no panic while held").insert(id, answer);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.out.send(Message::text(message.to_string())).await.expect("the browser lives");
        let result = tokio::time::timeout(PATIENCE * 4, answered).await;
        result
            .expect("in time")
            .expect("the browser lives")
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}

impl Tab {
    async fn open(wire: &Wire, context: &Value, url: &str) -> Self {
        let blank = json!({ "url": "about:blank", "browserContextId": context });
        let made = wire.call(None, "Target.createTarget", blank).await;
        let attach = json!({ "targetId": made["targetId"], "flatten": true });
        let attached = wire.call(None, "Target.attachToTarget", attach).await;
        let session = attached["sessionId"].as_str().expect("an id").to_owned();
        let tab = Self { wire: wire.clone(), session, context: context.clone() };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Performance.enable"] {
            tab.call(domain, json!({})).await;
        }
        tab.go(url).await;
        tab
    }

    /// Another tab of the same visitor, with the same cookies and storage.
    pub async fn beside(&self, url: &str) -> Self {
        Self::open(&self.wire, &self.context, url).await
    }

    /// A script that runs before any other in each document from now on.
    pub async fn before_all(&self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// From now on the test is `site` for this tab, as in `https://cdn.example`, with what is put there.
    pub async fn stand_in_for(&self, site: &str) {
        self.call("Fetch.enable", json!({ "patterns": [{ "urlPattern": format!("{site}/*") }] })).await;
    }

    /// Puts a file where the test stands in for a site.
    pub fn put_elsewhere(&self, url: &str, file: Vec<u8>) {
        self.wire.elsewhere.lock().expect("no panic while held").insert(url.to_owned(), file);
    }

    /// The value of an expression in which `m` is a module of the page.
    pub async fn with_module(&self, name: &str, expression: &str) -> Value {
        let address =
            format!("document.querySelector('script[type=module]').src.replace('app.js', '{name}')");
        self.value(&format!("import({address}).then(async (m) => {expression})")).await
    }

    /// A call of the protocol, for this tab.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        self.wire.call(Some(&self.session), method, params).await
    }

    /// Goes to an address and waits until its document stands.
    pub async fn go(&self, url: &str) {
        let went = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(went["errorText"].is_null(), "{url}: {went}");
        self.until("document.readyState === 'complete'").await;
    }

    /// The value of an expression, promises awaited.
    pub async fn value(&self, script: &str) -> Value {
        let params =
            json!({ "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let answer = self.call("Runtime.evaluate", params).await;
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Waits until an expression holds, looking at every turn of the page's own clock.
    pub async fn until(&self, condition: &str) {
        let deadline = Instant::now() + PATIENCE;
        let script = format!(
            "new Promise((done) => {{ const end = performance.now() + 2000; const look = () => {{ let yes = false; \
             try {{ yes = Boolean({condition}); }} catch {{}} \
             if (yes || performance.now() > end) done(yes); else setTimeout(look, 25); }}; look(); }})"
        );
        while self.attempt(&script).await != Some(Value::Bool(true)) {
            if Instant::now() > deadline {
                let text = self.value("document.body.innerText.slice(0, 3000)").await;
                panic!("never came true: {condition}\ntroubles: {:?}\nthe page: {text}", self.troubles());
            }
        }
    }

    /// Like `value`, but a page that was just left gives none.
    async fn attempt(&self, script: &str) -> Option<Value> {
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let answer = self.call_quietly("Runtime.evaluate", params).await?;
        Some(answer["result"]["value"].clone())
    }

    async fn call_quietly(&self, method: &str, params: Value) -> Option<Value> {
        let id = self.wire.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.wire.answers.lock().expect("no panic while held").insert(id, answer);
        let message = json!({ "id": id, "method": method, "params": params, "sessionId": self.session });
        self.wire.out.send(Message::text(message.to_string())).await.ok()?;
        tokio::time::timeout(PATIENCE, answered).await.ok()?.ok()?.ok()
    }

    /// Waits for an element and clicks it with the mouse, where it is.
    pub async fn click(&self, selector: &str) {
        let at = self.press(selector).await;
        self.release(&at).await;
    }

    /// Waits for an element and presses it with the mouse, where it is; gives the place, for `release`.
    pub async fn press(&self, selector: &str) -> Value {
        let quoted = json!(selector);
        self.until(&format!("document.querySelector({quoted})?.getClientRects().length")).await;
        let script = format!(
            "(async () => {{ const e = document.querySelector({quoted}); e.scrollIntoView({{block: 'nearest'}}); \
             await new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f))); \
             await Promise.all(e.getAnimations().map((a) => a.finished.catch(() => 0))); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let at = self.value(&script).await;
        for kind in ["mouseMoved", "mousePressed"] {
            self.mouse(kind, &at).await;
        }
        at
    }

    /// Lets the mouse go.
    pub async fn release(&self, at: &Value) {
        self.mouse("mouseReleased", at).await;
    }

    async fn mouse(&self, kind: &str, at: &Value) {
        let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", event).await;
    }

    /// Types into an element, in place of what it holds.
    pub async fn write(&self, selector: &str, text: &str) {
        let quoted = json!(selector);
        self.until(&format!("document.querySelector({quoted})?.getClientRects().length")).await;
        self.value(&format!(
            "document.querySelector({quoted}).focus(), document.querySelector({quoted}).select()"
        ))
        .await;
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses Enter where the focus is.
    pub async fn enter(&self) {
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
            self.call("Input.dispatchKeyEvent", key).await;
        }
    }

    /// What this page complained about so far.
    pub fn troubles(&self) -> Vec<String> {
        let all = self.wire.troubles.lock().expect("no panic while held");
        all.iter().filter(|(session, _)| *session == self.session).map(|(_, text)| text.clone()).collect()
    }

    /// No exception, no error on the console, no violation of the policy.
    #[track_caller]
    pub fn assert_calm(&self) {
        assert_eq!(self.troubles(), Vec::<String>::new());
    }
}
