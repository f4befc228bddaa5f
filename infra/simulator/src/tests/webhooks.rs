use super::*;
use crate::hubspot::CLIENT_SECRET;
use crate::hubspot::signing::{sha256, v3};

#[test]
fn signatures_are_those_of_the_published_vectors() {
    let secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
    let body = r#"[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]"#;
    let v1 = sha256(&[secret.as_bytes(), body.as_bytes()]);
    assert_eq!(v1, "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de");
    let v2 = sha256(&[secret.as_bytes(), b"GET", b"https://www.example.com/webhook_uri"]);
    assert_eq!(v2, "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e");
    let body = b"{'example_field':'example_value'}";
    let signed = v3(secret, "https://www.example.com/webhook_uri", body, "1693657560000");
    assert_eq!(signed, "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=");
    let url = "https://example.com/api/hubspot/webhooks?src=hs%3Aapp%2Fv3&x=%28a%29";
    let signed = v3("autopilot-test-client-secret-0001", url, b"[]", "1790000004000");
    assert_eq!(signed, "G8ddQlikFQ0ScZOZn+MHQ0E3WCV7vOJTzKlvrkvbvuk=");
}

#[tokio::test(start_paused = true)]
async fn a_delivery_is_one_signed_array() {
    let world = World::live().await;
    let thread = world.thread(json!({})).await;
    let path = format!("/_sim/threads/{}/messages", text(&thread, "thread_id"));
    world.control("POST", &path, json!({ "text": "hi" })).await;
    let events = world.events().await;
    assert_eq!(events.len(), 2);
    let deliveries = world.deliveries();
    assert_eq!(deliveries.len(), 1, "what happens together travels together");
    let Delivery { headers, body, url, .. } = &deliveries[0];
    assert_eq!(headers["x-hubspot-signature"], sha256(&[CLIENT_SECRET.as_bytes(), body]).as_str());
    let timestamp = headers["x-hubspot-request-timestamp"].to_str().unwrap();
    assert_eq!(headers["x-hubspot-signature-v3"], v3(CLIENT_SECRET, url, body, timestamp).as_str());

    let message = &events[1];
    assert_eq!((&message["portalId"], &message["appId"]), (&json!(22_761_544), &json!(1_098_266)));
    assert_eq!((&message["changeFlag"], &message["attemptNumber"]), (&json!("NEW_MESSAGE"), &json!(0)));
    assert!(message.get("changeSource").is_none());
    assert!(message["occurredAt"].as_i64().unwrap() >= 1_795_168_800_000);
}

