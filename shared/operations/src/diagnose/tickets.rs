//! Whether a handoff can open a ticket, and a resolve close it.

use crate::diagnose::check::{Check, Topic};
use crate::diagnose::patient::Patient;
use domain::Reason;
use hubspot::{HubSpotError, property};
use store::PortalProperties;

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    let topic = Topic("ticketing", "Tickets");
    if !patient.settings().ticketing_enabled {
        let check = topic.warning("Ticket creation is switched off in the settings.");
        let means = "A handoff leaves its comment in the conversation, but no ticket appears.";
        return vec![check.means(means).fix(&["Switch on tickets in the settings, and save."])];
    }
    vec![topic.ok("Handoffs open tickets."), pipeline(patient).await, properties(patient).await]
}

async fn pipeline(patient: &Patient<'_>) -> Check {
    let topic = Topic("pipeline", "Pipeline and closed stage");
    let settings = patient.settings();
    let pipelines = match patient.tenant.portal.ticket_pipelines().await {
        Ok(pipelines) => pipelines,
        Err(error) => return unread(topic, &error),
    };
    let wanted = settings.pipeline_id.as_deref();
    let Some(pipeline) = pipelines.iter().find(|pipeline| wanted.is_none_or(|id| id == pipeline.id)) else {
        return topic
            .failed("The ticket pipeline in the settings does not exist in HubSpot any more.")
            .means("Handoffs cannot open tickets.")
            .fix(&["Choose a pipeline in the settings, and save."])
            .replay(patient.offer(&Reason::HubspotRejected));
    };
    let stage = |id: &str| pipeline.stages.iter().find(|stage| stage.id == id);
    if settings.open_stage_id.as_deref().is_some_and(|id| stage(id).is_none()) {
        return topic
            .failed("The stage for new tickets in the settings is not in the chosen pipeline.")
            .means("Handoffs cannot open tickets.")
            .fix(&["Choose a stage of the pipeline in the settings, and save."]);
    }
    if !pipeline.stages.iter().any(|stage| stage.closed) {
        return topic
            .failed("The pipeline has no stage whose ticket status is Closed.")
            .means("Tickets of resolved sessions stay open.")
            .fix(&["In HubSpot open Settings, Objects, Tickets, Pipelines, and set the ticket status of the last stage to Closed."]);
    }
    if settings.closed_stage_id.as_deref().is_some_and(|id| stage(id).is_none_or(|stage| !stage.closed)) {
        return topic
            .warning(
                "The closed stage in the settings is no closed stage of the pipeline; the first closed one is used.",
            )
            .fix(&["Choose a closed stage in the settings, and save."]);
    }
    topic.ok("New tickets have a pipeline and a stage, and closed ones a closed stage.")
}

async fn properties(patient: &Patient<'_>) -> Check {
    let topic = Topic("ticket_properties", "Ticket properties");
    let means = "Tickets are opened without the OpenCX fields, such as opencx_handedoff.";
    if matches!(patient.connection().properties, PortalProperties::Refused(_)) {
        return topic
            .warning("The portal refused the OpenCX ticket properties when it was connected.")
            .means(means)
            .fix(&["Check that the app has the tickets scope and the portal has room for custom properties, and save the connection again."]);
    }
    match patient.tenant.portal.ticket_properties().await {
        Ok(there) if there.iter().any(|there| there.name == property::HANDOFF_ID) => {
            topic.ok("The OpenCX ticket properties are there.")
        }
        Ok(_) => topic
            .warning(format!("The ticket property {} was removed in HubSpot.", property::HANDOFF_ID))
            .means(means)
            .fix(&["Save the connection again; the properties are created anew."]),
        Err(error) => unread(topic, &error),
    }
}

fn unread(topic: Topic, error: &HubSpotError) -> Check {
    let HubSpotError::MissingScopes(scopes) = error else { return topic.unknown("HubSpot could not be asked.") };
    let scope = scopes.first().map_or("unknown", String::as_str);
    topic
        .failed(format!("HubSpot does not allow reading tickets: the scope {scope} is missing."))
        .means("No ticket can be opened or closed.")
        .fix(&["Grant the scope to the app in HubSpot, commit, and save the connection again."])
}
