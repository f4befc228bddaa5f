//! What connecting an organization takes beside its credentials: scopes, and a place for our ticket properties.

use futures::future::try_join_all;
use hubspot::{HubSpotError, NewProperty, Portal, PropertyKind};
use store::PortalProperties;

/// What the bridge cannot work without (contract section 1). `oauth` is not among a private app's scopes.
const REQUIRED: [&str; 5] =
    ["conversations.read", "conversations.write", "tickets", "crm.objects.contacts.read", "crm.objects.contacts.write"];

/// What carries one feature each.
const OPTIONAL: [(&str, &str); 6] = [
    ("crm.objects.owners.read", "assignment by rep, and the list of AI senders"),
    ("crm.objects.companies.read", "the company in the context panel"),
    ("crm.objects.deals.read", "the deals in the context panel"),
    ("crm.schemas.contacts.read", "the contact's fields in the context panel"),
    ("automation", "workflow actions that wait"),
    ("files", "attachments"),
];

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

/// The required scopes that a token does not have.
pub(crate) fn missing_scopes(granted: &[String]) -> Vec<&'static str> {
    REQUIRED.into_iter().filter(|&scope| !has(granted, scope)).collect()
}

/// The optional scopes that a token does not have, each with the feature that is lost.
pub(crate) fn lost_features(granted: &[String]) -> Vec<(&'static str, &'static str)> {
    OPTIONAL.into_iter().filter(|(scope, _)| !has(granted, scope)).collect()
}

fn has(granted: &[String], scope: &str) -> bool {
    granted.iter().any(|granted| granted == scope)
}

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

#[cfg(test)]
mod tests {
    use super::{lost_features, missing_scopes};

    #[test]
    fn each_missing_scope_is_named() {
        let granted = ["tickets", "conversations.read", "files"].map(str::to_owned);
        let missing = ["conversations.write", "crm.objects.contacts.read", "crm.objects.contacts.write"];
        assert_eq!(missing_scopes(&granted), missing);
        let lost: Vec<_> = lost_features(&granted).into_iter().map(|(scope, _)| scope).collect();
        assert!(lost.contains(&"crm.objects.owners.read") && !lost.contains(&"files"), "{lost:?}");
    }
}
