use super::{DedupKey, EventKind, HubSpotEvent};
use crate::{ActorId, ContactId, MessageId, NoteId, PortalId, ThreadId, TicketId};
use jiff::Timestamp;
use proptest::prelude::*;

const AT: i64 = 1_790_000_000_000;

fn thread() -> ThreadId {
    ThreadId::parse("176347007").unwrap()
}

fn event_at(milliseconds: i64, kind: EventKind) -> HubSpotEvent {
    let occurred_at = Timestamp::from_millisecond(milliseconds).unwrap();
    HubSpotEvent { portal: PortalId::parse("62515").unwrap(), app: None, occurred_at, kind }
}

fn event(kind: EventKind) -> HubSpotEvent {
    event_at(AT, kind)
}

fn message(id: &str) -> EventKind {
    EventKind::MessageReceived { thread: thread(), message: MessageId::parse(id).unwrap() }
}

fn assigned(to: Option<&str>) -> EventKind {
    EventKind::ThreadAssigned { thread: thread(), assignee: to.map(|to| ActorId::parse(to).unwrap()) }
}

fn property(name: &str, value: Option<&str>) -> EventKind {
    EventKind::TicketPropertyChanged {
        ticket: TicketId::parse("57774743").unwrap(),
        property: name.to_owned(),
        value: value.map(str::to_owned),
        change_source: None,
        source_id: None,
    }
}

fn merged(winner: &str, merged: &[&str]) -> EventKind {
    let ticket = |id: &str| TicketId::parse(id).unwrap();
    EventKind::TicketMerged { winner: ticket(winner), merged: merged.iter().map(|id| ticket(id)).collect() }
}

fn all() -> Vec<EventKind> {
    vec![
        message("m1"),
        EventKind::ThreadCreated { thread: thread() },
        EventKind::ThreadDeleted { thread: thread() },
        assigned(Some("A-1")),
        EventKind::ThreadStatusChanged { thread: thread(), status: "CLOSED".to_owned() },
        property("hs_pipeline_stage", Some("2")),
        EventKind::NoteCreated { note: NoteId::parse("9").unwrap() },
        EventKind::ContactPrivacyDeleted { contact: ContactId::parse("1401").unwrap() },
        EventKind::ThreadPrivacyDeleted { thread: thread() },
        merged("1", &["2"]),
        merged("1", &["3"]),
        merged("2", &["3"]),
        EventKind::TicketDeleted { ticket: TicketId::parse("57774743").unwrap() },
    ]
}

#[test]
fn the_same_event_has_the_same_key() {
    let check = |rule: &str, one: HubSpotEvent, other: HubSpotEvent, same: bool| {
        assert_eq!(one.dedup_key() == other.dedup_key(), same, "{rule}");
    };
    check("a message is its id, whenever it is sent", event(message("m1")), event_at(AT + 5, message("m1")), true);
    check("another message", event(message("m1")), event(message("m2")), false);
    let elsewhere = HubSpotEvent { portal: PortalId::parse("1").unwrap(), ..event(message("m1")) };
    check("scoped, here to the portal", event(message("m1")), elsewhere, false);
    let by_another_app = HubSpotEvent { app: Some(crate::AppId::parse("2").unwrap()), ..event(message("m1")) };
    check("two apps during a migration tell of one event", event(message("m1")), by_another_app, true);
    check("another assignee", event(assigned(Some("A-1"))), event(assigned(Some("A-2"))), false);
    check("unassigned", event(assigned(Some("A-1"))), event(assigned(None)), false);
    check("assigned again later", event(assigned(Some("A-1"))), event_at(AT + 1, assigned(Some("A-1"))), false);
    check("another property", event(property("a", Some("1"))), event(property("b", Some("1"))), false);
    check("another value", event(property("a", Some("1"))), event(property("a", Some("2"))), false);
    check("changed again later", event(property("a", Some("1"))), event_at(AT + 1, property("a", Some("1"))), false);
    check("null and empty are both no value", event(property("a", None)), event(property("a", Some(""))), true);
}

