//! Descriptions of properties (facts on properties).

use super::crm::filled;
use super::{Loose, WireError};
use crate::properties::{TicketProperty, kind_of_hubspot};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PropertyResponse {
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
            kind: kind_of_hubspot(wire.kind.as_str().unwrap_or_default()),
            unique: wire.has_unique_value.is("true"),
            read_only: wire.calculated.is("true") || wire.modification_metadata.read_only_value.is("true"),
            options: wire.options.into_iter().filter_map(|option| option.value.text()).collect(),
        })
    }
}
