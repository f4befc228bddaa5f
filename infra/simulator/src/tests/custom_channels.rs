//! The app's own channel: who may use it, what it takes, and what it makes of it.

use super::*;

const DATED: &str = "/conversations/custom-channels/2026-03/1057";
const V3: &str = "/conversations/v3/custom-channels/1057";

/// A world whose calls carry an OAuth app's token.
async fn world() -> World {
    let mut world = World::live().await;
    let portal = world.control("GET", "/_sim/portal", Value::Null).await;
    let redirect = "https%3A%2F%2Fbundle.test%2Foauth%2Fcallback";
    let scope = "oauth%20conversations.read%20conversations.write%20tickets%20crm.objects.contacts.read%20crm.objects.contacts.write";
    let ask = format!("client_id={}&redirect_uri={redirect}&scope={scope}", text(&portal, "client_id"));
    let Reply::Answer(consent) = world.send(To::HubSpot, "GET", &format!("/oauth/authorize?{ask}"), &Value::Null).await
    else {
        panic!("no consent");
    };
    let back = consent.headers()["location"].to_str().unwrap();
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={redirect}&client_id={}&client_secret={}",
        text(&portal, "client_id"),
        text(&portal, "client_secret")
    );
    let request = Request::builder()
        .method("POST")
        .uri("http://sim.test/oauth/2026-03/token")
        .header("content-type", "application/x-www-form-urlencoded");
    let (_, token) = read(world.hubspot.reply(request.body(Bytes::from(form)).unwrap()).await);
    text(&token, "access_token").clone_into(&mut world.token);
    world
}

fn identifier(value: &str) -> Value {
    json!({ "type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": value })
}

fn account(inbox: &str, value: &str) -> Value {
    json!({ "inboxId": inbox, "name": "OpenCX", "authorized": true, "deliveryIdentifier": identifier(value) })
}

/// The customer of the thread `s-1` says something.
fn incoming(account: &str, key: &str) -> Value {
    json!({
        "channelAccountId": account, "messageDirection": "INCOMING", "text": "hello", "richText": "<p>hello</p>",
        "senders": [{ "name": "Ada", "deliveryIdentifier": identifier("s-1") }],
        "recipients": [{ "deliveryIdentifier": identifier("us") }], "timestamp": "2026-11-20T10:00:00Z",
        "attachments": [], "integrationThreadId": "s-1", "integrationIdempotencyId": key,
    })
}

async fn connected(world: &World) -> String {
    let (status, made) = world.hs("POST", &format!("{DATED}/channel-accounts"), account("481939", "us")).await;
    assert_eq!(status, 201, "{made}");
    text(&made, "id").to_owned()
}

#[tokio::test(start_paused = true)]
async fn only_an_app_with_scopes_in_a_portal_with_the_plan_gets_in() {
    let mut world = world().await;
    let accounts = format!("{V3}/channel-accounts");
    let (status, _) = world.hs("GET", &accounts, Value::Null).await;
    assert_eq!(status, 200);
    let (status, _) = world.hs("GET", &accounts.replace("1057", "1058"), Value::Null).await;
    assert_eq!(status, 404, "another app's channel");
    world.control("PUT", "/_sim/scopes", json!(["conversations.custom_channels.read"])).await;
    let (status, refused) = world.hs("POST", &accounts, account("481939", "us")).await;
    assert_eq!((status, text(&refused, "category")), (403, "MISSING_SCOPES"));
    assert!(refused.to_string().contains("conversations.custom_channels.write"), "{refused}");
    world.control("PUT", "/_sim/custom-channels", json!({ "plan": false })).await;
    let (status, refused) = world.hs("GET", &accounts, Value::Null).await;
    assert_eq!((status, text(&refused, "category")), (403, "FORBIDDEN"));
    world.control("PUT", "/_sim/custom-channels", json!({ "plan": true, "registered": false })).await;
    assert_eq!(world.hs("GET", &accounts, Value::Null).await.0, 404);
    world.control("PUT", "/_sim/custom-channels", json!({ "registered": true })).await;
    crate::hubspot::ACCESS_TOKEN.clone_into(&mut world.token);
    assert_eq!(world.hs("GET", &accounts, Value::Null).await.0, 403, "a private app");
}

