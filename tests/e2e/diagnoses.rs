//! Everything the troubleshooting guide knows is broken here, and the diagnostics name it in words for people.

use crate::world::{ORG, World};
use runtime::functions::CONNECT;
use serde_json::{Value, json};

/// What the console shows: the findings, as `state id`.
async fn diagnosis(world: &World, query: &str) -> Value {
    let (status, answer) = world.api("GET", &format!("/api/diagnostics{query}"), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn check<'v>(diagnosis: &'v Value, id: &str) -> &'v Value {
    let checks = diagnosis["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no check {id} in {diagnosis:#}"))
}

/// The check `id` is in that state, and says `words`; whatever is not well says what to do.
async fn finds(world: &World, query: &str, id: &str, state: &str, words: &str) -> Value {
    let found = diagnosis(world, query).await;
    let check = check(&found, id).clone();
    assert_eq!(check["state"], state, "{check:#}");
    assert!(check.to_string().contains(words), "{words:?} is not in {check:#}");
    if state == "failed" {
        assert!(!check["means"].is_null() && !check["fix"].as_array().unwrap().is_empty(), "{check:#}");
        assert_eq!(found["ok"], false);
    }
    check
}

/// One conversation that is answered.
async fn talking() -> (World, String) {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    (world, thread)
}

