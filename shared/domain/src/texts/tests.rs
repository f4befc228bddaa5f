use super::{HandoffNotice, agent_reply, ai_draft, ai_reply, failure_comment, handoff_comment, ticket_subject};
use crate::{
    AI_MARKER, HANDOFF_MARKER, HandoffReason, MAX_TEXT, Reason, RichText, Sentiment, SessionId, TicketId, length,
    note_text,
};
use proptest::prelude::*;

#[test]
fn the_markers_are_byte_exact() {
    assert_eq!(AI_MARKER, "<!-- OpenCX-AI-Response -->");
    assert_eq!(HANDOFF_MARKER.as_bytes(), b"\xF0\x9F\x94\x84 AI decided to handoff");
}

#[test]
fn a_ticket_is_named_after_the_summarys_first_line() {
    let check = |number: Option<&str>, summary: &str, expected: &str| {
        assert_eq!(ticket_subject(number, summary), expected, "{summary}");
    };
    check(Some("4521"), "Parcel lost\nThe customer …", "[#4521] Parcel lost");
    check(Some("#4521"), "Parcel lost", "[#4521] Parcel lost");
    check(None, "\n  Parcel \t lost \n", "Parcel lost");
    check(Some(" "), "Parcel lost", "Parcel lost");
    check(Some("4521"), "", "[#4521] Conversation handed off by OpenCX");
    check(None, " \n ", "Conversation handed off by OpenCX");
    let long = ticket_subject(Some("4521"), &"🔄".repeat(300));
    assert!(long.starts_with("[#4521] 🔄") && long.ends_with('…') && length(&long) <= 255);
}

struct Told<'a> {
    reason: HandoffReason,
    text: Option<&'a str>,
    sentiment: Option<Sentiment>,
    language: Option<&'a str>,
    url: Option<&'a str>,
}

fn comment(told: &Told<'_>) -> RichText {
    let (session, ticket) = (SessionId::parse("5f0c").unwrap(), TicketId::parse("1145814089").unwrap());
    let notice = HandoffNotice {
        reason_code: &told.reason,
        reason_text: told.text,
        sentiment: told.sentiment,
        language: told.language,
        session_url: told.url,
        session: &session,
        ticket: Some(&ticket),
        channel_note: Some("answer in the OpenCX inbox"),
    };
    assert!(!format!("{notice:?}").contains("canary"));
    handoff_comment(&notice)
}

#[test]
fn the_handoff_comment_says_what_reps_need() {
    let said = comment(&Told {
        reason: HandoffReason::UserRequestedHumanAssistance,
        text: Some("wants a person"),
        sentiment: Some(Sentiment::Angry),
        language: Some("en"),
        url: Some("https://app.open.cx/s/5f0c"),
    });
    let expected = "🔄 AI decided to handoff\nReason: wants a person (user requested human assistance)\nSentiment: angry\nLanguage: en\n\
        Ticket: 1145814089\nChannel: answer in the OpenCX inbox\nOpenCX session: https://app.open.cx/s/5f0c";
    assert_eq!(said.text, expected, "004");
    assert_eq!(note_text(&said.html), expected, "both forms say the same");
    assert!(said.html.contains("<a href=\"https://app.open.cx/s/5f0c\">"), "the link can be clicked");
}

#[test]
fn the_handoff_comment_says_only_what_is_known_and_safe() {
    let bare = Told {
        reason: HandoffReason::Other("new_code".to_owned()),
        text: None,
        sentiment: None,
        language: None,
        url: None,
    };
    let said = comment(&bare);
    assert!(
        said.text.starts_with("🔄 AI decided to handoff\nReason: new code\n")
            && said.text.ends_with("OpenCX session: 5f0c")
    );
    for url in ["javascript:alert(1)", "https://a b", "ftp://x", ""] {
        let said = comment(&Told { url: Some(url), ..bare_again() });
        assert!(!said.html.contains("href") && said.text.ends_with("OpenCX session: 5f0c"), "{url}");
    }
    let said = comment(&Told {
        text: Some("canary <script>alert(1)</script>"),
        url: Some("https://x/\"onclick=\"y"),
        ..bare_again()
    });
    assert!(!said.html.contains("<script") && !said.html.contains("\"onclick"), "{}", said.html);
    let long = "x".repeat(2 * MAX_TEXT);
    assert!(length(&comment(&Told { text: Some(&long), ..bare_again() }).html) < MAX_TEXT);
}

