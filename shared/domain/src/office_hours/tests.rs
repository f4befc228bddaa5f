use super::OfficeHours;
use jiff::Timestamp;
use serde_json::{Value, json};

fn amsterdam() -> Value {
    json!({
        "timezone": "Europe/Amsterdam",
        "weekly": {
            "mon": [["13:00", "17:30"], ["09:00", "12:00"]], "tue": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]],
            "sat": [["22:00", "24:00"]], "sun": [["00:00", "02:30"]],
        },
        "closed_on": ["2026-12-25"],
    })
}

fn check(at: &str, next: Option<&str>) {
    let hours: OfficeHours = serde_json::from_value(amsterdam()).unwrap();
    let (at, next) = (at.parse().unwrap(), next.map(|next| next.parse().unwrap()));
    assert_eq!(hours.next_opening(at), next, "{at}");
    assert_eq!(hours.is_open(at), next == Some(at), "{at}");
}

#[test]
fn people_are_there_when_the_clock_on_their_wall_says_so() {
    // Monday, winter time: 09:00 is 08:00 UTC.
    check("2026-11-23T07:59:59Z", Some("2026-11-23T08:00:00Z"));
    check("2026-11-23T08:00:00Z", Some("2026-11-23T08:00:00Z"));
    check("2026-11-23T10:59:59Z", Some("2026-11-23T10:59:59Z"));
    // The lunch break, and the end of the day.
    check("2026-11-23T11:00:00Z", Some("2026-11-23T12:00:00Z"));
    check("2026-11-23T16:30:00Z", Some("2026-11-24T08:00:00Z"));
    // Summer time: 09:00 is 07:00 UTC.
    check("2026-07-06T06:30:00Z", Some("2026-07-06T07:00:00Z"));
    // Wednesday and Thursday are closed.
    check("2026-11-24T16:00:00Z", Some("2026-11-27T08:00:00Z"));
    // Christmas is a Friday this year; Saturday evening follows, over midnight.
    check("2026-12-25T09:00:00Z", Some("2026-12-26T21:00:00Z"));
    check("2026-12-26T22:59:59Z", Some("2026-12-26T22:59:59Z"));
    check("2026-12-26T23:30:00Z", Some("2026-12-26T23:30:00Z"));
    check("2026-12-27T01:30:00Z", Some("2026-12-28T08:00:00Z"));
}

#[test]
fn an_opening_in_the_hour_that_is_left_out_is_the_moment_after() {
    let nights = json!({ "timezone": "Europe/Amsterdam", "weekly": { "sun": [["02:15", "02:45"]] } });
    let nights: OfficeHours = serde_json::from_value(nights).unwrap();
    // On 29 March 2026 clocks go from 02:00 to 03:00.
    let at: Timestamp = "2026-03-29T00:00:00Z".parse().unwrap();
    assert_eq!(nights.next_opening(at).unwrap().to_string(), "2026-03-29T01:15:00Z");
}

#[test]
fn an_office_that_never_opens_again_has_no_next_opening() {
    let mut closed = json!({ "timezone": "UTC", "weekly": { "mon": [["09:00", "10:00"]] }, "closed_on": [] });
    let monday: jiff::civil::Date = "2026-11-23".parse().unwrap();
    for week in 0..60 {
        let day = monday.checked_add(jiff::Span::new().weeks(week)).unwrap();
        closed["closed_on"].as_array_mut().unwrap().push(json!(day.to_string()));
    }
    let closed: OfficeHours = serde_json::from_value(closed).unwrap();
    assert_eq!(closed.next_opening("2026-11-20T09:00:00Z".parse().unwrap()), None);
}

#[test]
fn they_are_written_as_they_were_read() {
    let hours: OfficeHours = serde_json::from_value(amsterdam()).unwrap();
    let again = serde_json::to_value(&hours).unwrap();
    assert_eq!(again["weekly"]["mon"], json!([["09:00", "12:00"], ["13:00", "17:30"]]));
    assert_eq!(again["weekly"]["sat"], json!([["22:00", "24:00"]]));
    assert_eq!((&again["timezone"], &again["closed_on"]), (&json!("Europe/Amsterdam"), &json!(["2026-12-25"])));
    assert_eq!(serde_json::from_value::<OfficeHours>(again).unwrap(), hours);
}

#[test]
fn what_is_wrong_is_named() {
    let check = |field: &str, value: Value, expected: &str| {
        let mut hours = amsterdam();
        hours[field] = value;
        let error = serde_json::from_value::<OfficeHours>(hours).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    check("timezone", json!("Mars/Olympus"), "timezone: `Mars/Olympus`");
    check("weekly", json!({ "monday": [["09:00", "17:00"]] }), "weekly: `monday`");
    for (from, to) in [("17:00", "09:00"), ("9:00", "17:00"), ("09:00", "24:01"), ("09:60", "17:00"), ("+9:00", "1000")]
    {
        check("weekly", json!({ "tue": [[from, to]] }), &format!("weekly.tue: from {from} to {to}"));
    }
    check("weekly", json!({ "tue": [] }), "weekly: no day has hours");
}
