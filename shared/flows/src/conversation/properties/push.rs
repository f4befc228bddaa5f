//! Writes custom data into ticket properties: the values that changed, each in the form of its property.

use crate::conversation::properties::lock::holding;
use crate::conversation::warning::Warning;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{Agreed, PropertyShape, TicketId, ToProperties, fingerprint};
use hubspot::{HubSpotError, NewProperty};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{PortalProperties, Session};

/// Properties that one request may create: custom data may hold anything.
const NEW_PROPERTIES: usize = 20;

/// Writes new values to HubSpot and returns the keys whose values HubSpot has now. A value that does not fit is a warning.
pub(crate) async fn push(
    job: &Job<'_>,
    session: &Session,
    custom_data: &BTreeMap<String, Value>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, FlowError> {
    if !job.tenant.connection.settings.ticketing_enabled {
        warnings.push(Warning::new("ticketing_disabled", "without tickets there are no properties to write"));
        return Ok(Vec::new());
    }
    let Some(ticket) = &session.ticket else {
        warnings.push(Warning::new("no_ticket", "the session has no ticket yet; its handoff takes the data along"));
        return Ok(Vec::new());
    };
    let (plan, shapes) = plan(job, custom_data, warnings).await?;
    holding(job, session, async |agreed| {
        write(&Writing { job, session, ticket, shapes: &shapes }, plan, custom_data, agreed, warnings).await
    })
    .await
}

/// Decides which key is written into which property, with a warning for each key that is not written.
///
/// Missing properties are created if the settings say so.
pub(crate) async fn plan(
    job: &Job<'_>,
    custom_data: &BTreeMap<String, Value>,
    warnings: &mut Vec<Warning>,
) -> Result<(ToProperties, Arc<Vec<PropertyShape>>), FlowError> {
    let tenant = &job.tenant;
    let settings = &tenant.connection.settings;
    let mut shapes = tenant.ticket_properties().await?;
    let mut plan = domain::to_properties(custom_data, &settings.property_map, &shapes);
    if settings.create_properties && !plan.absent.is_empty() {
        let group = match tenant.connection.properties {
            PortalProperties::Ready => "opencx",
            PortalProperties::Unknown | PortalProperties::Refused(_) => "ticketinformation",
        };
        for (name, label, kind) in std::mem::take(&mut plan.absent).into_iter().take(NEW_PROPERTIES) {
            let property =
                NewProperty { name, label, group: group.to_owned(), kind, unique: false, options: Vec::new() };
            match tenant.portal.create_ticket_property(&property).await {
                Ok(()) => {}
                Err(error @ (HubSpotError::Rejected { .. } | HubSpotError::MissingScopes(_))) => {
                    tracing::warn!(error = %error, "a ticket property could not be created");
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        shapes = tenant.refreshed_ticket_properties().await?;
        plan = domain::to_properties(custom_data, &settings.property_map, &shapes);
    }
    for (key, why) in &plan.left_out {
        warnings.push(Warning::new("custom_data_not_written", format!("{key}: {why}")));
    }
    Ok((plan, shapes))
}

/// Records the custom data that a handoff wrote with its ticket. If this fails, a later push writes the values again.
pub(crate) async fn remember(job: &Job<'_>, session: &Session, custom_data: &BTreeMap<String, Value>) {
    if custom_data.is_empty() {
        return;
    }
    let recorded = async {
        let shapes = job.tenant.ticket_properties().await?;
        let plan = domain::to_properties(custom_data, &job.tenant.connection.settings.property_map, &shapes);
        let at = job.now();
        holding(job, session, async |agreed| {
            for (property, (key, text)) in plan.write {
                let value = fingerprint(&text, &kind_of(&shapes, &property));
                agreed.insert(property, Agreed { value, at, key, by_hubspot: false });
            }
            Ok(())
        })
        .await
    };
    if let Err(error) = recorded.await {
        tracing::warn!(error = %error, "the properties of a new ticket are not recorded as agreed on");
    }
}

struct Writing<'a> {
    job: &'a Job<'a>,
    session: &'a Session,
    ticket: &'a TicketId,
    shapes: &'a [PropertyShape],
}

/// Writes the planned values and returns the keys whose values HubSpot has afterwards.
async fn write(
    writing: &Writing<'_>,
    plan: ToProperties,
    custom_data: &BTreeMap<String, Value>,
    agreed: &mut BTreeMap<String, Agreed>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, FlowError> {
    let mark = |property: &str, text: &str| fingerprint(text, &kind_of(writing.shapes, property));
    let (same, mut news): (BTreeMap<_, _>, BTreeMap<_, _>) = plan
        .write
        .into_iter()
        .partition(|(property, (_, text))| agreed.get(property).is_some_and(|one| one.value == mark(property, text)));
    let texts = |news: &BTreeMap<String, (String, String)>| {
        news.iter().map(|(property, (_, text))| (property.clone(), text.clone())).collect::<BTreeMap<_, _>>()
    };
    let mut at = writing.job.now();
    // Each refusal names the properties that HubSpot does not take; the others are tried again.
    for _ in 0..3 {
        if news.is_empty() {
            break;
        }
        let refused = match writing.job.tenant.portal.set_ticket_properties(writing.ticket, &texts(&news)).await {
            Ok(changed_at) => {
                at = changed_at.unwrap_or(at);
                break;
            }
            Err(HubSpotError::UnknownProperties(names)) => names,
            Err(HubSpotError::Rejected { properties, .. }) if properties.iter().any(|p| news.contains_key(p)) => {
                properties
            }
            Err(HubSpotError::NotFound) => {
                warnings.push(Warning::new("ticket_gone", "HubSpot no longer has the session's ticket"));
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        for (key, _) in refused.iter().filter_map(|name| news.remove(name)) {
            warnings.push(Warning::new("custom_data_not_written", format!("{key}: HubSpot does not take its value")));
        }
    }
    let mut contested = BTreeMap::new();
    for (property, (key, text)) in &news {
        if agreed.get(property).is_some_and(|one| one.by_hubspot) {
            contested.extend(custom_data.get_key_value(key).map(|(key, value)| (key.clone(), value.clone())));
        }
        let now = Agreed { value: mark(property, text), at, key: key.clone(), by_hubspot: false };
        agreed.insert(property.clone(), now);
    }
    if !contested.is_empty() {
        // HubSpot's older change may have overwritten these values at OpenCX: OpenCX gets them again.
        writing.job.tenant.opencx().await?.set_custom_data(&writing.session.id, &contested).await?;
    }
    let mut pushed: Vec<String> = news.into_values().chain(same.into_values()).map(|(key, _)| key).collect();
    pushed.sort();
    Ok(pushed)
}

/// The kind of a property's values; text where the property is unknown.
pub(crate) fn kind_of(shapes: &[PropertyShape], property: &str) -> domain::PropertyKind {
    shapes.iter().find(|shape| shape.name == property).map_or(domain::PropertyKind::Text, |shape| shape.kind.clone())
}
