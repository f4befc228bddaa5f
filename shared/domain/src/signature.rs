//! E-mail signatures: which one an address gets, and how it is put under the words.

use crate::html::{Piece, among, normalised, note_text, pieces};
use crate::text::RichText;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::fmt;

/// The longest signature: with the words above it, it must fit into a message of HubSpot.
pub const MAX_SIGNATURE: usize = 20_000;

/// Which sender domains a signature is for: `open.cx`, or everything that ends in `.nl` (`*.nl`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignaturePattern {
    wildcard: bool,
    /// In ASCII and lower case, as DNS has it.
    domain: String,
}

/// A fault in a pattern, in words for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing was typed.
    #[error("enter a domain such as open.cx, or an ending such as *.nl")]
    Empty,
    /// A whole address.
    #[error("enter the part after the @ only, such as open.cx")]
    Address,
    /// `*` where it has no meaning.
    #[error("a * is only possible at the beginning and before a dot, as in *.nl")]
    Wildcard,
    /// An exact domain of one word.
    #[error("this is no whole domain; for all addresses that end in it, put *. in front")]
    OneLabel,
    /// Anything else that DNS would refuse.
    #[error("this is no domain name")]
    Domain,
}

impl SignaturePattern {
    /// Reads what an admin typed, in any case and script.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let text = text.strip_prefix('@').unwrap_or(text);
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.contains('@') {
            return Err(PatternError::Address);
        }
        let (wildcard, domain) = match text.strip_prefix("*.") {
            Some(ending) => (true, ending),
            None => (false, text),
        };
        if domain.contains('*') {
            return Err(PatternError::Wildcard);
        }
        let domain = ascii(domain).ok_or(PatternError::Domain)?;
        if !wildcard && !domain.contains('.') {
            return Err(PatternError::OneLabel);
        }
        Ok(Self { wildcard, domain })
    }

    /// Whether an address of this domain gets the signature.
    pub fn matches(&self, sender: &SenderDomain) -> bool {
        if !self.wildcard {
            return sender.0 == self.domain;
        }
        sender.0.strip_suffix(self.domain.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }

    /// Exact before wildcard, the longest wildcard first.
    fn rank(&self, other: &Self) -> Ordering {
        let own = (self.wildcard, std::cmp::Reverse(self.domain.len()));
        own.cmp(&(other.wildcard, std::cmp::Reverse(other.domain.len())))
    }

    /// The pattern in the script it was typed in.
    pub fn shown(&self) -> String {
        let (domain, _) = idna::domain_to_unicode(&self.domain);
        format!("{}{domain}", if self.wildcard { "*." } else { "" })
    }
}

/// The pattern in ASCII: its name in the store.
impl fmt::Display for SignaturePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.wildcard { "*." } else { "" }, self.domain)
    }
}

/// The domain of an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderDomain(String);

impl SenderDomain {
    /// Of `ada@open.cx`, or of `Ada <ada@open.cx>`.
    pub fn of_address(address: &str) -> Option<Self> {
        let address = address.trim().trim_end_matches('>');
        let (_, domain) = address.rsplit_once('@')?;
        ascii(domain).map(Self)
    }
}

/// A domain name as DNS has it; `None` where it cannot be one.
fn ascii(domain: &str) -> Option<String> {
    let domain = domain.trim().trim_end_matches('.');
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    (ascii.len() <= 253 && ascii.split('.').all(label)).then_some(ascii)
}

/// A signature as an admin saved it; its HTML is harmless by then.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    /// Whom it is for.
    pub pattern: SignaturePattern,
    /// Sanitised.
    pub html: String,
    /// When it was last saved.
    pub updated_at: Timestamp,
}

debug_only!(Signature { pattern });

/// The signature that an address of this domain gets.
pub fn signature_for<'s>(signatures: &'s [Signature], sender: &SenderDomain) -> Option<&'s Signature> {
    let matching = signatures.iter().filter(|signature| signature.pattern.matches(sender));
    matching.min_by(|a, b| a.pattern.rank(&b.pattern))
}

/// The words with the signature under them, in both forms; words that end in it already stay as they are.
pub fn signed(words: RichText, signature_html: &str) -> RichText {
    let plain = note_text(signature_html);
    let bare = normalised(signature_html);
    if signature_html.trim().is_empty() || (!bare.is_empty() && normalised(&words.html).ends_with(&bare)) {
        return words;
    }
    let text = match (words.text.trim_end(), plain.as_str()) {
        (text, "") => text.to_owned(),
        (text, plain) => format!("{text}\n\n{plain}"),
    };
    RichText { text, html: format!("{}<br><div>{signature_html}</div>", words.html) }
}

/// The tags, and the attributes that run something, that `original` has and `clean` lacks.
pub fn removed_markup(original: &str, clean: &str) -> Vec<String> {
    let (before, after) = (markup(original), markup(clean));
    let mut gone: Vec<String> = before.into_iter().filter(|name| !after.contains(name)).collect();
    gone.sort();
    gone.dedup();
    gone
}

/// Tags that only frame a document: nobody misses them.
const FRAME: &str = "html head body meta title";

fn markup(html: &str) -> Vec<String> {
    let mut names = Vec::new();
    for piece in pieces(html) {
        let Piece::Tag(tag) = piece else { continue };
        if !tag.name.is_empty() && !among(FRAME, &tag.name) {
            names.push(tag.name.clone());
        }
        let words = tag.attributes.split(|c: char| c.is_whitespace() || c == '/');
        let runs = words.filter_map(|word| word.split_once('=')).map(|(name, _)| name.to_ascii_lowercase());
        names.extend(runs.filter(|name| name.starts_with("on")));
        if tag.attributes.to_ascii_lowercase().contains("javascript:") {
            names.push("javascript:".to_owned());
        }
    }
    for name in ["script", "style"] {
        if html.to_ascii_lowercase().contains(&format!("<{name}")) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests;
