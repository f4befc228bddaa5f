//! What an admin looks up: `/api/diagnostics`, `/api/stats`, `/api/audit`, `/api/privacy`.

use crate::Reply;
use crate::call::Call;
use crate::problem::Problem;
use jiff::SignedDuration;
use operations::{CheckState, Diagnosis, Subject};
use serde_json::{Value, json};

/// How many entries a page of the audit trail has.
const AUDIT_PAGE: u32 = 50;
/// Figures without a stated beginning are those of the last day.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is wrong, what it means, and what to click.
pub(super) async fn diagnose(call: &Call<'_>) -> Result<Reply, Problem> {
    let subject = match (call.parsed("session")?, call.parsed("thread")?, call.parsed("ticket")?) {
        (Some(session), _, _) => Subject::Session(session),
        (None, Some(thread), _) => Subject::Thread(thread),
        (None, None, Some(ticket)) => Subject::Ticket(ticket),
        (None, None, None) => Subject::Org,
    };
    Ok(Reply::json(&json!(diagnosis(call, &subject).await?)))
}

/// The findings of the diagnostics that `ids` name.
pub(super) async fn examine(call: &Call<'_>, ids: &[&str]) -> Result<Reply, Problem> {
    let mut checks = diagnosis(call, &Subject::Org).await?.checks;
    checks.retain(|check| ids.contains(&check.id));
    let ok = checks.iter().all(|check| check.state != CheckState::Failed);
    Ok(Reply::json(&json!({ "ok": ok, "checks": checks })))
}

async fn diagnosis(call: &Call<'_>, subject: &Subject) -> Result<Diagnosis, Problem> {
    // It asks for many things at once, which makes a large future.
    Ok(Box::pin(operations::diagnose(&call.connect.desk(), call.org(), subject)).await?)
}

/// Figures for the charts.
pub(super) async fn stats(call: &Call<'_>) -> Result<Reply, Problem> {
    let to = call.parsed("to")?.unwrap_or(call.now);
    let from = call.parsed("from")?.unwrap_or(to - DAY);
    if from > to {
        return Err(Problem::field("from", "`from` is after `to`"));
    }
    Ok(Reply::json(&json!(operations::read_stats(call.bridge(), call.org(), from, to).await?)))
}

/// Who changed or replayed what, when.
pub(super) async fn audit(call: &Call<'_>) -> Result<Reply, Problem> {
    let page = call.store().audit(call.org(), call.query("cursor"), AUDIT_PAGE).await?;
    let entries = page.entries.iter();
    let entries: Vec<Value> = entries
        .map(|entry| json!({ "at": entry.at, "actor": entry.actor, "action": entry.action, "what": entry.what }))
        .collect();
    Ok(Reply::json(&json!({ "entries": entries, "cursor": page.cursor })))
}

/// What is stored about a person: `contact` is HubSpot's id, or the e-mail address.
pub(super) async fn export(call: &Call<'_>) -> Result<Reply, Problem> {
    let contact: String = call.required("contact")?;
    Ok(Reply::json(&operations::export_person(call.bridge(), call.org(), &contact).await?))
}
