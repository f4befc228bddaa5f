//! Summary and transcript in a ticket; the part that does not fit goes into notes.

use crate::text::{MAX_TEXT, escape, is_web_link, length, paragraphs};
use crate::ticket_content::handoff_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing that was said.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// `contact`, `ai` or `agent`.
    #[serde(default)]
    pub sender: String,
    /// The speaker's name.
    #[serde(default)]
    pub name: Option<String>,
    /// The words.
    #[serde(default)]
    pub text: String,
    /// When.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Files that went along.
    #[serde(default)]
    pub attachments: Vec<NamedFile>,
}

/// A file, as a text can name it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedFile {
    /// Its name.
    pub name: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// Its kind, such as `image/png`.
    pub mime_type: Option<String>,
}

debug_only!(NamedFile { mime_type });

impl NamedFile {
    /// `[Image: photo.png https://…]`; without a web address, the name alone.
    pub fn named(&self) -> String {
        let extension = self.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
        let images = ["png", "jpg", "jpeg", "gif", "webp", "heic", "bmp", "svg"];
        let image = self.mime_type.as_deref().is_some_and(|kind| kind.starts_with("image/"))
            || extension.is_some_and(|extension| images.contains(&extension.as_str()));
        let kind = if image { "Image" } else { "File" };
        let name = self.name.as_deref().map_or("without a name", str::trim);
        match self.url.as_deref().filter(|url| is_web_link(url)) {
            Some(url) => format!("[{kind}: {name} {url}]"),
            None => format!("[{kind}: {name}]"),
        }
    }
}

debug_only!(TranscriptLine { sender, at });

/// A ticket's content, and the notes for what it cannot hold.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketText {
    /// At most [`MAX_TEXT`] long.
    pub content: String,
    /// HTML bodies, each at most [`MAX_TEXT`] long, in order.
    pub notes: Vec<String>,
}

debug_only!(TicketText {});

const MORE: &str = "The rest is in the notes of this ticket.";
/// The room that a note's heading takes beside the handoff's key.
const HEADING: usize = 100;

/// Summary, then the transcript, oldest first. The part that does not fit follows in notes, and the content says so.
///
/// `handoff_key` ends the content as a line of its own, by which the ticket is found where the portal refuses properties.
/// `room` is how long the content may be: [`MAX_TEXT`], or less where the ticket has words of its own.
pub fn ticket_text(summary: &str, transcript: &[TranscriptLine], handoff_key: &str, room: usize) -> TicketText {
    let line = handoff_line(handoff_key);
    let whole = whole(summary, transcript);
    let room = room.min(MAX_TEXT).saturating_sub(length(&line) + 2);
    if length(&whole) <= room {
        let content = if whole.is_empty() { line } else { format!("{whole}\n\n{line}") };
        return TicketText { content, notes: Vec::new() };
    }
    let (head, rest) = split(&whole, room.saturating_sub(length(MORE) + 2), char::len_utf16);
    TicketText { content: format!("{}\n\n{MORE}\n\n{line}", head.trim_end()), notes: notes(rest, &line) }
}

fn whole(summary: &str, transcript: &[TranscriptLine]) -> String {
    let mut whole = readable(summary);
    let said_something = |line: &&TranscriptLine| !line.text.trim().is_empty() || !line.attachments.is_empty();
    let mut lines = transcript.iter().filter(said_something).peekable();
    if lines.peek().is_some() {
        whole.push_str(if whole.is_empty() { "Transcript" } else { "\n\nTranscript" });
    }
    for line in lines {
        whole.push('\n');
        whole.push_str(&said(line));
    }
    whole
}

fn said(line: &TranscriptLine) -> String {
    let at = line.at.map(|at| format!("[{}] ", at.strftime("%Y-%m-%d %H:%M:%S UTC"))).unwrap_or_default();
    let sender = match line.sender.as_str() {
        "contact" | "" => "Customer",
        "ai" => "AI",
        "agent" => "Agent",
        other => other,
    };
    let name = line.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.map(|name| format!(" ({})", readable(name))).unwrap_or_default();
    let words = std::iter::once(line.text.clone()).chain(line.attachments.iter().map(NamedFile::named));
    let words: Vec<String> = words.map(|words| readable(&words)).filter(|words| !words.is_empty()).collect();
    format!("{at}{sender}{name}: {}", words.join(" "))
}

/// Without the control characters that HubSpot refuses.
fn readable(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn notes(rest: &str, line: &str) -> Vec<String> {
    let room = MAX_TEXT - length(&escape(line)) - HEADING;
    let mut pieces = Vec::new();
    let mut rest = rest.trim_matches('\n');
    while !rest.is_empty() {
        let (piece, after) = split(rest, room, escaped_units);
        pieces.push(piece.trim_end_matches('\n'));
        rest = after.trim_start_matches('\n');
    }
    let heading = |number: usize| format!("<p><b>{}, continued ({number} of {})</b></p>", escape(line), pieces.len());
    pieces.iter().zip(1..).map(|(piece, number)| format!("{}{}", heading(number), paragraphs(piece))).collect()
}

/// The length of a character once it is HTML.
fn escaped_units(c: char) -> usize {
    match c {
        '&' | '\'' => 5,
        '<' | '>' | '\n' => 4,
        '"' => 6,
        c => c.len_utf16(),
    }
}

/// The longest beginning that takes at most `room`, and the rest. It ends with a line where one ends in its second half.
fn split(text: &str, room: usize, units: fn(char) -> usize) -> (&str, &str) {
    let (mut used, mut line_end) = (0, 0);
    for (at, c) in text.char_indices() {
        used += units(c);
        if used > room {
            return text.split_at(if line_end > at / 2 { line_end } else { at });
        }
        if c == '\n' {
            line_end = at;
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests;
