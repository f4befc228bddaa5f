use super::rebuilt;
use proptest::prelude::*;

fn check(html: &str, expected: &str) {
    assert_eq!(rebuilt(html), expected, "{html}");
}

#[test]
fn harmless_formatting_stays() {
    check("<p>a <b>b</b> <em>c</em><br>d</p>", "<p>a <b>b</b> <em>c</em><br>d</p>");
    check("<ul class='x'><li style=\"color:red\">one</li></ul>", "<ul><li>one</li></ul>");
    check(
        "<a href=\"https://example.com/?a=1&amp;b=2\" target=_blank>x</a>",
        "<a href=\"https://example.com/?a=1&amp;b=2\">x</a>",
    );
    check("<a href='mailto:ada@example.com'>x</a>", "<a href=\"mailto:ada@example.com\">x</a>");
    check("<A HREF=https://example.com>x</A>", "<a href=\"https://example.com\">x</a>");
    check("fish &amp; chips &lt;3", "fish &amp; chips &lt;3");
}

#[test]
fn everything_else_goes() {
    check("<script>alert(1)</script>a", "a");
    check("<img src=x onerror=alert(1)>a", "a");
    check("<svg/onload=alert(1)>a", "a");
    check("<p onclick=\"alert(1)\">a</p>", "<p>a</p>");
    check("<a href=\"javascript:alert(1)\">a</a>", "a");
    check("<a href=\"&#106;avascript:alert(1)\">a</a>", "a");
    check("<a href=\" java\tscript:alert(1)\">a</a>", "a");
    check("<a href='https://x\" onclick=\"alert(1)'>a</a>", "a");
    check("<a href='https://x\"onclick=\"alert(1)'>a</a>", "<a href=\"https://x&quot;onclick=&quot;alert(1)\">a</a>");
    check("<a data-href=\"https://x\" onclick=alert(1)>a</a>", "a");
    check("<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>a", "a");
    check("<style>@import 'x'</style><form action=x><input></form>a", "a");
    check("<<script>script>alert(1)</script>", "&lt;");
    check("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;");
    check("<!-- OpenCX-AI-Response -->a", "a");
}

#[test]
fn what_is_opened_is_closed() {
    check("<b>a", "<b>a</b>");
    check("<b><i>a</b>b</i>", "<b><i>a</i></b>b");
    check("</div></p>a", "a");
    check(
        "<a href=https://a.example>a<a href=https://b.example>b",
        "<a href=\"https://a.example\">a</a><a href=\"https://b.example\">b</a>",
    );
    let deep = rebuilt(&"<div>".repeat(10_000));
    assert_eq!(deep, format!("{}{}", "<div>".repeat(100), "</div>".repeat(100)));
}

/// A browser finds only these tags, no attribute but `href`, and no link that runs anything.
fn assert_harmless(html: &str) -> Result<(), TestCaseError> {
    for tag in html.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').ok_or_else(|| TestCaseError::fail(format!("an open tag in {html}")))?;
        let name = tag.trim_start_matches('/');
        let link = name.strip_prefix("a href=\"").and_then(|rest| rest.strip_suffix('"'));
        let safe_link = link.is_some_and(|url| {
            ["http://", "https://", "mailto:", "tel:"].iter().any(|s| url.to_lowercase().starts_with(s))
                && !url.contains('"')
        });
        prop_assert!(safe_link || name == "a" || crate::html::among(super::HARMLESS, name), "<{}> in {}", tag, html);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_passes_that_could_do_harm(pieces in prop::collection::vec(prop::sample::select(vec![
        "<", ">", "\"", "'", "=", "/", " ", "a", "b", "script", "<script>", "</script>", "<img src=x onerror=alert(1)>", "<a href=", "javascript:alert(1)",
        "https://x", "&lt;", "&#60;", "&quot;", "<!--", "-->", "<b", "<p onclick=x", "<svg/onload=x>", "\n", "🔄", "&", ";", "<a href='https://x'>", "</a>",
    ]), 0..40)) {
        assert_harmless(&rebuilt(&pieces.concat()))?;
    }
}
