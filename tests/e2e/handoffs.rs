//! The AI hands off.

use crate::family::each_family;
use crate::world::{Differently, ORG, World};
use serde_json::{Value, json};

async fn talking(world: &World) -> (String, String) {
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(5).await;
    let session = world.sessions().await.last().unwrap()["session_id"].as_str().unwrap().to_owned();
    (thread, session)
}

#[tokio::test(start_paused = true)]
async fn a_handoff_opens_a_ticket_with_summary_transcript_contact_and_comment() {
    each_family(async || {
        let world = World::new().await;
        let (thread, session) = talking(&world).await;
        let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
        assert_eq!((&answer["ticket"], &answer["warnings"]), (&json!("created"), &json!([])));
        let tickets = world.tickets().await;
        assert_eq!(tickets.len(), 1);
        let properties = &tickets[0]["properties"];
        assert_eq!(properties["subject"], "[#4521] Wants a refund");
        let content = properties["content"].as_str().unwrap();
        assert!(content.contains("Wants a refund") && content.contains("hello there"), "{content}");
        for (name, value) in [
            ("opencx_session_id", session.as_str()),
            ("opencx_handedoff", "true"),
            ("opencx_channel", "web"),
            ("opencx_sentiment", "angry"),
            ("opencx_language", "en"),
            ("opencx_handoff_reason", "user_requested_human_assistance"),
            ("opencx_session_url", "https://inbox.example/s/1"),
        ] {
            assert_eq!(properties[name], value, "{name}");
        }
        assert_eq!(tickets[0]["contact_ids"], json!([answer["contact_id"]]));
        let comments = world.comments(&thread).await;
        assert!(comments.len() == 1 && comments[0].starts_with("🔄 AI decided to handoff"), "{comments:?}");
        for part in ["asked for a person", "angry", "en", "https://inbox.example/s/1"] {
            assert!(comments[0].contains(part), "{part} is missing in {comments:?}");
        }
        assert_eq!(world.session().await["handed_off"], true);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_handoff_gives_the_conversation_of_a_bot_to_the_rep_and_a_persons_to_nobody() {
    for (owner, after) in [("B-7", "A-100"), ("L-1", "A-100"), ("A-101", "A-101")] {
        let world = World::with_settings(json!({ "default_user": "A-100" })).await;
        let (thread, session) = talking(&world).await;
        world.pass(60).await;
        world.assign(&thread, json!(owner)).await;
        world.pass(5).await;
        let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
        assert_eq!(answer["warnings"], json!([]));
        let state = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
        assert_eq!(state["assigned_to"], after, "of {owner}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handoff_requested_twice_opens_one_ticket() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let ask = world.handoff(&session, Some(&thread));
    let first = world.invoke("handoff", ask.clone()).await.unwrap();
    assert_eq!(world.invoke("handoff", ask).await.unwrap(), first);
    assert_eq!((world.tickets().await.len(), world.comments(&thread).await.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_ais_own_signal_opens_the_handoff() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.script(json!([{ "contains": "human", "reply": "I will get somebody", "handoff": true }])).await;
    world.say(&thread, "a human please").await;
    world.pass(10).await;
    assert_eq!(world.answers(&thread).await, ["I will get somebody"]);
    let tickets = world.tickets().await;
    assert_eq!(tickets.len(), 1);
    assert!(tickets[0]["properties"]["content"].as_str().unwrap().contains("a human please"));
    assert_eq!(tickets[0]["properties"]["opencx_handoff_reason"], "user_requested_human_assistance");
    world.say(&thread, "hello?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn everything_but_the_sessions_id_may_be_left_out() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", json!({ "org_id": ORG, "session": { "id": session } })).await.unwrap();
    assert_eq!((&answer["ticket"], &answer["thread_id"]), (&json!("created"), &json!(thread)));
    let content = world.tickets().await[0]["properties"]["content"].clone();
    assert!(content.as_str().unwrap().contains("hello there"), "{content}");
}

#[tokio::test(start_paused = true)]
async fn the_rep_of_the_request_gets_ticket_and_thread() {
    each_family(async || {
        let world = World::new().await;
        let (thread, session) = talking(&world).await;
        let mut ask = world.handoff(&session, Some(&thread));
        ask["assignee"] = json!("A-101");
        let answer = world.invoke("handoff", ask).await.unwrap();
        assert_eq!(world.tickets().await[0]["properties"]["hubspot_owner_id"], answer["owner_id"]);
        let state = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
        assert_eq!(state["assigned_to"], "A-101");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_rep_who_owns_the_thread_keeps_it() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(5).await;
    let mut ask = world.handoff(&session, Some(&thread));
    ask["assignee"] = json!("A-101");
    world.invoke("handoff", ask).await.unwrap();
    let state = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
    assert_eq!(state["assigned_to"], "A-100");
}

#[tokio::test(start_paused = true)]
async fn where_the_default_user_is_the_ai_user_the_thread_is_left_unassigned() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert!(answer["owner_id"].is_string(), "{answer}");
    let state = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
    assert_eq!(state["assigned_to"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn with_ticketing_disabled_everything_but_the_ticket_happens() {
    let world = World::with_settings(json!({ "ticketing_enabled": false })).await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert_eq!((&answer["ticket"], &answer["ticket_id"]), (&json!("disabled"), &Value::Null));
    assert!(world.tickets().await.is_empty());
    assert_eq!(world.comments(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_e_mail_the_ticket_has_no_contact_and_says_so() {
    let world = World::new().await;
    let mut ask = world.handoff("s-phone", None);
    ask["session"]["contact"] = json!({ "name": "Bob", "phone_number": "+4911111" });
    ask["session"]["channel"] = json!("phone_voice");
    let answer = world.invoke("handoff", ask).await;
    // The session is OpenCX's own: it does not know it here, which costs a warning and not the ticket.
    let answer = answer.unwrap();
    assert_eq!(answer["ticket"], "created");
    assert!(codes(&answer).contains(&"no_email".to_owned()), "{answer}");
    assert_eq!(world.tickets().await[0]["contact_ids"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_a_rep_began_from_the_ticket_is_used_by_a_further_handoff() {
    let world = World::new().await;
    let begun = json!({ "channel": { "type": "phone_voice" }, "contact": { "name": "Ada Example" } });
    let session = world.ocx("POST", "/_sim/sessions", begun).await["session_id"].clone();
    let mut ask = world.handoff(session.as_str().unwrap(), None);
    ask["session"]["channel"] = json!("phone_voice");
    let first = world.invoke("handoff", ask.clone()).await.unwrap();
    let mut threads = Vec::new();
    for _ in 0..2 {
        let thread = world.thread("email").await;
        let ticket = json!({ "ticket_id": first["ticket_id"] });
        world.hs("PATCH", &format!("/_sim/threads/{thread}"), ticket).await;
        world.pass(60).await;
        world.write(&thread, json!({ "from": "A-100", "text": "I sent you a mail" })).await;
        threads.push(thread);
    }
    let resumed = json!({ "org_id": ORG, "session_id": session, "ai": "resumed" });
    world.invoke("sync", resumed).await.unwrap();
    let second = world.invoke("handoff", ask).await.unwrap();
    assert_eq!((&second["ticket"], &second["ticket_id"]), (&json!("updated"), &first["ticket_id"]));
    assert_eq!(second["thread_id"], threads[1], "the latest of several");
    assert_eq!(world.comments(&threads[1]).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_e_mail_address_hubspot_rejects_is_a_warning() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let mut ask = world.handoff(&session, Some(&thread));
    ask["session"]["contact"] = json!({ "name": "Ada", "email": "ada@@example" });
    let answer = world.invoke("handoff", ask).await.unwrap();
    assert_eq!(answer["ticket"], "created");
    assert!(codes(&answer).contains(&"contact_not_created".to_owned()), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_refuses_our_properties_gets_the_ticket_without_them() {
    let world = World::with(Differently { properties_refused: true, ..Differently::default() }).await;
    let (thread, session) = talking(&world).await;
    world.hubspot_fault(json!({ "method": "POST", "path": "/crm", "lose_answer": true })).await;
    let ask = world.handoff(&session, Some(&thread));
    world.invoke("handoff", ask.clone()).await.unwrap_err();
    let answer = world.invoke("handoff", ask).await.unwrap();
    assert!(codes(&answer).iter().any(|code| code == "properties_refused"), "{answer}");
    assert_eq!(world.tickets().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_help_desk_threads_own_ticket_is_used() {
    let world = World::new().await;
    let contact = json!({ "name": "Ada Example", "email": "ada@example.com" });
    let thread = world.thread_with(json!({ "channel": "email", "contact": contact, "inbox": "HELP_DESK" })).await;
    world.write(&thread, json!({ "from": "visitor", "text": "hello there", "subject": "Help" })).await;
    world.pass(15).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let before = world.tickets().await.len();
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert_eq!((&answer["ticket"], world.tickets().await.len()), (&json!("updated"), before));
    let notes = world.tickets().await[0]["notes"].clone();
    assert!(notes.to_string().contains("AI decided to handoff"), "{notes}");
}

#[tokio::test(start_paused = true)]
async fn a_transcript_of_300_000_characters_with_emoji_is_kept_whole() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let mut ask = world.handoff(&session, Some(&thread));
    let line = "Grüße 👩‍👩‍👧 ".repeat(300);
    let lines: Vec<Value> = (0..80).map(|n| json!({ "sender": "contact", "text": format!("{n}: {line}") })).collect();
    ask["session"]["transcript"] = json!(lines);
    let answer = world.invoke("handoff", ask).await.unwrap();
    assert_eq!(answer["ticket"], "created");
    let ticket = &world.tickets().await[0];
    let content = ticket["properties"]["content"].as_str().unwrap();
    assert!(content.encode_utf16().count() <= 65_536 && content.contains("notes"), "the content names the notes");
    let notes = ticket["notes"].to_string();
    assert!(notes.contains("79: Gr"), "the newest line is in the notes");
}

#[tokio::test(start_paused = true)]
async fn bad_requests_name_the_field() {
    let world = World::new().await;
    let cases = [
        (json!({}), "org_id"),
        (json!({ "org_id": ORG }), "session"),
        (json!({ "org_id": ORG, "session": {} }), "id"),
        (json!({ "org_id": ORG, "session": { "id": "s", "channel": "pigeon" } }), "session.channel"),
        (json!({ "org_id": ORG, "session": { "id": "has space" } }), "session.id"),
        (json!([]), ""),
    ];
    for (ask, field) in cases {
        let error = world.invoke("handoff", ask).await.unwrap_err();
        assert_eq!(error["errorType"], "InvalidRequest", "{error}");
        assert!(error["errorMessage"].as_str().unwrap().contains(field), "{error} should name {field}");
    }
    let error = world.invoke("handoff", json!({ "org_id": "nobody", "session": { "id": "s" } })).await.unwrap_err();
    assert_eq!(error["errorType"], "NotConnected");
}

fn codes(answer: &Value) -> Vec<String> {
    answer["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_tickets_own_words_stay_and_the_transcript_goes_into_notes() {
    let world = World::new().await;
    let contact = json!({ "name": "Ada Example", "email": "ada@example.com" });
    let thread = world.thread_with(json!({ "channel": "email", "contact": contact, "inbox": "HELP_DESK" })).await;
    world.write(&thread, json!({ "from": "visitor", "text": "hello there", "subject": "Help" })).await;
    world.pass(15).await;
    let ticket = world.tickets().await[0]["ticket_id"].as_str().unwrap().to_owned();
    let theirs = "what the reps know ".repeat(3_400);
    world.hs("PATCH", &format!("/_sim/tickets/{ticket}"), json!({ "properties": { "content": theirs } })).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let mut ask = world.handoff(&session, Some(&thread));
    let lines: Vec<Value> =
        (0..200).map(|n| json!({ "sender": "contact", "text": format!("line {n} of the story") })).collect();
    ask["session"]["transcript"] = json!(lines);
    assert_eq!(world.invoke("handoff", ask).await.unwrap()["ticket"], "updated");
    let ticket = world.tickets().await[0].clone();
    let content = ticket["properties"]["content"].as_str().unwrap();
    assert!(content.starts_with(theirs.trim_end()), "the reps' words stay");
    let kept = format!("{content}{}", ticket["notes"]);
    assert!((0..200).all(|n| kept.contains(&format!("line {n} of the story"))), "every line is somewhere");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_into_hubspot_while_the_switch_is_off() {
    let world = World::with_settings(json!({ "enabled": false })).await;
    let thread = world.thread("web").await;
    let answer = world.invoke("handoff", world.handoff("s-1", Some(&thread))).await.unwrap();
    assert_eq!(answer["ticket"], "disabled");
    assert_eq!(codes(&answer), ["not_enabled"]);
    let (hubspot, _) = world.calls().await;
    assert!(hubspot.is_empty(), "{hubspot:?}");
}

#[tokio::test(start_paused = true)]
async fn where_opencx_is_out_of_reach_a_handoff_opens_with_what_it_brings() {
    for missing in ["transcript", "summary", "contact"] {
        let world = World::new().await;
        let mut ask = world.handoff("s-1", None);
        ask["session"].as_object_mut().unwrap().remove(missing);
        world.opencx_fault(json!({ "status": 503, "times": 1000 })).await;
        let answer = world.invoke("handoff", ask).await.unwrap();
        assert_eq!(answer["ticket"], "created", "{missing}: {answer}");
        let warnings: Vec<_> = answer["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
        assert_eq!(warnings.iter().filter(|code| **code == "opencx_not_read").count(), 2, "{missing}: {warnings:?}");
        let ticket = &world.tickets().await[0];
        assert_eq!(ticket["contact_ids"].as_array().unwrap().len(), usize::from(missing != "contact"));
        let content = ticket["properties"]["content"].as_str().unwrap();
        assert_eq!(content.contains("Wants a refund"), missing != "summary", "{content}");
        assert_eq!(content.contains("hello there"), missing != "transcript", "{content}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handoff_that_brings_nothing_waits_for_opencx() {
    let world = World::new().await;
    let (_, session) = talking(&world).await;
    let ask = json!({ "org_id": ORG, "session": { "id": session } });
    world.opencx_fault(json!({ "method": "GET", "status": 503, "times": 1000 })).await;
    assert_eq!(world.invoke("handoff", ask.clone()).await.unwrap_err()["errorType"], "OpenCxUnavailable");
    assert_eq!(world.tickets().await.len(), 0);
    world.ocx("DELETE", "/_sim/faults", Value::Null).await;
    assert_eq!(world.invoke("handoff", ask).await.unwrap()["ticket"], "created");
}
