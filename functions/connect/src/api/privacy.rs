//! `/api/privacy`: what is held of one person.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use flows::InvokeErrorKind;
use lambda_http::http::{Method, StatusCode};

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["privacy", "export"]) => Box::pin(export(call)),
        _ => return None,
    })
}

/// `contact` is HubSpot's id of the person, or their e-mail address.
async fn export(call: &Call<'_>) -> Result<Reply, Problem> {
    let contact = call.query("contact").ok_or_else(|| Problem::field("contact", "`contact` is missing"))?;
    let found = operations::export_person(&call.connect.bridge, &call.admin.org, contact).await;
    found.map(|found| Reply::json(&found)).map_err(|error| match error.kind {
        InvokeErrorKind::InvalidRequest => Problem::field("contact", error.message),
        InvokeErrorKind::NotConnected => Problem::not_found("connection of this organization"),
        _ => Problem::new(StatusCode::BAD_GATEWAY, error.message),
    })
}
