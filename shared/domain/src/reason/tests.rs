use super::{HandoffReason, PLAIN, Reason};

#[test]
fn every_word_of_the_contract_is_a_reason() {
    let contract = "duplicate automated_sender auto_reply answered_by_human not_delivered wrong_portal not_enabled inbox_excluded \
        bot_sender own_message comment welcome_message not_ai_owner handed_off paused ticketing_disabled empty_property_value echo \
        stale_change unlinked_ticket unlinked_note stale_url unknown_portal not_connected reconnect_required hubspot_rejected \
        hubspot_unavailable opencx_unavailable poison missing_scope:crm.objects.owners.read";
    for word in contract.split_whitespace() {
        let reason: Reason = word.parse().unwrap();
        assert_eq!(reason.to_string(), word);
        assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{word}\""));
        assert_eq!(serde_json::from_str::<Reason>(&format!("\"{word}\"")).unwrap(), reason);
    }
    assert_eq!(PLAIN.len() + 1, contract.split_whitespace().count());
}

#[test]
fn every_reason_says_why_in_words_for_people() {
    let scope = Reason::MissingScope("crm.objects.owners.read".to_owned());
    let mut seen = std::collections::BTreeSet::new();
    for reason in PLAIN.iter().map(|(_, reason)| reason).chain([&scope]) {
        let why = reason.why();
        assert!(why.len() > 20 && why.ends_with('.') && why.starts_with(char::is_uppercase), "{reason}: {why}");
        assert!(!why.contains('_'), "{reason} speaks code: {why}");
        assert!(seen.insert(why), "{reason} says what another one says");
    }
    assert!(scope.why().contains("crm.objects.owners.read") && scope.can_be_mended());
    assert!(!Reason::OwnMessage.can_be_mended());
}

#[test]
fn other_words_are_no_reasons() {
    for word in ["", "Duplicate", "missing_scope", "missing_scope:", "poison "] {
        assert!(word.parse::<Reason>().is_err(), "{word}");
    }
}

#[test]
fn every_code_of_opencx_is_a_handoff_reason() {
    let check = |code: &str, known: bool| {
        let reason = HandoffReason::from(code.to_owned());
        assert_eq!(!matches!(reason, HandoffReason::Other(_)), known, "{code}");
        assert_eq!(reason.to_string(), code);
        assert_eq!(serde_json::to_value(&reason).unwrap(), code);
        assert_eq!(serde_json::from_value::<HandoffReason>(code.into()).unwrap(), reason);
    };
    for code in [
        "based_on_instructions",
        "instructions_not_clear",
        "insufficient_knowledge",
        "insufficient_tools",
        "prohibited_topic",
        "user_requested_human_assistance",
    ] {
        check(code, true);
    }
    check("a_new_one", false);
}
