use super::{PropertyChange, judge_note, judge_property_change};
use crate::{Reason, Settings};
use jiff::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn check(
    rule: &str,
    ticketing_enabled: bool,
    change: impl FnOnce(&mut PropertyChange<'_>),
    expected: &Result<&str, Reason>,
) {
    let settings = Settings { ticketing_enabled, ..Settings::default() };
    let mut subject = PropertyChange {
        value: Some("3"),
        occurred_at: at(10),
        by_our_app: false,
        settings: &settings,
        linked: true,
        agreed: Some("1"),
        last_change_at: Some(at(9)),
    };
    change(&mut subject);
    assert_eq!(judge_property_change(&subject), *expected, "{rule}");
}

#[test]
fn every_rule_of_ticket_property_changes() {
    check("the property is synced", true, |_| {}, &Ok("3"));
    check("reps' changes flow back", true, |c| c.agreed = None, &Ok("3"));
    check("the first change of a property", true, |c| c.last_change_at = None, &Ok("3"));
    check("ticketing is disabled", false, |_| {}, &Err(Reason::TicketingDisabled));
    check("the value is null", true, |c| c.value = None, &Err(Reason::EmptyPropertyValue));
    check("the value is an empty string", true, |c| c.value = Some(""), &Err(Reason::EmptyPropertyValue));
    check("disabled counts before empty", false, |c| c.value = None, &Err(Reason::TicketingDisabled));
    check("no associated session", true, |c| c.linked = false, &Err(Reason::UnlinkedTicket));
    check("our own write", true, |c| c.by_our_app = true, &Err(Reason::Echo));
    check("the agreed value", true, |c| c.agreed = Some("3"), &Err(Reason::Echo));
    check("the agreed value in another notation", true, |c| c.agreed = Some("3.0"), &Err(Reason::Echo));
    check("an older change", true, |c| c.last_change_at = Some(at(11)), &Err(Reason::StaleChange));
    check("a change of the same moment", true, |c| c.last_change_at = Some(at(10)), &Ok("3"));
}

#[test]
fn texts_that_are_no_numbers_are_compared_as_texts() {
    check("odd numbers", true, |c| (c.agreed, c.value) = (Some("NaN"), Some("nan")), &Ok("nan"));
    check("odd numbers", true, |c| (c.agreed, c.value) = (Some("inf"), Some("infinity")), &Ok("infinity"));
}

#[test]
fn notes_of_synced_tickets_are_mirrored() {
    let check = |linked, ours, expected| assert_eq!(judge_note(linked, ours), expected, "linked {linked}, ours {ours}");
    check(true, false, Ok(()));
    check(false, false, Err(Reason::UnlinkedNote));
    check(true, true, Err(Reason::OwnMessage));
    check(false, true, Err(Reason::OwnMessage));
}

#[test]
fn values_do_not_reach_a_log() {
    let settings = Settings::default();
    let change = PropertyChange {
        value: Some("canary"),
        occurred_at: at(0),
        by_our_app: false,
        settings: &settings,
        linked: true,
        agreed: Some("canary"),
        last_change_at: None,
    };
    assert!(!format!("{change:?}").contains("canary"));
}
