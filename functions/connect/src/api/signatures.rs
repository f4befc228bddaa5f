//! `/api/signatures`: what e-mails end in, by the domain they are sent from.

use crate::Reply;
use crate::call::Call;
use crate::problem::Problem;
use domain::{Signature, SignaturePattern};
use operations::SignatureError;
use serde::Deserialize;
use serde_json::{Value, json};

fn shown(signature: &Signature) -> Value {
    json!({ "pattern": signature.pattern.shown(), "html": signature.html, "updated_at": signature.updated_at })
}

fn parsed(pattern: &str) -> Result<SignaturePattern, Problem> {
    SignaturePattern::parse(pattern).map_err(|error| SignatureError::from(error).into())
}

pub(super) async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = call.store().signatures(call.org()).await?;
    Ok(Reply::json(&json!({ "signatures": found.iter().map(shown).collect::<Vec<_>>() })))
}

pub(super) async fn show(call: &Call<'_>, pattern: String) -> Result<Reply, Problem> {
    let found = call.store().signature(call.org(), &parsed(&pattern)?).await?;
    found.map(|found| Reply::json(&shown(&found))).ok_or_else(|| Problem::not_found("such signature"))
}

#[derive(Deserialize)]
struct Typed {
    html: String,
}

pub(super) async fn save(call: &Call<'_>, pattern: String) -> Result<Reply, Problem> {
    let typed: Typed = call.json()?;
    let saved = operations::save_signature(call.bridge(), call.org(), &pattern, &typed.html).await?;
    let (signature, pattern) = (&saved.signature, saved.signature.pattern.shown());
    call.record("signature.saved", &pattern).await;
    let (html, updated_at) = (&signature.html, signature.updated_at);
    let answer = json!({ "pattern": pattern, "html": html, "updated_at": updated_at, "removed": saved.removed });
    Ok(Reply::json(&answer))
}

pub(super) async fn delete(call: &Call<'_>, pattern: String) -> Result<Reply, Problem> {
    if !operations::delete_signature(call.bridge(), call.org(), &pattern).await? {
        return Err(Problem::not_found("such signature"));
    }
    call.record("signature.deleted", &pattern).await;
    Ok(Reply::json(&json!({})))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tried {
    pattern: Option<String>,
    html: Option<String>,
    address: Option<String>,
}

/// Which signature an address would get, or how an HTML would look as one.
pub(super) async fn preview(call: &Call<'_>) -> Result<Reply, Problem> {
    let tried: Tried = call.json()?;
    let (pattern, html) = match (tried.html, tried.address) {
        (Some(html), _) => (tried.pattern.map(|pattern| parsed(&pattern)).transpose()?, html),
        (None, Some(address)) => {
            let found = operations::signature_of_address(call.bridge(), call.org(), &address).await?;
            found.map(|found| (Some(found.pattern), found.html)).unwrap_or_default()
        }
        (None, None) => return Err(Problem::field("html", "`html` or `address` is missing")),
    };
    let looks = operations::preview(&html);
    let pattern = pattern.map(|pattern| pattern.shown());
    Ok(Reply::json(&json!({ "pattern": pattern, "html": looks.html, "text": looks.text })))
}
