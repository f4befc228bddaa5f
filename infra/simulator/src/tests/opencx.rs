use super::*;

async fn control(world: &World, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = world.ocx(method, path, body).await;
    assert!(status < 300, "{method} {path} -> {status} {answer}");
    answer
}

async fn session(world: &World) -> String {
    let body = json!({
        "channel": { "type": "web" }, "custom_data": { "hubspot_thread_id": "1" },
        "contact": { "email": "ada@example.com", "name": "Ada Example" },
    });
    let (status, made) = world.ocx("POST", "/chat/sessions", body).await;
    assert_eq!(status, 201);
    text(&made, "id").to_owned()
}

fn says(words: &str) -> Value {
    json!({ "sender": "contact", "message": { "type": "text", "text": words } })
}

async fn ask(world: &World, session: &str, words: &str) -> Value {
    let (status, answer) = world.ocx("POST", &format!("/chat/sessions/{session}/send"), says(words)).await;
    assert_eq!(status, 201, "{answer}");
    answer
}

async fn rules(world: &World, rules: Value) {
    control(world, "POST", "/_sim/script", json!({ "rules": rules })).await;
}

async fn told(world: &World, session: &str) -> Vec<(String, String)> {
    let shown = control(world, "GET", &format!("/_sim/sessions/{session}"), Value::Null).await;
    let messages = shown["messages"].as_array().unwrap().iter();
    messages.map(|m| (text(m, "sender").to_owned(), text(m, "text").to_owned())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(sender, text)| ((*sender).to_owned(), (*text).to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn the_ai_says_what_the_script_has_and_repeats_the_customer_else() {
    let world = World::new();
    let id = session(&world).await;
    rules(&world, json!([{ "contains": "price", "reply": "12 €" }, { "contains": "pri", "reply": "later rule" }]))
        .await;
    let answer = ask(&world, &id, "the price?").await;
    assert_eq!(answer["data"]["autopilotResponse"]["value"]["content"], "12 €");
    assert_eq!(answer["data"]["sessionIsHandedOff"], false);
    ask(&world, &id, "hello").await;
    let expected = [("contact", "the price?"), ("ai", "12 €"), ("contact", "hello"), ("ai", "You said: hello")];
    assert_eq!(told(&world, &id).await, pairs(&expected));

    let (_, history) = world.ocx("GET", &format!("/chat/sessions/{id}/history"), Value::Null).await;
    let items = history["items"].as_array().unwrap();
    assert_eq!(items[1]["id"], answer["data"]["autopilotResponse"]["id"]);
    assert_eq!(items[0]["event"]["sender"], json!({ "type": "contact", "name": "Ada Example" }));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_follows_although_the_caller_has_gone() {
    let world = World::new();
    let id = session(&world).await;
    rules(&world, json!([{ "contains": "slow", "reply": "At last", "delay_ms": 90_000 }])).await;
    let gone = tokio::time::timeout(Duration::from_secs(75), ask(&world, &id, "slow one")).await;
    assert!(gone.is_err());
    assert_eq!(told(&world, &id).await, pairs(&[("contact", "slow one")]));
    world.clock.sleep(Duration::from_secs(15)).await;
    assert_eq!(told(&world, &id).await, pairs(&[("contact", "slow one"), ("ai", "At last")]));
}

#[tokio::test(start_paused = true)]
async fn a_handed_off_session_is_not_answered_until_it_is_given_back() {
    let world = World::new();
    let id = session(&world).await;
    rules(&world, json!([{ "contains": "human", "reply": "Moment", "handoff": true }])).await;
    assert_eq!(ask(&world, &id, "a human please").await["data"]["sessionIsHandedOff"], true);
    let silent = ask(&world, &id, "anyone?").await;
    assert_eq!(silent["data"]["code"], "session_assigned_to_human_agent");
    assert_eq!(silent["data"]["autopilotResponse"], Value::Null);
    let path = format!("/chat/sessions/{id}/handoff");
    assert_eq!(world.ocx("PUT", &path, json!({ "handed_off": false })).await, (200, json!({})));
    assert_eq!(ask(&world, &id, "hello").await["data"]["autopilotResponse"]["value"]["content"], "You said: hello");
}

#[tokio::test(start_paused = true)]
async fn a_handoff_cancels_the_answer_under_way_unless_the_rule_says_otherwise() {
    let world = World::new();
    for (ignores, answered) in [(false, false), (true, true)] {
        let id = session(&world).await;
        rules(&world, json!([{ "contains": "", "reply": "R", "delay_ms": 1000, "ignores_handoff": ignores }])).await;
        let path = format!("/chat/sessions/{id}/handoff");
        let handed = async {
            world.clock.sleep(Duration::from_millis(500)).await;
            world.ocx("PUT", &path, json!({ "handed_off": true, "reason": "taken over" })).await
        };
        let (answer, _) = futures::join!(ask(&world, &id, "hello"), handed);
        assert_eq!(answer["data"]["autopilotResponse"].is_object(), answered, "{answer}");
        assert_eq!(told(&world, &id).await.len(), 1 + usize::from(answered));
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_has_the_shape_the_rule_asks_for() {
    let world = World::new();
    let id = session(&world).await;
    let rule = |shape: &str| json!({ "contains": shape, "reply": "R", "shape": shape });
    rules(
        &world,
        json!([rule("flat"), rule("ai_response"), rule("message_only"), { "contains": "later", "reply": null }]),
    )
    .await;
    assert_eq!(ask(&world, &id, "flat").await["autopilotResponse"]["value"]["content"], "R");
    assert_eq!(ask(&world, &id, "ai_response").await, json!({ "ai_response": { "text": "R" } }));
    assert!(ask(&world, &id, "message_only").await["data"]["message"]["id"].is_string());
    let later = ask(&world, &id, "later").await;
    assert_eq!((&later["data"]["autopilotResponse"], &later["data"]["code"]), (&Value::Null, &Value::Null));
    assert_eq!(told(&world, &id).await.last().unwrap().0, "contact");
}

#[tokio::test(start_paused = true)]
async fn resolving_closes_and_only_a_patch_reopens() {
    let world = World::new();
    let id = session(&world).await;
    let resolve = json!({ "summary": "Refunded", "sentiment": "happy" });
    rules(&world, json!([{ "contains": "thanks", "reply": "Bye", "resolve": resolve }])).await;
    assert_eq!(ask(&world, &id, "thanks").await["data"]["resolveArgs"], resolve);
    ask(&world, &id, "one more thing").await;
    let path = format!("/chat/sessions/{id}");
    let (_, shown) = world.ocx("GET", &path, Value::Null).await;
    assert_eq!((&shown["status"], &shown["summary"]), (&json!("closed_resolved"), &json!("Refunded")));
    assert!(told(&world, &id).await.iter().any(|(_, text)| text == "one more thing"));
    let open = json!({ "status": "open", "reflect_status_change_for_integration": false });
    assert_eq!(world.ocx("PATCH", &path, open).await, (200, Value::Null));
    let shown = control(&world, "GET", &format!("/_sim/sessions/{id}"), Value::Null).await;
    assert_eq!((&shown["status"], &shown["reflected"]), (&json!("open"), &json!(false)));
    assert_eq!(world.ocx("PATCH", &path, json!({ "status": "shut" })).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn what_opencx_would_not_take_is_refused() {
    let world = World::new();
    let id = session(&world).await;
    let send = format!("/chat/sessions/{id}/send");
    let with = |name: &str, value: Value| {
        let mut body = says("x");
        body[name] = value;
        body
    };
    let cases = [
        ("POST", "/chat/sessions".to_owned(), json!({ "custom_data": { "nested": { "a": 1 } } }), 400),
        ("POST", "/chat/sessions".to_owned(), json!({ "channel": { "type": "pigeon" } }), 400),
        ("POST", send.clone(), with("custom_data", json!({ "list": [1] })), 400),
        ("POST", send.clone(), with("sender", json!("ghost")), 400),
        ("POST", send.clone(), says(""), 400),
        ("POST", send.replace(&id, "none"), says("x"), 404),
        ("GET", "/chat/sessions/none".to_owned(), Value::Null, 404),
        ("PUT", format!("/chat/sessions/{id}/handoff"), json!({}), 400),
        ("POST", format!("/chat/sessions/{id}/notes"), json!({ "note": "" }), 400),
        ("PUT", format!("/chat/sessions/{id}/custom-data"), json!({ "custom_data": {} }), 400),
        ("PUT", format!("/chat/sessions/{id}/hubspot"), json!({ "other": "1" }), 400),
        ("DELETE", "/chat/sessions".to_owned(), Value::Null, 404),
    ];
    for (method, path, body, wanted) in cases {
        let (status, answer) = world.ocx(method, &path, body).await;
        assert_eq!((status, &answer["statusCode"]), (wanted, &json!(wanted)), "{method} {path}: {answer}");
    }
    control(&world, "PUT", "/_sim/key", json!({ "state": "revoked" })).await;
    let unauthorized = json!({ "statusCode": 401, "message": "Unauthorized", "error": "Unauthorized" });
    assert_eq!(world.ocx("GET", "/chat/sessions", Value::Null).await, (401, unauthorized));
}

#[tokio::test(start_paused = true)]
async fn agents_notes_and_links_are_on_the_session() {
    let world = World::new();
    let id = session(&world).await;
    let agent = json!({
        "sender": "agent", "message": { "type": "text", "text": "Hi" }, "agent": { "name": "Rita" },
        "custom_data": { "hubspot_message_id": "m1" },
    });
    let (_, sent) = world.ocx("POST", &format!("/chat/sessions/{id}/send"), agent).await;
    assert!(sent["data"]["message"]["id"].is_string());
    let note = json!({ "note": "internal", "author": "Rob", "external_id": "n1" });
    assert_eq!(world.ocx("POST", &format!("/chat/sessions/{id}/notes"), note).await.0, 201);
    let values = json!({ "editable_custom_data": { "plan": "pro", "seats": 3 } });
    world.ocx("PUT", &format!("/chat/sessions/{id}/custom-data"), values).await;
    let ids = json!({ "hubspot_ticket_id": "77", "hubspot_conversation_id": 88 });
    world.ocx("PUT", &format!("/chat/sessions/{id}/hubspot"), ids).await;

    let shown = control(&world, "GET", &format!("/_sim/sessions/{id}"), Value::Null).await;
    assert_eq!((&shown["messages"][0]["sender"], &shown["messages"][0]["name"]), (&json!("agent"), &json!("Rita")));
    assert_eq!((&shown["notes"][0]["text"], &shown["notes"][0]["author"]), (&json!("internal"), &json!("Rob")));
    let data = json!({ "hubspot_thread_id": "1", "hubspot_message_id": "m1", "plan": "pro", "seats": 3 });
    assert_eq!(shown["custom_data"], data);
    assert_eq!(shown["hubspot"], json!({ "hubspot_ticket_id": "77", "hubspot_conversation_id": "88" }));
    let (_, read) = world.ocx("GET", &format!("/chat/sessions/{id}"), Value::Null).await;
    assert_eq!(read["ticketing_system"]["external_id"], "77");
}

#[tokio::test(start_paused = true)]
async fn sessions_are_listed_in_pages_and_by_time() {
    let world = World::new();
    for _ in 0..30 {
        session(&world).await;
    }
    world.clock.sleep(Duration::from_mins(1)).await;
    let newest = session(&world).await;
    let (_, first) = world.ocx("GET", "/chat/sessions", Value::Null).await;
    assert_eq!((first["items"].as_array().unwrap().len(), &first["items"][0]["id"]), (25, &json!(newest)));
    let (_, second) = world.ocx("GET", &format!("/chat/sessions?cursor={}", text(&first, "next")), Value::Null).await;
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (6, &Value::Null));
    let (_, recent) = world.ocx("GET", "/chat/sessions?created_after=2026-11-20T10:00:30Z", Value::Null).await;
    assert_eq!(recent["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_a_hundred_a_minute() {
    let world = World::new();
    for _ in 0..100 {
        assert_eq!(world.ocx("GET", "/chat/sessions", Value::Null).await.0, 200);
    }
    assert_eq!(world.ocx("GET", "/chat/sessions", Value::Null).await.0, 429);
    world.clock.sleep(Duration::from_mins(1)).await;
    assert_eq!(world.ocx("GET", "/chat/sessions", Value::Null).await.0, 200);
    control(&world, "PUT", "/_sim/limits", json!({ "per_minute": 1 })).await;
    assert_eq!(world.ocx("GET", "/chat/sessions", Value::Null).await.0, 429);
}

#[tokio::test(start_paused = true)]
async fn functions_are_invoked_as_an_aws_sdk_would() {
    let world = World::new();
    let call = json!({ "function": "handoff", "payload": { "org_id": "demo" } });
    assert_eq!(world.ocx("POST", "/_sim/invoke", call.clone()).await.0, 409);
    control(&world, "PUT", "/_sim/functions", json!({ "url": "http://bundle.test/" })).await;
    let Reply::Answer(answer) = world.send(To::OpenCx, "POST", "/_sim/invoke", &call).await else { panic!() };
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["x-amz-function-error"]),
        (200, &http::HeaderValue::from_static("Unhandled"))
    );
    let received = world.deliveries().pop().unwrap();
    assert_eq!(received.url, "http://bundle.test/2015-03-31/functions/handoff/invocations");
    assert_eq!(received.json(), json!({ "org_id": "demo" }));
}
