use super::{normalised, note_text, without_tags};
use proptest::prelude::*;

#[test]
fn html_as_plain_text() {
    let check = |html: &str, expected: &str| assert_eq!(note_text(html), expected, "{html}");
    check("hello", "hello");
    check("<div>hi yes hello</div>", "hi yes hello");
    check("<div dir=\"ltr\">a<br>b</div><p>c</p>", "a\nb\nc");
    check("<ul><li>one</li><li>two</li></ul>", "one\ntwo");
    check(
        "a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#x27; &nbsp;f &hellip; &unknown; &",
        "a & b <c> \"d\" 'e'  f … &unknown; &",
    );
    check("<style>p { color: red }</style><p>a</p><script>alert('</p>')</script>b", "a\nb");
    check("<SCRIPT>x</SCRIPT >b", "b");
    check("<script>never ends", "");
    check("<!-- OpenCX-AI-Response -->a<!-- unclosed", "a");
    check("<!DOCTYPE html><html><head><title>t</title></head><body>b</body></html>", "t\nb");
    check("1 < 2 and <b>3</b> > 2", "1 < 2 and 3 > 2");
    check("<img alt=\"a > b\" src=x onerror=alert(1)>c", "c");
    check("a <b unclosed", "a <b unclosed");
    check("&lt;script&gt;", "<script>");
    check("&#0;&#xD800;&#99999999;", "\0&#xD800;&#99999999;");
    check("", "");
}

#[test]
fn the_same_words_are_the_same() {
    let check =
        |one: &str, other: &str, same: bool| assert_eq!(normalised(one) == normalised(other), same, "{one} / {other}");
    check("Hello  world", "<p>Hello\nworld</p>", true);
    check("Hello\u{a0}world", "Hello&nbsp;world", true);
    check("a & b", "a &amp; b", true);
    check("<p>a</p><!-- OpenCX-AI-Response -->", "a", true);
    check("a", "b", false);
    check("ab", "a b", false);
}

#[test]
fn only_real_tags_leave_plain_text() {
    let check = |text: &str, expected: &str| assert_eq!(without_tags(text), expected, "{text}");
    check("<b>bold</b> and List<String>", "bold and List<String>");
    check("<https://example.com> <ada@example.com>", "<https://example.com> <ada@example.com>");
    check("a<br>b<br/>c", "a\nb\nc");
    check("<script>alert(1)</script>x", "x");
    check("x <img src=x onerror=alert(1)> y", "x  y");
    check("1 < 2 > 1 &amp; 3", "1 < 2 > 1 &amp; 3");
    check("<iframe src=javascript:x></iframe>", "");
}

/// Each of these took time that grew with the square of its length in an earlier version, or looks as if it could.
#[test]
fn a_hostile_text_is_read_in_good_time() {
    for piece in
        ["<", "<a ", "<a \"", "<a \">", "<script>", "</script", "<!--", "&", "&#", "<b><i>", "</b>", "<a '\">", "\n>"]
    {
        let text = piece.repeat(300_000 / piece.len());
        let _ = (note_text(&text), without_tags(&text), crate::rebuilt::rebuilt(&text));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[<>a-c/\"'=&;#! \n🔄-]{0,300}") {
        let _ = (note_text(&text), without_tags(&text), normalised(&text));
    }

    #[test]
    fn text_without_markup_stays(text in "[a-z 0-9äß🔄,.!?]{0,100}") {
        prop_assert_eq!(without_tags(&text), text.clone());
        prop_assert_eq!(note_text(&text), text.trim());
    }
}
