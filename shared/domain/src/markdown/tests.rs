use super::spoken;
use crate::{AI_MARKER, ai_reply};
use proptest::prelude::*;

fn check(markdown: &str, text: &str, html: &str) {
    let words = spoken(markdown);
    assert_eq!(words.html, html, "html of {markdown}");
    assert_eq!(words.text, text, "text of {markdown}");
}

#[test]
fn markdown_becomes_html() {
    check("Hello", "Hello", "<p>Hello</p>");
    check("one\ntwo\n\nthree", "one\ntwo\n\nthree", "<p>one<br />\ntwo</p>\n<p>three</p>");
    check("**bold** _it_ ~~no~~", "**bold** _it_ ~~no~~", "<p><strong>bold</strong> <em>it</em> <del>no</del></p>");
    check("- a\n- b", "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
    check("[us](https://open.cx \"t\")", "[us](https://open.cx \"t\")", "<p><a href=\"https://open.cx\">us</a></p>");
    check("<https://open.cx>", "<https://open.cx>", "<p><a href=\"https://open.cx\">https://open.cx</a></p>");
    check("<ada@example.com>", "<ada@example.com>", "<p><a href=\"mailto:ada@example.com\">ada@example.com</a></p>");
    check(
        "![shot](https://x.example/a.png)",
        "![shot](https://x.example/a.png)",
        "<p><a href=\"https://x.example/a.png\">shot</a></p>",
    );
    check(
        "[![i](https://a.example/i)](https://b.example)",
        "[![i](https://a.example/i)](https://b.example)",
        "<p><a href=\"https://b.example\">i</a></p>",
    );
    check("1 < 2 & 3 > 2", "1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>");
    check("", "", "");
}

#[test]
fn code_is_shown_and_not_run() {
    check("Use `<script>`", "Use `<script>`", "<p>Use <code>&lt;script&gt;</code></p>");
    check(
        "```html\n<script src=x></script>\n```",
        "```html\n<script src=x></script>\n```",
        "<pre><code class=\"language-html\">&lt;script src=x&gt;&lt;/script&gt;\n</code></pre>",
    );
    check(
        "a `List<String>` and List<String>",
        "a `List<String>` and List<String>",
        "<p>a <code>List&lt;String&gt;</code> and List&lt;String&gt;</p>",
    );
}

#[test]
fn markup_in_the_answer_does_nothing() {
    check("<script>alert(1)</script>", "", "");
    check("<script>\nalert(1)\n</script>\n\nHello", "Hello", "<p>Hello</p>");
    check("hi <script>alert(1)</script>", "hi alert(1)", "<p>hi alert(1)</p>");
    check("<div onclick=alert(1)>Hi <b>you</b></div>", "Hi you", "<p>Hi you</p>");
    check("a <b>c</b><br>d", "a c\nd", "<p>a c<br />\nd</p>");
    check("<img src=x onerror=alert(1)>", "", "");
    check("x <img src=x onerror=alert(1)> y", "x  y", "<p>x  y</p>");
    check("[x](javascript:alert(1))", "[x](javascript:alert(1))", "<p>x</p>");
    check("[x](JaVaScRiPt:alert(1))", "[x](JaVaScRiPt:alert(1))", "<p>x</p>");
    check("[x](data:text/html,x)", "[x](data:text/html,x)", "<p>x</p>");
    check("<javascript:alert(1)>", "<javascript:alert(1)>", "<p>javascript:alert(1)</p>");
    check("![x](javascript:alert(1))", "![x](javascript:alert(1))", "<p>x</p>");
    check(
        "[x](https://a\"onmouseover=alert(1))",
        "[x](https://a\"onmouseover=alert(1))",
        "<p><a href=\"https://a%22onmouseover=alert(1)\">x</a></p>",
    );
    check("> <script>alert(1)</script>\n> quoted", "> \n> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>");
}

#[test]
fn the_answer_cannot_bring_our_marker_or_a_comment() {
    check(&format!("a\n\n{AI_MARKER}\n\nb"), "a\n\n\n\nb", "<p>a</p>\n<p>b</p>");
    let reply = ai_reply(&format!("a {AI_MARKER}"), None);
    assert_eq!(reply.html.matches(AI_MARKER).count(), 1);
    assert!(!reply.text.contains(AI_MARKER));
}

/// A browser finds no tag in `html` beyond those that markdown makes, and no attribute but three.
fn assert_harmless(html: &str) -> Result<(), TestCaseError> {
    let made = [
        "p",
        "br /",
        "strong",
        "em",
        "del",
        "ul",
        "ol",
        "li",
        "a",
        "code",
        "pre",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr /",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
    ];
    for tag in html.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').ok_or_else(|| TestCaseError::fail(format!("an open tag in {html}")))?;
        let name = tag.trim_start_matches('/');
        let attribute = |start: &str| {
            name.strip_prefix(start).and_then(|rest| rest.strip_suffix('"')).filter(|value| !value.contains('"'))
        };
        let link = attribute("a href=\"").is_some_and(|url| {
            ["http://", "https://", "mailto:", "tel:"].iter().any(|s| url.to_lowercase().starts_with(s))
        });
        let other = attribute("code class=\"language-")
            .or_else(|| attribute("ol start=\""))
            .or_else(|| attribute("td style=\"text-align: "))
            .or_else(|| attribute("th style=\"text-align: "));
        prop_assert!(link || other.is_some() || made.contains(&name), "<{}> in {}", tag, html);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_answer_injects_markup(pieces in prop::collection::vec(prop::sample::select(vec![
        "<script>", "</script>", "alert(1)", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](", "https://a", ")", "![", "](", "<", ">", "\"", "'",
        "`", "```", "\n", "\n\n", "    ", "> ", "- ", "1. ", "# ", "**", "_", "<!--", "-->", "<svg/onload=x>", "<a href=\"javascript:x\">", "</a>", "&lt;", "|a|b|\n|-|:-:|\n",
        "<div>", "</div>", "[r]: javascript:x\n", "[r]", "🔄", "&#106;", "\\", "<javascript:x>", "<a@b.c>", "<?php ?>", "<![CDATA[x]]>",
    ]), 0..40)) {
        assert_harmless(&spoken(&pieces.concat()).html)?;
    }
}
