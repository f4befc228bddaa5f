use super::seconds_until;
use jiff::Timestamp;

#[test]
fn waits_are_rounded_up_and_no_longer_than_sqs_allows() {
    let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let check = |at: &str, seconds| assert_eq!(seconds_until(now, at.parse().unwrap()), seconds, "{at}");
    check("2026-11-20T10:00:05Z", 5);
    check("2026-11-20T10:00:05.001Z", 6);
    check("2026-11-20T09:59:00Z", 0);
    check("2026-11-20T10:15:00Z", 900);
    check("2026-11-20T13:00:00Z", 900);
}
