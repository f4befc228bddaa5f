//! `/api/diagnostics`: what is wrong, what it means, and what to click.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use lambda_http::http::Method;
use operations::Subject;

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["diagnostics"]) => Box::pin(diagnose(call)),
        _ => return None,
    })
}

async fn diagnose(call: &Call<'_>) -> Result<Reply, Problem> {
    let subject = match (call.parsed("session")?, call.parsed("thread")?, call.parsed("ticket")?) {
        (Some(session), _, _) => Subject::Session(session),
        (None, Some(thread), _) => Subject::Thread(thread),
        (None, None, Some(ticket)) => Subject::Ticket(ticket),
        (None, None, None) => Subject::Org,
    };
    // It asks for many things at once, which makes a large future.
    let diagnosis = Box::pin(operations::diagnose(&call.connect.desk(), &call.admin.org, &subject)).await;
    let diagnosis = diagnosis.map_err(|error| Problem::internal("examine the organization", &error))?;
    let answer = serde_json::to_value(diagnosis).map_err(|error| Problem::internal("write the findings", &error))?;
    Ok(Reply::json(&answer))
}
