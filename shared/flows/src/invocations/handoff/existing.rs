//! The ticket a handoff finds: the thread's own, the session's, or none that goes on.

use crate::conversation::pipeline;
use crate::invocations::handoff::request::TicketOutcome;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::Effect;
use domain::{MAX_TEXT, Thread, TicketId, length};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Session, Step};

/// What there is.
#[derive(Default)]
pub(crate) struct Found {
    /// The ticket that goes on.
    pub(crate) ticket: Option<hubspot::Ticket>,
    /// It is closed now.
    pub(crate) closed: bool,
    /// A ticket that was closed too long ago: the new one names it.
    pub(crate) follows: Option<TicketId>,
}

const PROPERTIES: [&str; 4] = ["hs_pipeline", "hs_pipeline_stage", "content", "closed_date"];

/// The thread's ticket (Help Desk) in any state; else the session's, if it is open or was closed lately.
pub(crate) async fn find(job: &Job<'_>, session: &Session, thread: Option<&Thread>) -> Result<Found, FlowError> {
    let tenant = &job.tenant;
    let of_thread = thread.and_then(|thread| thread.ticket.as_ref());
    let Some(id) = of_thread.or(session.ticket.as_ref()) else { return former(job, session).await };
    let Some(ticket) = tenant.portal.ticket(id, &PROPERTIES).await? else { return former(job, session).await };
    let closed = pipeline::is_closed(tenant, &ticket).await?;
    if closed && of_thread.is_none() && !lately(job, &ticket) {
        return Ok(Found { follows: Some(ticket.id), ..Found::default() });
    }
    Ok(Found { ticket: Some(ticket), closed, follows: None })
}

/// The ticket of the session before this one.
async fn former(job: &Job<'_>, session: &Session) -> Result<Found, FlowError> {
    let Some(previous) = &session.previous else { return Ok(Found::default()) };
    let former = job.tenant.bridge.store.session(&session.org, previous).await?;
    Ok(Found { follows: former.and_then(|former| former.ticket), ..Found::default() })
}

/// Closed within `reopen_within_days`. HubSpot keeps the date by itself; a ticket without one is left alone.
fn lately(job: &Job<'_>, ticket: &hubspot::Ticket) -> bool {
    let days = job.tenant.connection.settings.reopen_within_days;
    let kept = SignedDuration::from_hours(24 * i64::from(days));
    let closed_at = ticket.properties.get("closed_date").and_then(|text| moment(text));
    closed_at.is_some_and(|at| job.now().duration_since(at) <= kept)
}

/// HubSpot writes moments as RFC 3339, and in older portals as milliseconds.
fn moment(text: &str) -> Option<Timestamp> {
    let millis = || text.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    text.parse().ok().or_else(millis)
}

/// What becomes of the ticket that was found.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plan {
    /// What becomes of it.
    #[serde(rename = "how")]
    pub(crate) outcome: TicketOutcome,
    /// How much the ticket's own words leave of its content.
    pub(crate) room: usize,
    /// The ticket that a new one names as its former.
    pub(crate) follows: Option<TicketId>,
}

/// Made once and kept: a further run finds the ticket open, and cuts the transcript where this one does.
pub(crate) async fn plan(job: &Job<'_>, found: &Found) -> Result<Plan, FlowError> {
    let kept = job.kept(Effect::Plan).and_then(|step| step.detail.as_deref());
    if let Some(plan) = kept.and_then(|plan| serde_json::from_str(plan).ok()) {
        return Ok(plan);
    }
    let outcome = if found.closed { TicketOutcome::Reopened } else { TicketOutcome::Updated };
    let theirs = found.ticket.as_ref().and_then(|ticket| ticket.properties.get("content"));
    let theirs = theirs.filter(|content| !content.is_empty());
    let room = theirs.map_or(MAX_TEXT, |theirs| MAX_TEXT.saturating_sub(length(theirs) + 2));
    let plan = Plan { outcome, room, follows: found.follows.clone() };
    if found.ticket.is_none() && found.follows.is_none() {
        return Ok(plan);
    }
    job.keep(Effect::Plan, Step { about_to: None, done: None, detail: serde_json::to_string(&plan).ok() });
    job.write_kept().await?;
    Ok(plan)
}