#[tokio::test(start_paused = true)]
async fn a_refused_delivery_comes_again_up_to_ten_times() {
    let world = World::live().await;
    world.door.status.store(503, Ordering::Relaxed);
    world.thread(json!({})).await;
    world.clock.sleep(Duration::from_mins(10)).await;
    let deliveries = world.deliveries();
    let waits: Vec<i64> = deliveries.windows(2).map(|pair| (pair[1].at_ms - pair[0].at_ms) / 1000).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
    let attempts: Vec<Value> = deliveries.iter().map(|d| d.json()[0]["attemptNumber"].clone()).collect();
    assert_eq!(attempts, (0..=10).map(|n| json!(n)).collect::<Vec<_>>());
    assert_eq!(world.control("GET", "/_sim/webhook", Value::Null).await["given_up"], 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_five_seconds_counts_as_none() {
    let world = World::live().await;
    world.door.answers_after_ms.store(5_100, Ordering::Relaxed);
    world.thread(json!({})).await;
    world.clock.sleep(Duration::from_secs(5)).await;
    world.door.answers_after_ms.store(0, Ordering::Relaxed);
    world.clock.sleep(Duration::from_mins(1)).await;
    let attempts: Vec<Value> = world.deliveries().iter().map(|d| d.json()[0]["attemptNumber"].clone()).collect();
    assert_eq!(attempts, [0, 1]);
    assert_eq!(world.control("GET", "/_sim/webhook", Value::Null).await["delivered"], 1);
}

#[tokio::test(start_paused = true)]
async fn many_events_travel_in_batches_of_a_hundred() {
    let world = World::live().await;
    for n in 0..130 {
        let contact = json!({ "email": format!("user{n}@example.com") });
        world.control("POST", "/_sim/threads", json!({ "contact": contact })).await;
    }
    assert_eq!(world.events().await.len(), 130);
    let sizes: Vec<usize> = world.deliveries().iter().map(|d| d.json().as_array().unwrap().len()).collect();
    assert!(sizes.iter().all(|size| *size <= 100), "{sizes:?}");
}

#[tokio::test(start_paused = true)]
async fn subscriptions_and_version_can_be_chosen() {
    let world = World::live().await;
    let hook = json!({
        "url": "http://bundle.test/hook", "version": "v1", "client_secret": "s3", "subscriptions":
        ["conversation.newMessage", "ticket.propertyChange:hs_pipeline_stage"],
    });
    world.control("PUT", "/_sim/webhook", hook).await;
    assert_eq!(world.control("GET", "/_sim/portal", Value::Null).await["client_secret"], "s3");
    let thread = world.thread(json!({ "inbox": "HELP_DESK" })).await;
    let kinds: Vec<Value> = world.events().await.iter().map(|e| e["propertyName"].clone()).collect();
    assert_eq!(kinds, ["hs_pipeline_stage"], "creation has no subscription");
    let Delivery { headers, body, .. } = &world.deliveries()[0];
    assert_eq!(headers["x-hubspot-signature"], sha256(&[b"s3", body]).as_str());
    assert!(!headers.contains_key("x-hubspot-signature-v3"));

    let ticket = format!("/_sim/tickets/{}", text(&thread, "ticket_id"));
    world.control("PATCH", &ticket, json!({ "properties": { "hs_pipeline_stage": "2", "subject": "x" } })).await;
    let events = world.events().await;
    let change = events.last().unwrap();
    assert_eq!((&change["changeSource"], &change["sourceId"]), (&json!("CRM_UI"), &json!("userId:100")));
    assert_eq!((events.len(), &change["propertyValue"]), (2, &json!("2")));
}

#[tokio::test(start_paused = true)]
async fn our_own_writes_say_so_and_unchanged_values_raise_nothing() {
    let world = World::live().await;
    let body = json!({ "properties": { "subject": "Help", "hs_pipeline_stage": "1" } });
    let (_, made) = world.hs("POST", "/crm/v3/objects/tickets", body.clone()).await;
    let path = format!("/crm/v3/objects/tickets/{}", text(&made, "id"));
    world.hs("PATCH", &path, body).await;
    let events = world.events().await;
    let names: Vec<&str> = events.iter().map(|e| text(e, "propertyName")).collect();
    assert_eq!(names, ["hs_pipeline", "hs_pipeline_stage", "subject"]);
    assert!(events.iter().all(|e| e["changeSource"] == "INTEGRATION" && e["sourceId"] == "1098266"));
}

#[tokio::test(start_paused = true)]
async fn a_reps_note_is_reported_and_its_association_may_come_later() {
    let world = World::live().await;
    let thread = world.thread(json!({ "inbox": "HELP_DESK" })).await;
    let note = json!({
        "ticket_id": thread["ticket_id"], "body": "<p>Known</p>", "owner_id": "81538101", "association_delay_ms": 3000,
    });
    let note = world.control("POST", "/_sim/notes", note).await;
    let events = world.events().await;
    let created = events.iter().find(|e| e["objectTypeId"] == "0-46").unwrap();
    assert_eq!((&created["changeFlag"], &created["sourceId"]), (&json!("CREATED"), &json!("userId:101")));
    let path =
        format!("/crm/v3/objects/notes/{}?associations=tickets&properties=hubspot_owner_id", text(&note, "note_id"));
    let (_, read) = world.hs("GET", &path, Value::Null).await;
    assert_eq!((&read["properties"]["hubspot_owner_id"], read.get("associations")), (&json!("81538101"), None));
    world.clock.sleep(Duration::from_secs(3)).await;
    let (_, read) = world.hs("GET", &path, Value::Null).await;
    assert_eq!(read["associations"]["tickets"]["results"][0]["id"], thread["ticket_id"]);
}

#[tokio::test(start_paused = true)]
async fn raw_events_and_workflow_actions_reach_the_bundle() {
    let world = World::live().await;
    let sent = world.control("POST", "/_sim/events", json!([{ "any": "thing" }])).await;
    assert_eq!(sent, json!({ "status": 200, "body": { "accepted": 1 } }));
    assert_eq!(world.deliveries()[0].body, r#"[{"any":"thing"}]"#);

    let thread = world.thread(json!({ "inbox": "HELP_DESK" })).await;
    world.events().await;
    let action = json!({ "action": "pause-ai", "object": { "type": "ticket", "id": thread["ticket_id"] } });
    world.control("POST", "/_sim/workflows", action).await;
    let call = world.deliveries().pop().unwrap();
    assert_eq!(call.url, "http://bundle.test/actions/hubspot/pause-ai");
    let v2 = sha256(&[CLIENT_SECRET.as_bytes(), b"POST", call.url.as_bytes(), &call.body]);
    assert_eq!(call.headers["x-hubspot-signature"], v2.as_str());
    let body = call.json();
    let thread_id = &body["object"]["properties"]["hs_conversations_originating_thread_id"];
    assert_eq!((thread_id, &body["object"]["objectType"]), (&thread["thread_id"], &json!("TICKET")));
}
