//! A place for our ticket properties in a portal.

use futures::future::try_join_all;
use hubspot::{HubSpotError, NewProperty, Portal, PropertyKind};
use store::PortalProperties;

/// The group our properties are shown in.
const GROUP: &str = "opencx";

/// The ticket properties of contract section 3: name, label, kind, unique.
const PROPERTIES: [(&str, &str, PropertyKind, bool); 8] = [
    ("opencx_handoff_id", "OpenCX handoff id", PropertyKind::Text, true),
    ("opencx_session_id", "OpenCX session id", PropertyKind::Text, false),
    ("opencx_handedoff", "Handed off by OpenCX", PropertyKind::Checkbox, false),
    ("opencx_channel", "OpenCX channel", PropertyKind::Text, false),
    ("opencx_sentiment", "OpenCX sentiment", PropertyKind::Text, false),
    ("opencx_language", "OpenCX language", PropertyKind::Text, false),
    ("opencx_handoff_reason", "OpenCX handoff reason", PropertyKind::Text, false),
    ("opencx_session_url", "OpenCX session link", PropertyKind::Text, false),
];

/// Creates the group `opencx` and its ticket properties where they do not exist.
///
/// A portal that refuses them is connected all the same: its tickets are opened without. Any other failure passes.
pub async fn prepare_properties(portal: &Portal) -> Result<PortalProperties, HubSpotError> {
    match create(portal).await {
        Ok(()) => Ok(PortalProperties::Ready),
        Err(error @ (HubSpotError::MissingScopes(_) | HubSpotError::Rejected { .. })) => {
            Ok(PortalProperties::Refused(error.to_string()))
        }
        Err(error) => Err(error),
    }
}

async fn create(portal: &Portal) -> Result<(), HubSpotError> {
    let there = portal.ticket_properties().await?;
    let absent: Vec<_> = PROPERTIES
        .into_iter()
        .filter(|(name, ..)| there.iter().all(|property| property.name != *name))
        .map(|(name, label, kind, unique)| NewProperty {
            name: name.to_owned(),
            label: label.to_owned(),
            group: GROUP.to_owned(),
            kind,
            unique,
            options: Vec::new(),
        })
        .collect();
    if absent.is_empty() {
        return Ok(());
    }
    portal.create_ticket_property_group(GROUP, "OpenCX").await?;
    try_join_all(absent.iter().map(|property| portal.create_ticket_property(property))).await?;
    Ok(())
}