async fn session(world: &World) -> String {
    world.session().await["session_id"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_healthy_organization_has_nothing_that_failed() {
    let (world, thread) = talking().await;
    let session = session(&world).await;
    for query in [String::new(), format!("?thread={thread}"), format!("?session={session}")] {
        let found = diagnosis(&world, &query).await;
        assert_eq!(found["ok"], true, "{found:#}");
        for id in [
            "token",
            "scopes",
            "portal",
            "ai_user",
            "default_user",
            "events",
            "pipeline",
            "ticket_properties",
            "opencx",
            "queue",
            "clock",
        ] {
            assert_eq!(check(&found, id)["state"], "ok", "{found:#}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn connection_test_fails() {
    let (world, thread) = talking().await;
    world.hs("PUT", "/_sim/token", json!("revoked")).await;
    world.say(&thread, "anybody there?").await;
    world.pass(5).await;
    let token = finds(&world, "", "token", "failed", "expired or was revoked").await;
    assert!(token["fix"].to_string().contains("pat-"), "{token}");
    assert_eq!(token["replay"], json!({ "reason": "reconnect_required", "count": 1 }));
    finds(&world, &format!("?thread={thread}"), "last_message", "failed", "connected again").await;
    world.hs("PUT", "/_sim/token", json!("ok")).await;
    let scopes = json!(["conversations.read", "tickets", "crm.objects.contacts.read", "crm.objects.contacts.write"]);
    world.hs("PUT", "/_sim/scopes", scopes).await;
    finds(&world, "", "scopes", "failed", "conversations.write").await;
}

#[tokio::test(start_paused = true)]
async fn what_failed_for_a_mended_cause_is_replayed_by_one_call() {
    let (world, thread) = talking().await;
    world.hs("PUT", "/_sim/token", json!("revoked")).await;
    world.say(&thread, "anybody there?").await;
    world.pass(5).await;
    world.hs("PUT", "/_sim/token", json!("ok")).await;
    let (status, answer) = world.api("POST", "/api/deliveries/replay", json!({ "reason": "reconnect_required" })).await;
    assert_eq!((status, answer), (200, json!({ "replayed": 1 })));
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: anybody there?");
    assert_eq!(diagnosis(&world, "").await["ok"], true);
    let (_, none) = world.api("POST", "/api/deliveries/replay", json!({})).await;
    assert_eq!(none["replayed"], 0);
}

#[tokio::test(start_paused = true)]
async fn e_mail_arrives_but_the_owners_scope_is_missing() {
    let (world, _) = talking().await;
    let scopes = json!([
        "oauth",
        "conversations.read",
        "conversations.write",
        "tickets",
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "files"
    ]);
    world.hs("PUT", "/_sim/scopes", scopes).await;
    let scopes = finds(&world, "", "scopes", "warning", "crm.objects.owners.read").await;
    let named = scopes["found"].as_str().unwrap();
    assert!(named.find("crm.objects.owners.read") < named.find("crm.objects.companies.read"), "owners first: {named}");
    assert!(scopes["fix"].to_string().contains("save the connection again"), "{scopes}");
    finds(&world, "", "ai_user", "unknown", "crm.objects.owners.read").await;
}

#[tokio::test(start_paused = true)]
async fn a_teammate_who_was_removed_or_never_existed_is_reported() {
    let (world, _) = talking().await;
    let user: u64 = world.portal["ai_user"].as_str().unwrap()[2..].parse().unwrap();
    let mate = |archived: bool| json!([{ "user_id": user, "owner_id": 81_538_190, "name": "AI", "email": "ai@support.example", "archived": archived }]);
    world.hs("PUT", "/_sim/owners", mate(true)).await;
    finds(&world, "", "ai_user", "failed", "deactivated or removed").await;
    world.hs("PUT", "/_sim/owners", json!([])).await;
    finds(&world, "", "ai_user", "failed", "no teammate").await;
    finds(&world, "", "default_user", "failed", "no teammate").await;
    world.hs("PUT", "/_sim/owners", mate(false)).await;
    finds(&world, "", "ai_user", "ok", "active teammate").await;
}

#[tokio::test(start_paused = true)]
async fn handoff_runs_but_no_ticket_appears() {
    let world = World::with_settings(json!({ "ticketing_enabled": false })).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    let session = session(&world).await;
    world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    finds(&world, &format!("?session={session}"), "ticket", "failed", "switched off").await;
    finds(&world, "", "ticketing", "warning", "switched off").await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_never_was_in_hubspot_says_so() {
    let (world, _) = talking().await;
    let link = finds(&world, "?session=0f0c-unknown", "link", "failed", "did not begin in HubSpot").await;
    assert!(
        link["means"].as_str().unwrap().contains("instant.cx")
            && link["fix"].to_string().contains("create-hubspot-ticket-from-session")
    );
}

#[tokio::test(start_paused = true)]
async fn a_customer_without_e_mail_has_a_ticket_without_contact() {
    let (world, _) = talking().await;
    let thread = world.thread_with(json!({ "channel": "web" })).await;
    world.say(&thread, "anonymous").await;
    world.pass(5).await;
    let sessions = world.sessions().await;
    let anonymous = sessions.iter().find(|s| s["messages"][0]["text"] == "anonymous").unwrap();
    let id = anonymous["session_id"].as_str().unwrap();
    let mut handoff = world.handoff(id, Some(&thread));
    handoff["session"]["contact"] = json!({ "name": "Somebody" });
    world.invoke("handoff", handoff).await.unwrap();
    finds(&world, &format!("?session={id}"), "ticket", "warning", "no e-mail address").await;
    finds(&world, &format!("?session={id}"), "contact", "warning", "no e-mail address").await;
}

#[tokio::test(start_paused = true)]
async fn a_handoff_that_hubspot_refuses_names_the_pipeline() {
    let world = World::with_settings(json!({ "pipeline_id": "gone", "open_stage_id": "gone" })).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    let session = session(&world).await;
    world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap_err();
    finds(&world, "", "pipeline", "failed", "does not exist").await;
    finds(&world, &format!("?session={session}"), "ticket", "failed", "refused").await;
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_without_closed_stage_is_named() {
    let (world, _) = talking().await;
    let pipelines =
        json!([{ "id": "0", "label": "Support", "stages": [{ "id": "1", "label": "New", "closed": false }] }]);
    world.hs("PUT", "/_sim/pipelines", pipelines).await;
    finds(&world, "", "pipeline", "failed", "no stage whose ticket status is Closed").await;
}

#[tokio::test(start_paused = true)]
async fn a_portal_without_our_properties_is_named() {
    let (world, _) = talking().await;
    world.hs("PUT", "/_sim/properties", json!({ "refuse": true })).await;
    finds(&world, "", "ticket_properties", "warning", "opencx_handoff_id").await;
}

#[tokio::test(start_paused = true)]
async fn uncommitted_subscriptions_mean_events_that_never_arrive() {
    let (world, thread) = talking().await;
    world.quiet_webhooks().await;
    world.pass(600).await;
    world.write(&thread, json!({ "from": "visitor", "text": "nobody hears me" })).await;
    world.pass(600).await;
    let events = finds(&world, "", "events", "failed", "never announced").await;
    for step in ["Commit changes", "New message", "100 per second", "Copy the webhook URL"] {
        assert!(events["fix"].to_string().contains(step), "{step}: {events:#}");
    }
    finds(&world, &format!("?thread={thread}"), "unannounced", "failed", "1 message").await;
    let other = world.thread("web").await;
    world.say(&other, "nor me").await;
    world.pass(600).await;
    finds(&world, &format!("?thread={other}"), "link", "failed", "never told us").await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_subscription_is_known_by_what_never_came() {
    let world = World::new().await;
    let hook = json!({
        "url": world.url, "client_secret": world.portal["client_secret"],
        "subscriptions": ["conversation.creation", "conversation.propertyChange:assignedTo"],
    });
    world.hs("PUT", "/_sim/webhook", hook).await;
    world.pass(5).await;
    let thread = world.thread("web").await;
    world.say(&thread, "unheard").await;
    world.pass(600).await;
    let subscriptions = finds(&world, "", "subscriptions", "failed", "Conversation, New message").await;
    assert!(subscriptions["found"].as_str().unwrap().contains("reps' replies are not passed on"), "{subscriptions}");
    finds(&world, "", "events", "failed", "never announced").await;
    finds(&world, &format!("?thread={thread}"), "unannounced", "failed", "1 message").await;
}

#[tokio::test(start_paused = true)]
async fn webhook_shows_delivered_but_the_url_is_stale() {
    let (world, thread) = talking().await;
    assert_eq!(world.api("POST", "/api/webhook-url/rotate", Value::Null).await.0, 200);
    world.say(&thread, "old door").await;
    world.pass(5).await;
    let url = finds(&world, "", "webhook_url", "failed", "old webhook URL").await;
    assert!(url["fix"].to_string().contains("replace the target URL"), "{url}");
    finds(&world, &format!("?thread={thread}"), "last_message", "warning", "old webhook URL").await;
}

#[tokio::test(start_paused = true)]
async fn a_webhook_url_of_another_organization_is_named() {
    let (world, thread) = talking().await;
    let mut event = world.new_message(&thread, "e835c5f42631462ea4447601c8e1e394");
    event["portalId"] = json!(424_242);
    world.post(&world.url, &[], json!([event]).to_string()).await;
    world.pass(5).await;
    finds(&world, "", "webhook_url", "failed", "copied from a different organization").await;
}

#[tokio::test(start_paused = true)]
async fn requests_refused_at_the_door_are_counted() {
    let (world, _) = talking().await;
    let broken = format!("{}x", world.url);
    for _ in 0..3 {
        world.post(&broken, &[], "[]").await;
        world.pass(61).await;
    }
    world.post(&broken, &[], "[]").await;
    world.pass(5).await;
    finds(&world, "", "webhook_url", "warning", "4 requests with a webhook URL that is not valid").await;
    world.post("https://bridge.test/webhooks/hubspot", &[], "[]").await;
    world.pass(61).await;
    let unknown = world.event("deal.creation", &json!({ "objectId": 1 }));
    world.post(&world.url, &[], json!([unknown]).to_string()).await;
    world.pass(5).await;
    finds(&world, "", "signatures", "warning", "1 request without HubSpot's right signature").await;
}

#[tokio::test(start_paused = true)]
async fn ai_stopped_replying_mid_thread() {
    let (world, thread) = talking().await;
    world.assign(&thread, json!("A-100")).await;
    world.say(&thread, "still there?").await;
    world.pass(5).await;
    let owner = finds(&world, &format!("?thread={thread}"), "owner", "failed", "assigned to the teammate A-100").await;
    for step in ["Assigned to", "Assist Mode"] {
        assert!(owner["fix"].to_string().contains(step), "{owner}");
    }
    finds(&world, &format!("?thread={thread}"), "last_message", "warning", "assigned to a person").await;
}

#[tokio::test(start_paused = true)]
async fn reps_replies_that_are_internal_comments_reach_nobody() {
    let (world, thread) = talking().await;
    world.write(&thread, json!({ "from": "A-100", "text": "only for us", "type": "COMMENT" })).await;
    world.pass(5).await;
    finds(&world, &format!("?thread={thread}"), "rep_reply", "failed", "internal comment").await;
    world.write(&thread, json!({ "from": "A-100", "text": "for you" })).await;
    world.pass(5).await;
    finds(&world, &format!("?thread={thread}"), "rep_reply", "ok", "public").await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_cannot_be_reached_any_more_is_named() {
    let (world, thread) = talking().await;
    world.write(&thread, json!({ "from": "A-100", "text": "for you", "failed": "Mailbox full" })).await;
    world.pass(5).await;
    finds(&world, &format!("?thread={thread}"), "rep_reply", "failed", "Mailbox full").await;
}

#[tokio::test(start_paused = true)]
async fn crm_context_panel_is_empty() {
    let (world, thread) = talking().await;
    finds(&world, "", "crm", "warning", "not connected").await;
    let org = domain::OrgId::parse(ORG).unwrap();
    operations::connect_crm(&world.bridge_of(&CONNECT), &org, operations::CrmSource::Integration).await.unwrap();
    finds(&world, "", "crm", "ok", "may read contacts").await;
    finds(&world, &format!("?thread={thread}"), "contact", "ok", "has the customer's e-mail address").await;
    world.hs("PUT", "/_sim/scopes", json!(["conversations.read", "conversations.write", "tickets"])).await;
    finds(&world, "", "crm", "failed", "crm.objects.contacts.read").await;
}

#[tokio::test(start_paused = true)]
async fn a_used_up_rate_limit_is_named() {
    let (world, _) = talking().await;
    let policy = json!({ "status": "error", "message": "limit", "errorType": "RATE_LIMIT", "policyName": "DAILY" });
    world.hubspot_fault(json!({ "path": "/", "status": 429, "times": 200, "body": policy })).await;
    finds(&world, "", "token", "warning", "rate limit").await;
}

#[tokio::test(start_paused = true)]
async fn opencx_out_of_reach_and_a_wrong_clock_are_named() {
    let (world, _) = talking().await;
    world.opencx_fault(json!({ "path": "/", "status": 401, "times": 10 })).await;
    finds(&world, "", "opencx", "failed", "refuses the API key").await;
    world.ocx("DELETE", "/_sim/faults", Value::Null).await;
    world.opencx_fault(json!({ "path": "/", "status": 503, "times": 100 })).await;
    finds(&world, "", "opencx", "failed", "could not be reached").await;
    world.hs("PUT", "/_sim/clock", json!({ "ahead_s": 400 })).await;
    finds(&world, "", "clock", "failed", "s behind HubSpot's").await;
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_is_not_live_or_not_connected_is_told_so() {
    let world = World::with_settings(json!({ "enabled": false })).await;
    finds(&world, "", "live", "warning", "not live").await;
    let (status, found) = world.api_of("org_2", "GET", "/api/diagnostics", Value::Null).await;
    assert_eq!((status, found["ok"].clone()), (200, json!(false)));
    assert_eq!(check(&found, "connection")["state"], "failed");
}
