//! An admin connects HubSpot, as the page does it: every call through the runner's front.

use crate::console::Console;
use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn a_new_organization_connects_by_oauth_and_goes_live() {
    each_family(async || {
    let world = World::new().await;
    let console = Console::of(&world, "org_new");
    let (_, before) = console.get("/api/connection").await;
    assert_eq!(
        (&before["state"], &before["live"], &before["oauth_available"]),
        (&json!("not_connected"), &json!(false), &json!(true))
    );
    // The portal still belongs to the organization of the other stories.
    let told = console.consent(json!({})).await;
    assert!(told.starts_with("/#error=portal_taken"), "{told}");
    Console::of(&world, ORG).call("DELETE", "/api/connection", Value::Null).await;
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    let (_, after) = console.get("/api/connection").await;
    assert_eq!((&after["state"], &after["auth_label"]), (&json!("connected"), &json!("OAuth")));
    assert_eq!((&after["portal_id"], &after["portal_name"]), (&world.portal["portal_id"], &json!("support.example")));
    assert_eq!(after["webhook_url"], before["webhook_url"], "the URL was known before there was a credential");
    assert_eq!(after["checklist"][0]["done"], true);
    let (_, refused) = console.call("PATCH", "/api/settings", json!({ "enabled": true })).await;
    assert_eq!(refused["field"], "ai_user");
    let ai_user = &world.portal["ai_user"];
    let (_, refused) = console.call("PATCH", "/api/settings", json!({ "enabled": true, "ai_user": ai_user })).await;
    assert_eq!(refused["field"], "opencx_api_key");
    let key = world.ocx("GET", "/_sim/portal", Value::Null).await["api_key"].clone();
    let live = json!({ "enabled": true, "ai_user": ai_user, "opencx_api_key": key });
    let (status, settings) = console.call("PATCH", "/api/settings", live).await;
    assert_eq!((status, &settings["enabled"], &settings["opencx_api_key_set"]), (200, &json!(true), &json!(true)));
    // HubSpot's app reports the portal's events at the one URL of all portals.
    let hook = json!({ "url": "https://bridge.test/webhooks/hubspot", "client_secret": world.portal["client_secret"], "version": "v3" });
    world.hs("PUT", "/_sim/webhook", hook).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(10).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello there"]);
    let (_, checklist) = console.get("/api/connection").await;
    let done: Vec<_> = checklist["checklist"].as_array().unwrap().iter().map(|step| step["done"] == true).collect();
    assert_eq!(done, [true, true, true, true, false, false], "{checklist}");
    assert_eq!(world.log().await, Vec::<String>::new(), "nothing of it belongs to the organization before");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_checklist_turns_green_as_it_happens() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    world.script(json!([{ "contains": "person", "reply": "One moment.", "handoff": true }])).await;
    let thread = world.thread("web").await;
    world.say(&thread, "a person please").await;
    world.pass(10).await;
    world.write(&thread, json!({ "from": "A-100", "text": "Hello, Rita here" })).await;
    world.pass(10).await;
    let (_, shown) = console.get("/api/connection").await;
    for step in shown["checklist"].as_array().unwrap() {
        assert_eq!(step["done"], true, "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_a_consent_is_explained() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    for (consent, code) in
        [(json!({ "answer": "cancel" }), "cancelled"), (json!({ "answer": "not_admin" }), "not_admin")]
    {
        let told = console.consent(consent).await;
        assert!(told.starts_with(&format!("/#error={code}&detail=")), "{told}");
    }
    world.hs("PUT", "/_sim/oauth", json!({})).await;
    let (back, cookie) = console.begin().await;
    let told = console.callback(&back, "").await;
    assert!(told.starts_with("/#error=wrong_browser"), "{told}");
    let told = console.callback(&back, &cookie).await;
    assert!(told.starts_with("/#error=expired_state"), "a state is good once: {told}");
    let (back, cookie) = console.begin().await;
    world.pass(601).await;
    let told = console.callback(&back, &cookie).await;
    assert!(told.starts_with("/#error=expired_state"), "{told}");
    let (back, cookie) = console.begin().await;
    world.pass(61).await;
    let told = console.callback(&back, &cookie).await;
    assert!(told.starts_with("/#error=code_expired"), "{told}");
    world.hs("PUT", "/_sim/scopes", json!(["oauth", "tickets"])).await;
    let told = console.consent(json!({})).await;
    assert!(told.starts_with("/#error=missing_scopes") && told.contains("conversations%2Ewrite"), "{told}");
    let (_, shown) = console.get("/api/connection").await;
    assert_eq!(shown["auth"], "private_app", "what was there before is still there");
}

#[tokio::test(start_paused = true)]
async fn another_portal_is_connected_once_both_were_named() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    let fallback = json!({ "fallback_assignee": "A-101", "handoff_timeout_minutes": 30 });
    assert_eq!(console.call("PATCH", "/api/settings", fallback).await.0, 200);
    let (_, panel) = console.call("PUT", "/api/crm", json!({ "use_integration": true })).await;
    assert_eq!(panel["portal_id"], world.portal["portal_id"]);
    let told = console.consent(json!({ "portal": 999 })).await;
    let confirm = told.strip_prefix("/#confirm=").unwrap();
    let (id, rest) = confirm.split_once('&').unwrap();
    assert_eq!(rest, format!("from={}&to=999", world.portal["portal_id"].as_str().unwrap()));
    let (_, shown) = console.get("/api/connection").await;
    assert_eq!((&shown["auth"], &shown["pending_portal"]["portal_id"]), (&json!("private_app"), &json!("999")));
    let (status, after) = console.call("POST", "/api/connection/confirm-portal", json!({ "confirm": id })).await;
    assert_eq!((status, &after["portal_id"], &after["pending_portal"]), (200, &json!("999"), &Value::Null));
    assert_eq!(after["live"], false, "the AI sender was a user of the former portal");
    let (_, settings) = console.get("/api/settings").await;
    assert_eq!((&settings["ai_user"], &settings["fallback_assignee"]), (&Value::Null, &Value::Null));
    assert_eq!(console.get("/api/crm").await.1["portal_id"], "999", "the panel reads the portal it shares");
    let (status, _) = console.call("POST", "/api/connection/confirm-portal", json!({ "confirm": id })).await;
    assert_eq!(status, 409, "a confirmation is good once");
    // The former portal is free, and the one now connected is not.
    let other = Console::of(&world, "org_other");
    let told = other.consent(json!({ "portal": 999 })).await;
    assert!(told.starts_with("/#error=portal_taken"), "{told}");
    assert_eq!(other.consent(json!({})).await, "/#result=connected");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_private_app_is_named_field_by_field() {
    let world = World::new().await;
    let console = Console::of(&world, "org_new");
    Console::of(&world, ORG).call("DELETE", "/api/connection", Value::Null).await;
    let good = world.portal["access_token"].as_str().unwrap();
    let check = async |token: &str, user: Value, field: &str, detail: &str| {
        let form = json!({ "access_token": token, "default_user_id": user });
        let (status, problem) = console.call("PUT", "/api/connection/private-app", form).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
        problem
    };
    check("CIabc", json!("A-100"), "access_token", "it starts with pat-").await;
    check("pat-na1-nobody", json!("A-100"), "access_token", "HubSpot does not accept the token").await;
    check(good, json!("ada@example.com"), "default_user_id", "A-123 or 123").await;
    check(good, json!(424_242), "default_user_id", "no active user").await;
    world.hs("PUT", "/_sim/scopes", json!(["tickets", "conversations.read", "crm.objects.contacts.read"])).await;
    let problem =
        check(good, json!(100), "access_token", "missing scopes: conversations.write, crm.objects.contacts.write")
            .await;
    assert_eq!(problem["missing_scopes"], json!(["conversations.write", "crm.objects.contacts.write"]));
    let (_, shown) = console.get("/api/connection").await;
    assert_eq!(shown["state"], "not_connected", "nothing was saved");
    world.hs("POST", "/_sim/reset", Value::Null).await;
    let form = json!({ "access_token": good, "default_user_id": 100, "opencx_api_key": "key-1" });
    let (status, shown) = console.call("PUT", "/api/connection/private-app", form).await;
    assert_eq!((status, &shown["state"]), (200, &json!("action_recommended")), "{shown}");
    let (_, settings) = console.get("/api/settings").await;
    assert_eq!((&settings["ai_user"], &settings["default_user"]), (&json!("A-100"), &json!("A-100")));
    assert!(settings.get("opencx_api_key").is_none() && !shown.to_string().contains(good));
}

#[tokio::test(start_paused = true)]
async fn a_disconnected_organization_acts_on_nothing_and_goes_on_when_it_connects_again() {
    each_family(async || {
        let world = World::new().await;
        let console = Console::of(&world, ORG);
        let thread = world.thread("web").await;
        world.say(&thread, "first").await;
        world.pass(10).await;
        assert_eq!(console.consent(json!({})).await, "/#result=connected");
        let (status, done) = console.call("DELETE", "/api/connection", Value::Null).await;
        assert_eq!((status, &done["revoked"]), (200, &json!(true)));
        assert!(done["todo"][0].as_str().unwrap().contains("uninstall"));
        world.say(&thread, "second").await;
        world.pass(10).await;
        assert_eq!(world.answers(&thread).await.len(), 1);
        let (_, shown) = console.get("/api/connection").await;
        assert_eq!((&shown["state"], &shown["granted_scopes"]), (&json!("disconnected"), &json!([])));
        let (status, _) = console.call("DELETE", "/api/connection", Value::Null).await;
        assert_eq!(status, 404);
        assert_eq!(console.consent(json!({})).await, "/#result=connected");
        world.say(&thread, "third").await;
        world.pass(10).await;
        assert_eq!(world.answers(&thread).await, ["You said: first", "You said: third"]);
        assert_eq!(world.sessions().await.len(), 1, "the session goes on");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_rotated_url_makes_the_former_one_visibly_stale() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    let (_, before) = console.get("/api/connection").await;
    assert_eq!(before["webhook_url"], world.url);
    let (status, rotated) = console.call("POST", "/api/webhook-url/rotate", Value::Null).await;
    assert_eq!(status, 200);
    assert_ne!(rotated["webhook_url"], before["webhook_url"]);
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(10).await;
    assert_eq!(world.log().await, ["skipped stale_url"]);
    let (_, after) = console.get("/api/connection").await;
    assert_eq!(
        (&after["webhook_url"], &after["webhook_url_rotated_at"]),
        (&rotated["webhook_url"], &rotated["rotated_at"])
    );
}

#[tokio::test(start_paused = true)]
async fn settings_are_checked_field_by_field_and_never_overwritten_unseen() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    let (_, before) = console.get("/api/settings").await;
    for (wrong, field) in [
        (json!({ "assist_mode": "yes" }), "assist_mode"),
        (json!({ "retention_days": 0 }), "retention_days"),
        (json!({ "ai_user": "B-1" }), "ai_user"),
        (json!({ "no_such_setting": 1 }), "no_such_setting"),
        (json!({ "oauth_only": true }), "oauth_only"),
        (json!({ "opencx_api_key": "" }), "opencx_api_key"),
        (json!({ "routing": [{ "assign": " " }] }), "routing"),
    ] {
        let (status, problem) = console.call("PATCH", "/api/settings", wrong).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{problem}");
    }
    let (status, after) =
        console.call("PATCH", "/api/settings", json!({ "retention_days": 7, "version": before["version"] })).await;
    assert_eq!((status, &after["retention_days"]), (200, &json!(7)));
    let (status, _) =
        console.call("PATCH", "/api/settings", json!({ "retention_days": 9, "version": before["version"] })).await;
    assert_eq!(status, 409);
    let audit = world.operator().store.audit(&ORG.parse().unwrap(), None, 10).await.unwrap();
    assert_eq!(
        (audit.entries[0].action.as_str(), audit.entries[0].what.as_str()),
        ("settings.changed", "retention_days")
    );
}

#[tokio::test(start_paused = true)]
async fn teammates_inboxes_and_pipelines_are_the_portals() {
    each_family(async || {
        let world = World::new().await;
        let console = Console::of(&world, ORG);
        let (_, mates) = console.get("/api/teammates").await;
        let ids: Vec<_> = mates["teammates"].as_array().unwrap().iter().map(|mate| mate["actor_id"].clone()).collect();
        assert_eq!(ids, [world.portal["ai_user"].clone(), json!("A-100"), json!("A-101")], "{mates}");
        let (_, inboxes) = console.get("/api/inboxes").await;
        assert_eq!(inboxes["inboxes"][1]["type"], "HELP_DESK", "{inboxes}");
        let (_, pipelines) = console.get("/api/pipelines").await;
        assert_eq!(pipelines["pipelines"][0]["stages"][3]["closed"], true, "{pipelines}");
        world.hs("PUT", "/_sim/scopes", json!(["conversations.read"])).await;
        let (_, mates) = console.get("/api/teammates").await;
        assert_eq!(mates["missing_scope"], "crm.objects.owners.read");
        assert_eq!(mates["teammates"][0]["actor_id"], world.portal["ai_user"], "the chosen one is shown all the same");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_context_panel_has_a_connection_of_its_own() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    assert_eq!(console.get("/api/crm").await.1["connected"], false);
    let (status, problem) = console.call("PUT", "/api/crm", json!({ "access_token": "pat-na1-nobody" })).await;
    assert_eq!((status, &problem["field"]), (400, &json!("access_token")));
    let token = &world.portal["access_token"];
    let (_, own) = console.call("PUT", "/api/crm", json!({ "access_token": token })).await;
    assert_eq!((&own["auth"], &own["portal_id"]), (&json!("private_app"), &world.portal["portal_id"]));
    assert_eq!(console.call("POST", "/api/crm/test", Value::Null).await.1["ok"], true);
    let (_, shared) = console.call("PUT", "/api/crm", json!({ "use_integration": true })).await;
    assert_eq!(shared["auth"], "shared");
    assert_eq!(console.call("DELETE", "/api/crm", Value::Null).await.1["connected"], false);
}

#[tokio::test(start_paused = true)]
async fn a_test_of_the_connection_says_what_is_wrong() {
    each_family(async || {
        let world = World::new().await;
        let console = Console::of(&world, ORG);
        let (_, good) = console.call("POST", "/api/connection/test", Value::Null).await;
        assert_eq!(good["ok"], true, "{good}");
        world.hs("PUT", "/_sim/scopes", json!(["conversations.read", "tickets"])).await;
        let (_, scopes) = console.call("POST", "/api/connection/test", Value::Null).await;
        assert!(scopes["checks"][1]["found"].as_str().unwrap().contains("conversations.write"), "{scopes}");
        world.hs("PUT", "/_sim/token", json!("revoked")).await;
        let (_, token) = console.call("POST", "/api/connection/test", Value::Null).await;
        assert_eq!((&token["ok"], &token["checks"][0]["state"]), (&json!(false), &json!("failed")), "{token}");
    })
    .await;
}
