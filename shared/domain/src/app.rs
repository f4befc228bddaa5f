//! The scopes and subscriptions of our HubSpot app. `infra/hubspot-app` declares the same.

/// The bridge does not work without these. Private apps have no `oauth`.
pub const REQUIRED_SCOPES: [&str; 6] = [
    "oauth",
    "conversations.read",
    "conversations.write",
    "tickets",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
];

/// Each of these carries one feature.
pub const OPTIONAL_SCOPES: [(&str, &str); 8] = [
    ("crm.objects.owners.read", "assignment by rep, and the list of AI senders"),
    ("crm.objects.companies.read", "the company in the context panel"),
    ("crm.objects.deals.read", "the deals in the context panel"),
    ("crm.schemas.contacts.read", "the contact's fields in the context panel"),
    ("automation", "workflow actions that wait"),
    ("files", "attachments"),
    ("conversations.custom_channels.read", CUSTOM_CHANNELS),
    ("conversations.custom_channels.write", CUSTOM_CHANNELS),
];

const CUSTOM_CHANNELS: &str = "OpenCX's own channels as conversations in HubSpot";
/// The setting `custom_channels` needs these, too.
pub const CUSTOM_CHANNEL_SCOPES: [&str; 2] =
    ["conversations.custom_channels.read", "conversations.custom_channels.write"];

/// The events the app subscribes to: type, and property where the type has one.
pub const SUBSCRIPTIONS: [(&str, Option<&str>); 17] = [
    ("conversation.creation", None),
    ("conversation.newMessage", None),
    ("conversation.deletion", None),
    ("conversation.privacyDeletion", None),
    ("conversation.propertyChange", Some("assignedTo")),
    ("conversation.propertyChange", Some("status")),
    ("ticket.propertyChange", Some("hs_pipeline_stage")),
    ("ticket.propertyChange", Some("hubspot_owner_id")),
    ("ticket.propertyChange", Some("subject")),
    ("ticket.propertyChange", Some("content")),
    ("ticket.propertyChange", Some("hs_ticket_priority")),
    ("ticket.propertyChange", Some("hs_ticket_category")),
    ("ticket.propertyChange", Some("opencx_sentiment")),
    ("ticket.deletion", None),
    ("ticket.merge", None),
    ("contact.privacyDeletion", None),
    ("object.creation", Some("note")),
];

/// The required scopes that a portal does not grant.
pub fn missing_scopes(granted: &[String], oauth: bool) -> Vec<&'static str> {
    let needed = REQUIRED_SCOPES.into_iter().filter(|scope| oauth || *scope != "oauth");
    needed.filter(|scope| !granted.iter().any(|granted| granted == scope)).collect()
}

/// The optional scopes that are not granted, each with the feature that is lost.
pub fn lost_features(granted: &[String]) -> Vec<(&'static str, &'static str)> {
    let absent = |(scope, _): &(&str, &str)| !granted.iter().any(|granted| granted == scope);
    OPTIONAL_SCOPES.into_iter().filter(absent).collect()
}

#[cfg(test)]
mod tests {
    use super::{lost_features, missing_scopes};

    #[test]
    fn each_missing_scope_is_named() {
        let granted = ["tickets", "conversations.read", "files"].map(str::to_owned);
        let missing = ["conversations.write", "crm.objects.contacts.read", "crm.objects.contacts.write"];
        assert_eq!(missing_scopes(&granted, false), missing);
        assert_eq!(missing_scopes(&granted, true).first(), Some(&"oauth"));
        let lost: Vec<_> = lost_features(&granted).into_iter().map(|(scope, _)| scope).collect();
        assert!(lost.contains(&"crm.objects.owners.read") && !lost.contains(&"files"), "{lost:?}");
    }
}
