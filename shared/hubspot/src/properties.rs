//! The properties that tickets can have (facts on properties).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{Page, PageResponse, PropertyResponse};
use domain::PropertyKind;
use serde::Serialize;

/// A property that the portal's tickets can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketProperty {
    /// The internal name.
    pub name: String,
    /// What its values are.
    pub kind: PropertyKind,
    /// No two tickets may have the same value, and tickets can be read by it.
    pub unique: bool,
    /// The values a choice can have.
    pub options: Vec<String>,
    /// HubSpot keeps its values itself.
    pub read_only: bool,
}

pub(crate) fn kind_of_hubspot(kind: &str) -> PropertyKind {
    match kind {
        "string" => PropertyKind::Text,
        "number" => PropertyKind::Number,
        "bool" => PropertyKind::Checkbox,
        "enumeration" => PropertyKind::Choice,
        "date" => PropertyKind::Date,
        "datetime" => PropertyKind::DateTime,
        other => PropertyKind::Other(other.to_owned()),
    }
}

fn name(kind: &PropertyKind) -> &str {
    match kind {
        PropertyKind::Text => "string",
        PropertyKind::Number => "number",
        PropertyKind::Checkbox => "bool",
        PropertyKind::Choice => "enumeration",
        PropertyKind::Date => "date",
        PropertyKind::DateTime => "datetime",
        PropertyKind::Other(other) => other,
    }
}

/// How HubSpot's page shows it.
fn field(kind: &PropertyKind) -> &'static str {
    match kind {
        PropertyKind::Text | PropertyKind::Other(_) => "text",
        PropertyKind::Number => "number",
        PropertyKind::Checkbox => "booleancheckbox",
        PropertyKind::Choice => "select",
        PropertyKind::Date | PropertyKind::DateTime => "date",
    }
}

/// A property to be added to the portal's tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProperty {
    /// The internal name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// The group it appears in, which must exist.
    pub group: String,
    /// What its values are.
    pub kind: PropertyKind,
    /// See [`TicketProperty::unique`].
    pub unique: bool,
    /// The values a choice can have; a checkbox needs none here.
    pub options: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PropertyRequest<'a> {
    name: &'a str,
    label: &'a str,
    group_name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    field_type: &'static str,
    has_unique_value: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<OptionRequest<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OptionRequest<'a> {
    label: &'a str,
    value: &'a str,
    display_order: usize,
}

#[derive(Serialize)]
struct GroupRequest<'a> {
    name: &'a str,
    label: &'a str,
}

impl Portal {
    /// All properties of the portal's tickets.
    pub async fn ticket_properties(&self) -> Result<Vec<TicketProperty>, HubSpotError> {
        let path = self.versions().properties().then("tickets");
        let page: Page<TicketProperty> =
            self.fetch::<PageResponse<PropertyResponse>, _>(Ask::get("list the ticket properties", path)).await?;
        Ok(page.items)
    }

    /// Adds the property; one of that name that exists already is left as it is.
    pub async fn create_ticket_property(&self, property: &NewProperty) -> Result<(), HubSpotError> {
        let body = PropertyRequest {
            name: &property.name,
            label: &property.label,
            group_name: &property.group,
            kind: name(&property.kind),
            field_type: field(&property.kind),
            has_unique_value: property.unique,
            options: options(property),
        };
        let path = self.versions().properties().then("tickets");
        exists_or(self.done(Ask::post_repeatable("create a ticket property", path, &body)).await)
    }

    /// Adds the group that properties are shown in; one of that name that exists already is left as it is.
    pub async fn create_ticket_property_group(&self, name: &str, label: &str) -> Result<(), HubSpotError> {
        let path = self.versions().properties().then("tickets").then("groups");
        exists_or(self.done(Ask::post_repeatable("create a property group", path, &GroupRequest { name, label })).await)
    }
}

/// HubSpot wants a checkbox's two options named.
fn options(property: &NewProperty) -> Vec<OptionRequest<'_>> {
    let named = |(display_order, (label, value))| OptionRequest { label, value, display_order };
    if property.kind == PropertyKind::Checkbox {
        return [("Yes", "true"), ("No", "false")].into_iter().enumerate().map(named).collect();
    }
    property.options.iter().map(|option| (option.as_str(), option.as_str())).enumerate().map(named).collect()
}

fn exists_or(created: Result<(), HubSpotError>) -> Result<(), HubSpotError> {
    match created {
        Err(HubSpotError::Conflict { .. }) => Ok(()),
        created => created,
    }
}
