//! What goes out, call by call.

use super::*;
use crate::{AgentMessage, ContactMessage, HubSpotIds, NewSession, Person, Reflect, SessionNote};
use domain::{Channel, ContactId, SessionStatus, ThreadId, TicketId};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use std::collections::BTreeMap;
use std::time::Duration;

fn probe() -> BTreeMap<String, Value> {
    BTreeMap::from([("hubspot_thread_id".to_owned(), json!("17"))])
}

#[tokio::test(start_paused = true)]
async fn every_call_carries_the_key_and_shows_it_to_nobody() {
    let scene = Scene::new([answer(200, json!({"id": "5f0c"}))]);
    scene.org.session(&session()).await.unwrap();
    let seen = scene.seen.lock().unwrap();
    assert_eq!(seen[0].headers()[AUTHORIZATION], "Bearer ocx_live_canary");
    assert!(seen[0].headers()[AUTHORIZATION].is_sensitive());
    assert!(!seen[0].headers().contains_key(CONTENT_TYPE));
    assert!(!format!("{:?} {:?}", scene.org, ApiKey::new("canary")).contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_session_is_created_with_contact_and_probe() {
    let scene = Scene::new([answer(201, json!({"id": "5f0c"}))]);
    let contact =
        Person { name: Some("Ada".to_owned()), email: Some("ada@example.com".to_owned()), phone: Some(" ".to_owned()) };
    let mut custom_data = probe();
    custom_data.insert("nested".to_owned(), json!({"a": 1}));
    custom_data.insert("seats".to_owned(), json!(12));
    custom_data.insert("gone".to_owned(), json!(null));
    let id = scene.org.create_session(&NewSession { channel: Channel::Web, contact, custom_data }).await.unwrap();
    assert_eq!(id, session());
    assert_eq!(scene.calls(), ["POST /chat/sessions"]);
    let expected = json!({
        "channel": {"type": "web"},
        "contact": {"name": "Ada", "email": "ada@example.com"},
        "custom_data": {"hubspot_thread_id": "17", "nested": "{\"a\":1}", "seats": 12},
    });
    assert_eq!(scene.body(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_session_of_an_unknown_person_has_no_contact() {
    let scene = Scene::new([answer(200, json!({"data": {"id": "5f0c"}}))]);
    let session = NewSession { channel: Channel::PhoneVoice, contact: Person::default(), custom_data: probe() };
    scene.org.create_session(&session).await.unwrap();
    assert_eq!(scene.body(), json!({"channel": {"type": "phone_voice"}, "custom_data": {"hubspot_thread_id": "17"}}));
}

#[tokio::test(start_paused = true)]
async fn the_customers_words_bring_the_answer() {
    let scene = Scene::new([answer(
        200,
        json!({"success": true, "data": {
        "autopilotResponse": {"type": "text", "value": {"content": "Hello"}, "id": "m-1"}}}),
    )]);
    let message = ContactMessage { text: "Hi".to_owned(), files: Vec::new(), custom_data: probe() };
    let said = scene.org.send_as_contact(&session(), &message).await.unwrap().message.unwrap();
    assert_eq!((said.text.as_str(), said.id.unwrap().as_str()), ("Hello", "m-1"));
    assert_eq!(scene.calls(), ["POST /chat/sessions/5f0c/send"]);
    let expected = json!({
        "sender": "contact",
        "message": {"type": "text", "text": "Hi"},
        "custom_data": {"hubspot_thread_id": "17"},
    });
    assert_eq!(scene.body(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_agents_words_take_nothing_over() {
    let scene = Scene::new([answer(200, json!({"success": true, "data": {"message": {"id": "m-9"}}})), raw(204, "")]);
    let mut message = AgentMessage {
        text: "Hi".to_owned(),
        files: Vec::new(),
        agent_name: Some("Grace".to_owned()),
        custom_data: probe(),
    };
    let id = scene.org.send_as_agent(&session(), &message).await.unwrap();
    assert_eq!(id.unwrap().as_str(), "m-9");
    let expected = json!({
        "sender": "agent",
        "message": {"type": "text", "text": "Hi"},
        "custom_data": {"hubspot_thread_id": "17"},
        "agent": {"name": "Grace"},
        "should_take_over_session_from_ai": false,
    });
    assert_eq!(scene.body(), expected);
    message.agent_name = None;
    assert_eq!(scene.org.send_as_agent(&session(), &message).await.unwrap(), None);
    assert!(scene.body().get("agent").is_none());
}

#[tokio::test(start_paused = true)]
async fn closing_asks_for_a_summary_and_reopening_does_not() {
    let scene = Scene::new([raw(200, ""), raw(204, "")]);
    scene.org.set_status(&session(), SessionStatus::ClosedResolved, Reflect::No).await.unwrap();
    let closed = json!({
        "status": "closed_resolved",
        "generate_summary_and_sentiment_on_resolve": true,
        "reflect_status_change_for_integration": false,
    });
    assert_eq!(scene.body(), closed);
    scene.org.set_status(&session(), SessionStatus::Open, Reflect::Yes).await.unwrap();
    assert_eq!(scene.body(), json!({"status": "open", "reflect_status_change_for_integration": true}));
    assert_eq!(scene.calls(), ["PATCH /chat/sessions/5f0c"; 2]);
}

#[tokio::test(start_paused = true)]
async fn the_assumed_endpoints_are_where_they_are_assumed() {
    let scene =
        Scene::new([raw(200, "{}"), raw(200, "{}"), answer(201, json!({"id": "n-1"})), raw(200, "{}"), raw(200, "{}")]);
    let (org, id) = (&scene.org, session());
    org.set_handed_off(&id, true, Some("the customer asked")).await.unwrap();
    assert_eq!(scene.body(), json!({"handed_off": true, "reason": "the customer asked"}));
    org.set_handed_off(&id, false, None).await.unwrap();
    assert_eq!(scene.body(), json!({"handed_off": false}));
    let note = SessionNote { text: "vip".to_owned(), author: Some("Grace".to_owned()), external_id: "m-4".to_owned() };
    org.add_note(&id, &note).await.unwrap();
    assert_eq!(scene.body(), json!({"note": "vip", "author": "Grace", "external_id": "m-4"}));
    org.set_custom_data(&id, &BTreeMap::from([("plan".to_owned(), json!("pro"))])).await.unwrap();
    assert_eq!(scene.body(), json!({"editable_custom_data": {"plan": "pro"}}));
    let ids = HubSpotIds { ticket: TicketId::parse("11").ok(), thread: ThreadId::parse("17").ok(), contact: None };
    org.set_hubspot_ids(&id, &ids).await.unwrap();
    assert_eq!(scene.body(), json!({"hubspot_ticket_id": "11", "hubspot_conversation_id": "17"}));
    let expected = [
        "PUT /chat/sessions/5f0c/handoff",
        "PUT /chat/sessions/5f0c/handoff",
        "POST /chat/sessions/5f0c/notes",
        "PUT /chat/sessions/5f0c/custom-data",
        "PUT /chat/sessions/5f0c/hubspot",
    ];
    assert_eq!(scene.calls(), expected);
}

#[tokio::test(start_paused = true)]
async fn each_assumed_path_can_be_set() {
    let assumed = AssumedPaths {
        handed_off: "/v2/{session}/pause?by=hubspot".to_owned(),
        notes: "/v2/notes/{session}".to_owned(),
        custom_data: "/v2/{session}/data".to_owned(),
        hubspot_ids: "/v2/{session}/ids".to_owned(),
    };
    let answers = [raw(200, ""), raw(201, ""), raw(200, ""), raw(200, "")];
    let scene = Scene::with(answers, assumed, SignedDuration::from_secs(60));
    let id = SessionId::parse("5f?0c%").unwrap();
    scene.org.set_handed_off(&id, true, None).await.unwrap();
    let note = SessionNote { text: "vip".to_owned(), author: None, external_id: "m-4".to_owned() };
    scene.org.add_note(&id, &note).await.unwrap();
    scene.org.set_custom_data(&id, &BTreeMap::new()).await.unwrap();
    let contact = ContactId::parse("6001").ok();
    scene.org.set_hubspot_ids(&id, &HubSpotIds { contact, ..HubSpotIds::default() }).await.unwrap();
    let expected = [
        "PUT /v2/5f%3F0c%25/pause?by=hubspot",
        "POST /v2/notes/5f%3F0c%25",
        "PUT /v2/5f%3F0c%25/data",
        "PUT /v2/5f%3F0c%25/ids",
    ];
    assert_eq!(scene.calls(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_customers_message_may_take_seventy_five_seconds_and_other_calls_ten() {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at("2026-11-20T10:00:00Z".parse().unwrap()));
    let never = InProcess::new(|_| futures::future::pending());
    let opencx =
        OpenCx::new(Http::new(Arc::new(never), clock.clone(), 1), "http://opencx.test", AssumedPaths::default());
    let (key, id) = (ApiKey::new("k"), session());
    let org = opencx.org(&key, clock.now() + Duration::from_mins(15));
    let start = clock.now();
    let message = ContactMessage { text: "Hi".to_owned(), files: Vec::new(), custom_data: BTreeMap::new() };
    assert!(org.send_as_contact(&id, &message).await.unwrap_err().maybe_done());
    assert_eq!(clock.now().duration_since(start).as_secs(), 75);
    let start = clock.now();
    let message =
        AgentMessage { text: "Hi".to_owned(), files: Vec::new(), agent_name: None, custom_data: BTreeMap::new() };
    assert!(org.send_as_agent(&id, &message).await.unwrap_err().maybe_done());
    assert_eq!(clock.now().duration_since(start).as_secs(), 10);
}