fn bare_again() -> Told<'static> {
    Told { reason: HandoffReason::InsufficientTools, text: None, sentiment: None, language: None, url: None }
}

#[test]
fn the_ais_words() {
    let check = |text: &str, html: Option<&str>, expected: (&str, &str)| {
        let said = ai_reply(text, html);
        assert_eq!(
            (said.text.as_str(), said.html.as_str()),
            (expected.0, format!("{}{AI_MARKER}", expected.1).as_str()),
            "{text}"
        );
    };
    check("It **ships** today.", None, ("It **ships** today.", "<p>It <strong>ships</strong> today.</p>"));
    check("It ships", Some("<p>It <i onclick=x>ships</i></p>"), ("It ships", "<p>It <i>ships</i></p>"));
    check("", Some("<p>It ships</p>"), ("It ships", "<p>It ships</p>"));
    check("It ships", Some("<script>x</script>"), ("It ships", "<p>It ships</p>"));
    check("It ships", Some(""), ("It ships", "<p>It ships</p>"));
}

#[test]
fn a_draft_says_that_it_is_one() {
    let draft = ai_draft("It **ships** <script>x</script>");
    assert!(
        draft.text.starts_with("AI draft (not sent to the customer)") && draft.text.contains("It **ships**"),
        "004"
    );
    assert!(
        draft.html.ends_with(AI_MARKER)
            && draft.html.contains("<strong>ships</strong>")
            && !draft.html.contains("<script"),
        "004"
    );
}

#[test]
fn a_persons_words_are_as_they_were_typed() {
    let check = |text: &str, html: Option<&str>, signed: Option<&str>, expected: (&str, &str)| {
        let said = agent_reply(text, html, signed);
        assert_eq!((said.text.as_str(), said.html.as_str()), expected, "{text}");
        assert!(!said.html.contains(AI_MARKER));
    };
    check("2 * 3 * 4\n# no heading", None, None, ("2 * 3 * 4\n# no heading", "<p>2 * 3 * 4<br># no heading</p>"));
    check("Hello", None, Some("Sam <b>"), ("Sam <b>: Hello", "<p><b>Sam &lt;b&gt;:</b></p><p>Hello</p>"));
    check(
        "Hello",
        Some("<b>Hello</b><img src=x onerror=y>"),
        Some("Sam"),
        ("Sam: Hello", "<p><b>Sam:</b></p><b>Hello</b>"),
    );
    check("a <script>x</script>", None, Some(" "), ("a <script>x</script>", "<p>a &lt;script&gt;x&lt;/script&gt;</p>"));
}

#[test]
fn a_failure_is_told_in_words() {
    let check = |reason: &Reason, words: &str| {
        let said = failure_comment(reason);
        assert!(
            said.text.starts_with("OpenCX could not answer this message: ") && said.text.contains(words),
            "{}",
            said.text
        );
        assert!(said.html.ends_with(AI_MARKER));
        assert_eq!(note_text(&said.html), said.text);
    };
    check(&Reason::HubspotUnavailable, "HubSpot could not be reached");
    check(&Reason::OpencxUnavailable, "OpenCX could not be reached");
    check(&Reason::MissingScope("crm.objects.owners.read".to_owned()), "crm.objects.owners.read");
    check(&Reason::ReconnectRequired, "connected again");
    check(&Reason::HubspotRejected, "refused");
    check(&Reason::Poison, "poison");
}

proptest! {
    #[test]
    fn a_subject_always_fits(number in "\\PC{0,300}", summary in "\\PC{0,400}") {
        let subject = ticket_subject(Some(&number), &summary);
        prop_assert!(length(&subject) <= 255 && !subject.contains('\n') && !subject.is_empty());
    }
}
