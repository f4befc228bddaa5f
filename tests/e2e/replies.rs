//! Reps reply in HubSpot; OpenCX replies through the bundle.

use crate::family::each_family;
use crate::world::{ORG, World};
use runtime::functions::REPLY;
use serde_json::{Value, json};

async fn session(world: &World) -> String {
    world.session().await["session_id"].as_str().unwrap().to_owned()
}

async fn talking() -> (World, String, String) {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    let session = session(&world).await;
    (world, thread, session)
}

fn reply(session: &str, id: &str, message: &Value) -> Value {
    let mut all = json!({ "id": id, "text": "From OpenCX", "sender": "agent" });
    all.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
    json!({ "org_id": ORG, "session_id": session, "message": all })
}

#[tokio::test(start_paused = true)]
async fn a_reps_public_reply_is_an_agent_message_of_the_session() {
    each_family(async || {
        let (world, thread, _) = talking().await;
        world.write(&thread, json!({ "from": "A-100", "text": "a human speaking" })).await;
        world.pass(5).await;
        assert_eq!(world.said().await.last().unwrap(), "agent: a human speaking");
        assert_eq!(world.session().await["handed_off"], true);
        assert_eq!(world.answers(&thread).await.len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_agents_reply_is_posted_once_however_often_it_is_asked() {
    let (world, thread, session) = talking().await;
    let ask = reply(&session, "m-1", &json!({ "agent": { "name": "Grace", "email": "nobody@example.com" } }));
    let first = world.invoke("reply", ask.clone()).await.unwrap();
    let second = world.invoke("reply", ask).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(first["posted_as"], "message");
    let answers = world.answers(&thread).await;
    assert_eq!(answers.len(), 2);
    assert!(answers[1].contains("From OpenCX") && answers[1].contains("Grace"), "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn the_ai_does_not_reply_on_a_handed_off_thread() {
    let (world, thread, session) = talking().await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(5).await;
    let answer = world.invoke("reply", reply(&session, "m-2", &json!({ "sender": "ai" }))).await.unwrap();
    assert_eq!(answer["skipped"], "handed_off");
    assert_eq!(world.answers(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_invocation_is_counted_by_how_it_ended() {
    let (world, thread, session) = talking().await;
    let (plain, meter) = (world.bridge_of(&REPLY), transport::Meter::on());
    let bridge = flows::Bridge {
        store: plain.store.clone(),
        hubspot: plain.hubspot.clone(),
        opencx: plain.opencx.clone(),
        outside: plain.outside.clone(),
        clock: plain.clock.clone(),
        cache: flows::Cache::default(),
        timing: plain.timing,
        meter: meter.clone(),
        app: plain.app.clone(),
        ids: plain.ids.clone(),
    };
    let counted = async |id: &str, message: Value| {
        let request = serde_json::from_value(reply(&session, id, &message)).unwrap();
        flows::send_reply(&bridge, &request).await.unwrap();
        let of = |of: &Option<(&str, String)>| of.as_ref().map_or("", |(_, which)| which.as_str()).to_owned();
        meter
            .take()
            .into_iter()
            .map(|(measure, counts)| (format!("{} {}", measure.name, of(&measure.of)), counts))
            .collect()
    };
    let posted: std::collections::BTreeMap<String, Vec<f64>> = counted("m-1", json!({ "sender": "ai" })).await;
    assert_eq!((posted.get("Processed "), posted.get("Skipped ")), (Some(&vec![1.0]), None), "{posted:?}");
    world.assign(&thread, json!("A-100")).await;
    world.pass(5).await;
    let skipped: std::collections::BTreeMap<String, Vec<f64>> = counted("m-2", json!({ "sender": "ai" })).await;
    assert_eq!((skipped.get("Processed "), skipped.get("Skipped handed_off")), (None, Some(&vec![1.0])), "{skipped:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_came_both_ways_is_posted_once() {
    let (world, thread, session) = talking().await;
    let history = world.history(&session).await;
    let id = history.iter().find(|e| e["event"]["sender"]["type"] == "ai").unwrap()["id"].as_str().unwrap().to_owned();
    let answer = world
        .invoke("reply", reply(&session, &id, &json!({ "sender": "ai", "text": "You said: hello" })))
        .await
        .unwrap();
    assert_eq!(answer["skipped"], "duplicate");
    assert_eq!(world.answers(&thread).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reps_reply_never_comes_back_through_reply() {
    let (world, thread, session) = talking().await;
    world.write(&thread, json!({ "from": "A-100", "text": "a human speaking" })).await;
    world.pass(5).await;
    let history = world.history(&session).await;
    let event = history.iter().find(|e| e["event"]["content"]["text"] == "a human speaking").unwrap();
    let ask = reply(&session, event["id"].as_str().unwrap(), &json!({ "text": "a human speaking" }));
    assert_eq!(world.invoke("reply", ask).await.unwrap()["skipped"], "duplicate");
    let public = world.entries(&thread).await.iter().filter(|m| m["text"] == "a human speaking").count();
    assert_eq!(public, 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_double_a_reply() {
    let (world, thread, session) = talking().await;
    world.hubspot_fault(json!({ "method": "POST", "path": "/conversations", "lose_answer": true })).await;
    let ask = reply(&session, "m-3", &json!({}));
    let failed = world.invoke("reply", ask.clone()).await.unwrap_err();
    assert_eq!(failed["errorType"], "HubSpotUnavailable");
    let answer = world.invoke("reply", ask).await.unwrap();
    assert_eq!(answer["posted_as"], "message");
    assert_eq!(world.answers(&thread).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn bad_replies_name_the_field() {
    let world = World::new().await;
    let cases = [
        (json!({}), "org_id"),
        (json!({ "org_id": ORG, "session_id": "s" }), "message"),
        (json!({ "org_id": ORG, "session_id": "s", "message": { "id": "m", "sender": "robot" } }), "message.sender"),
        (
            json!({ "org_id": ORG, "session_id": "unknown", "message": { "id": "m", "sender": "ai", "text": "x" } }),
            "session_id",
        ),
    ];
    for (ask, field) in cases {
        let error = world.invoke("reply", ask).await.unwrap_err();
        assert_eq!(error["errorType"], "InvalidRequest");
        assert!(error["errorMessage"].as_str().unwrap().contains(field), "{error} should name {field}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_agents_reply_as_the_ai_user_does_not_wake_the_ai() {
    let (world, thread, session) = talking().await;
    world.pass(60).await;
    world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    world.pass(60).await;
    // HubSpot assigns the thread to the AI user, because it posts as it.
    world.invoke("reply", reply(&session, "m-9", &json!({ "agent": { "name": "Grace" } }))).await.unwrap();
    world.pass(5).await;
    let state = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
    assert_eq!(state["assigned_to"], world.portal["ai_user"]);
    assert_eq!(world.session().await["handed_off"], true);
    world.say(&thread, "thank you").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.len(), 2);
    assert_eq!(world.log().await.last().unwrap(), "skipped handed_off");
}
