use super::*;
use crate::{ChannelMessage, CustomAccount, HubSpotError, PublishedMessage};
use domain::{DeliveryIdentifier, Direction, Party, RichText};
use serde_json::json;

fn opaque(value: &str) -> DeliveryIdentifier {
    DeliveryIdentifier { kind: "CHANNEL_SPECIFIC_OPAQUE_ID".into(), value: value.into() }
}

fn party(name: Option<&str>, value: &str) -> Party {
    Party { actor: None, name: name.map(str::to_owned), address: Some(opaque(value)) }
}

fn message() -> ChannelMessage {
    ChannelMessage {
        account: id("77"),
        direction: Direction::Incoming,
        sender: party(Some("Ada"), "s-1"),
        recipient: party(None, "opencx-org_1-481939"),
        text: RichText { text: "hello".into(), html: "<p>hello</p>".into() },
        at: start(),
        conversation: "s-1".into(),
        idempotency_key: "m-1".into(),
        contact: Some(id("6001")),
    }
}

const PUBLISHED: &str = r#"{"id":"m9","conversationsThreadId":8243595013,"type":"MESSAGE","direction":"INCOMING"}"#;

#[tokio::test]
async fn a_message_is_published_with_its_thread_and_its_key() {
    let paths = [
        (ApiVersions::dated(), "/conversations/custom-channels/2026-03"),
        (ApiVersions::dated_beta(), "/conversations/custom-channels/2026-03"),
        (ApiVersions::v3(), "/conversations/v3/custom-channels"),
    ];
    for (versions, path) in paths {
        let script = Script::with(versions, Duration::from_secs(110), [answer(201, PUBLISHED)]);
        let published = script.portal.publish(&id("1057"), &message()).await.unwrap();
        assert_eq!(published, PublishedMessage { id: id("m9"), thread: id("8243595013") });
        let request = script.request();
        assert_eq!(request.line, format!("POST {path}/1057/messages"));
        let body = json!({
            "channelAccountId": "77", "messageDirection": "INCOMING", "attachments": [],
            "senders": [{ "name": "Ada", "deliveryIdentifier": { "type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": "s-1" } }],
            "recipients": [{ "deliveryIdentifier": { "type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": "opencx-org_1-481939" } }],
            "text": "hello", "richText": "<p>hello</p>", "timestamp": "2026-11-20T10:00:00Z",
            "integrationThreadId": "s-1", "integrationIdempotencyId": "m-1", "associateWithContactId": 6001,
        });
        assert_eq!(request.body, body);
    }
}

#[tokio::test]
async fn an_answer_without_a_contact_goes_out() {
    let script = Script::of(201, PUBLISHED);
    let outgoing = ChannelMessage { direction: Direction::Outgoing, contact: None, ..message() };
    script.portal.publish(&id("1057"), &outgoing).await.unwrap();
    let body = script.request().body;
    assert_eq!((&body["messageDirection"], &body["associateWithContactId"]), (&json!("OUTGOING"), &Value::Null));
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_published_again_under_its_key() {
    let script = Script::new([broken(), answer(201, PUBLISHED)]);
    script.portal.publish(&id("1057"), &message()).await.unwrap();
    let requests = script.requests();
    assert_eq!((requests.len(), &requests[0]), (2, &requests[1]));
    let script = Script::of(201, r#"{"id":"m9"}"#);
    let error = script.portal.publish(&id("1057"), &message()).await.unwrap_err();
    assert!(matches!(error, HubSpotError::Unreadable(_)) && !error.maybe_done(), "{error}");
}

#[tokio::test]
async fn accounts_are_listed_and_created() {
    let listed = r#"{"results":[
        {"id":"77","channelId":"1057","inboxId":481939,"active":true,"authorized":true,"archived":false,
         "deliveryIdentifier":{"type":"CHANNEL_SPECIFIC_OPAQUE_ID","value":"opencx-org_1-481939"}},
        {"id":"78","inboxId":"1","active":true,"authorized":false},{"id":"79","archived":true}]}"#;
    let script = Script::of(200, listed);
    let account = |text: &str, inbox: Option<&str>, address: Option<&str>, usable| CustomAccount {
        id: id(text),
        inbox: inbox.map(id),
        address: address.map(opaque),
        usable,
    };
    let expected = [
        account("77", Some("481939"), Some("opencx-org_1-481939"), true),
        account("78", Some("1"), None, false),
        account("79", None, None, false),
    ];
    assert_eq!(script.portal.custom_accounts(&id("1057")).await.unwrap(), expected);
    assert_eq!(script.request().line, "GET /conversations/custom-channels/2026-03/1057/channel-accounts?limit=100");

    let script = Script::of(201, r#"{"id":80}"#);
    let address = opaque("opencx-org_1-481939");
    let created = script.portal.create_custom_account(&id("1057"), &id("481939"), "OpenCX", &address).await.unwrap();
    assert_eq!(created, id("80"));
    let body = json!({
        "inboxId": "481939", "name": "OpenCX", "authorized": true,
        "deliveryIdentifier": { "type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": "opencx-org_1-481939" },
    });
    assert_eq!(script.request().body, body);
}

#[tokio::test]
async fn nothing_that_was_said_is_shown() {
    let shown = format!("{:?}", message());
    assert!(!shown.contains("hello") && !shown.contains("Ada"), "{shown}");
}
