//! HTML that others wrote, rebuilt from the few tags that can do no harm.

use crate::html::{Piece, Tag, among, pieces, push_unescaped};
use crate::text::{escape, is_mail_link, is_web_link};

/// Tags that may be rebuilt, without attributes. Links are beside these.
const HARMLESS: &str = "b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong sub sup table tbody td \
    th thead tr u ul";
const DEEPEST: usize = 100;

/// HTML rebuilt from harmless tags without attributes, and links to the web and to mail. Nothing is passed through.
pub(crate) fn rebuilt(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<String> = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => {
                let mut plain = String::with_capacity(text.len());
                push_unescaped(&mut plain, text);
                out.push_str(&escape(&plain));
            }
            Piece::Tag(tag) if tag.closes => close(&mut out, &mut open, &tag.name),
            Piece::Tag(tag) => open_tag(&mut out, &mut open, tag),
            Piece::Hidden => {}
        }
    }
    while let Some(name) = open.pop() {
        close_one(&mut out, &name);
    }
    out
}

fn open_tag(out: &mut String, open: &mut Vec<String>, tag: Tag<'_>) {
    let alone = matches!(tag.name.as_str(), "br" | "hr");
    if open.len() >= DEEPEST && !alone {
        return;
    }
    if tag.name == "a" {
        let Some(href) = tag.attribute("href").filter(|url| is_web_link(url) || is_mail_link(url)) else { return };
        close(out, open, "a");
        out.push_str("<a href=\"");
        out.push_str(&escape(href.trim()));
        out.push_str("\">");
    } else if among(HARMLESS, &tag.name) {
        out.push('<');
        out.push_str(&tag.name);
        out.push('>');
    } else {
        return;
    }
    if !alone {
        open.push(tag.name);
    }
}

/// Closes what is open down to `name`; a closing tag without its opening one is dropped.
fn close(out: &mut String, open: &mut Vec<String>, name: &str) {
    if !open.iter().any(|open| open == name) {
        return;
    }
    while let Some(innermost) = open.pop() {
        close_one(out, &innermost);
        if innermost == name {
            return;
        }
    }
}

fn close_one(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

impl Tag<'_> {
    /// The decoded value of an attribute.
    fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        while !rest.is_empty() {
            let key_end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let (key, after) = rest.split_at(key_end);
            let after = after.trim_start();
            let (value, after) = after.strip_prefix('=').map_or(("", after), |after| take_value(after.trim_start()));
            if key.eq_ignore_ascii_case(name) {
                let mut decoded = String::with_capacity(value.len());
                push_unescaped(&mut decoded, value);
                return Some(decoded);
            }
            rest = after.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        }
        None
    }
}

fn take_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests;
