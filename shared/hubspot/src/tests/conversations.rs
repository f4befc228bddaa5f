use super::*;
use crate::{Actor, HubSpotError, Inbox, OutgoingMessage};
use domain::{ActorId, Client, DeliveryIdentifier, Direction, Message, MessageKind, Party, RichText, Thread};
use serde_json::json;

const THREAD: &str = r#"{"id":"176347007","createdAt":"2019-11-18T18:47:59.865Z","closedAt":"2019-11-18T18:50:06.872Z","status":"CLOSED","originalChannelId":"1000","originalChannelAccountId":"148662","latestMessageTimestamp":"2019-11-18T18:50:00.279Z","assignedTo":"A-2620022","spam":false,"inboxId":"481939","associatedContactId":"1401","archived":false,"threadAssociations":{"associatedTicketId":"57774743"}}"#;
const CHAT: &str = r#"{"id":"3ad3474b08dd408ca57a8454e355e942","conversationsThreadId":"176347007","createdAt":"2019-11-18T18:47:59.949Z","updatedAt":"2019-11-18T18:47:59.949Z","createdBy":"V-1401","client":{"clientType":"SYSTEM"},"senders":[{"actorId":"V-1401","deliveryIdentifier":{"type":"CHANNEL_SPECIFIC_OPAQUE_ID","value":"0232d1661ef84248bd4923cce9d3b917"}}],"recipients":[],"archived":false,"text":"hi yes hello","richText":"<div>hi yes hello</div>","attachments":[],"truncationStatus":"NOT_TRUNCATED","status":{"statusType":"RECEIVED"},"direction":"INCOMING","channelId":"1000","channelAccountId":"148662","type":"MESSAGE"}"#;
const SENT: &str = r#"{"id":"f511eb3892ba4e948b1e7ad806bde1c8","conversationsThreadId":"8243595013","createdAt":"2024-10-21T11:15:11.699Z","createdBy":"I-1098266","client":{"clientType":"INTEGRATION","integrationAppId":1098266},"senders":[{"actorId":"A-3892666","name":"Sam Agent","senderField":"FROM","deliveryIdentifier":{"type":"HS_EMAIL_ADDRESS","value":"support@example.com"}}],"recipients":[{"recipientField":"TO","deliveryIdentifier":{"type":"HS_EMAIL_ADDRESS","value":"customer@example.com"}}],"archived":false,"text":"Hey there","richText":"<p>Hey there</p>","attachments":[],"subject":"Follow up","truncationStatus":"TRUNCATED_TO_MOST_RECENT_REPLY","status":{"statusType":"SENT"},"direction":"OUTGOING","channelId":"1002","channelAccountId":"779894945","type":"MESSAGE"}"#;
const COMMENT: &str = r#"{"id":"7f0e9b0e4a5f4f0b9c55d4a0c1d2e3f4","conversationsThreadId":"8243595013","createdAt":"2024-10-21T12:00:00.000Z","createdBy":"I-1098266","client":{"clientType":"INTEGRATION","integrationAppId":"1098266"},"senders":[{"actorId":"I-1098266"}],"recipients":[],"archived":false,"text":"Handoff","richText":"<p>Handoff</p>","attachments":[],"type":"COMMENT"}"#;
const WELCOME: &str = r#"{"id":"0c9b86b11210479eb1ae193ec5add0b7","conversationsThreadId":"176347007","createdAt":"2019-11-18T18:47:59.947Z","createdBy":"S-hubspot","client":{"clientType":"SYSTEM"},"senders":[{"actorId":"S-hubspot"}],"recipients":[{"actorId":"V-1401","deliveryIdentifier":{"type":"CHANNEL_SPECIFIC_OPAQUE_ID","value":"0232"}}],"archived":false,"text":"Got any questions?","channelId":"1000","channelAccountId":"148662","type":"WELCOME_MESSAGE"}"#;
const ASSIGNMENT: &str = r#"{"id":"b2ebf776-723b-4523-bed5-6e304c865a01","conversationsThreadId":"8243595013","createdAt":"2024-10-21T11:15:12.063Z","createdBy":"A-8835724","client":{"clientType":"SYSTEM"},"senders":[{"actorId":"S-hubspot"}],"recipients":[],"archived":false,"assignedTo":"A-8835724","type":"ASSIGNMENT"}"#;
const STATUS: &str = r#"{"id":"5a7cb7bd-810d-44b8-b79c-45e6a6c44861","conversationsThreadId":"8243595013","createdAt":"2024-10-21T11:09:22.587Z","createdBy":"S-hubspot","client":{"clientType":"SYSTEM"},"senders":[{"actorId":"S-hubspot"}],"recipients":[],"archived":false,"newStatus":"OPEN","type":"THREAD_STATUS_CHANGE"}"#;