#[tokio::test(start_paused = true)]
async fn an_account_needs_an_inbox_and_an_address_of_its_own() {
    let world = world().await;
    let path = format!("{DATED}/channel-accounts");
    for (field, value, wanted) in [
        ("inboxId", Value::Null, "[inboxId]"),
        ("name", Value::Null, "[name]"),
        ("authorized", Value::Null, "[authorized]"),
        ("inboxId", json!("12"), "no inbox"),
        ("deliveryIdentifier", json!({ "type": "PIGEON", "value": "x" }), "known type"),
        ("deliveryIdentifier", json!({ "type": "HS_PHONE_NUMBER", "value": " " }), "a value"),
    ] {
        let mut body = account("481939", "us");
        body[field] = value;
        let (status, refused) = world.hs("POST", &path, body).await;
        assert!(status == 400 && refused.to_string().contains(wanted), "{wanted}: {status} {refused}");
    }
    let id = connected(&world).await;
    let (status, refused) = world.hs("POST", &path, account("273071781", "us")).await;
    assert_eq!(status, 400, "{refused}");
    let (_, listed) = world.hs("GET", &path, Value::Null).await;
    assert_eq!((listed["total"].clone(), &listed["results"][0]["id"]), (json!(1), &json!(id)));
    assert_eq!(world.hs("GET", &format!("{path}/{id}"), Value::Null).await.0, 200);
    assert_eq!(world.hs("GET", &format!("{path}/1"), Value::Null).await.0, 404);
    assert_eq!(world.hs("DELETE", &path, Value::Null).await.0, 405);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_hubspot_would_not_take_is_refused() {
    let world = world().await;
    let id = connected(&world).await;
    let two = json!([{ "deliveryIdentifier": identifier("a") }, { "deliveryIdentifier": identifier("b") }]);
    for (field, value, wanted) in [
        ("text", Value::Null, "[text]"),
        ("text", json!(" "), "1 to 65536"),
        ("attachments", Value::Null, "[attachments]"),
        ("timestamp", json!("yesterday"), "timestamp"),
        ("messageDirection", json!("SIDEWAYS"), "INCOMING, OUTGOING"),
        ("messageDirection", json!("OUTGOING"), "senders must be the channel account"),
        ("channelAccountId", json!("1"), "no account"),
        ("integrationThreadId", Value::Null, "[integrationThreadId]"),
        ("senders", two, "exactly one"),
        ("senders", json!([{ "name": "Ada" }]), "deliveryIdentifier"),
        ("recipients", json!([{ "deliveryIdentifier": identifier("them") }]), "recipients must be the channel account"),
        ("associateWithContactId", json!(12), "no contact"),
    ] {
        let mut body = incoming(&id, "m-1");
        body[field] = value;
        let (status, refused) = world.hs("POST", &format!("{DATED}/messages"), body).await;
        assert!(status == 400 && refused.to_string().contains(wanted), "{wanted}: {status} {refused}");
    }
    assert_eq!(world.events().await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_same_key_is_the_same_message_and_the_same_thread_id_the_same_thread() {
    for path in [DATED, V3] {
        let world = world().await;
        let id = connected(&world).await;
        let publish = async |body: Value| {
            let (status, message) = world.hs("POST", &format!("{path}/messages"), body).await;
            assert_eq!(status, 201, "{message}");
            message
        };
        let first = publish(incoming(&id, "m-1")).await;
        assert_eq!(publish(incoming(&id, "m-1")).await, first);
        let thread = text(&first, "conversationsThreadId").to_owned();
        world.control("PATCH", &format!("/_sim/threads/{thread}"), json!({ "status": "CLOSED" })).await;
        let second = publish(incoming(&id, "m-2")).await;
        assert_eq!((text(&second, "conversationsThreadId"), second["id"] == first["id"]), (thread.as_str(), false));
        let mut other = incoming(&id, "m-3");
        other["integrationThreadId"] = json!("s-2");
        assert_ne!(text(&publish(other).await, "conversationsThreadId"), thread);
        let shown = world.control("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
        assert_eq!(
            (text(&shown, "status"), text(&shown, "channel")),
            ("OPEN", "custom"),
            "the customer opens it again"
        );
        let said: Vec<_> = shown["messages"].as_array().unwrap().iter().filter(|m| m["type"] == "MESSAGE").collect();
        assert_eq!((said.len(), &said[0]["from"], &said[0]["name"]), (2, &json!("visitor"), &json!("Ada")));
        assert_eq!(said[0]["integration_app_id"], "2098266");
        let kinds: Vec<_> = world.events().await.iter().map(|e| text(e, "subscriptionType").to_owned()).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "conversation.newMessage").count(), 3, "{kinds:?}");
        // As it is read in the thread, too.
        let message = format!("{THREADS}/{thread}/messages/{}", text(&first, "id"));
        let (_, read) = world.hs("GET", &message, Value::Null).await;
        assert_eq!((text(&read, "channelId"), text(&read, "channelAccountId")), ("1057", id.as_str()));
        assert_eq!(world.hs("GET", &format!("{path}/messages/{}", text(&first, "id")), Value::Null).await.1, first);
    }
}