#[test]
fn different_kinds_never_share_a_key() {
    let keys: std::collections::BTreeSet<DedupKey> = all().into_iter().map(|kind| event(kind).dedup_key()).collect();
    assert_eq!(keys.len(), all().len());
}

#[test]
fn events_are_stored_as_they_came() {
    for kind in all() {
        let event = event(kind);
        let stored = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<HubSpotEvent>(&stored).unwrap(), event, "{stored}");
    }
}

#[test]
fn ownership_does_not_wait_behind_an_answer() {
    let check = |kind: EventKind, group: &str, name: &str| {
        let event = event(kind);
        assert_eq!((event.queue_group().as_str(), event.kind.name()), (group, name));
    };
    let expected = [
        ("62515:thread:176347007", "conversation.newMessage"),
        ("62515:thread:176347007", "conversation.creation"),
        ("62515:thread:176347007", "conversation.deletion"),
        ("62515:owner:176347007", "conversation.propertyChange"),
        ("62515:thread:176347007", "conversation.propertyChange"),
        ("62515:ticket:57774743", "ticket.propertyChange"),
        ("62515:note:9", "object.creation"),
        ("62515:contact:1401", "contact.privacyDeletion"),
        ("62515:thread:176347007", "conversation.privacyDeletion"),
        ("62515:ticket:1", "ticket.merge"),
        ("62515:ticket:1", "ticket.merge"),
        ("62515:ticket:2", "ticket.merge"),
        ("62515:ticket:57774743", "ticket.deletion"),
    ];
    for (kind, (group, name)) in all().into_iter().zip(expected) {
        check(kind, group, name);
    }
    assert_eq!(property("a", None).ticket().map(TicketId::as_str), Some("57774743"));
    assert_eq!((property("a", None).thread(), message("m").ticket()), (None, None));
    assert_eq!(message("m").thread(), Some(&thread()));
}

/// The digest was computed with `sha256sum` over `org_1#message:62515:m1`.
#[test]
fn the_digest_is_the_keys_sha256_within_its_organization() {
    let key = event(message("m1")).dedup_key();
    assert_eq!(key.to_string(), "message:62515:m1");
    assert_eq!(key.digest("org_1"), "b06efb123dbbf80d1d2e9370b034349de3c965ddf89c381daa355fce5e33fd69");
    assert_ne!(key.digest("org_1"), key.digest("org_2"), "scoped to the organization");
}

#[test]
fn values_do_not_reach_a_log() {
    let shown =
        format!("{:?} {:?}", event(property("subject", Some("canary"))), event(assigned(Some("E-canary@example.com"))));
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("57774743") && shown.contains("ticket.propertyChange"));
}

proptest! {
    #[test]
    fn keys_are_short_printable_and_without_peoples_words(
        id in "[A-Za-z0-9-]{1,200}", portal in "[0-9]{1,12}", value in "\\PC{20,400}", name in "\\PC{1,400}", at in 0_i64..4_000_000_000_000,
    ) {
        let ticket = TicketId::parse(&id).unwrap();
        let kind = EventKind::TicketPropertyChanged { ticket, property: name, value: Some(value.clone()), change_source: None, source_id: None };
        let event = HubSpotEvent { portal: PortalId::parse(&portal).unwrap(), ..event_at(at, kind) };
        let key = event.dedup_key();
        prop_assert!(key.as_str().len() < 500 && key.as_str().bytes().all(|b| b.is_ascii_graphic()));
        prop_assert!(!key.as_str().contains(&value));
        prop_assert!(key.digest("org_1").len() == 64 && key.digest("org_1").bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
        prop_assert_eq!(DedupKey::from_stored(key.as_str()), key);
    }

    #[test]
    fn two_values_at_one_moment_are_two_events(one in "\\PC{0,40}", other in "\\PC{0,40}") {
        let same = event(property("a", Some(&one))).dedup_key() == event(property("a", Some(&other))).dedup_key();
        prop_assert_eq!(same, one == other);
    }
}
