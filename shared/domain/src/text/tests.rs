use super::{MAX_TEXT, RichText, escape, is_mail_link, is_web_link, length, paragraphs, shorten, truncate};
use proptest::prelude::*;

#[test]
fn lengths_are_utf16_units() {
    let check = |text: &str, units: usize| assert_eq!(length(text), units, "{text}");
    check("", 0);
    check("abc", 3);
    check("äöü", 3);
    check("🔄", 2);
    check("👩‍👩‍👧", 8);
}

#[test]
fn cutting_never_cuts_a_character() {
    let check = |text: &str, max: usize, expected: &str| assert_eq!(truncate(text, max), expected, "{text} {max}");
    check("abc", 3, "abc");
    check("abc", 2, "ab");
    check("abc", 0, "");
    check("a🔄b", 2, "a");
    check("a🔄b", 3, "a🔄");
    check("äöü", 2, "äö");
    assert_eq!(shorten("abcdef", 4), "abc…");
    assert_eq!(shorten("abcd", 4), "abcd");
    assert_eq!(shorten("abcd", 0), "");
}

#[test]
fn links_people_may_follow() {
    let check =
        |url: &str, web: bool, mail: bool| assert_eq!((is_web_link(url), is_mail_link(url)), (web, mail), "{url}");
    check("https://app.open.cx/s/1?x=1#y", true, false);
    check("HTTP://example.com", true, false);
    check(" https://example.com ", true, false);
    check("mailto:ada@example.com", false, true);
    check("tel:+4915112345678", false, true);
    for url in [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "//example.com",
        "/relative",
        "https:",
        "https://",
        "https://a b",
        "https://a\u{0}b",
        "",
        "ß://",
    ] {
        check(url, false, false);
    }
}

#[test]
fn text_becomes_html_literally() {
    assert_eq!(escape("<a href='x' class=\"y\">&amp;"), "&lt;a href=&#39;x&#39; class=&quot;y&quot;&gt;&amp;amp;");
    assert_eq!(paragraphs("a\nb\n\n<c>"), "<p>a<br>b</p><p>&lt;c&gt;</p>");
}

#[test]
fn words_do_not_reach_a_log() {
    let words = RichText { text: "canary".to_owned(), html: "<p>canary</p>".to_owned() };
    assert!(!format!("{words:?}").contains("canary"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn truncation_keeps_a_beginning_that_fits(text in "[a-zäß€🔄👩‍👧\n]{0,400}", max in 0_usize..500) {
        let cut = truncate(&text, max);
        prop_assert!(text.starts_with(cut));
        prop_assert!(length(cut) <= max);
        let next = text[cut.len()..].chars().next();
        prop_assert!(next.is_none_or(|c| length(cut) + c.len_utf16() > max), "as long as possible");
    }

    #[test]
    fn shortening_fits_and_says_so(text in "\\PC{0,200}", max in 0_usize..300) {
        let short = shorten(&text, max);
        prop_assert!(length(&short) <= max);
        prop_assert!(short == text || short.ends_with('…') || max == 0);
    }

    #[test]
    fn long_texts_are_cut_at_the_limit(piece in "\\PC{1,8}", times in 40_000_usize..60_000) {
        let text = piece.repeat(times);
        prop_assert!(length(truncate(&text, MAX_TEXT)) <= MAX_TEXT);
    }
}
