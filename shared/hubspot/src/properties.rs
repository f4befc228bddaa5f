//! The properties that tickets can have (facts on properties).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{Page, PageResponse, PropertyResponse};
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
}

/// What the values of a property are. On the wire they are all texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyKind {
    /// HubSpot's `string`.
    Text,
    /// HubSpot's `number`.
    Number,
    /// HubSpot's `bool`: `true` or `false`.
    Checkbox,
    /// HubSpot's `enumeration`: one of the options, or several joined by `;`.
    Choice,
    /// HubSpot's `date`: a day.
    Date,
    /// HubSpot's `datetime`: a moment.
    DateTime,
    /// What HubSpot has beside these.
    Other(String),
}

impl PropertyKind {
    pub(crate) fn of_hubspot(kind: &str) -> Self {
        match kind {
            "string" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Checkbox,
            "enumeration" => Self::Choice,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            other => Self::Other(other.to_owned()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::Checkbox => "bool",
            Self::Choice => "enumeration",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Other(other) => other,
        }
    }

    /// How HubSpot's page shows it.
    fn field(&self) -> &'static str {
        match self {
            Self::Text | Self::Other(_) => "text",
            Self::Number => "number",
            Self::Checkbox => "booleancheckbox",
            Self::Choice => "select",
            Self::Date | Self::DateTime => "date",
        }
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
            kind: property.kind.name(),
            field_type: property.kind.field(),
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
