//! Conversations that OpenCX carries itself, as threads in HubSpot: both ways, each message once, and only where an admin wishes it.

use crate::console::Console;
use crate::family::each_family;
use crate::world::{ORG, World};
use domain::{Action, ActionCall, ActionObject, PortalId, ThreadId};
use flows::ActionResult;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An organization that is connected by OAuth and has switched custom channels on.
async fn switched_on() -> World {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    let (status, settings) = console.call("PATCH", "/api/settings", json!({ "custom_channels": true })).await;
    assert_eq!((status, &settings["custom_channels"]), (200, &json!(true)), "{settings}");
    world.forget_calls().await;
    world
}

/// A session that begins on a channel of OpenCX.
async fn begun(world: &World, channel: &str) -> String {
    let contact = json!({ "name": "Ada Example", "email": "ada@example.com", "phone_number": "+15550100100" });
    let session = json!({ "channel": { "type": channel }, "contact": contact });
    world.ocx("POST", "/_sim/sessions", session).await["session_id"].as_str().unwrap().to_owned()
}

/// The invocation by which OpenCX tells what it has on the session under `id`.
fn reply(session: &str, id: &str, sender: &str, text: &str) -> Value {
    let agent = (sender == "agent").then(|| json!({ "name": "Grace", "email": "grace@example.com" }));
    json!({ "org_id": ORG, "session_id": session, "message": { "id": id, "sender": sender, "text": text, "agent": agent } })
}

/// Something is said in OpenCX, which tells us.
async fn said(world: &World, session: &str, sender: &str, text: &str) -> Value {
    let message = json!({ "sender": sender, "text": text });
    let told = world.ocx("POST", &format!("/_sim/sessions/{session}/messages"), message).await;
    let ask = reply(session, told["message_id"].as_str().unwrap(), sender, text);
    world.invoke("reply", ask).await.unwrap()
}

/// The threads of our channel.
async fn threads(world: &World) -> Vec<Value> {
    let all = world.hs("GET", "/_sim/threads", Value::Null).await;
    all.as_array().unwrap().iter().filter(|thread| thread["channel"] == "custom").cloned().collect()
}

/// What was said in the one thread of our channel, as `DIRECTION name: text`.
async fn lines(world: &World) -> Vec<String> {
    let threads = threads(world).await;
    assert_eq!(threads.len(), 1, "{threads:#?}");
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let messages = threads[0]["messages"].as_array().unwrap().iter().filter(|m| m["type"] == "MESSAGE");
    messages.map(|m| format!("{} {}: {}", text(&m["direction"]), text(&m["name"]), text(&m["text"]))).collect()
}

/// How often HubSpot was asked to publish.
async fn published(world: &World) -> usize {
    let (hubspot, _) = world.calls().await;
    hubspot.iter().filter(|call| call.contains("custom-channels") && call.ends_with("/messages")).count()
}

