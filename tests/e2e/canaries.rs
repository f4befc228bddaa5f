//! Nothing secret and nothing personal is in any log line of the whole suite: every world listens for it.

use crate::world::World;
use serde_json::json;
use std::io::Write;
use std::sync::{Mutex, Once};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

/// What is said and who says it in the stories; tokens and keys are planted as they are made.
static PLANTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// The lines that held one of them, each with the thread that wrote it: a thread has the name of its test.
static SUNG: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
static LINES: Mutex<usize> = Mutex::new(0);

/// Reads every line that our crates log, in all tests of this binary.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for canary in ["Ada Example", "ada@example.com", "Wants a refund", "hello there", "Canary Person", "canary-"] {
            plant(canary.to_owned());
        }
        let ours =
            ["flows", "store", "hubspot", "opencx", "webhook", "runtime", "local", "transport", "events", "domain"];
        let targets = Targets::new().with_targets(ours.map(|name| (name, tracing::Level::TRACE)));
        let layer = tracing_subscriber::fmt::layer().json().with_writer(|| Listener);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(targets).with(layer)).unwrap();
    });
}

pub(crate) fn plant(canary: String) {
    let mut planted = PLANTED.lock().unwrap();
    if !planted.contains(&canary) {
        planted.push(canary);
    }
}

/// Fails with the lines that were found since the last time, so that one leak fails one test.
pub(crate) fn none_sang() {
    let sung = std::mem::take(&mut *SUNG.lock().unwrap());
    assert!(sung.is_empty(), "these log lines hold something secret or personal: {sung:#?}");
}

struct Listener;

impl Write for Listener {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        *LINES.lock().unwrap() += 1;
        if PLANTED.lock().unwrap().iter().any(|canary| line.contains(canary.as_str())) {
            let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
            SUNG.lock().unwrap().push((thread, line.into_owned()));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn no_log_line_holds_a_token_an_address_a_name_or_a_text() {
    let world = World::new().await;
    let contact = json!({ "name": "Canary Person", "email": "canary-mail@example.com" });
    let thread = world.thread_with(json!({ "channel": "web", "contact": contact })).await;
    world.hubspot_fault(json!({ "method": "POST", "path": "/conversations", "status": 502, "times": 1 })).await;
    world.opencx_fault(json!({ "method": "POST", "path": "/chat", "half": true })).await;
    world.script(json!([{ "contains": "canary-question", "reply": "canary-answer", "handoff": true }])).await;
    world.say(&thread, "canary-question").await;
    world.pass(60).await;
    world.write(&thread, json!({ "from": "A-100", "text": "canary-comment", "type": "COMMENT" })).await;
    world.hubspot_fault(json!({ "method": "GET", "path": "/conversations", "status": 400, "times": 1 })).await;
    world.write(&thread, json!({ "from": "A-100", "text": "canary-reply" })).await;
    world.pass(60).await;
    assert!(!world.answers(&thread).await.is_empty());
    assert!(*LINES.lock().unwrap() > 10, "the log is being read");
    none_sang();
}
