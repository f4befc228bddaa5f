//! A ticket's content over time: the reps' words, and the parts that a handoff and a close add.

use crate::Sentiment;
use crate::text::{MAX_TEXT, length, shorten, truncate};

/// How the last line of our content begins; the handoff's key follows. By it a ticket is found again.
const HANDOFF_LINE: &str = "OpenCX handoff ";
const GAP: &str = "\n\n";

/// The line by which a later run finds the ticket where the portal refuses properties.
pub(crate) fn handoff_line(key: &str) -> String {
    format!("{HANDOFF_LINE}{}", truncate(key, 500))
}

/// The ticket's content with summary and sentiment added, at most [`MAX_TEXT`] long; adding them twice adds them once.
///
/// Where there is no room the old text gives way at its end, but not the line that names the handoff.
pub fn closing_content(existing: &str, summary: Option<&str>, sentiment: Option<Sentiment>) -> String {
    let mut added = String::from("Resolved by OpenCX");
    if let Some(summary) = summary.map(str::trim).filter(|summary| !summary.is_empty()) {
        added.push_str("\nSummary: ");
        added.push_str(&shorten(summary, MAX_TEXT / 2));
    }
    if let Some(sentiment) = sentiment {
        added.push_str("\nSentiment: ");
        added.push_str(sentiment.as_str());
    }
    if existing.contains(&added) {
        return truncate(existing, MAX_TEXT).to_owned();
    }
    let (body, line) = split_line(existing);
    let room = room_beside(&[&added, line]);
    joined(&[&shorten(body, room), &added, line])
}

/// `added`, which ends with its handoff line, under what reps have written, at most [`MAX_TEXT`] long.
///
/// The reps' words stay. Where there is no room ours give way at their end, except for the line.
pub fn beside(existing: &str, added: &str) -> String {
    let (ours, line) = split_line(added);
    let theirs = shorten(existing.trim_end(), room_beside(&[line]));
    let room = room_beside(&[&theirs, line]);
    joined(&[&theirs, &shorten(ours, room), line])
}

/// The room that [`MAX_TEXT`] leaves for one more part.
fn room_beside(parts: &[&str]) -> usize {
    parts.iter().fold(MAX_TEXT, |room, part| room.saturating_sub(length(part) + GAP.len()))
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    // Only a line of ours that is longer than a ticket's content could be cut here.
    truncate(&parts.join(GAP), MAX_TEXT).to_owned()
}

/// The text, and its last line where that one names a handoff.
fn split_line(content: &str) -> (&str, &str) {
    let content = content.trim_end();
    let (body, last) = content.rsplit_once('\n').unwrap_or(("", content));
    if last.starts_with(HANDOFF_LINE) { (body.trim_end(), last) } else { (content, "") }
}

#[cfg(test)]
mod tests;
