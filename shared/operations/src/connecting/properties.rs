//! Our ticket properties are created in a portal.

use futures::future::try_join_all;
use hubspot::property::{
    CHANNEL, HANDED_OFF, HANDOFF_ID, HANDOFF_REASON, LANGUAGE, SENTIMENT, SESSION_ID, SESSION_URL,
};
use hubspot::{HubSpotError, NewProperty, Portal, PropertyKind};
use store::PortalProperties;

/// The group our properties are shown in.
const GROUP: &str = "opencx";

/// Our ticket properties: name, label, kind, unique.
const PROPERTIES: [(&str, &str, PropertyKind, bool); 8] = [
    (HANDOFF_ID, "OpenCX handoff id", PropertyKind::Text, true),
    (SESSION_ID, "OpenCX session id", PropertyKind::Text, false),
    (HANDED_OFF, "Handed off by OpenCX", PropertyKind::Checkbox, false),
    (CHANNEL, "OpenCX channel", PropertyKind::Text, false),
    (SENTIMENT, "OpenCX sentiment", PropertyKind::Text, false),
    (LANGUAGE, "OpenCX language", PropertyKind::Text, false),
    (HANDOFF_REASON, "OpenCX handoff reason", PropertyKind::Text, false),
    (SESSION_URL, "OpenCX session link", PropertyKind::Text, false),
];

/// Creates the group `opencx` and its ticket properties where they do not exist.
///
/// A portal that refuses them is connected all the same, and its tickets are opened without them.
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
    let absent = PROPERTIES.into_iter().filter(|(name, ..)| there.iter().all(|property| property.name != *name));
    let new = |(name, label, kind, unique): (&str, &str, _, _)| {
        let (name, label, group) = (name.to_owned(), label.to_owned(), GROUP.to_owned());
        NewProperty { name, label, group, kind, unique, options: Vec::new() }
    };
    let absent: Vec<_> = absent.map(new).collect();
    if absent.is_empty() {
        return Ok(());
    }
    portal.create_ticket_property_group(GROUP, "OpenCX").await?;
    try_join_all(absent.iter().map(|property| portal.create_ticket_property(property))).await?;
    Ok(())
}
