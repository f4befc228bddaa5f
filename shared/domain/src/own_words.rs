//! The customer's own words in an e-mail, without the history and signatures of their mail program.

mod marks;

use crate::html::note_text;
use crate::text::phrases;
use marks::{ATTRIBUTIONS, DEVICES, FORWARDS, HEADINGS, MARKUP, OTHERS, SENDER, VERBS};

/// The customer's own words. Quoted history is cut. Answers between quoted lines stay, and so does a forwarded message:
/// the customer wants to show it. An e-mail that is nothing but history is kept whole.
///
/// `html` is looked at where the plain text is empty, or shows no history although the markup marks some.
pub fn own_words(text: &str, html: Option<&str>) -> String {
    let whole = text.trim();
    let own = without_history(whole);
    let unmarked = own == whole;
    let from_markup = || {
        let html = html.filter(|html| !is_forwarded(&note_text(html)))?;
        let before = before_history(html);
        let own = without_history(note_text(before.unwrap_or(html)).trim());
        (before.is_some() || whole.is_empty()).then_some(own).filter(|own| !own.is_empty())
    };
    if unmarked { from_markup().unwrap_or(own) } else { own }
}

fn without_history(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    let mut quoting = false;
    while let Some(line) = lines.get(at).copied() {
        let rest = lines.get(at..).unwrap_or_default();
        if is_forward_mark(line) {
            own.extend(rest);
            break;
        }
        if begins_history(rest) || begins_signature(rest) {
            break;
        }
        if let Some(wrapped) = attribution(rest) {
            let quoted = lines.get(at + wrapped..).unwrap_or_default();
            let next = quoted.iter().map(|line| line.trim()).find(|line| !line.is_empty());
            if next.is_some_and(|line| !line.starts_with('>')) {
                break;
            }
            (at, quoting) = (at + wrapped, true);
            continue;
        }
        if !is_quoted(line, quoting) && !is_device_mark(line) {
            own.push(line);
        }
        at += 1;
    }
    let own = own.join("\n");
    let own = own.trim();
    if own.is_empty() { text.to_owned() } else { own.to_owned() }
}

/// `> words`. A line like `>5 pieces` is a quotation only among others.
fn is_quoted(line: &str, quoting: bool) -> bool {
    let line = line.trim_start();
    line.strip_prefix('>').is_some_and(|rest| quoting || rest.is_empty() || rest.starts_with([' ', '>']))
}

/// Mail programs wrap the line this often at most.
const WRAPPED: usize = 3;

/// How many lines the introduction of a quotation takes, if one is here.
fn attribution(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim();
    if first.is_empty() || first.starts_with('>') {
        return None;
    }
    // Mail programs wrap it between words; a line that ends a sentence is the customer's.
    let wraps = if first.ends_with(['.', '!', '?']) { 1 } else { WRAPPED.min(lines.len()) };
    let wraps = lines.iter().take(wraps).take_while(|line| !line.trim().is_empty()).count();
    (1..=wraps).find(|count| {
        let joined = lines.iter().take(*count).map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        introduces(&joined, *count > 1)
    })
}

fn introduces(line: &str, wrapped: bool) -> bool {
    let ends = line.ends_with([':', '：']);
    if !ends || line.chars().count() > 300 {
        return false;
    }
    let lower = line.to_lowercase();
    let dated = lower.chars().any(|c| c.is_ascii_digit());
    let addressed = lower.contains('@');
    let by_language = ATTRIBUTIONS.iter().any(|(starts, verbs)| {
        phrases(starts).any(|start| lower.starts_with(start)) && phrases(verbs).any(|verb| lower.contains(verb))
    });
    let by_address = !wrapped && addressed && dated && phrases(VERBS).any(|verb| lower.contains(verb));
    (by_language && (dated || addressed)) || by_address
}

fn begins_history(lines: &[&str]) -> bool {
    let Some(first) = lines.first().map(|line| line.trim()) else { return false };
    let bare = first.trim_matches(|c: char| matches!(c, '-' | '_' | '*' | ' '));
    let dashed = first.starts_with("--") || first.starts_with("__");
    if dashed && is_among(HEADINGS, &bare.to_lowercase()) {
        return true;
    }
    let ruled = first.len() >= 10 && first.chars().all(|c| matches!(c, '_' | '-'));
    let rest = lines.get(usize::from(ruled)..).unwrap_or_default();
    let mut block = rest.iter().map(|line| line.trim()).skip_while(|line| line.is_empty() && ruled).take(4);
    let sender = block.next().is_some_and(|line| labelled(line, SENDER));
    // One line below the sender may be anybody's; two are a header block.
    sender && block.filter(|line| labelled(line, OTHERS)).count() >= 2
}

fn is_among(list: &str, text: &str) -> bool {
    phrases(list).any(|phrase| phrase == text)
}

fn labelled(line: &str, labels: &str) -> bool {
    let line = line.trim_start_matches('*').to_lowercase();
    let Some((label, _)) = line.split_once([':', '：']) else { return false };
    is_among(labels, label.trim_end_matches('*').trim())
}

/// The separator of RFC 3676, or two dashes above a few last lines.
fn begins_signature(lines: &[&str]) -> bool {
    let Some((first, rest)) = lines.split_first() else { return false };
    *first == "-- " || (first.trim() == "--" && rest.iter().filter(|line| !line.trim().is_empty()).count() <= 6)
}

fn is_device_mark(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    line.chars().count() <= 80 && phrases(DEVICES).any(|mark| line.starts_with(mark)) && !line.ends_with(['?', '!'])
}

fn is_forward_mark(line: &str) -> bool {
    let bare = line.trim().trim_matches(|c: char| matches!(c, '-' | ':' | ' ')).to_lowercase();
    is_among(FORWARDS, &bare)
}

fn is_forwarded(text: &str) -> bool {
    text.lines().any(is_forward_mark)
}

/// The part before the history, if the markup marks one.
fn before_history(html: &str) -> Option<&str> {
    let lower = html.to_ascii_lowercase();
    let at = phrases(MARKUP).filter_map(|mark| lower.find(mark)).min()?;
    let tag = lower.get(..at)?.rfind('<').unwrap_or(at);
    // The mark may stand at the very beginning of its tag.
    let tag = if lower.get(at..)?.starts_with('<') { at } else { tag };
    html.get(..tag)
}

#[cfg(test)]
mod tests;
