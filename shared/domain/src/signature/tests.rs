use super::{PatternError, SenderDomain, Signature, SignaturePattern, removed_markup, signature_for, signed};
use crate::{AI_MARKER, RichText};
use jiff::Timestamp;
use proptest::prelude::*;

fn signature(pattern: &str) -> Signature {
    let updated_at = Timestamp::UNIX_EPOCH;
    Signature { pattern: SignaturePattern::parse(pattern).unwrap(), html: format!("<p>{pattern}</p>"), updated_at }
}

/// The pattern that an address gets among `patterns`.
fn check(patterns: &[&str], address: &str, expected: Option<&str>) {
    let signatures: Vec<_> = patterns.iter().map(|pattern| signature(pattern)).collect();
    let sender = SenderDomain::of_address(address).unwrap_or_else(|| panic!("{address}"));
    let found = signature_for(&signatures, &sender).map(|signature| signature.pattern.to_string());
    assert_eq!(found.as_deref(), expected, "{address} among {patterns:?}");
}

#[test]
fn a_domain_is_meant_as_it_stands_and_a_wildcard_as_an_ending() {
    check(&["open.cx"], "ada@open.cx", Some("open.cx"));
    check(&["open.cx"], "ada@mail.open.cx", None);
    check(&["open.cx"], "ada@notopen.cx", None);
    check(&["*.nl"], "ada@open.nl", Some("*.nl"));
    check(&["*.nl"], "ada@a.co.nl", Some("*.nl"));
    check(&["*.nl"], "ada@nl.com", None);
    check(&["*.nl"], "ada@fnl", None);
    check(&["*.co.uk"], "ada@shop.co.uk", Some("*.co.uk"));
    check(&["*.co.uk"], "ada@co.uk", None);
    check(&["*.open.cx"], "ada@open.cx", None);
    check(&["*.open.cx"], "ada@a.b.open.cx", Some("*.open.cx"));
    check(&["*.open.cx"], "ada@xopen.cx", None);
    check(&[], "ada@open.cx", None);
}

#[test]
fn exact_comes_before_wildcard_and_the_longest_wildcard_first() {
    check(&["*.cx", "open.cx"], "ada@open.cx", Some("open.cx"));
    check(&["*.cx", "open.cx"], "ada@shut.cx", Some("*.cx"));
    check(&["*.uk", "*.co.uk"], "ada@shop.co.uk", Some("*.co.uk"));
    check(&["*.co.uk", "*.shop.co.uk", "*.uk"], "ada@a.shop.co.uk", Some("*.shop.co.uk"));
    check(&["*.co.uk", "*.uk"], "ada@shop.org.uk", Some("*.uk"));
    check(&["*.b.example", "a.b.example"], "ada@a.b.example", Some("a.b.example"));
}

#[test]
fn case_and_script_make_no_difference() {
    check(&["OPEN.cx"], "Ada@Open.CX", Some("open.cx"));
    check(&["münchen.de"], "ada@xn--mnchen-3ya.de", Some("xn--mnchen-3ya.de"));
    check(&["xn--mnchen-3ya.de"], "ada@MÜNCHEN.de", Some("xn--mnchen-3ya.de"));
    check(&["*.рф"], "ada@почта.рф", Some("*.xn--p1ai"));
    check(&["open.cx."], "Ada <ada@open.cx>", Some("open.cx"));
    assert_eq!(SignaturePattern::parse("*.XN--P1AI").unwrap().shown(), "*.рф");
    assert_eq!(SignaturePattern::parse(" @open.cx ").unwrap().to_string(), "open.cx");
}

