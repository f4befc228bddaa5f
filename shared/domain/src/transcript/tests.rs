use super::{NamedFile, TicketText, TranscriptLine, ticket_text};
use crate::{MAX_TEXT, length, note_text};
use proptest::prelude::*;

const KEY: &str = "5f0c#1";

fn line(sender: &str, name: Option<&str>, text: &str) -> TranscriptLine {
    let at = Some("2026-11-20T10:00:00Z".parse().unwrap());
    TranscriptLine {
        sender: sender.to_owned(),
        name: name.map(str::to_owned),
        text: text.to_owned(),
        at,
        attachments: Vec::new(),
    }
}

fn check(summary: &str, transcript: &[TranscriptLine], expected: &str) {
    let text = ticket_text(summary, transcript, KEY, MAX_TEXT);
    assert_eq!((text.content.as_str(), text.notes.len()), (expected, 0));
}

#[test]
fn summary_then_transcript_oldest_first() {
    let lines = [
        line("contact", Some("Ada"), "Where is it?"),
        line("ai", None, "On its way."),
        line("agent", Some("Sam"), "Hi\nAda"),
        line("bot", None, "x"),
    ];
    check(
        "Parcel lost",
        &lines,
        "Parcel lost\n\nTranscript\n[2026-11-20 10:00:00 UTC] Customer (Ada): Where is it?\n[2026-11-20 10:00:00 UTC] AI: On its way.\n\
         [2026-11-20 10:00:00 UTC] Agent (Sam): Hi\nAda\n[2026-11-20 10:00:00 UTC] bot: x\n\nOpenCX handoff 5f0c#1",
    );
    let timeless = TranscriptLine { at: None, ..line("contact", None, " hello\r\nthere\u{0} ") };
    check("", &[timeless, line("ai", None, "  ")], "Transcript\nCustomer: hello\nthere\n\nOpenCX handoff 5f0c#1");
    check("Parcel lost", &[], "Parcel lost\n\nOpenCX handoff 5f0c#1");
    check("", &[], "OpenCX handoff 5f0c#1");
}

#[test]
fn a_line_reads_the_contracts_form() {
    let read: TranscriptLine = serde_json::from_str(
        r#"{"sender":"contact","name":null,"text":"canary","at":"2026-11-20T10:00:00Z","more":1}"#,
    )
    .unwrap();
    assert_eq!(read, line("contact", None, "canary"));
    assert!(
        !format!("{read:?}{:?}", ticket_text("canary", std::slice::from_ref(&read), KEY, MAX_TEXT)).contains("canary")
    );
    assert_eq!(serde_json::from_str::<TranscriptLine>("{}").unwrap().text, "");
}

/// What reps can read of it all, in order, without headings and line ends.
fn readable(text: &TicketText) -> String {
    let (content, _) = text.content.split_once("\n\nThe rest is in the notes of this ticket.").unwrap();
    let notes = text.notes.iter().map(|note| note_text(note).split_once('\n').unwrap().1.to_owned());
    std::iter::once(content.to_owned()).chain(notes).collect::<String>().split_whitespace().collect()
}

fn assert_bounds(text: &TicketText) {
    assert!(length(&text.content) <= MAX_TEXT, "content {}", length(&text.content));
    assert!(text.content.ends_with("\n\nOpenCX handoff 5f0c#1"));
    for note in &text.notes {
        assert!(length(note) <= MAX_TEXT, "note {}", length(note));
        assert!(!note.contains("<script"));
    }
}

#[test]
fn what_does_not_fit_is_in_the_notes() {
    let said = "Grüße 👩‍👩‍👧 \"quoted\" <script>alert('1')</script> & more";
    let lines: Vec<_> = (0..5_000).map(|number| line("contact", None, &format!("{number} {said}"))).collect();
    let text = ticket_text("Parcel lost", &lines, KEY, MAX_TEXT);
    assert_bounds(&text);
    assert!(text.content.contains("\n\nThe rest is in the notes of this ticket.\n\n"));
    assert!((5..=12).contains(&text.notes.len()), "{} notes", text.notes.len());
    assert!(
        text.notes[0]
            .starts_with(&format!("<p><b>OpenCX handoff 5f0c#1, continued (1 of {})</b></p>", text.notes.len()))
    );
    let all = readable(&text);
    let mut expected = String::new();
    for line in &lines {
        expected.extend(["[2026-11-20 10:00:00 UTC] Customer: ", &line.text]);
    }
    assert_eq!(
        all,
        format!("ParcellostTranscript{}", expected.split_whitespace().collect::<String>()),
        "the full transcript"
    );
}

