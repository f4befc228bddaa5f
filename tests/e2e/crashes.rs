//! The process dies between any two steps of every flow, before or after each call out: run again, one effect.

use crate::world::{ORG, World};
use serde_json::{Value, json};

/// Runs a story again and again, dying one step later each time, until it survives; then says how often it died.
async fn at_every_step<S, C>(prepare: impl AsyncFn(&World) -> S, act: impl AsyncFn(&World, &S), check: C) -> u32
where
    C: AsyncFn(&World, &S),
{
    with_settings_at_every_step(Value::Null, prepare, act, check).await
}

async fn with_settings_at_every_step<S, C>(
    settings: Value,
    prepare: impl AsyncFn(&World) -> S,
    act: impl AsyncFn(&World, &S),
    check: C,
) -> u32
where
    C: AsyncFn(&World, &S),
{
    for step in 0..400 {
        let mut world = World::with_settings(settings.clone()).await;
        let told = prepare(&world).await;
        world.doom(i64::from(step));
        // A dead process answers nothing, so its caller waits in vain.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(60), act(&world, &told)).await;
        world.pass(40).await;
        let died = world.died();
        world.restart().await;
        if died {
            let _ = tokio::time::timeout(std::time::Duration::from_secs(60), act(&world, &told)).await;
        }
        world.pass(900).await;
        check(&world, &told).await;
        if !died {
            return step;
        }
    }
    panic!("the story never survives");
}

