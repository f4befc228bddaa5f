//! Plain text: lengths, cutting, escaping.

/// Words in both forms a HubSpot message has.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RichText {
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

debug_only!(RichText {});

/// The most that a HubSpot text property or note holds.
pub const MAX_TEXT: usize = 65_536;

/// Length in UTF-16 units: the stricter reading of HubSpot's "characters".
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The longest beginning of `text` that is at most `max` long. Never cuts a character.
pub fn truncate(text: &str, max: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > max {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// `truncate` with an ellipsis where something was cut.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if length(text) <= max {
        return text.to_owned();
    }
    match max.checked_sub(1) {
        Some(room) => format!("{}…", truncate(text, room)),
        None => String::new(),
    }
}

/// The phrases of a list that has a `|` between two of them.
pub(crate) fn phrases(list: &str) -> std::str::Split<'_, char> {
    list.split('|')
}

/// Text as HTML shows it literally.
pub(crate) fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Text as HTML with its paragraphs and line breaks.
pub(crate) fn paragraphs(text: &str) -> String {
    format!("<p>{}</p>", escape(text).replace("\n\n", "</p><p>").replace('\n', "<br>"))
}

/// A link people may follow: to the web, and without anything that could end the attribute it stands in.
pub(crate) fn is_web_link(url: &str) -> bool {
    starts_with(url, "https://") || starts_with(url, "http://")
}

/// A link that opens a mail or telephone program.
pub(crate) fn is_mail_link(url: &str) -> bool {
    starts_with(url, "mailto:") || starts_with(url, "tel:")
}

fn starts_with(url: &str, scheme: &str) -> bool {
    let url = url.trim();
    url.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        && url.len() > scheme.len()
        && !url.contains(|c: char| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests;
