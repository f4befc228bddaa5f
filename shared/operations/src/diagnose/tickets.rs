//! Whether a handoff can open a ticket, and a resolve close it.

use crate::diagnose::Patient;
use crate::diagnose::check::Check;
use domain::Reason;
use flows::{FlowError, RetryDecision};
use store::PortalProperties;

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    if !patient.tenant.connection.settings.ticketing_enabled {
        return vec![
            Check::warning("ticketing", "Tickets", "Ticket creation is switched off in the settings.")
                .means("A handoff leaves its comment in the conversation, but no ticket appears.")
                .fix(&["Switch on tickets in the settings, and save."]),
        ];
    }
    vec![
        Check::ok("ticketing", "Tickets", "Handoffs open tickets."),
        pipeline(patient).await,
        properties(patient).await,
    ]
}

async fn pipeline(patient: &Patient<'_>) -> Check {
    let (id, title) = ("pipeline", "Pipeline and closed stage");
    let settings = &patient.tenant.connection.settings;
    let pipelines = match patient.tenant.portal.ticket_pipelines().await {
        Ok(pipelines) => pipelines,
        Err(error) => return unread(id, title, &error.into()),
    };
    let wanted = settings.pipeline_id.as_deref();
    let Some(pipeline) = pipelines.iter().find(|pipeline| wanted.is_none_or(|id| id == pipeline.id)) else {
        return Check::failed(id, title, "The ticket pipeline in the settings does not exist in HubSpot any more.")
            .means("Handoffs cannot open tickets.")
            .fix(&["Choose a pipeline in the settings, and save."])
            .replay(patient.sample.offer(&Reason::HubspotRejected));
    };
    let stage = |id: &str| pipeline.stages.iter().find(|stage| stage.id == id);
    if settings.open_stage_id.as_deref().is_some_and(|id| stage(id).is_none()) {
        return Check::failed(id, title, "The stage for new tickets in the settings is not in the chosen pipeline.")
            .means("Handoffs cannot open tickets.")
            .fix(&["Choose a stage of the pipeline in the settings, and save."]);
    }
    if !pipeline.stages.iter().any(|stage| stage.closed) {
        return Check::failed(id, title, "The pipeline has no stage whose ticket status is Closed.")
            .means("Tickets of resolved sessions stay open.")
            .fix(&["In HubSpot open Settings, Objects, Tickets, Pipelines, and set the ticket status of the last stage to Closed."]);
    }
    if settings.closed_stage_id.as_deref().is_some_and(|id| stage(id).is_none_or(|stage| !stage.closed)) {
        return Check::warning(
            id,
            title,
            "The closed stage in the settings is no closed stage of the pipeline; the first closed one is used.",
        )
        .fix(&["Choose a closed stage in the settings, and save."]);
    }
    Check::ok(id, title, "New tickets have a pipeline and a stage, and closed ones a closed stage.")
}

async fn properties(patient: &Patient<'_>) -> Check {
    let (id, title) = ("ticket_properties", "Ticket properties");
    let means = "Tickets are opened without the OpenCX fields, such as opencx_handedoff.";
    if matches!(patient.tenant.connection.properties, PortalProperties::Refused(_)) {
        return Check::warning(id, title, "The portal refused the OpenCX ticket properties when it was connected.")
            .means(means)
            .fix(&["Check that the app has the tickets scope and the portal has room for custom properties, and save the connection again."]);
    }
    match patient.tenant.portal.ticket_properties().await {
        Ok(there) if there.iter().any(|property| property.name == "opencx_handoff_id") => {
            Check::ok(id, title, "The OpenCX ticket properties are there.")
        }
        Ok(_) => Check::warning(id, title, "The ticket property opencx_handoff_id was removed in HubSpot.")
            .means(means)
            .fix(&["Save the connection again; the properties are created anew."]),
        Err(error) => unread(id, title, &error.into()),
    }
}

fn unread(id: &'static str, title: &'static str, error: &FlowError) -> Check {
    match error.decision() {
        RetryDecision::Never { reason: Reason::MissingScope(scope) } => {
            Check::failed(id, title, format!("HubSpot does not allow reading tickets: the scope {scope} is missing."))
                .means("No ticket can be opened or closed.")
                .fix(&["Grant the scope to the app in HubSpot, commit, and save the connection again."])
                .replay(None)
        }
        _ => Check::unknown(id, title, "HubSpot could not be asked."),
    }
}