async fn read(body: &str) -> Message {
    let script = Script::of(200, body);
    script.portal.message(&id("8243595013"), &id("m-1")).await.unwrap()
}

fn agent() -> ActorId {
    ActorId::Agent("3892666".into())
}

#[tokio::test]
async fn a_thread_with_its_ticket() {
    let script = Script::of(200, THREAD);
    let expected = Thread {
        id: id("176347007"),
        open: false,
        assigned_to: Some(ActorId::Agent("2620022".into())),
        inbox: Some(id("481939")),
        contact: Some(id("1401")),
        channel: Some(id("1000")),
        channel_account: Some(id("148662")),
        ticket: Some(id("57774743")),
        spam: false,
        archived: false,
    };
    assert_eq!(script.portal.thread(&id("176347007")).await.unwrap(), expected);
    let line = "GET /conversations/conversations/2026-09/threads/176347007?association=TICKET";
    assert_eq!((script.request().line.as_str(), script.request().token.as_str()), (line, "Bearer pat-na1-canary"));
}

#[tokio::test]
async fn a_bare_thread() {
    let script =
        Script::of(200, r#"{"id":176347007,"status":"OPEN","assignedTo":"","spam":true,"associatedContactId":null}"#);
    let thread = script.portal.thread(&id("176347007")).await.unwrap();
    assert_eq!(
        (thread.open, thread.spam, thread.assigned_to, thread.ticket, thread.contact),
        (true, true, None, None, None)
    );
}

#[tokio::test]
async fn a_chat_message() {
    let message = read(CHAT).await;
    let visitor = Some(ActorId::Visitor("1401".into()));
    assert_eq!(
        (message.kind, message.client, message.direction),
        (MessageKind::Message, Client::System, Some(Direction::Incoming))
    );
    assert_eq!((message.created_by, message.senders[0].actor.clone()), (visitor.clone(), visitor));
    let address = message.senders[0].address.clone().unwrap();
    assert_eq!(
        (address.kind.as_str(), address.value.as_str()),
        ("CHANNEL_SPECIFIC_OPAQUE_ID", "0232d1661ef84248bd4923cce9d3b917")
    );
    assert_eq!(
        (message.text.as_str(), message.rich_text.as_deref()),
        ("hi yes hello", Some("<div>hi yes hello</div>"))
    );
    assert_eq!((message.truncated, message.failed, message.subject), (false, None, None));
    assert_eq!(message.created_at, "2019-11-18T18:47:59.949Z".parse().unwrap());
}

#[tokio::test]
async fn our_own_e_mail_and_comment() {
    let message = read(SENT).await;
    assert_eq!((message.client, message.truncated), (Client::Integration(Some(id("1098266"))), false));
    assert_eq!((message.direction, message.subject.as_deref()), (Some(Direction::Outgoing), Some("Follow up")));
    assert_eq!(message.recipients[0].actor, None);
    let comment = read(COMMENT).await;
    assert_eq!((comment.kind, comment.direction, comment.channel), (MessageKind::Comment, None, None));
    assert_eq!(comment.client, Client::Integration(Some(id("1098266"))));
}

#[tokio::test]
async fn entries_that_nobody_said() {
    assert_eq!(read(WELCOME).await.kind, MessageKind::Welcome);
    let assignment = read(ASSIGNMENT).await;
    assert_eq!(assignment.kind, MessageKind::Assignment { to: Some(ActorId::Agent("8835724".into())) });
    assert_eq!(assignment.text, "");
    assert_eq!(read(STATUS).await.kind, MessageKind::Other("THREAD_STATUS_CHANGE".into()));
    assert_eq!(
        read(&STATUS.replace("THREAD_STATUS_CHANGE", "HOLOGRAM")).await.kind,
        MessageKind::Other("HOLOGRAM".into())
    );
}

#[tokio::test]
async fn truncation_failure_and_attachments() {
    let mut wire: Value = serde_json::from_str(CHAT).unwrap();
    wire["truncationStatus"] = json!("TRUNCATED");
    wire["status"] =
        json!({"statusType": "FAILED", "failureDetails": {"errorMessage": "bounced", "errorMessageTokens": {}}});
    wire["attachments"] = json!([
        {"type": "FILE", "fileId": "77", "fileUsageType": "IMAGE", "name": "a.png", "url": "https://example.com/a.png"},
        {"type": "QUICK_REPLIES", "quickReplies": []}, {"type": "MESSAGE_HEADER"}, {"type": "LOCATION", "latitude": 1.5}
    ]);
    wire["client"] = json!({"clientType": "TELEPATHY"});
    let message = read(&wire.to_string()).await;
    assert_eq!(
        (message.truncated, message.failed.as_deref(), message.client),
        (true, Some("bounced"), Client::Unknown)
    );
    assert_eq!(message.attachments.len(), 2);
    assert_eq!(message.attachments[0].file_id.as_deref(), Some("77"));
    wire["status"] = json!({"statusType": "FAILED"});
    wire["senders"] = json!(null);
    let message = read(&wire.to_string()).await;
    assert!(message.failed.is_some() && message.senders.is_empty());
}

#[tokio::test]
async fn an_entry_without_id_or_time_is_unreadable() {
    for body in [
        CHAT.replace("createdAt", "made"),
        CHAT.replace("\"id\"", "\"ID\""),
        "[]".into(),
        "<html>canary".into(),
        String::new(),
    ] {
        let script = Script::of(200, &body);
        let error = script.portal.message(&id("1"), &id("2")).await.unwrap_err();
        assert!(matches!(error, HubSpotError::Unreadable(_)), "{body}: {error}");
        assert!(!error.to_string().contains("canary") && !error.maybe_done());
    }
}

#[tokio::test]
async fn the_newest_messages_come_first_whatever_the_order_of_the_answer() {
    let entry = |n: u32| {
        CHAT.replace("3ad3474b08dd408ca57a8454e355e942", &format!("m{n}"))
            .replace("47:59.949Z\",\"up", &format!("47:{n:02}Z\",\"up"))
    };
    let page = |numbers: &[u32], next: &str| {
        let entries: Vec<String> = numbers.iter().map(|n| entry(*n)).collect();
        answer(200, &format!(r#"{{"results":[{}]{next}}}"#, entries.join(",")))
    };
    let next = r#","paging":{"next":{"after":"a b"}}"#;
    let ids = |messages: &[Message]| messages.iter().map(|m| m.id.to_string()).collect::<Vec<_>>();

    let newest_first = Script::new([page(&[9, 8, 7], next)]);
    assert_eq!(ids(&newest_first.portal.messages(&id("1"), 2).await.unwrap()), ["m9", "m8"]);
    assert_eq!(
        newest_first.lines(),
        ["GET /conversations/conversations/2026-09/threads/1/messages?limit=20&sort=-createdAt"]
    );

    let oldest_first = Script::new([page(&[1, 2, 3], next), page(&[4, 5], next), page(&[6], "")]);
    assert_eq!(ids(&oldest_first.portal.messages(&id("1"), 2).await.unwrap()), ["m6", "m5"]);
    assert!(oldest_first.lines()[1].ends_with("&sort=-createdAt&after=a%20b"));

    let short_pages = Script::new([page(&[9], next), page(&[], next), page(&[8, 7], r#","paging":{}"#)]);
    assert_eq!(ids(&short_pages.portal.messages(&id("1"), 50).await.unwrap()), ["m9", "m8", "m7"]);
    let empty = Script::new([page(&[], "")]);
    assert!(empty.portal.messages(&id("1"), 50).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_to_the_customer() {
    let script = Script::of(201, SENT);
    let party = |address: Option<(&str, &str)>, name: Option<&str>| Party {
        actor: Some(ActorId::Visitor("101".into())),
        name: name.map(Into::into),
        address: address.map(|(kind, value)| DeliveryIdentifier { kind: kind.into(), value: value.into() }),
    };
    let message = OutgoingMessage {
        text: RichText { text: "Hey there".into(), html: "<p>Hey there</p>".into() },
        sender: agent(),
        recipients: vec![party(Some(("HS_EMAIL_ADDRESS", "jane@example.com")), Some("Jane")), party(None, None)],
        channel: id("1002"),
        channel_account: id("42423411"),
        subject: Some("Re: Test".into()),
        files: Vec::new(),
    };
    let sent = script.portal.send_message(&id("8243595013"), &message).await.unwrap();
    assert_eq!(sent.as_str(), "f511eb3892ba4e948b1e7ad806bde1c8");
    let expected = json!({
        "type": "MESSAGE", "text": "Hey there", "richText": "<p>Hey there</p>", "senderActorId": "A-3892666",
        "channelId": "1002", "channelAccountId": "42423411", "subject": "Re: Test", "attachments": [],
        "recipients": [{"actorId": "V-101", "name": "Jane", "recipientField": "TO",
            "deliveryIdentifiers": [{"type": "HS_EMAIL_ADDRESS", "value": "jane@example.com"}]}]
    });
    let request = script.request();
    assert_eq!(request.body, expected);
    assert_eq!(request.line, "POST /conversations/conversations/2026-09/threads/8243595013/messages");
    assert!(!format!("{message:?}").contains("Hey") && !format!("{message:?}").contains("jane"));

    let chat = OutgoingMessage {
        recipients: vec![party(Some(("CHANNEL_SPECIFIC_OPAQUE_ID", "0232")), None)],
        subject: None,
        ..message
    };
    let script = Script::of(201, SENT);
    script.portal.send_message(&id("8243595013"), &chat).await.unwrap();
    let body = script.request().body;
    assert_eq!(
        body["recipients"][0],
        json!({"actorId": "V-101", "deliveryIdentifiers": [{"type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": "0232"}]})
    );
    assert_eq!(body.get("subject"), None);
}

#[tokio::test]
async fn an_internal_comment() {
    let script = Script::of(201, COMMENT);
    let text = RichText { text: "Can you follow up?".into(), html: "<p>Can you follow up?</p>".into() };
    assert_eq!(script.portal.send_comment(&id("1"), &text).await.unwrap().as_str(), "7f0e9b0e4a5f4f0b9c55d4a0c1d2e3f4");
    let expected = json!({"type": "COMMENT", "text": "Can you follow up?", "richText": "<p>Can you follow up?</p>", "attachments": []});
    assert_eq!(script.request().body, expected);
}

#[tokio::test]
async fn assigning_in_both_families() {
    for (versions, prefix) in
        [(ApiVersions::dated(), "2026-09"), (ApiVersions::dated_beta(), "2026-09-beta"), (ApiVersions::v3(), "v3")]
    {
        let script = Script::with(versions, Duration::from_mins(1), [answer(200, THREAD), answer(204, "")]);
        script.portal.assign(&id("176347007"), &agent()).await.unwrap();
        script.portal.unassign(&id("176347007")).await.unwrap();
        let path = format!("/conversations/conversations/{prefix}/threads/176347007/assignee");
        assert_eq!(script.lines(), [format!("PUT {path}"), format!("DELETE {path}")]);
        assert_eq!(script.requests()[0].body, json!({"actorId": "A-3892666"}));
    }
}

#[tokio::test]
async fn closing_a_thread() {
    let script = Script::new([broken(), answer(200, THREAD)]);
    script.portal.close_thread(&id("176347007")).await.unwrap();
    assert_eq!(script.lines(), ["PATCH /conversations/conversations/2026-09/threads/176347007"; 2]);
    assert_eq!(script.requests()[0].body, json!({"status": "CLOSED"}));
}

#[tokio::test]
async fn actors_inboxes_and_original_content() {
    let script = Script::of(200, r#"{"id":"E-a+b@example.com","type":"EMAIL","name":"","email":"a+b@example.com"}"#);
    let actor = script.portal.actor(&ActorId::Email("a+b@example.com".into())).await.unwrap();
    assert_eq!(
        actor,
        Actor { id: ActorId::Email("a+b@example.com".into()), name: None, email: Some("a+b@example.com".into()) }
    );
    assert_eq!(script.request().line, "GET /conversations/conversations/2026-09/actors/E-a%2Bb%40example.com");
    assert!(!format!("{actor:?}").contains("example"));

    let body = r#"{"status":"COMPLETE","results":[{"id":"A-3892666","type":"AGENT","name":"Sales","email":"s@example.com"},{"id":"S-hubspot","type":"SYSTEM"}]}"#;
    let script = Script::of(207, body);
    let actors = script.portal.actors(&[agent(), ActorId::System("hubspot".into())]).await.unwrap();
    assert_eq!(actors.len(), 2);
    assert_eq!(script.request().body, json!({"inputs": ["A-3892666", "S-hubspot"]}));
    assert_eq!(Script::new([]).portal.actors(&[]).await.unwrap(), []);

    let script = Script::of(200, r#"{"id":"273071781","name":"T1","type":"HELP_DESK","archived":false}"#);
    let inbox = script.portal.inbox(&id("273071781")).await.unwrap();
    assert_eq!(inbox, Inbox { id: id("273071781"), name: "T1".into(), help_desk: true });

    let script = Script::of(200, r#"{"text":"Thanks\n> It ships today.","richText":"<div>Thanks</div>"}"#);
    let whole = script.portal.original_content(&id("1"), &id("m-2")).await.unwrap();
    assert_eq!((whole.text.as_str(), whole.html.as_str()), ("Thanks\n> It ships today.", "<div>Thanks</div>"));
    assert_eq!(
        script.request().line,
        "GET /conversations/conversations/2026-09/threads/1/messages/m-2/original-content"
    );
}