#[test]
fn what_is_no_pattern_says_what_is_wrong() {
    for (text, error) in [
        ("", PatternError::Empty),
        ("  ", PatternError::Empty),
        ("@", PatternError::Empty),
        ("ada@open.cx", PatternError::Address),
        ("*", PatternError::Wildcard),
        ("*.*.nl", PatternError::Wildcard),
        ("open.*", PatternError::Wildcard),
        ("*open.cx", PatternError::Wildcard),
        ("nl", PatternError::OneLabel),
        ("*.", PatternError::Domain),
        ("open..cx", PatternError::Domain),
        ("https://open.cx", PatternError::Domain),
        ("open.cx/path", PatternError::Domain),
        ("open .cx", PatternError::Domain),
        ("-open.cx", PatternError::Domain),
        ("open.cx#x", PatternError::Domain),
    ] {
        assert_eq!(SignaturePattern::parse(text), Err(error), "{text:?}");
    }
    assert!(SignaturePattern::parse(&format!("{}.cx", "a".repeat(64))).is_err());
    assert!(SignaturePattern::parse(&format!("{}cx", "abcdefgh.".repeat(29))).is_err());
}

#[test]
fn not_everything_has_a_sender_domain() {
    for address in ["", "ada", "ada@", "+49123", "ada@ö ö.de"] {
        assert_eq!(SenderDomain::of_address(address), None, "{address:?}");
    }
}

#[test]
fn a_signature_is_put_under_both_forms_once() {
    let words = RichText { text: "Hello".to_owned(), html: format!("<p>Hello</p>{AI_MARKER}") };
    let html = "<p>Kind regards,<br><b>Open</b></p>";
    let once = signed(words.clone(), html);
    assert_eq!(once.text, "Hello\n\nKind regards,\nOpen");
    assert_eq!(once.html, format!("<p>Hello</p>{AI_MARKER}<br><div>{html}</div>"));
    assert_eq!(signed(once.clone(), html), once, "words that end in it");
    assert_eq!(signed(words.clone(), " "), words);
    let picture = signed(words, "<img src=\"https://open.cx/logo.png\">");
    assert_eq!(picture.text, "Hello", "a picture has no plain form");
    assert!(picture.html.contains("logo.png"));
}

#[test]
fn what_was_taken_out_has_a_name() {
    let check = |before: &str, after: &str, gone: &[&str]| assert_eq!(removed_markup(before, after), gone, "{before}");
    check("<p>x</p><script>a()</script>", "<p>x</p>", &["script"]);
    check("<p onclick=\"a()\">x</p>", "<p>x</p>", &["onclick"]);
    check("<a href='JavaScript:a()'>x</a><iframe></iframe>", "<a>x</a>", &["iframe", "javascript:"]);
    check("<html><body><p>x</p></body></html>", "<p>x</p>", &[]);
    check("<style>p{}</style><b>x</b>", "<b>x</b>", &["style"]);
}

proptest! {
    #[test]
    fn any_text_can_be_tried(pattern in "\\PC{0,40}", address in "\\PC{0,40}") {
        if let (Ok(pattern), Some(sender)) = (SignaturePattern::parse(&pattern), SenderDomain::of_address(&address)) {
            // A pattern that was read is read again as the same one, in both of its forms.
            prop_assert_eq!(SignaturePattern::parse(&pattern.to_string()), Ok(pattern.clone()));
            let _ = pattern.matches(&sender);
        }
    }

    #[test]
    fn the_answer_does_not_depend_on_the_order(
        labels in proptest::collection::vec("[a-c]{1,2}", 2..5),
        wilds in proptest::collection::vec((0_usize..4, any::<bool>()), 1..6),
        turn in 0_usize..6,
    ) {
        let sender = SenderDomain::of_address(&format!("x@{}", labels.join("."))).unwrap();
        let ending = |from: usize| labels[from.min(labels.len() - 1)..].join(".");
        let patterns = wilds.iter().map(|(from, wild)| if *wild { format!("*.{}", ending(*from)) } else { ending(*from) });
        let patterns = patterns.filter(|pattern| SignaturePattern::parse(pattern).is_ok());
        let mut signatures: Vec<_> = patterns.map(|pattern| signature(&pattern)).collect();
        let first = signature_for(&signatures, &sender).map(|found| found.pattern.clone());
        let turn = turn % signatures.len().max(1);
        signatures.rotate_left(turn);
        let second = signature_for(&signatures, &sender).map(|found| found.pattern.clone());
        prop_assert_eq!(&first, &second);
        let exact = signatures.iter().any(|s| s.pattern.to_string() == labels.join("."));
        prop_assert!(!exact || first.is_some_and(|pattern| pattern.to_string() == labels.join(".")));
    }
}
