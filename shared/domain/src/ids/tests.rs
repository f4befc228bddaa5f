use super::{ActorId, MessageId, SessionId, ThreadId};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn ids_fit_into_keys_and_paths() {
    let check = |text: &str, good: bool| assert_eq!(SessionId::parse(text).is_ok(), good, "{text:?}");
    check("5f0c1f6e-2f0a-4c8e-9a51-0d3c5c7f9a10", true);
    check("0c9b86b11210479eb1ae193ec5add0b7", true);
    check("a", true);
    check(&"a".repeat(200), true);
    check(&"a".repeat(201), false);
    for bad in ["", " ", "a b", "a/b", "a#1", "a\n", "\u{0}", "ä", "🔄", "\u{a0}"] {
        check(bad, false);
    }
    assert_eq!(SessionId::parse("").unwrap_err().to_string(), "no valid session id: it is empty");
}

#[test]
fn ids_are_strings_outside_and_read_from_numbers_too() {
    let check = |json: serde_json::Value, expected: Option<&str>| {
        assert_eq!(
            serde_json::from_value::<ThreadId>(json.clone()).ok().as_ref().map(ThreadId::as_str),
            expected,
            "{json}"
        );
    };
    check(json!("176347007"), Some("176347007"));
    check(json!(176_347_007), Some("176347007"));
    check(json!(u64::MAX), Some("18446744073709551615"));
    for bad in [json!(-1), json!(1.5), json!(null), json!(true), json!([1]), json!("a/b"), json!("")] {
        check(bad, None);
    }
    assert_eq!(serde_json::to_value(ThreadId::parse("1").unwrap()).unwrap(), json!("1"));
}

#[test]
fn actors_by_their_prefix() {
    let check = |text: &str, expected: ActorId| {
        let actor = ActorId::parse(text).unwrap();
        assert_eq!(actor, expected, "{text}");
        assert_eq!(actor.to_string(), text);
    };
    check("A-3892666", ActorId::Agent("3892666".to_owned()));
    check("B-1", ActorId::Bot("1".to_owned()));
    check("E-ada-b@example.com", ActorId::Email("ada-b@example.com".to_owned()));
    check("I-55", ActorId::Integration("55".to_owned()));
    check("L-1", ActorId::Llm("1".to_owned()));
    check("S-hubspot", ActorId::System("hubspot".to_owned()));
    check("V-1401", ActorId::Visitor("1401".to_owned()));
    for other in ["X-1", "A", "A-", "-", "1", "a-1"] {
        check(other, ActorId::Other(other.to_owned()));
    }
    for bad in ["", "A-\n", &"A".repeat(321)] {
        assert!(ActorId::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn users_as_forms_and_events_write_them() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(ActorId::parse_user(text).ok().as_ref().and_then(ActorId::user_id), expected, "{text}");
    };
    check("A-12345", Some("12345"));
    check("12345", Some("12345"));
    check(" 12345 ", Some("12345"));
    check("L-1", None);
    check("", None);
    check("123456789012345678901", None);
}

#[test]
fn addresses_do_not_reach_a_log() {
    for actor in ["E-canary@example.com", "canary@example.com", "Z-canary"] {
        assert!(!format!("{:?}", ActorId::parse(actor).unwrap()).contains("canary"));
    }
    assert_eq!(format!("{:?}", ActorId::parse("A-7").unwrap()), "ActorId(A-7)");
}

proptest! {
    #[test]
    fn an_id_that_parses_is_the_text(text in "\\PC{0,220}") {
        if let Ok(id) = MessageId::parse(&text) {
            prop_assert_eq!(id.as_str(), &text);
            prop_assert!(text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b'#'));
            let stored = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<MessageId>(&stored).unwrap(), id);
        }
    }

    #[test]
    fn actors_are_stored_as_they_came(text in "[ABEILSVX]?-?[a-z0-9@.-]{0,40}") {
        if let Ok(actor) = ActorId::parse(&text) {
            prop_assert_eq!(actor.to_string(), text);
            let stored = serde_json::to_string(&actor).unwrap();
            prop_assert_eq!(serde_json::from_str::<ActorId>(&stored).unwrap(), actor);
        }
    }
}
