//! Paths and queries whose parts are always percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path below the base URL, perhaps with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    text: String,
    has_query: bool,
}

impl Path {
    /// `prefix` is ours and taken as it is.
    pub fn new(prefix: &str) -> Self {
        Self { text: prefix.to_owned(), has_query: false }
    }

    /// Puts `value` where `template` says `{name}`.
    pub fn of_template(template: &str, name: &str, value: impl fmt::Display) -> Self {
        let value = utf8_percent_encode(&value.to_string(), RESERVED).to_string();
        let text = template.replace(&format!("{{{name}}}"), &value);
        Self { has_query: text.contains('?'), text }
    }

    /// Appends one segment, whatever is in it.
    #[must_use]
    pub fn then(mut self, segment: impl fmt::Display) -> Self {
        self.text.push('/');
        self.text.extend(utf8_percent_encode(&segment.to_string(), RESERVED));
        self
    }

    /// Appends one parameter of the query.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(name);
        self.text.push('=');
        self.text.extend(utf8_percent_encode(&value.to_string(), RESERVED));
        self
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
