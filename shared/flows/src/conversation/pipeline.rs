//! Stages of the portal's ticket pipelines.

use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::tenant::Tenant;
use domain::{Reason, TicketId};
use hubspot::{Pipeline, Stage, Ticket};
use std::collections::BTreeMap;

/// Pipeline and stage of a new ticket: as set, else the first pipeline's first open stage.
pub(crate) async fn open_stage(tenant: &Tenant<'_>) -> Result<(String, String), FlowError> {
    let settings = &tenant.connection.settings;
    if let (Some(pipeline), Some(stage)) = (&settings.pipeline_id, &settings.open_stage_id) {
        return Ok((pipeline.clone(), stage.clone()));
    }
    let pipelines = tenant.pipelines().await?;
    let wanted = settings.pipeline_id.as_deref();
    let pipeline =
        pipelines.iter().find(|p| wanted.is_none_or(|id| id == p.id)).ok_or_else(|| missing("ticket pipeline"))?;
    let first = |stages: &[Stage]| stages.iter().filter(|s| !s.closed).min_by_key(|s| s.order).map(|s| s.id.clone());
    let stage =
        settings.open_stage_id.clone().or_else(|| first(&pipeline.stages)).ok_or_else(|| missing("open stage"))?;
    Ok((pipeline.id.clone(), stage))
}

/// The closed stage of the ticket's own pipeline: as set where it belongs to it, else the lowest in order.
pub(crate) async fn closed_stage(tenant: &Tenant<'_>, ticket: &Ticket) -> Result<String, FlowError> {
    let pipelines = tenant.pipelines().await?;
    let pipeline = pipeline_of(&pipelines, ticket).ok_or_else(|| missing("pipeline of the ticket"))?;
    let set = tenant.connection.settings.closed_stage_id.as_deref();
    let closed = || pipeline.stages.iter().filter(|stage| stage.closed);
    let stage =
        closed().find(|stage| Some(stage.id.as_str()) == set).or_else(|| closed().min_by_key(|stage| stage.order));
    stage.map(|stage| stage.id.clone()).ok_or_else(|| missing("closed stage"))
}

/// The stage in which a closed ticket goes on: as set where it belongs to its pipeline, else the pipeline's first open one.
pub(crate) async fn reopened_stage(tenant: &Tenant<'_>, ticket: &Ticket) -> Result<String, FlowError> {
    let pipelines = tenant.pipelines().await?;
    let pipeline = pipeline_of(&pipelines, ticket).ok_or_else(|| missing("pipeline of the ticket"))?;
    let set = tenant.connection.settings.open_stage_id.as_deref();
    let open = || pipeline.stages.iter().filter(|stage| !stage.closed);
    let stage = open().find(|stage| Some(stage.id.as_str()) == set).or_else(|| open().min_by_key(|stage| stage.order));
    stage.map(|stage| stage.id.clone()).ok_or_else(|| missing("open stage"))
}

/// Opens the ticket of a session that goes on, if it is closed. Its failing for good is no obstacle.
pub(crate) async fn reopen_ticket(tenant: &Tenant<'_>, id: &TicketId) -> Result<(), FlowError> {
    let reopened = async {
        let Some(ticket) = tenant.portal.ticket(id, &["hs_pipeline", "hs_pipeline_stage"]).await? else {
            return Ok(());
        };
        if is_closed(tenant, &ticket).await? {
            let stage = reopened_stage(tenant, &ticket).await?;
            let changes = BTreeMap::from([("hs_pipeline_stage".to_owned(), stage)]);
            tenant.portal.update_ticket(&ticket.id, &changes).await?;
        }
        Ok::<_, FlowError>(())
    };
    match reopened.await {
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            tracing::warn!(error = %error, "the ticket of a reopened session stays closed");
            Ok(())
        }
        reopened => reopened,
    }
}

/// Whether the ticket is in a closed stage of its pipeline.
pub(crate) async fn is_closed(tenant: &Tenant<'_>, ticket: &Ticket) -> Result<bool, FlowError> {
    let pipelines = tenant.pipelines().await?;
    let stage = ticket.properties.get("hs_pipeline_stage");
    let stages = pipeline_of(&pipelines, ticket).map(|pipeline| pipeline.stages.as_slice()).unwrap_or_default();
    Ok(stages.iter().any(|s| s.closed && Some(&s.id) == stage))
}

fn pipeline_of<'p>(pipelines: &'p [Pipeline], ticket: &Ticket) -> Option<&'p Pipeline> {
    let id = ticket.properties.get("hs_pipeline");
    pipelines.iter().find(|pipeline| Some(&pipeline.id) == id)
}

fn missing(what: &str) -> FlowError {
    FlowError::Impossible { reason: Reason::HubspotRejected, message: format!("the portal has no {what}") }
}
