use super::{normalised, note_text, push_unescaped, without_tags};
use crate::text::escape;
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

/// Whether four times the text takes clearly less than sixteen times the time, which is what a square would take.
///
/// Other programs can only make a run longer. So the shortest of many counts, and each is shorter than the slice of time
/// after which the machine turns to another program. One good pair is a proof.
#[expect(clippy::disallowed_methods, reason = "what is measured is this machine's work, which no virtual clock knows")]
fn grows_with_its_length(read: impl Fn(&str), text: impl Fn(usize) -> String, length: usize) -> bool {
    let shortest = |length: usize| {
        let text = text(length);
        let run = |_| {
            let began = std::time::Instant::now();
            read(&text);
            began.elapsed()
        };
        (0..20).map(run).min().unwrap()
    };
    (0..20).any(|_| shortest(4 * length) < shortest(length) * 9)
}

/// Each of these took time that grew with the square of its length in an earlier version, or looks as if it could.
#[test]
fn the_time_for_a_hostile_text_grows_with_its_length_only() {
    let names = ["note_text", "without_tags", "rebuilt"];
    let readers: [fn(&str) -> String; 3] = [note_text, without_tags, crate::rebuilt::rebuilt];
    for piece in
        ["<", "<a ", "<a \"", "<a \">", "<script>", "</script", "<!--", "&", "&#", "<b><i>", "</b>", "<a '\">", "\n>"]
    {
        for (name, reader) in names.iter().zip(readers) {
            let read = |text: &str| drop(std::hint::black_box(reader(text)));
            let text = |length: usize| piece.repeat(length / piece.len());
            assert!(grows_with_its_length(read, text, 400), "{name} of {piece:?}");
        }
    }
}

#[test]
fn a_time_that_grows_with_the_square_is_noticed() {
    let read = |text: &str| {
        let sum: usize = text.char_indices().map(|(at, _)| text[at..].bytes().filter(|b| *b == b'x').count()).sum();
        std::hint::black_box(sum);
    };
    assert!(!grows_with_its_length(read, |length| "<".repeat(length), 200));
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    push_unescaped(&mut out, text);
    out
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

    #[test]
    fn what_is_escaped_comes_back(text in "\\PC{0,200}") {
        prop_assert_eq!(unescaped(&escape(&text)), text);
    }

    #[test]
    fn no_entity_makes_it_panic(text in "[&#xa-f0-9;🔄]{0,100}") {
        let _ = unescaped(&text);
    }
}
