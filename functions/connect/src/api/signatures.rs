//! `/api/signatures`: what e-mails end in, by the domain they are sent from.

use super::audit::record;
use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use domain::{Signature, SignaturePattern};
use lambda_http::http::Method;
use operations::SignatureError;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["signatures"]) => Box::pin(list(call)),
        (&Method::POST, ["signatures", "preview"]) => Box::pin(preview(call)),
        (&Method::GET, ["signatures", pattern]) => Box::pin(show(call, (*pattern).to_owned())),
        (&Method::PUT, ["signatures", pattern]) => Box::pin(save(call, (*pattern).to_owned())),
        (&Method::DELETE, ["signatures", pattern]) => Box::pin(delete(call, (*pattern).to_owned())),
        _ => return None,
    })
}

fn shown(signature: &Signature) -> Value {
    json!({ "pattern": signature.pattern.shown(), "html": signature.html, "updated_at": signature.updated_at })
}

async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = call.connect.bridge.store.signatures(&call.admin.org).await;
    let found = found.map_err(|error| Problem::internal("read the signatures", &error))?;
    Ok(Reply::json(&json!({ "signatures": found.iter().map(shown).collect::<Vec<_>>() })))
}

async fn show(call: &Call<'_>, pattern: String) -> Result<Reply, Problem> {
    let pattern = SignaturePattern::parse(&pattern).map_err(|error| refused(SignatureError::Pattern(error)))?;
    let found = call.connect.bridge.store.signature(&call.admin.org, &pattern).await;
    let found = found.map_err(|error| Problem::internal("read the signature", &error))?;
    found.map(|found| Reply::json(&shown(&found))).ok_or_else(|| Problem::not_found("such signature"))
}

#[derive(Deserialize)]
struct Typed {
    html: String,
}

async fn save(call: &Call<'_>, pattern: String) -> Result<Reply, Problem> {
    let typed: Typed = call.json()?;
    let saved = operations::save_signature(&call.connect.bridge, &call.admin.org, &pattern, &typed.html).await;
    let saved = saved.map_err(refused)?;
    record(call, "signature.saved", &saved.signature.pattern.shown()).await;
    let mut answer = shown(&saved.signature);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("removed".to_owned(), json!(saved.removed));
    }
    Ok(Reply::json(&answer))
}

async fn delete(call: &Call<'_>, pattern: String) -> Result<Reply, Problem> {
    let deleted =
        operations::delete_signature(&call.connect.bridge, &call.admin.org, &pattern).await.map_err(refused)?;
    if !deleted {
        return Err(Problem::not_found("such signature"));
    }
    record(call, "signature.deleted", &pattern).await;
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
async fn preview(call: &Call<'_>) -> Result<Reply, Problem> {
    let tried: Tried = call.json()?;
    let (pattern, html) = match (tried.html, tried.address) {
        (Some(html), _) => {
            let pattern = tried.pattern.map(|pattern| SignaturePattern::parse(&pattern)).transpose();
            (pattern.map_err(|error| refused(SignatureError::Pattern(error)))?, html)
        }
        (None, Some(address)) => {
            let found = operations::signature_of_address(&call.connect.bridge, &call.admin.org, &address).await;
            found.map_err(refused)?.map(|found| (Some(found.pattern), found.html)).unwrap_or_default()
        }
        (None, None) => return Err(Problem::field("html", "`html` or `address` is missing")),
    };
    let looks = operations::preview(&html);
    let pattern = pattern.map(|pattern| pattern.shown());
    Ok(Reply::json(&json!({ "pattern": pattern, "html": looks.html, "text": looks.text })))
}

fn refused(error: SignatureError) -> Problem {
    match error {
        SignatureError::Pattern(error) => Problem::field("pattern", error.to_string()),
        SignatureError::Empty | SignatureError::TooLong => Problem::field("html", error.to_string()),
        SignatureError::Store(error) => Problem::internal("use the signatures", &error),
    }
}
