//! Every text that a rep or a customer reads in HubSpot.

use crate::html::note_text;
use crate::rebuilt::rebuilt;
use crate::text::{RichText, escape, is_web_link, paragraphs, shorten, truncate};
use crate::{HandoffReason, Reason, Sentiment, SessionId, TicketId, markdown};

/// Carried by everything the AI says, in its HTML. Byte-exact: OpenCX filters by it.
pub const AI_MARKER: &str = "<!-- OpenCX-AI-Response -->";
/// The beginning of every handoff comment. Byte-exact: OpenCX filters by it.
pub const HANDOFF_MARKER: &str = "🔄 AI decided to handoff";

const SUBJECT_MAX: usize = 255;
/// A longer reason would fill the comment.
const REASON_MAX: usize = 4_000;

/// `[#4521] <first line of the summary>`, at most 255 characters; without a number, the line alone.
pub fn ticket_subject(ticket_number: Option<&str>, summary: &str) -> String {
    let first = summary.lines().map(folded).find(|line| !line.is_empty());
    let first = first.unwrap_or_else(|| "Conversation handed off by OpenCX".to_owned());
    let number = ticket_number.map(|number| number.trim().trim_start_matches('#')).filter(|number| !number.is_empty());
    let number = number.map(|number| format!("[#{}] ", truncate(number, 50))).unwrap_or_default();
    shorten(&format!("{number}{first}"), SUBJECT_MAX)
}

/// One line of words.
fn folded(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The content of the handoff comment.
pub struct HandoffNotice<'a> {
    /// OpenCX's code.
    pub reason_code: &'a HandoffReason,
    /// In words.
    pub reason_text: Option<&'a str>,
    /// The customer's mood.
    pub sentiment: Option<Sentiment>,
    /// BCP 47.
    pub language: Option<&'a str>,
    /// The session in the OpenCX inbox.
    pub session_url: Option<&'a str>,
    /// The session's id, which is all there is to say where there is no link.
    pub session: &'a SessionId,
    /// The ticket, unless ticketing is disabled.
    pub ticket: Option<&'a TicketId>,
    /// A limit of the channel that reps must know.
    pub channel_note: Option<&'a str>,
}

debug_only!(HandoffNotice<'_> { session, ticket });

/// The internal comment of a handoff.
pub fn handoff_comment(n: &HandoffNotice<'_>) -> RichText {
    let code = n.reason_code.to_string().replace('_', " ");
    let reason = match n.reason_text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => format!("{} ({code})", shorten(text, REASON_MAX)),
        None => code,
    };
    let mut lines = vec![("Reason", reason)];
    lines.extend(n.sentiment.map(|sentiment| ("Sentiment", sentiment.as_str().to_owned())));
    lines.extend(n.language.map(|language| ("Language", language.to_owned())));
    lines.extend(n.ticket.map(|ticket| ("Ticket", ticket.to_string())));
    lines.extend(n.channel_note.map(|note| ("Channel", note.to_owned())));
    let link = n.session_url.filter(|url| is_web_link(url));
    let (text_link, html_link) = match link {
        Some(url) => (url.to_owned(), format!("<a href=\"{0}\">{0}</a>", escape(url))),
        None => (n.session.to_string(), escape(n.session.as_str())),
    };
    let (mut text, mut html) = (HANDOFF_MARKER.to_owned(), format!("<p>{HANDOFF_MARKER}"));
    for (name, value) in &lines {
        text.extend(["\n", name, ": ", value]);
        html.extend(["<br><b>", name, ":</b> ", &escape(value)]);
    }
    text.extend(["\nOpenCX session: ", &text_link]);
    html.extend(["<br><b>OpenCX session:</b> ", &html_link, "</p>"]);
    RichText { text, html }
}

/// The AI's answer as the customer sees it. Markdown becomes HTML; HTML in it loses its tags.
///
/// `html` is used where OpenCX sends it, rebuilt from harmless tags: nothing anybody wrote is passed through as markup.
pub fn ai_reply(text: &str, html: Option<&str>) -> RichText {
    let words = formatted(html, markdown::spoken(text));
    RichText { text: words.text, html: format!("{}{AI_MARKER}", words.html) }
}

/// The AI's draft in Assist Mode.
pub fn ai_draft(text: &str) -> RichText {
    unsent("AI draft (not sent to the customer)", text)
}

/// The AI's answer on a channel that HubSpot only shows.
pub fn ai_unsendable(text: &str) -> RichText {
    let said =
        "AI answer (not sent: HubSpot does not let apps write on this channel; answer here or in the OpenCX inbox)";
    unsent(said, text)
}

fn unsent(heading: &str, text: &str) -> RichText {
    let words = markdown::spoken(text);
    RichText {
        text: format!("{heading}:\n\n{}", words.text),
        html: format!("<p><i>{heading}:</i></p>{}{AI_MARKER}", words.html),
    }
}

/// The internal comment on an answer that HubSpot could not deliver.
pub fn undelivered_comment(answer: &str, reason: &str) -> RichText {
    let (answer, reason) = (shorten(&folded(answer), 200), shorten(&folded(reason), REASON_MAX));
    let text = format!(
        "HubSpot could not deliver this answer to the customer: {reason}\nThe answer: {answer}\nPlease reach them another way."
    );
    let html = format!("{}{AI_MARKER}", paragraphs(&text));
    RichText { text, html }
}

/// A person's words through OpenCX, as typed. Where another user posts them, `signed_by` stands in front.
pub fn agent_reply(text: &str, html: Option<&str>, signed_by: Option<&str>) -> RichText {
    let words = formatted(html, RichText { text: text.trim().to_owned(), html: paragraphs(text.trim()) });
    match signed_by.map(folded).filter(|name| !name.is_empty()) {
        Some(name) => RichText {
            text: format!("{name}: {}", words.text),
            html: format!("<p><b>{}:</b></p>{}", escape(&name), words.html),
        },
        None => words,
    }
}

/// `words` in the form OpenCX gave them, if it did.
fn formatted(html: Option<&str>, words: RichText) -> RichText {
    let Some(html) = html.map(rebuilt).filter(|html| !note_text(html).is_empty()) else { return words };
    let text = if words.text.is_empty() { note_text(&html) } else { words.text };
    RichText { text, html }
}

/// The internal comment on a message that could not be answered.
pub fn failure_comment(reason: &Reason) -> RichText {
    let words = match reason {
        Reason::HubspotRejected => "HubSpot refused what had to be done".to_owned(),
        Reason::HubspotUnavailable => "HubSpot could not be reached for a long time".to_owned(),
        Reason::OpencxUnavailable => "OpenCX could not be reached, or refused the message".to_owned(),
        Reason::MissingScope(scope) => format!("the HubSpot app lacks the scope {scope}"),
        Reason::ReconnectRequired => "HubSpot has to be connected again".to_owned(),
        Reason::NotEnabled => "no AI sender is chosen in the settings".to_owned(),
        other => format!("an unexpected problem ({other})"),
    };
    let text = format!("OpenCX could not answer this message: {words}. Please take over.");
    let html = format!("{}{AI_MARKER}", paragraphs(&text));
    RichText { text, html }
}

/// Whether a text is one of those we leave in HubSpot, by its markers: for entries whose app HubSpot does not tell.
pub fn is_our_text(text: &str) -> bool {
    let plain = crate::note_text(text);
    text.contains(AI_MARKER) || plain.starts_with(HANDOFF_MARKER)
}

#[cfg(test)]
mod tests;
