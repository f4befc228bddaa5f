//! Sessions, histories and lists, as OpenCX has written them over time.

use super::*;
use crate::{HistoryEvent, OpenCxSession, Person, Sender};
use domain::{Channel, Sentiment, SessionStatus};

async fn read(body: Value) -> OpenCxSession {
    Scene::new([answer(200, body)]).org.session(&session()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_whole_session_is_read() {
    let session = read(json!({
        "id": "5f0c", "status": "closed_resolved", "ai_closure_type": null, "sentiment": "happy",
        "channel": {"type": "email"}, "ticket_number": 4521, "assist_mode": false, "language": "en",
        "created_at": "2026-11-20T10:00:00.123Z", "updated_at": "2026-11-20T10:00:01Z", "assignee_id": null,
        "contact": {"id": "c-1", "email": "ada@example.com", "phone_number": null, "name": "Ada", "custom_data": {}},
        "custom_data": {"hubspot_thread_id": "17", "seats": 12, "vip": true},
        "summary": "Password reset", "team": null, "url": "https://example.com/s/5f0c",
    }))
    .await;
    assert_eq!(session.status, SessionStatus::ClosedResolved);
    assert_eq!(session.channel, Some(Channel::Email));
    assert_eq!(session.ticket_number.as_deref(), Some("4521"));
    assert_eq!(session.assist_mode, Some(false));
    assert_eq!(session.language.as_deref(), Some("en"));
    assert_eq!((session.sentiment, session.summary.as_deref()), (Some(Sentiment::Happy), Some("Password reset")));
    let ada = Person { name: Some("Ada".to_owned()), email: Some("ada@example.com".to_owned()), phone: None };
    assert_eq!(session.contact, ada);
    assert_eq!(session.custom_data["hubspot_thread_id"], json!("17"));
    assert_eq!(session.custom_data["seats"], json!(12));
    assert!(!session.handed_off);
    assert_eq!(session.created_at, "2026-11-20T10:00:00.123Z".parse().ok());
    assert_eq!(session.url.as_deref(), Some("https://example.com/s/5f0c"));
    assert!(!format!("{session:?}").contains("Ada") && !format!("{session:?}").contains("Password"));
}

#[tokio::test(start_paused = true)]
async fn a_session_of_nothing_but_an_id_is_an_open_one() {
    let session = read(json!({"id": "5f0c"})).await;
    assert_eq!((session.status, session.handed_off, session.channel), (SessionStatus::Open, false, None));
    assert_eq!(session.contact, Person::default());
    let odd = json!({
        "id": "5f0c", "status": 3, "channel": "web", "contact": "c-1", "custom_data": [], "assist_mode": "maybe",
        "sentiment": "delighted", "ticket_number": {}, "created_at": "today", "handoff": "no", "summary": " ", "url": null,
    });
    assert_eq!(read(odd).await, session);
}

#[tokio::test(start_paused = true)]
async fn a_handoff_shows_by_the_object_or_the_flag() {
    for (fields, expected) in [
        (json!({"handoff": {"summary": "wants a human", "sentiment": "angry"}}), true),
        (json!({"handoff": {}}), true),
        (json!({"handed_off": true}), true),
        (json!({"handed_off": true, "handoff": null}), true),
        (json!({"handed_off": false, "handoff": null}), false),
        (json!({"handoff": false}), false),
        (json!({}), false),
    ] {
        let mut body = fields.clone();
        body["id"] = json!("5f0c");
        assert_eq!(read(body).await.handed_off, expected, "{fields}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handoffs_summary_fills_in_for_the_sessions() {
    let handoff = json!({"summary": "wants a human", "sentiment": "angry"});
    let session = read(json!({"id": "5f0c", "summary": null, "handoff": handoff})).await;
    assert_eq!((session.summary.as_deref(), session.sentiment), (Some("wants a human"), Some(Sentiment::Angry)));
    let session = read(json!({"id": "5f0c", "summary": "own", "sentiment": "neutral", "handoff": handoff})).await;
    assert_eq!((session.summary.as_deref(), session.sentiment), (Some("own"), Some(Sentiment::Neutral)));
}

#[tokio::test(start_paused = true)]
async fn what_a_customer_only_claims_is_better_than_nothing() {
    let contact =
        json!({"email": null, "name": "", "non_verified_email": "ada@example.com", "non_verified_name": "Ada"});
    let person = read(json!({"id": "5f0c", "contact": contact})).await.contact;
    assert_eq!((person.name.as_deref(), person.email.as_deref()), (Some("Ada"), Some("ada@example.com")));
}

#[tokio::test(start_paused = true)]
async fn a_new_word_for_a_closed_session_is_still_closed() {
    for (word, expected) in [
        ("open", SessionStatus::Open),
        ("closed_unresolved", SessionStatus::ClosedUnresolved),
        ("closed_by_workflow", SessionStatus::ClosedUnresolved),
        ("snoozed", SessionStatus::Open),
    ] {
        assert_eq!(read(json!({"id": "5f0c", "status": word})).await.status, expected, "{word}");
    }
}

fn event(id: &str, at: &str, sender: &str, text: &str) -> Value {
    json!({"id": id, "created_at": at, "event": {
        "type": "message", "sender": {"type": sender, "name": "N"}, "content": {"type": "text", "text": text}, "attachments": []}})
}

fn texts(events: &[HistoryEvent]) -> Vec<&str> {
    events.iter().map(|event| event.text.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_history_is_read_over_all_pages_oldest_first() {
    let first = json!({"next": "c/2", "items": [event("1", "2026-11-20T10:00:00Z", "contact", "Hi"), event("2", "2026-11-20T10:00:05Z", "ai", "Hello")]});
    let handoff = json!({"id": 3, "created_at": "2026-11-20T10:00:06Z", "event": {"type": "handoff", "sender": null, "content": null}});
    let second = json!({"next": null, "items": [event("2", "2026-11-20T10:00:05Z", "ai", "Hello"), handoff, event("4", "2026-11-20T10:00:07Z", "human_agent", "Me here")]});
    let scene = Scene::new([answer(200, first), answer(200, second)]);
    let events = scene.org.history(&session()).await.unwrap();
    assert_eq!(scene.calls(), ["GET /chat/sessions/5f0c/history", "GET /chat/sessions/5f0c/history?cursor=c%2F2"]);
    assert_eq!(texts(&events), ["Hi", "Hello", "", "Me here"]);
    let senders: Vec<_> = events.iter().map(|event| event.sender.clone()).collect();
    assert_eq!(senders, [Sender::Contact, Sender::Ai, Sender::Other(String::new()), Sender::Agent]);
    assert_eq!((events[2].kind.as_str(), events[2].id.as_ref().unwrap().as_str()), ("handoff", "3"));
    assert!(!format!("{events:?}").contains("Hello"));
}

#[tokio::test(start_paused = true)]
async fn a_history_listed_newest_first_is_turned_round() {
    let items = [
        event("4", "2026-11-20T10:00:07Z", "contact", "d"),
        event("3", "2026-11-20T10:00:05Z", "ai", "c"),
        event("2", "2026-11-20T10:00:05Z", "contact", "b"),
        event("1", "2026-11-20T10:00:00Z", "contact", "a"),
    ];
    let scene = Scene::new([answer(200, json!({"items": items}))]);
    assert_eq!(texts(&scene.org.history(&session()).await.unwrap()), ["a", "b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn senders_and_contents_of_other_versions_are_understood() {
    let item = |sender: Value, content: Value| json!({"created_at": "2026-11-20T10:00:00Z", "event": {"type": "message", "sender": sender, "content": content}});
    let items = [
        item(json!({"type": "user"}), json!("plain")),
        item(json!({"type": "agent"}), json!({"type": "image"})),
        item(json!({"type": "system"}), json!(null)),
    ];
    let events = Scene::new([answer(200, json!({"items": items}))]).org.history(&session()).await.unwrap();
    assert_eq!(texts(&events), ["plain", "", ""]);
    let senders: Vec<_> = events.iter().map(|event| event.sender.clone()).collect();
    assert_eq!(senders, [Sender::Contact, Sender::Agent, Sender::Other("system".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn endless_pages_are_followed_to_a_bound() {
    let page = |n: usize| answer(200, json!({"items": [{"id": format!("s{n}")}], "next": format!("{}", n + 1)}));
    let scene = Scene::new((0..40).map(page));
    let since: Timestamp = "2026-11-20T09:59:00Z".parse().unwrap();
    let sessions = scene.org.sessions_created_since(since).await.unwrap();
    assert_eq!((sessions.len(), scene.calls().len()), (10, 10));
    assert_eq!(scene.calls()[0], "GET /chat/sessions?created_after=2026-11-20T09%3A59%3A00Z");
    assert_eq!(scene.calls()[9], "GET /chat/sessions?created_after=2026-11-20T09%3A59%3A00Z&cursor=9");
    let scene = Scene::new((0..40).map(|n| answer(200, json!({"items": [], "next": n + 1}))));
    assert!(scene.org.history(&session()).await.unwrap().is_empty());
    assert_eq!(scene.calls().len(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_comes_again_ends_the_list() {
    let page = |id: &str, next: &str| answer(200, json!({"items": [{"id": id}], "next": next}));
    let scene = Scene::new([page("s1", "a"), page("s2", "b"), page("s3", "a"), page("s4", "b")]);
    assert_eq!(scene.org.sessions_created_since(Timestamp::UNIX_EPOCH).await.unwrap().len(), 3);
    let scene = Scene::new([page("s1", "")]);
    assert_eq!(scene.org.sessions_created_since(Timestamp::UNIX_EPOCH).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_contact_is_created_and_found_by_address() {
    let ada = Person { email: Some("ada@example.com".to_owned()), ..Person::default() };
    let list = json!({"items": [{"id": "c-1", "email": null}, {"id": "c-2", "email": "Ada@Example.com", "name": "Ada"}], "next": null});
    let scene = Scene::new([answer(201, json!({"id": "c-2"})), answer(200, list.clone()), answer(200, list)]);
    assert_eq!(scene.org.create_contact(&ada).await.unwrap().as_str(), "c-2");
    assert_eq!(scene.body(), json!({"email": "ada@example.com"}));
    let found = scene.org.find_contact("ada@example.com").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.person.name.as_deref()), ("c-2", Some("Ada")));
    assert_eq!(scene.org.find_contact("bob@example.com").await.unwrap(), None);
    assert_eq!(scene.calls(), ["POST /contacts", "GET /contacts", "GET /contacts"]);
}
