//! Requests that HubSpot refuses, with the bodies of its answers.

use super::*;

fn reply_to(thread: &Value, account: &str) -> Value {
    json!({
        "type": "MESSAGE", "text": "Hello", "richText": "<p>Hello</p>", "senderActorId": "A-3892666", "attachments": [],
        "channelId": "1000", "channelAccountId": account,
        "recipients": [{
            "actorId": format!("V-{}", text(thread, "contact_id")),
            "deliveryIdentifiers": [{ "type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": "x" }],
        }],
    })
}

fn with(mut body: Value, path: &str, value: Value) -> Value {
    *body.pointer_mut(path).expect(path) = value;
    body
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().unwrap().remove(name);
    body
}

#[tokio::test(start_paused = true)]
async fn a_message_that_hubspot_would_not_send_is_refused() {
    let world = World::live().await;
    let thread = world.thread(json!({})).await;
    let path = format!("{THREADS}/{}/messages", text(&thread, "thread_id"));
    let good = reply_to(&thread, "148662");
    let long = "x".repeat(65_537);
    let cases = [
        (without(good.clone(), "attachments"), "[attachments]"),
        (without(good.clone(), "recipients"), "[recipients]"),
        (without(good.clone(), "type"), "[type]"),
        (with(good.clone(), "/recipients", json!([])), "At least one recipient"),
        (with(good.clone(), "/senderActorId", json!("A-999")), "Invalid actorId type"),
        (with(good.clone(), "/senderActorId", json!("V-1")), "Actor type VISITOR is not supported for sending"),
        (
            with(good.clone(), "/recipients/0/actorId", json!("A-100")),
            "Actor type AGENT is not supported for receiving",
        ),
        (with(good.clone(), "/recipients/0/deliveryIdentifiers", json!([])), "delivery identifier"),
        (with(good.clone(), "/channelAccountId", json!("1")), "do not belong to this thread"),
        (with(good.clone(), "/channelId", json!("1002")), "do not belong to this thread"),
        (with(good.clone(), "/attachments", json!([{ "type": "PICTURE" }])), "type of an attachment"),
        (with(good.clone(), "/text", json!(long)), "65536 characters"),
        (with(good.clone(), "/text", json!(" ")), "must not be empty"),
        (with(good.clone(), "/type", json!("WHISPER")), "WHISPER"),
    ];
    for (body, wanted) in cases {
        let (status, answer) = world.hs("POST", &path, body).await;
        assert_eq!(status, 400, "{wanted}: {answer}");
        assert!(answer.to_string().contains(wanted), "{wanted}: {answer}");
        assert_eq!(answer["status"], "error");
        assert!(answer["correlationId"].is_string(), "{answer}");
    }
    let (status, answer) = world.hs("POST", &path, good).await;
    assert_eq!((status, text(&answer, "direction")), (201, "OUTGOING"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_sender_and_recipient_that_are_both_wrong_are_reported_together() {
    let world = World::live().await;
    let thread = world.thread(json!({})).await;
    let path = format!("{V3_THREADS}/{}/messages", text(&thread, "thread_id"));
    let body = with(reply_to(&thread, "148662"), "/senderActorId", json!("V-1"));
    let (_, answer) = world.hs("POST", &path, with(body, "/recipients/0/actorId", json!("A-100"))).await;
    assert_eq!(answer["message"], "Multiple errors validating request.");
    let kinds: Vec<&str> = answer["errors"].as_array().unwrap().iter().map(|e| text(e, "subCategory")).collect();
    assert_eq!(
        kinds,
        [
            "ConversationsApiError.UNSUPPORTED_ACTOR_TYPE",
            "ConversationsApiError.INVALID_ARGUMENT_TYPE",
            "ConversationsApiError.UNSUPPORTED_ACTOR_TYPE"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn whatsapp_cannot_be_sent_and_help_desks_take_no_comments() {
    let world = World::live().await;
    let thread = world.thread(json!({ "channel": "whatsapp" })).await;
    let path = format!("{THREADS}/{}/messages", text(&thread, "thread_id"));
    let body = with(reply_to(&thread, "148667"), "/channelId", json!("1007"));
    assert_eq!(world.hs("POST", &path, body).await.0, 400);

    let comment = json!({ "type": "COMMENT", "text": "note", "attachments": [] });
    let desk = world.thread(json!({ "inbox": "HELP_DESK" })).await;
    let path = format!("{THREADS}/{}/messages", text(&desk, "thread_id"));
    assert_eq!(world.hs("POST", &path, comment.clone()).await.0, 400);
    assert!(desk["ticket_id"].is_string(), "a help desk thread has a ticket: {desk}");

    let inbox = world.thread(json!({})).await;
    let path = format!("{THREADS}/{}/messages", text(&inbox, "thread_id"));
    assert_eq!(world.hs("POST", &path, without(comment.clone(), "attachments")).await.0, 400);
    assert_eq!(world.hs("POST", &path, comment).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn threads_refuse_what_is_not_there_and_methods_that_do_not_exist() {
    let world = World::live().await;
    let thread = world.thread(json!({})).await;
    let id = text(&thread, "thread_id");
    let actor = json!({ "actorId": "A-100" });
    let cases = [
        ("GET", format!("{THREADS}/1"), Value::Null, 404),
        ("GET", format!("{THREADS}/{id}/messages/nope"), Value::Null, 404),
        ("POST", format!("{V3_THREADS}/1/messages"), json!({ "type": "COMMENT" }), 404),
        ("POST", format!("{V3_THREADS}/{id}/assignee"), actor.clone(), 405),
        ("PUT", format!("{V3_THREADS}/{id}/assignee"), actor.clone(), 200),
        ("PUT", format!("/conversations/conversations/v3/threads/{id}/assignee"), actor.clone(), 200),
        ("PUT", format!("{THREADS}/{id}/assignee"), json!({ "actorId": "A-999" }), 400),
        ("PUT", format!("{THREADS}/{id}/assignee"), json!({}), 400),
        ("DELETE", format!("{THREADS}/{id}/assignee"), Value::Null, 204),
        ("PATCH", format!("{THREADS}/{id}"), json!({ "status": "SLEEPING" }), 400),
        ("GET", format!("/conversations/conversations/2026-03/threads/{id}"), Value::Null, 404),
        ("GET", format!("/conversations/conversations/v3/threads/{id}"), Value::Null, 404),
        ("GET", "/crm/owners/2025-01".to_owned(), Value::Null, 404),
    ];
    for (method, path, body, wanted) in cases {
        let (status, answer) = world.hs(method, &path, body).await;
        assert_eq!(status, wanted, "{method} {path}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_and_scopes_are_checked() {
    let mut world = World::live().await;
    let owners = "/crm/v3/owners";
    assert_eq!(world.hs("GET", owners, Value::Null).await.0, 200);

    world.control("PUT", "/_sim/scopes", json!(["tickets"])).await;
    let (status, answer) = world.hs("GET", owners, Value::Null).await;
    assert_eq!((status, text(&answer, "category")), (403, "MISSING_SCOPES"));
    let scopes = &answer["errors"][0]["context"]["requiredGranularScopes"];
    assert_eq!(*scopes, json!(["crm.objects.owners.read"]));
    let (_, answer) = world.hs("POST", "/crm/objects/2026-09/notes", json!({})).await;
    assert_eq!(answer["errors"][0]["context"]["requiredGranularScopes"], json!(["crm.objects.contacts.write"]));

    for (state, category) in [("expired", "EXPIRED_AUTHENTICATION"), ("revoked", "INVALID_AUTHENTICATION")] {
        world.control("PUT", "/_sim/token", json!({ "state": state })).await;
        let (status, answer) = world.hs("GET", "/crm/v3/pipelines/tickets", Value::Null).await;
        assert_eq!((status, text(&answer, "category")), (401, category));
    }
    world.control("PUT", "/_sim/token", json!("ok")).await;
    assert_eq!(world.hs("GET", "/crm/v3/pipelines/tickets", Value::Null).await.0, 200);

    "pat-na1-unknown".clone_into(&mut world.token);
    let (status, answer) = world.hs("GET", "/crm/v3/pipelines/tickets", Value::Null).await;
    assert_eq!((status, text(&answer, "category")), (401, "INVALID_AUTHENTICATION"));
}

#[tokio::test(start_paused = true)]
async fn the_private_apps_token_tells_what_it_may_do() {
    let world = World::live().await;
    let path = "/oauth/v2/private-apps/get/access-token-info";
    let (status, answer) = world.hs("POST", path, json!({ "tokenKey": world.token })).await;
    assert_eq!((status, &answer["hubId"], &answer["appId"]), (200, &json!(22_761_544), &json!(1_098_266)));
    assert!(answer["scopes"].as_array().unwrap().contains(&json!("conversations.write")));
    assert_eq!(world.hs("POST", path, json!({ "tokenKey": "pat-na1-else" })).await.0, 404);
    assert_eq!(world.hs("POST", path, json!({})).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn oauth_takes_forms_only_and_its_tokens_end() {
    let mut world = World::live().await;
    let (status, _) = world.hs("POST", "/oauth/2026-03/token", json!({ "grant_type": "refresh_token" })).await;
    assert_eq!(status, 415);
    let ask = "/oauth/authorize?client_id=7933b042-0952-4e7d-a327-000000000000&redirect_uri=https%3A%2F%2Fb.test%2Fback&state=s%201";
    let Reply::Answer(odd) = world.send(To::HubSpot, "GET", ask, &Value::Null).await else { panic!() };
    assert_eq!(odd.status(), 400, "the scopes have to be the app's own");
    let scopes = "oauth%20conversations.read%20conversations.write%20tickets%20crm.objects.contacts.read%20crm.objects.contacts.write";
    let ask = &format!("{ask}&scope={scopes}");
    let Reply::Answer(consent) = world.send(To::HubSpot, "GET", ask, &Value::Null).await else { panic!() };
    let back = consent.headers()["location"].to_str().unwrap().to_owned();
    let code = back.strip_prefix("https://b.test/back?code=").unwrap().strip_suffix("&state=s%201").unwrap();

    let app = format!("client_id=7933b042-0952-4e7d-a327-000000000000&client_secret={}", crate::hubspot::CLIENT_SECRET);
    let grant = format!("{app}&grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fb.test%2Fback");
    let (status, first) = form(&world, "/oauth/2026-03/token", &grant).await;
    assert_eq!((status, &first["expires_in"]), (200, &json!(1800)));
    assert_eq!(form(&world, "/oauth/2026-03/token", &grant).await.0, 400, "a code is good once");

    world.token = text(&first, "access_token").to_owned();
    assert_eq!(world.hs("GET", "/crm/v3/owners", Value::Null).await.0, 200);
    world.clock.sleep(Duration::from_secs(1801)).await;
    let (status, answer) = world.hs("GET", "/crm/v3/owners", Value::Null).await;
    assert_eq!((status, text(&answer, "category")), (401, "EXPIRED_AUTHENTICATION"));

    let refresh = format!("{app}&grant_type=refresh_token&refresh_token={}", text(&first, "refresh_token"));
    let (status, second) = form(&world, "/oauth/v3/token", &refresh).await;
    assert_eq!(status, 200);
    let asked = format!("{app}&token={}&token_type_hint=access_token", text(&second, "access_token"));
    assert_eq!(form(&world, "/oauth/2026-03/token/introspect", &asked).await.1["active"], true);
    world.control("PUT", "/_sim/token", json!({ "state": "revoked" })).await;
    let (status, answer) = form(&world, "/oauth/v3/token", &refresh).await;
    assert_eq!((status, text(&answer, "status")), (400, "BAD_REFRESH_TOKEN"));
}

async fn form(world: &World, path: &str, body: &str) -> (u16, Value) {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    read(world.hubspot.respond(request).await)
}
