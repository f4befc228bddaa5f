//! Stages of the portal's ticket pipelines.

use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::tenant::Tenant;
use domain::{Reason, TicketId};
use hubspot::{Pipeline, Ticket, property};
use std::collections::BTreeMap;
use store::Session;

/// Pipeline and stage of a new ticket: those of the settings, else the first pipeline's first open stage.
pub(crate) async fn open_stage(tenant: &Tenant<'_>) -> Result<(String, String), FlowError> {
    let settings = &tenant.connection.settings;
    if let (Some(pipeline), Some(stage)) = (&settings.pipeline_id, &settings.open_stage_id) {
        return Ok((pipeline.clone(), stage.clone()));
    }
    let pipelines = tenant.pipelines().await?;
    let wanted = settings.pipeline_id.as_deref();
    let pipeline =
        pipelines.iter().find(|p| wanted.is_none_or(|id| id == p.id)).ok_or_else(|| missing("ticket pipeline"))?;
    let stage = settings.open_stage_id.clone().or_else(|| choose(pipeline, false, None));
    Ok((pipeline.id.clone(), stage.ok_or_else(|| missing("open stage"))?))
}

/// The stage in which the ticket is closed.
pub(crate) async fn closed_stage(tenant: &Tenant<'_>, ticket: &Ticket) -> Result<String, FlowError> {
    let pipelines = tenant.pipelines().await?;
    let set = tenant.connection.settings.closed_stage_id.as_deref();
    choose(pipeline_of(&pipelines, ticket)?, true, set).ok_or_else(|| missing("closed stage"))
}

/// The stage in which a closed ticket is open again.
pub(crate) async fn reopened_stage(tenant: &Tenant<'_>, ticket: &Ticket) -> Result<String, FlowError> {
    let pipelines = tenant.pipelines().await?;
    let set = tenant.connection.settings.open_stage_id.as_deref();
    choose(pipeline_of(&pipelines, ticket)?, false, set).ok_or_else(|| missing("open stage"))
}

/// The stage `set` by the admin where the pipeline has it, else the pipeline's first.
fn choose(pipeline: &Pipeline, closed: bool, set: Option<&str>) -> Option<String> {
    let stages = || pipeline.stages.iter().filter(|stage| stage.closed == closed);
    let stage = stages().find(|stage| Some(stage.id.as_str()) == set).or_else(|| stages().min_by_key(|s| s.order));
    stage.map(|stage| stage.id.clone())
}

/// Opens the closed ticket of a session that is open again. In Assist Mode tickets belong to people and stay as they are.
///
/// A ticket that HubSpot refuses to open for good does not stop the session.
pub(crate) async fn reopen_ticket(tenant: &Tenant<'_>, session: &Session) -> Result<(), FlowError> {
    let settings = &tenant.connection.settings;
    let wanted = settings.enabled && settings.ticketing_enabled && !tenant.assists(session);
    let Some(ticket) = session.ticket.as_ref().filter(|_| wanted) else { return Ok(()) };
    match reopen(tenant, ticket).await {
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            tracing::warn!(error = %error, "the ticket of a reopened session stays closed");
            Ok(())
        }
        reopened => reopened,
    }
}

async fn reopen(tenant: &Tenant<'_>, id: &TicketId) -> Result<(), FlowError> {
    if let Some(ticket) = tenant.portal.ticket(id, &[property::PIPELINE, property::STAGE]).await?
        && is_closed(tenant, &ticket).await?
    {
        let changes = BTreeMap::from([(property::STAGE.to_owned(), reopened_stage(tenant, &ticket).await?)]);
        tenant.portal.update_ticket(&ticket.id, &changes).await?;
    }
    Ok(())
}

/// Whether the ticket is in a closed stage of its pipeline.
pub(crate) async fn is_closed(tenant: &Tenant<'_>, ticket: &Ticket) -> Result<bool, FlowError> {
    let pipelines = tenant.pipelines().await?;
    let stage = ticket.get(property::STAGE);
    Ok(pipeline_of(&pipelines, ticket)
        .is_ok_and(|pipeline| pipeline.stages.iter().any(|s| s.closed && Some(s.id.as_str()) == stage)))
}

fn pipeline_of<'p>(pipelines: &'p [Pipeline], ticket: &Ticket) -> Result<&'p Pipeline, FlowError> {
    let id = ticket.get(property::PIPELINE);
    let found = pipelines.iter().find(|pipeline| Some(pipeline.id.as_str()) == id);
    found.ok_or_else(|| missing("pipeline of the ticket"))
}

fn missing(what: &str) -> FlowError {
    FlowError::Impossible { reason: Reason::HubspotRejected, message: format!("the portal has no {what}") }
}
