//! An admin saves, deletes or tries out an e-mail signature.

use ammonia::Builder;
use domain::{MAX_SIGNATURE, OrgId, PatternError, RichText, SenderDomain, Signature, SignaturePattern};
use flows::Bridge;
use std::collections::HashSet;
use store::StoreError;

/// What inline styles may set: how things look, never anything that is loaded.
const STYLES: &str = "background-color border border-bottom border-collapse border-color border-left border-radius \
    border-right border-spacing border-style border-top border-width color display font-family font-size font-style \
    font-weight height letter-spacing line-height margin margin-bottom margin-left margin-right margin-top max-width \
    min-width padding padding-bottom padding-left padding-right padding-top text-align text-decoration text-transform \
    vertical-align white-space width";
/// The attributes that e-mail programs lay out signatures with.
const LAYOUT: &str = "align bgcolor border cellpadding cellspacing color face height size style valign width";

/// Why a signature was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// It is no pattern; the text says why.
    #[error("{0}")]
    Pattern(#[from] PatternError),
    /// Nothing is left to append.
    #[error("the signature is empty")]
    Empty,
    /// It does not fit under a message.
    #[error("the signature has more than {MAX_SIGNATURE} characters")]
    TooLong,
    /// The store could not be used.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// A signature as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSignature {
    /// What e-mails get from now on.
    pub signature: Signature,
    /// Names of tags and attributes that were taken out.
    pub removed: Vec<String>,
}

/// HTML that can do no harm, and the names of what was taken out.
pub fn harmless_html(html: &str) -> (String, Vec<String>) {
    let clean = Builder::default()
        .add_tags(["font"])
        .add_generic_attributes(LAYOUT.split(' '))
        .filter_style_properties(STYLES.split(' ').collect::<HashSet<_>>())
        .url_schemes(HashSet::from(["https", "http", "mailto", "tel"]))
        .strip_comments(true)
        .clean(html)
        .to_string();
    let removed = domain::removed_markup(html, &clean);
    (clean.trim().to_owned(), removed)
}

/// Sanitises and saves. This process's e-mails have it at once, other processes' within a minute.
pub async fn save_signature(
    bridge: &Bridge,
    org: &OrgId,
    pattern: &str,
    html: &str,
) -> Result<SavedSignature, SignatureError> {
    let pattern = SignaturePattern::parse(pattern)?;
    if domain::length(html) > MAX_SIGNATURE {
        return Err(SignatureError::TooLong);
    }
    let (html, removed) = harmless_html(html);
    if domain::note_text(&html).is_empty() && !html.contains("<img ") {
        return Err(SignatureError::Empty);
    }
    let signature = Signature { pattern, html, updated_at: bridge.clock.now() };
    bridge.store.save_signature(org, &signature).await?;
    bridge.cache.clear();
    Ok(SavedSignature { signature, removed })
}

/// Deletes a signature; false where there is none.
pub async fn delete_signature(bridge: &Bridge, org: &OrgId, pattern: &str) -> Result<bool, SignatureError> {
    let deleted = bridge.store.delete_signature(org, &SignaturePattern::parse(pattern)?).await?;
    bridge.cache.clear();
    Ok(deleted)
}

/// What an e-mail from `address` would end in.
pub async fn signature_of_address(
    bridge: &Bridge,
    org: &OrgId,
    address: &str,
) -> Result<Option<Signature>, SignatureError> {
    let Some(sender) = SenderDomain::of_address(address) else { return Ok(None) };
    let signatures = bridge.store.signatures(org).await?;
    Ok(domain::signature_for(&signatures, &sender).cloned())
}

/// How HTML looks as a signature, in both forms of an e-mail.
pub fn preview(html: &str) -> RichText {
    let (html, _) = harmless_html(html);
    RichText { text: domain::note_text(&html), html }
}
