use super::{close_name, expression, name};
use domain::{OrgId, SessionId};
use flows::PendingClose;
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn times_are_rounded_up_and_never_in_the_past() {
    let now = at("2026-11-20T10:00:00Z");
    let check = |wanted: &str, expected: &str| assert_eq!(expression(now, at(wanted)), expected);
    check("2026-11-20T10:00:15Z", "at(2026-11-20T10:00:15)");
    check("2026-11-20T10:00:15.001Z", "at(2026-11-20T10:00:16)");
    check("2026-11-20T09:59:00Z", "at(2026-11-20T10:00:01)");
    check("2026-11-20T10:00:00.2Z", "at(2026-11-20T10:00:01)");
}

#[test]
fn names_are_the_same_for_the_same_thing_and_fit() {
    assert_eq!(name("return", "org#key"), name("return", "org#key"));
    assert_ne!(name("return", "org#key"), name("return", "org#other"));
    let close = |attempt| PendingClose {
        org: OrgId::parse("org_1").unwrap(),
        session: SessionId::parse("s").unwrap(),
        lifecycle_epoch: 3,
        attempt,
    };
    assert_ne!(close_name(&close(0)), close_name(&close(1)));
    assert!(close_name(&close(1000)).len() <= 64);
}
