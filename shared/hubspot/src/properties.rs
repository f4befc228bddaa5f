//! The properties that tickets can have. See <https://developers.hubspot.com/docs/api/crm/properties>.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::wire::filled;
use domain::PropertyKind;
use serde::Deserialize;
use serde_json::{Value, json};
use transport::Path;
use transport::json::{JsonCall, Loose, WireError, without_nulls};

/// A property that the portal's tickets can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketProperty {
    /// The internal name.
    pub name: String,
    /// The kind of its values.
    pub kind: PropertyKind,
    /// No two tickets may have the same value, and tickets can be read by it.
    pub unique: bool,
    /// The values a choice can have.
    pub options: Vec<String>,
    /// HubSpot keeps its values itself.
    pub read_only: bool,
}

/// HubSpot's words for the kinds of values.
const KINDS: [(&str, PropertyKind); 6] = [
    ("string", PropertyKind::Text),
    ("number", PropertyKind::Number),
    ("bool", PropertyKind::Checkbox),
    ("enumeration", PropertyKind::Choice),
    ("date", PropertyKind::Date),
    ("datetime", PropertyKind::DateTime),
];

fn kind_of(word: &str) -> PropertyKind {
    let known = KINDS.into_iter().find(|(known, _)| *known == word);
    known.map_or_else(|| PropertyKind::Other(word.to_owned()), |(_, kind)| kind)
}

fn word(kind: &PropertyKind) -> &str {
    match kind {
        PropertyKind::Other(other) => other,
        kind => KINDS.iter().find(|(_, known)| known == kind).map_or("string", |(word, _)| word),
    }
}

/// The field on HubSpot's page.
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
    /// The name that people read.
    pub label: String,
    /// The group it appears in, which must exist.
    pub group: String,
    /// The kind of its values.
    pub kind: PropertyKind,
    /// See [`TicketProperty::unique`].
    pub unique: bool,
    /// The values a choice can have; a checkbox needs none here.
    pub options: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PropertyResponse {
    name: Loose,
    #[serde(rename = "type")]
    kind: Loose,
    has_unique_value: Loose,
    calculated: Loose,
    options: Vec<OptionResponse>,
    modification_metadata: ModificationResponse,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ModificationResponse {
    read_only_value: Loose,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OptionResponse {
    value: Loose,
}

impl TryFrom<PropertyResponse> for TicketProperty {
    type Error = WireError;

    fn try_from(wire: PropertyResponse) -> Result<Self, WireError> {
        Ok(Self {
            name: filled(wire.name, "name")?,
            kind: kind_of(wire.kind.as_str().unwrap_or_default()),
            unique: wire.has_unique_value.is("true"),
            read_only: wire.calculated.is("true") || wire.modification_metadata.read_only_value.is("true"),
            options: wire.options.into_iter().filter_map(|option| option.value.text()).collect(),
        })
    }
}

impl Portal {
    fn ticket_properties_path(&self) -> Path {
        Path::new(self.versions().properties).then("tickets")
    }

    /// All properties of the portal's tickets.
    pub async fn ticket_properties(&self) -> Result<Vec<TicketProperty>, HubSpotError> {
        let call = JsonCall::get("list the ticket properties", self.ticket_properties_path());
        self.list::<PropertyResponse, _>(call).await
    }

    /// Adds the property; one of that name that exists already is left as it is.
    pub async fn create_ticket_property(&self, property: &NewProperty) -> Result<(), HubSpotError> {
        let options = options(property);
        let body = without_nulls(json!({
            "name": property.name,
            "label": property.label,
            "groupName": property.group,
            "type": word(&property.kind),
            "fieldType": field(&property.kind),
            "hasUniqueValue": property.unique,
            "options": (!options.is_empty()).then_some(options),
        }));
        let call = JsonCall::post_repeatable("create a ticket property", self.ticket_properties_path(), &body);
        exists_or(self.done(call).await)
    }

    /// Adds the group that properties are shown in; one of that name that exists already is left as it is.
    pub async fn create_ticket_property_group(&self, name: &str, label: &str) -> Result<(), HubSpotError> {
        let (path, body) = (self.ticket_properties_path().then("groups"), json!({"name": name, "label": label}));
        exists_or(self.done(JsonCall::post_repeatable("create a property group", path, &body)).await)
    }
}

/// HubSpot wants a checkbox's two options named.
fn options(property: &NewProperty) -> Vec<Value> {
    let own = property.options.iter().map(|option| (option.as_str(), option.as_str()));
    let checkbox = [("Yes", "true"), ("No", "false")].into_iter().filter(|_| property.kind == PropertyKind::Checkbox);
    let own = own.filter(|_| property.kind != PropertyKind::Checkbox);
    let named = |(order, (label, value))| json!({"label": label, "value": value, "displayOrder": order});
    own.chain(checkbox).enumerate().map(named).collect()
}

fn exists_or(created: Result<(), HubSpotError>) -> Result<(), HubSpotError> {
    match created {
        Err(HubSpotError::Conflict { .. }) => Ok(()),
        created => created,
    }
}