#[test]
fn one_endless_line_and_an_endless_summary_are_kept_whole() {
    let endless = "👩‍👧".repeat(40_000);
    for (summary, lines) in [("s", vec![line("ai", None, &endless)]), (endless.as_str(), vec![line("ai", None, "x")])] {
        let text = ticket_text(summary, &lines, KEY, MAX_TEXT);
        assert_bounds(&text);
        assert!(readable(&text).contains(&endless));
    }
}

#[test]
fn the_last_character_that_fits_needs_no_note() {
    let room = MAX_TEXT - length("\n\nOpenCX handoff 5f0c#1");
    let check = |units: usize, notes: usize| {
        assert_eq!(ticket_text(&"s".repeat(units), &[], KEY, MAX_TEXT).notes.len(), notes, "{units}");
    };
    check(room, 0);
    check(room + 1, 1);
}

#[test]
fn a_monstrous_key_does_not_break_the_bounds() {
    let text = ticket_text(&"s".repeat(MAX_TEXT), &[], &"\"".repeat(MAX_TEXT), MAX_TEXT);
    assert!(length(&text.content) <= MAX_TEXT && text.notes.iter().all(|note| length(note) <= MAX_TEXT));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn transcripts_of_300_000_characters_keep_all_bounds(
        words in prop::collection::vec("[a-zß🔄👩‍👧<>&\"'\n ]{1,60}", 1..20), size in 100_000_usize..300_000, summary in "\\PC{0,2000}",
    ) {
        let mut lines = Vec::new();
        let mut total = 0;
        for word in words.iter().cycle() {
            let text = word.repeat(50);
            total += text.chars().count();
            lines.push(line("contact", Some("Ada"), &text));
            if total >= size {
                break;
            }
        }
        let text = ticket_text(&summary, &lines, KEY, MAX_TEXT);
        assert_bounds(&text);
        let last = lines.iter().rfind(|line| !line.text.trim().is_empty());
        if let (Some(last), true) = (last, !text.notes.is_empty()) {
            let words: String = last.text.split_whitespace().collect();
            prop_assert!(readable(&text).ends_with(&words), "the newest words are there");
        }
    }
}

#[test]
fn what_a_tickets_own_words_leave_no_room_for_is_in_the_notes() {
    let lines: Vec<TranscriptLine> = (0..40).map(|n| line("contact", None, &format!("message number {n}"))).collect();
    for room in [0, 10, 1_000] {
        let text = ticket_text("Parcel lost", &lines, KEY, room);
        assert!(length(&text.content) <= room.max(200), "{room}");
        let kept = format!("{}{}", text.content, text.notes.join(""));
        assert!((0..40).all(|n| kept.contains(&format!("message number {n}"))), "{room}: {kept}");
    }
}

#[test]
fn files_are_named_after_the_words() {
    let named = |name: &str, url: Option<&str>, kind: Option<&str>| NamedFile {
        name: Some(name.to_owned()),
        url: url.map(str::to_owned),
        mime_type: kind.map(str::to_owned),
    };
    let cases = [
        (named("a.PNG", None, None), "[Image: a.PNG]"),
        (named("scan", Some("https://f.example/1"), Some("image/webp")), "[Image: scan https://f.example/1]"),
        (named("bill.pdf", Some("https://f.example/2"), None), "[File: bill.pdf https://f.example/2]"),
        (named("x", Some("javascript:alert(1)"), None), "[File: x]"),
        (NamedFile::default(), "[File: without a name]"),
    ];
    for (file, expected) in cases {
        assert_eq!(file.named(), expected);
    }
    let files = TranscriptLine { attachments: vec![named("a.png", None, None)], ..line("contact", None, "") };
    check("", &[files], "Transcript\n[2026-11-20 10:00:00 UTC] Customer: [Image: a.png]\n\nOpenCX handoff 5f0c#1");
}
