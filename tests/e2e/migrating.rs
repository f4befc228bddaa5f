//! From the private app to OAuth and back: nothing is lost, and nothing happens twice.

use crate::console::Console;
use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn signature(console: &Console<'_>) -> Value {
    console.get("/api/settings").await.1
}

#[tokio::test(start_paused = true)]
async fn a_migration_keeps_sessions_and_settings_and_each_event_has_one_effect() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    let thread = world.thread("web").await;
    world.say(&thread, "before").await;
    world.pass(10).await;
    let (before, shown) = (signature(&console).await, console.get("/api/connection").await.1);
    assert_eq!((&shown["state"], &shown["auth_label"]), (&json!("action_recommended"), &json!("Private App (legacy)")));
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    let (_, after) = console.get("/api/connection").await;
    assert_eq!((&after["state"], &after["rollback_available"]), (&json!("connected"), &json!(true)));
    assert_eq!(after["apps"], json!(["2098266", "1098266"]), "both apps' messages are ours");
    let mut now = signature(&console).await;
    now["version"] = before["version"].clone();
    assert_eq!(now, before, "the settings are the same");
    // While both apps deliver, each event arrives twice.
    let message = world.say(&thread, "after").await;
    let event = world.new_message(&thread, &message);
    world.post(&world.url, &[], json!([event]).to_string()).await;
    world.pass(10).await;
    assert_eq!(world.answers(&thread).await, ["You said: before", "You said: after"]);
    assert_eq!(world.sessions().await.len(), 1);
    let by: Vec<Value> = world.entries(&thread).await.iter().map(|entry| entry["integration_app_id"].clone()).collect();
    assert!(by.contains(&json!("1098266")) && by.contains(&json!("2098266")), "{by:?}");
    // Neither app's own messages are taken for a person's.
    for entry in world.entries(&thread).await.iter().filter(|entry| !entry["integration_app_id"].is_null()) {
        let event = world.new_message(&thread, entry["id"].as_str().unwrap());
        world.post(&world.url, &[], json!([event]).to_string()).await;
    }
    world.pass(10).await;
    assert_eq!(world.log().await, ["done", "done"]);
    assert_eq!(world.answers(&thread).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_former_credential_is_kept_until_the_new_one_has_worked() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    assert_eq!(console.call("POST", "/api/connection/rollback", Value::Null).await.0, 409);
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    let (status, back) = console.call("POST", "/api/connection/rollback", Value::Null).await;
    assert_eq!(
        (status, &back["auth"], &back["rollback_available"]),
        (200, &json!("private_app"), &json!(false)),
        "{back}"
    );
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(10).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello there"]);
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    // The first refresh proves the new one.
    world.pass(26 * 60).await;
    assert_eq!(console.get("/api/inboxes").await.0, 200);
    let (_, shown) = console.get("/api/connection").await;
    assert_eq!((&shown["state"], &shown["rollback_available"]), (&json!("connected"), &json!(false)));
    let audit = world.operator().store.audit(&ORG.parse().unwrap(), None, 10).await.unwrap();
    let actions: Vec<_> = audit.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions[..3], ["connection.migrated", "connection.rolled_back", "connection.migrated"]);
}

#[tokio::test(start_paused = true)]
async fn where_only_oauth_is_allowed_the_legacy_form_is_refused() {
    let world = World::with_settings(json!({ "oauth_only": true })).await;
    let console = Console::of(&world, ORG);
    let form = json!({ "access_token": world.portal["access_token"], "default_user_id": "A-100" });
    let (status, problem) = console.call("PUT", "/api/connection/private-app", form).await;
    assert_eq!(status, 403, "{problem}");
    assert_eq!(console.get("/api/connection").await.1["oauth_only"], true);
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    assert_eq!(console.call("POST", "/api/connection/rollback", Value::Null).await.0, 403);
}
