use super::{beside, closing_content, handoff_line};
use crate::{MAX_TEXT, Sentiment, length};
use proptest::prelude::*;

#[test]
fn closing_adds_summary_and_sentiment() {
    let check = |existing: &str, summary: Option<&str>, sentiment: Option<Sentiment>, expected: &str| {
        let once = closing_content(existing, summary, sentiment);
        assert_eq!(once, expected, "001, 004");
        assert_eq!(closing_content(&once, summary, sentiment), expected, "once, however often it is tried");
    };
    check(
        "Old text",
        Some("Found it"),
        Some(Sentiment::Happy),
        "Old text\n\nResolved by OpenCX\nSummary: Found it\nSentiment: happy",
    );
    check("", Some("Found it"), None, "Resolved by OpenCX\nSummary: Found it");
    check("Old text\n", None, Some(Sentiment::Angry), "Old text\n\nResolved by OpenCX\nSentiment: angry");
    check("Old text", Some("  "), None, "Old text\n\nResolved by OpenCX");
    check(
        "Old text\n\nOpenCX handoff s#1",
        Some("Found it"),
        None,
        "Old text\n\nResolved by OpenCX\nSummary: Found it\n\nOpenCX handoff s#1",
    );
}

#[test]
fn the_old_text_gives_way_to_the_resolution() {
    let old = format!("{}\n\nOpenCX handoff s#1", "x".repeat(MAX_TEXT - 30));
    let closed = closing_content(&old, Some("Found it"), Some(Sentiment::Happy));
    assert_eq!(length(&closed), MAX_TEXT);
    assert!(closed.ends_with("xxx…\n\nResolved by OpenCX\nSummary: Found it\nSentiment: happy\n\nOpenCX handoff s#1"));
}

#[test]
fn our_text_gives_way_to_the_reps() {
    let ours = format!("{}\n\nOpenCX handoff s#1", "o".repeat(MAX_TEXT - 30));
    assert_eq!(beside("", &ours), ours);
    let both = beside("The rep's words", &ours);
    assert_eq!(length(&both), MAX_TEXT);
    assert!(both.starts_with("The rep's words\n\nooo") && both.ends_with("oo…\n\nOpenCX handoff s#1"));
    let full = beside(&"r".repeat(MAX_TEXT), &ours);
    assert!(length(&full) <= MAX_TEXT && full.ends_with("\n\nOpenCX handoff s#1"));
    assert_eq!(beside("The rep's words", "Ours"), "The rep's words\n\nOurs");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn content_always_fits_and_can_be_found(
        old in "\\PC{0,20}", times in 0_usize..8_000, summary in "\\PC{0,20}", longer in 0_usize..8_000, key in "[a-z0-9-]{1,60}#[0-9]",
    ) {
        let line = handoff_line(&key);
        let old = format!("{}\n\n{line}", old.repeat(times));
        let closed = closing_content(&old, Some(&summary.repeat(longer)), Some(Sentiment::Neutral));
        prop_assert!(length(&closed) <= MAX_TEXT);
        // HubSpot never returns a longer one than it takes.
        prop_assert!(length(&old) > MAX_TEXT || closed.ends_with(&line));
        let both = beside(&summary.repeat(longer), &old);
        prop_assert!(length(&both) <= MAX_TEXT && both.ends_with(&line));
    }
}
