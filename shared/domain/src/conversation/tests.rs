use super::{Attachment, Client, DeliveryIdentifier, Message, MessageKind, Party};
use crate::{ActorId, MessageId, ThreadId};

#[test]
fn names_addresses_and_words_do_not_reach_a_log() {
    let canary = || Some("canary".to_owned());
    let party = Party {
        actor: Some(ActorId::Email("canary@example.com".to_owned())),
        name: canary(),
        address: Some(DeliveryIdentifier {
            kind: "HS_EMAIL_ADDRESS".to_owned(),
            value: "canary@example.com".to_owned(),
        }),
    };
    let attachment = Attachment { name: canary(), url: canary(), file_id: Some("1".to_owned()) };
    let message = Message {
        id: MessageId::parse("m1").unwrap(),
        thread: ThreadId::parse("t1").unwrap(),
        kind: MessageKind::Assignment { to: party.actor.clone() },
        created_at: "2026-11-20T10:00:00Z".parse().unwrap(),
        created_by: party.actor.clone(),
        client: Client::Unknown,
        direction: None,
        senders: vec![party.clone()],
        recipients: vec![party.clone()],
        text: "canary".to_owned(),
        rich_text: canary(),
        subject: canary(),
        channel: None,
        channel_account: None,
        truncated: false,
        failed: canary(),
        attachments: vec![attachment.clone()],
        archived: false,
    };
    let shown = format!("{message:?} {party:?} {attachment:?} {:?}", party.address);
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("m1") && shown.contains("t1"));
}