async fn repeated(world: &World, event: &Value) {
    // HubSpot repeats a delivery that was not answered 200; this story always repeats it.
    let request =
        http::Request::builder().method("POST").uri(&world.url).body(json!([event]).to_string().into()).unwrap();
    let _ = world.runner.as_ref().unwrap().handle(request).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_message_of_a_thread() {
    let died = at_every_step(
        async |world| {
            world.quiet_webhooks().await;
            let thread = world.thread("web").await;
            let message = world.say(&thread, "hello").await;
            (thread.clone(), world.new_message(&thread, &message))
        },
        async |world, (_, event)| repeated(world, event).await,
        async |world, (thread, _)| {
            assert_eq!(world.answers(thread).await, ["You said: hello"], "{:?}", world.log().await);
            assert_eq!(world.said().await, ["contact: hello", "ai: You said: hello"]);
        },
    )
    .await;
    assert!(died > 20, "only {died} steps were tried");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_hands_off() {
    let died = at_every_step(
        async |world| {
            world.quiet_webhooks().await;
            world.script(json!([{ "contains": "human", "reply": "I will get somebody", "handoff": true }])).await;
            let thread = world.thread("web").await;
            let message = world.say(&thread, "a human please").await;
            (thread.clone(), world.new_message(&thread, &message))
        },
        async |world, (_, event)| repeated(world, event).await,
        async |world, (thread, _)| {
            assert_eq!(world.answers(thread).await, ["I will get somebody"], "{:?}", world.log().await);
            assert_eq!((world.tickets().await.len(), world.comments(thread).await.len()), (1, 1));
            assert_eq!(world.said().await.len(), 2);
        },
    )
    .await;
    assert!(died > 40, "only {died} steps were tried");
}

#[tokio::test(start_paused = true)]
async fn an_e_mail_with_its_delay() {
    at_every_step(
        async |world| {
            world.quiet_webhooks().await;
            let thread = world.thread("email").await;
            let message =
                world.write(&thread, json!({ "from": "visitor", "text": "by e-mail", "subject": "Question" })).await;
            (thread.clone(), world.new_message(&thread, &message))
        },
        async |world, (_, event)| repeated(world, event).await,
        async |world, (thread, _)| {
            assert_eq!(world.answers(thread).await, ["You said: by e-mail"], "{:?}", world.log().await);
            assert_eq!(world.said().await.len(), 2);
        },
    )
    .await;
}

/// A session that has talked, then silence.
async fn talked(world: &World) -> (String, String) {
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    world.quiet_webhooks().await;
    (thread, world.session().await["session_id"].as_str().unwrap().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_reps_reply_and_a_comment() {
    for (kind, text) in [("MESSAGE", "a human speaking"), ("COMMENT", "an internal remark")] {
        at_every_step(
            async |world| {
                let (thread, _) = talked(world).await;
                let message = world.write(&thread, json!({ "from": "A-100", "text": text, "type": kind })).await;
                world.new_message(&thread, &message)
            },
            async |world, event| repeated(world, event).await,
            async |world, _| {
                let session = world.session().await;
                let said = session["messages"].as_array().unwrap().iter().chain(session["notes"].as_array().unwrap());
                assert_eq!(said.filter(|m| m["text"] == text).count(), 1, "{session:#}");
            },
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_takeover() {
    at_every_step(
        async |world| {
            let (thread, _) = talked(world).await;
            world.assign(&thread, json!("A-100")).await;
            world.event("conversation.propertyChange", &json!({ "objectId": thread.parse::<u64>().unwrap(), "propertyName": "assignedTo", "propertyValue": "A-100" }))
        },
        async |world, event| repeated(world, event).await,
        async |world, _| assert_eq!(world.session().await["handed_off"], true),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_handoff_by_invocation() {
    at_every_step(
        async |world| talked(world).await,
        async |world, (thread, session)| {
            let _ = world.try_invoke("handoff", world.handoff(session, Some(thread))).await;
        },
        async |world, (thread, session)| {
            let answer = world.invoke("handoff", world.handoff(session, Some(thread))).await.unwrap();
            assert!(answer["ticket_id"].is_string());
            assert_eq!((world.tickets().await.len(), world.comments(thread).await.len()), (1, 1));
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_by_invocation() {
    let ask = |session: &str| json!({ "org_id": ORG, "session_id": session, "message": { "id": "m-1", "text": "From OpenCX", "sender": "ai" } });
    at_every_step(
        async |world| talked(world).await,
        async |world, (_, session)| {
            let _ = world.try_invoke("reply", ask(session)).await;
        },
        async |world, (thread, session)| {
            world.invoke("reply", ask(session)).await.unwrap();
            assert_eq!(world.answers(thread).await, ["You said: hello", "From OpenCX"]);
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_resolve_and_its_close() {
    let ask = |session: &str| json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved", "summary": "Refunded" });
    at_every_step(
        async |world| {
            let (thread, session) = talked(world).await;
            world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
            (thread, session)
        },
        async |world, (_, session)| {
            let _ = world.try_invoke("resolve", ask(session)).await;
        },
        async |world, (_, session)| {
            let ticket = &world.tickets().await[0];
            assert_eq!(ticket["properties"]["hs_pipeline_stage"], "4");
            assert_eq!(ticket["properties"]["content"].as_str().unwrap().matches("Refunded").count(), 1);
            let (org, id) = (ORG.parse().unwrap(), session.parse().unwrap());
            let there = world.operator().store.session(&org, &id).await.unwrap().unwrap();
            assert!(there.close_request.is_none(), "a close that is done leaves no promise: {:?}", world.log().await);
            // So a rep who reopens the ticket is followed.
            let ticket = format!("/_sim/tickets/{}", ticket["ticket_id"].as_str().unwrap());
            world.hs("PATCH", &ticket, json!({ "properties": { "hs_pipeline_stage": "1" } })).await;
            world.pass(60).await;
            assert_eq!(world.session().await["status"], "open");
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_writes_after_a_resolve() {
    at_every_step(
        async |world| {
            let (thread, session) = talked(world).await;
            world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
            let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" });
            world.invoke("resolve", ask).await.unwrap();
            // OpenCX closes the session that it resolves.
            world.close_in_opencx(&session).await;
            let message = world.say(&thread, "one more thing").await;
            (thread.clone(), world.new_message(&thread, &message))
        },
        async |world, (_, event)| repeated(world, event).await,
        async |world, (thread, _)| {
            assert_eq!(
                world.answers(thread).await,
                ["You said: hello", "You said: one more thing"],
                "{:?}",
                world.log().await
            );
            let session = world.session().await;
            assert_eq!((&session["status"], &session["handed_off"]), (&json!("open"), &json!(false)));
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn two_messages_that_are_answered_together() {
    let died = with_settings_at_every_step(
        json!({ "quiet_seconds": { "web": 8 } }),
        async |world| {
            world.quiet_webhooks().await;
            let thread = world.thread("web").await;
            let mut events = Vec::new();
            for words in ["hello", "the red one"] {
                let message = world.say(&thread, words).await;
                events.push(world.new_message(&thread, &message));
                world.pass(1).await;
            }
            (thread, events)
        },
        async |world, (_, events)| {
            for event in events {
                repeated(world, event).await;
                world.pass(1).await;
            }
        },
        async |world, (thread, _)| {
            // Where a run died the two may be answered one by one; nothing is said twice or lost.
            let said = world.said().await;
            let told: Vec<&String> = said.iter().filter(|line| line.starts_with("contact")).collect();
            for words in ["hello", "the red one"] {
                assert_eq!(
                    told.iter().filter(|line| line.contains(words)).count(),
                    1,
                    "{said:?} {:?}",
                    world.log().await
                );
            }
            assert_eq!(world.answers(thread).await.len(), told.len(), "{said:?}");
            assert_eq!(world.log().await, ["done", "done"]);
        },
    )
    .await;
    assert!(died > 40, "only {died} steps were tried");
}

#[tokio::test(start_paused = true)]
async fn a_return_long_after_the_resolve() {
    with_settings_at_every_step(
        json!({ "reopen_within_days": 0 }),
        async |world| {
            let (thread, session) = talked(world).await;
            let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" });
            world.invoke("resolve", ask).await.unwrap();
            world.close_in_opencx(&session).await;
            world.pass(30).await;
            let message = world.say(&thread, "something new").await;
            (thread.clone(), world.new_message(&thread, &message))
        },
        async |world, (_, event)| repeated(world, event).await,
        async |world, (thread, _)| {
            let sessions = world.sessions().await;
            assert_eq!(sessions.len(), 2, "{sessions:#?}");
            assert_eq!(sessions[1]["messages"].as_array().unwrap().len(), 2);
            assert_eq!(world.answers(thread).await, ["You said: hello", "You said: something new"]);
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_with_a_file() {
    let ask = |session: &str| {
        let files = json!([{ "name": "a.png", "url": "https://cdn.example/a.png" }]);
        json!({ "org_id": ORG, "session_id": session, "message": { "id": "m-1", "text": "See", "sender": "ai", "attachments": files } })
    };
    at_every_step(
        async |world| {
            world.web.publish("https://cdn.example/a.png", "image/png", "picture");
            talked(world).await
        },
        async |world, (_, session)| {
            let _ = world.try_invoke("reply", ask(session)).await;
        },
        async |world, (thread, session)| {
            world.invoke("reply", ask(session)).await.unwrap();
            assert_eq!(world.answers(thread).await, ["You said: hello", "See"]);
            assert_eq!(world.hs("GET", "/_sim/files", Value::Null).await.as_array().unwrap().len(), 1);
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_privacy_deletion() {
    at_every_step(
        async |world| {
            let (thread, session) = talked(world).await;
            world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
            world.hs("DELETE", &format!("/_sim/threads/{thread}?privacy=true"), Value::Null).await;
            let number = thread.parse::<u64>().unwrap();
            (thread, session, world.event("conversation.privacyDeletion", &json!({ "objectId": number })))
        },
        async |world, (_, _, event)| repeated(world, event).await,
        async |world, (_, session, _)| {
            let org = domain::OrgId::parse(ORG).unwrap();
            let id = domain::SessionId::parse(session.clone()).unwrap();
            assert!(world.operator().store.session(&org, &id).await.unwrap().is_none());
            let page = world.operator().store.deliveries(&org, &world.whole_log(), 50, None).await.unwrap();
            let labels: Vec<&str> =
                page.items.iter().map(|row| row.label.as_str()).filter(|l| *l == "conversation.newMessage").collect();
            assert_eq!(labels, Vec::<&str>::new());
        },
    )
    .await;
}