#[tokio::test(start_paused = true)]
async fn a_whatsapp_conversation_is_a_thread_in_which_reps_answer() {
    each_family(async || {
        let world = switched_on().await;
        let session = begun(&world, "whatsapp").await;
        let answer = said(&world, &session, "contact", "hello there").await;
        assert_eq!((&answer["posted_as"], &answer["skipped"]), (&json!("message"), &Value::Null), "{answer}");
        let thread = answer["thread_id"].as_str().unwrap().to_owned();
        world.pass(10).await;
        world.forget_calls().await;
        let (ask, before) = (reply(&session, "m-2", "ai", "Hi, how can I help?"), world.said().await);
        world.invoke("reply", ask).await.unwrap();
        let (hubspot, opencx) = world.calls().await;
        assert_eq!((hubspot.len(), opencx.len()), (1, 0), "{hubspot:?} {opencx:?}");
        world.pass(10).await;
        assert_eq!(world.said().await, before, "OpenCX has said it already");
        assert_eq!(lines(&world).await, ["INCOMING Ada Example: hello there", "OUTGOING AI: Hi, how can I help?"]);
        // OpenCX knows what was said: nothing came back to it, nothing was asked twice.
        assert_eq!(world.said().await, ["contact: hello there"]);
        let known = world.session().await["hubspot"].clone();
        let contact = world.hs("GET", "/_sim/contacts", Value::Null).await[0]["contact_id"].clone();
        assert_eq!((&known["hubspot_conversation_id"], &known["hubspot_contact_id"]), (&json!(thread), &contact));
        assert_eq!(threads(&world).await[0]["contact_id"], contact, "the conversation is the contact's");

        // The handoff takes place in the thread: comment, ticket, and no word of another inbox.
        let mut ask = world.handoff(&session, None);
        ask["session"]["channel"] = json!("whatsapp");
        let handoff = world.invoke("handoff", ask).await.unwrap();
        assert_eq!((&handoff["thread_id"], &handoff["ticket"]), (&json!(thread), &json!("created")), "{handoff}");
        let comments = world.comments(&thread).await;
        assert!(comments.len() == 1 && !comments[0].contains("cannot reply"), "{comments:?}");
        assert!(world.tickets().await[0]["notes"].as_array().unwrap().is_empty(), "no note beside the comment");

        // The rep's reply is on the session once, and does not come back when OpenCX has carried it to the phone.
        world.assign(&thread, json!("A-100")).await;
        world.write(&thread, json!({ "from": "A-100", "text": "Rita here, one moment" })).await;
        world.pass(10).await;
        let on_session = world.said().await.iter().filter(|line| *line == "agent: Rita here, one moment").count();
        assert_eq!((on_session, world.session().await["handed_off"].clone()), (1, json!(true)));
        let history = world.history(&session).await;
        let carried = history.iter().find(|e| e["event"]["content"]["text"] == "Rita here, one moment").unwrap();
        let back = reply(&session, carried["id"].as_str().unwrap(), "agent", "Rita here, one moment");
        assert_eq!(world.invoke("reply", back).await.unwrap()["skipped"], "duplicate");

        // People talk on, some of them in OpenCX.
        said(&world, &session, "contact", "thank you").await;
        said(&world, &session, "agent", "anything else?").await;
        world.pass(10).await;
        assert_eq!(
            lines(&world).await[2..],
            ["OUTGOING Rita Rep: Rita here, one moment", "INCOMING ?: thank you", "OUTGOING Grace: anything else?"]
        );
        assert_eq!(world.said().await.len(), 4, "{:?}", world.said().await);

        let resolve =
            json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved", "summary": "Refunded" });
        world.invoke("resolve", resolve).await.unwrap();
        world.pass(20).await;
        assert_eq!(world.tickets().await[0]["properties"]["hs_pipeline_stage"], "4");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_writes_after_the_resolve_is_open_again_in_the_same_thread() {
    let world = switched_on().await;
    let session = begun(&world, "sms").await;
    said(&world, &session, "contact", "hello there").await;
    world.invoke("handoff", world.handoff(&session, None)).await.unwrap();
    let resolve = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" });
    world.invoke("resolve", resolve).await.unwrap();
    world.close_in_opencx(&session).await;
    said(&world, &session, "contact", "one more thing").await;
    world.pass(60).await;
    assert_eq!(
        world.tickets().await[0]["properties"]["hs_pipeline_stage"],
        "1",
        "the pending close is not meant any more"
    );
    assert_eq!(world.session().await["status"], "open");
    assert_eq!(lines(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_message_is_published_once_even_where_the_answer_was_lost() {
    let world = switched_on().await;
    let session = begun(&world, "web").await;
    let first = said(&world, &session, "contact", "hello").await;
    let thread = first["thread_id"].as_str().unwrap().to_owned();
    let ask = reply(&session, "m-2", "ai", "hello to you");
    // HubSpot does the work, and neither the client's own repeats nor the first invocation hear of it.
    world.hubspot_fault(json!({ "method": "POST", "path": "/conversations", "lose_answer": true, "times": 4 })).await;
    world.forget_calls().await;
    let failed = world.invoke("reply", ask.clone()).await.unwrap_err();
    assert_eq!(failed["errorType"], "HubSpotUnavailable", "{failed}");
    let answer = world.invoke("reply", ask.clone()).await.unwrap();
    assert_eq!((&answer["posted_as"], &answer["thread_id"]), (&json!("message"), &json!(thread)), "{answer}");
    assert_eq!(published(&world).await, 5, "it was asked for again and again, under one id");
    assert_eq!(world.invoke("reply", ask).await.unwrap(), answer, "a repeat gets the stored answer");
    // The same words again are another message.
    world.invoke("reply", reply(&session, "m-3", "ai", "hello to you")).await.unwrap();
    world.pass(10).await;
    assert_eq!(
        lines(&world).await,
        ["INCOMING Ada Example: hello", "OUTGOING AI: hello to you", "OUTGOING AI: hello to you"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_between_any_two_steps_begins_one_thread() {
    for step in 0..200 {
        let mut world = switched_on().await;
        let session = begun(&world, "sms").await;
        let ask = reply(&session, "m-1", "contact", "hello");
        world.doom(step);
        let first =
            tokio::time::timeout(std::time::Duration::from_secs(60), world.try_invoke("reply", ask.clone())).await;
        drop(first);
        let dead = world.died();
        world.restart().await;
        world.pass(200).await;
        let answer = world.invoke("reply", ask).await.unwrap();
        assert_eq!(lines(&world).await, ["INCOMING Ada Example: hello"], "after {step} steps");
        assert_eq!(answer["thread_id"], threads(&world).await[0]["thread_id"], "after {step} steps");
        let thread = answer["thread_id"].as_str().unwrap().to_owned();
        world.write(&thread, json!({ "from": "A-100", "text": "Rita here" })).await;
        world.pass(10).await;
        assert_eq!(world.said().await, ["agent: Rita here"], "after {step} steps the thread is the session's");
        if !dead {
            assert!(step > 15, "only {step} steps were tried");
            return;
        }
    }
    panic!("the story never survives");
}

#[tokio::test(start_paused = true)]
async fn a_reps_reply_that_hubspot_tells_of_in_two_ways_is_stored_once() {
    let world = switched_on().await;
    let hook = json!({ "url": "https://bridge.test/webhooks/hubspot", "client_secret": world.portal["client_secret"] });
    world.hs("PUT", "/_sim/webhook", hook).await;
    let session = begun(&world, "web").await;
    let thread = said(&world, &session, "contact", "hello").await["thread_id"].as_str().unwrap().to_owned();
    let message = world.write(&thread, json!({ "from": "A-100", "text": "Rita here" })).await;
    let call = json!({
        "type": "OUTGOING_CHANNEL_MESSAGE_CREATED", "portalId": world.portal["portal_id"], "channelId": "1057",
        "eventTimestamp": "2026-11-20T10:00:00.000Z", "eventId": "e-1", "channelIntegrationThreadIds": [session],
        "message": { "id": message, "type": "MESSAGE", "conversationsThreadId": thread, "text": "Rita here" },
    });
    for _ in 0..2 {
        let heard = world.hs("POST", "/_sim/events", call.clone()).await;
        assert_eq!(
            (&heard["status"], &heard["body"]),
            (&json!(200), &json!({ "accepted": 1, "ignored": 0 })),
            "{heard}"
        );
        world.pass(10).await;
    }
    assert_eq!(world.said().await, ["contact: hello", "agent: Rita here"]);
    let other =
        json!({ "type": "CHANNEL_ACCOUNT_UPDATED", "portalId": world.portal["portal_id"], "channelId": "1057" });
    let heard = world.hs("POST", "/_sim/events", other).await;
    assert_eq!(heard["body"], json!({ "accepted": 0, "ignored": 1 }), "{heard}");
    // Where HubSpot tells of it by that call only, it is the same.
    world
        .hs("PUT", "/_sim/webhook", json!({ "url": "https://bridge.test/webhooks/hubspot", "subscriptions": [] }))
        .await;
    let second = world.write(&thread, json!({ "from": "A-100", "text": "and again" })).await;
    let mut call = call;
    call["message"]["id"] = json!(second);
    world.hs("POST", "/_sim/events", call).await;
    world.pass(10).await;
    assert_eq!(world.said().await.last().unwrap(), "agent: and again");
}

#[tokio::test(start_paused = true)]
async fn what_customers_say_there_is_ours_even_where_hubspot_does_not_say_by_whom() {
    let world = switched_on().await;
    let session = begun(&world, "web").await;
    let thread = said(&world, &session, "contact", "hello").await["thread_id"].as_str().unwrap().to_owned();
    // The same entry without any app on it.
    world.say(&thread, "hello without an app").await;
    world.pass(30).await;
    assert_eq!(world.said().await, ["contact: hello"]);
    assert_eq!(lines(&world).await.len(), 2, "and nobody answered it");
    // A workflow gives the conversation back: the AI may speak, and is not asked what it has answered.
    world.assign(&thread, json!("A-100")).await;
    world.pass(10).await;
    assert_eq!(world.session().await["handed_off"], true);
    let object = ActionObject::Thread(ThreadId::parse(&thread).unwrap());
    let portal = PortalId::parse(world.portal["portal_id"].as_str().unwrap()).unwrap();
    let call = ActionCall { callback_id: "ap-1".into(), portal, object, thread: None, inputs: BTreeMap::new() };
    let done = world.take_action(Action::SendToAi, call).await;
    assert_eq!(done.result, ActionResult::Done);
    world.pass(30).await;
    assert_eq!((world.session().await["handed_off"].clone(), world.said().await.len()), (json!(false), 1));
}

#[tokio::test(start_paused = true)]
async fn switching_it_on_is_refused_with_the_reason() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    let refused = async |why: &str| {
        let (status, problem) = console.call("PATCH", "/api/settings", json!({ "custom_channels": true })).await;
        assert_eq!((status, &problem["field"]), (400, &json!("custom_channels")), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(why), "{why}: {problem}");
        let (_, settings) = console.get("/api/settings").await;
        assert_eq!(settings["custom_channels"], false, "nothing was changed");
    };
    refused("private apps").await;
    console.consent(json!({})).await;
    world.hs("PUT", "/_sim/custom-channels", json!({ "plan": false })).await;
    refused("Professional").await;
    world.hs("PUT", "/_sim/custom-channels", json!({ "plan": true, "registered": false })).await;
    refused("does not know this deployment's custom channel").await;
    world.hs("PUT", "/_sim/custom-channels", json!({ "registered": true })).await;
    // HubSpot leaves out optional scopes that the portal's plan does not have.
    let mut scopes: Vec<&str> = domain::REQUIRED_SCOPES.to_vec();
    scopes.push("conversations.custom_channels.read");
    world.hs("PUT", "/_sim/scopes", json!(scopes)).await;
    console.consent(json!({})).await;
    refused("missing scopes: conversations.custom_channels.write").await;
    scopes.push("conversations.custom_channels.write");
    world.hs("PUT", "/_sim/scopes", json!(scopes)).await;
    console.consent(json!({})).await;
    let wish = json!({ "custom_channels": true, "custom_channels_inbox": "12" });
    let (status, problem) = console.call("PATCH", "/api/settings", wish).await;
    assert_eq!((status, &problem["field"]), (400, &json!("custom_channels_inbox")), "{problem}");
    console.call("DELETE", "/api/connection", Value::Null).await;
    refused("connect HubSpot first").await;
}

#[tokio::test(start_paused = true)]
async fn switched_on_twice_there_is_one_account_in_the_inbox() {
    let world = switched_on().await;
    let console = Console::of(&world, ORG);
    let account = async || {
        let connection = world.operator().store.connection(&domain::OrgId::parse(ORG).unwrap()).await.unwrap().unwrap();
        connection.custom_channel.unwrap()
    };
    let first = account().await;
    assert_eq!(first.inbox.as_str(), "481939", "the portal's first inbox");
    console.call("PATCH", "/api/settings", json!({ "custom_channels": false })).await;
    console.call("PATCH", "/api/settings", json!({ "custom_channels": true })).await;
    assert_eq!(account().await, first);
    let session = begun(&world, "web").await;
    let before = said(&world, &session, "contact", "hello").await["thread_id"].clone();
    // Another inbox: the conversation goes on in a thread there, with a ticket from the start, and both threads are the session's.
    let desk = json!({ "custom_channels_inbox": "273071781" });
    let (status, settings) = console.call("PATCH", "/api/settings", desk).await;
    assert_eq!(status, 200, "{settings}");
    let after = said(&world, &session, "contact", "are you there?").await["thread_id"].clone();
    assert_ne!(before, after);
    let there = threads(&world).await.into_iter().find(|thread| thread["thread_id"] == after).unwrap();
    assert_eq!(there["inbox"], "HELP_DESK");
    for (thread, words) in [(&before, "from the old one"), (&after, "from the new one")] {
        world.write(thread.as_str().unwrap(), json!({ "from": "A-100", "text": words })).await;
        world.pass(10).await;
        assert_eq!(world.said().await.last().unwrap(), &format!("agent: {words}"));
    }
    let answer = world.invoke("handoff", world.handoff(&session, None)).await.unwrap();
    assert_eq!((&answer["ticket"], &answer["ticket_id"]), (&json!("updated"), &there["ticket_id"]), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn off_by_default_everything_is_as_before() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    console.consent(json!({})).await;
    world.forget_calls().await;
    let session = begun(&world, "sms").await;
    let error = world.invoke("reply", reply(&session, "m-1", "contact", "hello")).await.unwrap_err();
    assert_eq!(error["errorType"], "InvalidRequest");
    world.invoke("handoff", world.handoff(&session, None)).await.unwrap();
    let answer = said(&world, &session, "contact", "are you there?").await;
    assert_eq!((&answer["posted_as"], &answer["thread_id"]), (&json!("note"), &Value::Null), "{answer}");
    assert_eq!(said(&world, &session, "ai", "yes").await["skipped"], "not_delivered");
    assert_eq!(threads(&world).await.len(), 0);
    let (hubspot, _) = world.calls().await;
    assert!(hubspot.iter().all(|call| !call.contains("custom-channels")), "{hubspot:?}");
}

#[tokio::test(start_paused = true)]
async fn switched_off_again_nothing_more_is_published() {
    let world = switched_on().await;
    let console = Console::of(&world, ORG);
    let session = begun(&world, "sms").await;
    said(&world, &session, "contact", "hello").await;
    world.invoke("handoff", world.handoff(&session, None)).await.unwrap();
    console.call("PATCH", "/api/settings", json!({ "custom_channels": false })).await;
    assert_eq!(said(&world, &session, "contact", "are you there?").await["posted_as"], "note");
    assert_eq!(said(&world, &session, "agent", "yes").await["skipped"], "not_delivered");
    assert_eq!(lines(&world).await, ["INCOMING Ada Example: hello"]);
    // A rep who answers in the old thread is still heard.
    let thread = threads(&world).await[0]["thread_id"].as_str().unwrap().to_owned();
    world.write(&thread, json!({ "from": "A-100", "text": "Rita here" })).await;
    world.pass(10).await;
    assert_eq!(world.said().await.last().unwrap(), "agent: Rita here");
    // The kill switch holds here, too.
    console.call("PATCH", "/api/settings", json!({ "custom_channels": true, "enabled": false })).await;
    assert_eq!(said(&world, &session, "contact", "hello?").await["skipped"], "not_enabled");
    assert_eq!(lines(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn conversations_of_hubspots_own_channels_and_calls_are_left_alone() {
    let world = switched_on().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(10).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    assert_eq!(world.answers(&thread).await, ["You said: hello there"], "customers there are answered as ever");
    let answer = said(&world, &session, "agent", "a person speaks").await;
    assert_eq!(answer["thread_id"], json!(thread));
    // A session that a HubSpot thread has begun, and of which we know nothing yet.
    let probe = json!({ "channel": { "type": "web" }, "custom_data": { "hubspot_thread_id": "1" } });
    let early = world.ocx("POST", "/_sim/sessions", probe).await["session_id"].as_str().unwrap().to_owned();
    let error = world.invoke("reply", reply(&early, "m-7", "ai", "too early")).await.unwrap_err();
    assert_eq!(error["errorType"], "InvalidRequest");
    let call = begun(&world, "phone_voice").await;
    world
        .invoke("handoff", {
            let mut ask = world.handoff(&call, None);
            ask["session"]["channel"] = json!("phone_voice");
            ask
        })
        .await
        .unwrap();
    assert_eq!(said(&world, &call, "contact", "a spoken word").await["posted_as"], "note");
    assert_eq!((threads(&world).await.len(), published(&world).await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_fallback_message_that_nobody_would_carry_is_not_posted() {
    let world = switched_on().await;
    let console = Console::of(&world, ORG);
    let night = json!({ "fallback_message": "Back at nine.", "office_hours": { "timezone": "UTC", "weekly": { "sun": [["09:00", "10:00"]] } } });
    let (status, answer) = console.call("PATCH", "/api/settings", night).await;
    assert_eq!(status, 200, "{answer}");
    let session = begun(&world, "web").await;
    said(&world, &session, "contact", "a person please").await;
    let handoff = world.invoke("handoff", world.handoff(&session, None)).await.unwrap();
    let codes: Vec<_> = handoff["warnings"].as_array().unwrap().iter().map(|w| w["code"].clone()).collect();
    assert!(codes.contains(&json!("fallback_not_posted")), "{handoff}");
    assert_eq!(lines(&world).await, ["INCOMING Ada Example: a person please"]);
}

#[tokio::test(start_paused = true)]
async fn a_customer_without_a_contact_has_a_thread_all_the_same() {
    let world = switched_on().await;
    let nobody = json!({ "channel": { "type": "web" } });
    let session = world.ocx("POST", "/_sim/sessions", nobody).await["session_id"].as_str().unwrap().to_owned();
    said(&world, &session, "contact", "hello").await;
    assert_eq!(lines(&world).await, ["INCOMING ?: hello"]);
    assert_eq!(world.hs("GET", "/_sim/contacts", Value::Null).await, json!([]));
    world.hubspot_fault(json!({ "method": "POST", "path": "/crm", "status": 400, "times": 1 })).await;
    let second = begun(&world, "sms").await;
    let answer = said(&world, &second, "contact", "hello").await;
    assert_eq!(answer["posted_as"], "message", "{answer}");
    assert_eq!((threads(&world).await.len(), world.hs("GET", "/_sim/contacts", Value::Null).await), (2, json!([])));
}
