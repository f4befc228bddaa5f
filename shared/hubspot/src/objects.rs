//! CRM records of any kind: contacts, companies, deals, tickets, notes.
//!
//! See <https://developers.hubspot.com/docs/api/crm/associations> for neighbours.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::wire::{IdRequest, IdResponse, newest_first};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use transport::Path;
use transport::json::{JsonCall, Loose, WireError};

/// Records in one batch.
const BATCH: usize = 100;

/// A record with the properties that were asked for.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ObjectResponse {
    pub(crate) id: Loose,
    pub(crate) properties: BTreeMap<String, Loose>,
    pub(crate) created_at: Loose,
    updated_at: Loose,
    associations: BTreeMap<String, AssociatedResponse>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AssociatedResponse {
    results: Vec<IdResponse>,
}

impl ObjectResponse {
    pub(crate) fn take(&mut self, property: &str) -> Option<String> {
        self.properties.remove(property).and_then(Loose::filled)
    }

    /// The ids of one kind of neighbours as texts, newest first.
    pub(crate) fn newest(&mut self, kind: &str) -> Vec<String> {
        newest(self.associations.remove(kind).unwrap_or_default().results)
    }

    /// The ids of one kind of neighbours, each once: HubSpot lists a neighbour once per label.
    pub(crate) fn neighbours<T: TryFrom<String> + Ord>(&mut self, kind: &str) -> Result<Vec<T>, WireError> {
        let listed = self.associations.remove(kind).unwrap_or_default().results;
        let ids = listed.into_iter().map(|one| one.id.required("associations"));
        let mut ids: Vec<T> = ids.collect::<Result<_, _>>()?;
        ids.sort();
        ids.dedup();
        Ok(ids)
    }
}

/// The time of the change, the only part of interest in the answer to one.
pub(crate) struct ChangedAt(pub(crate) Option<Timestamp>);

impl TryFrom<ObjectResponse> for ChangedAt {
    type Error = WireError;

    fn try_from(wire: ObjectResponse) -> Result<Self, WireError> {
        Ok(Self(wire.updated_at.time()))
    }
}

/// The neighbours of a record, as ids of one kind, newest first.
struct Neighbours(Vec<String>);

impl TryFrom<ObjectResponse> for Neighbours {
    type Error = WireError;

    fn try_from(wire: ObjectResponse) -> Result<Self, WireError> {
        Ok(Self(newest(wire.associations.into_values().flat_map(|list| list.results))))
    }
}

fn newest(listed: impl IntoIterator<Item = IdResponse>) -> Vec<String> {
    let mut ids: Vec<String> = listed.into_iter().filter_map(|one| one.id.filled()).collect();
    ids.sort_by(|a, b| newest_first(a, b));
    ids.dedup();
    ids
}

/// A record as it is created.
#[derive(Serialize)]
pub(crate) struct NewObjectRequest<'a> {
    pub(crate) properties: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) associations: Vec<AssociationRequest<'a>>,
}

#[derive(Serialize)]
pub(crate) struct AssociationRequest<'a> {
    to: IdRequest<'a>,
    types: [AssociationTypeRequest; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssociationTypeRequest {
    association_category: &'static str,
    association_type_id: u32,
}

impl<'a> AssociationRequest<'a> {
    /// One of HubSpot's own association types.
    pub(crate) fn of_hubspot(id: &'a str, association_type_id: u32) -> Self {
        let kind = AssociationTypeRequest { association_category: "HUBSPOT_DEFINED", association_type_id };
        Self { to: IdRequest { id }, types: [kind] }
    }
}

impl Portal {
    /// The first 100 of the records named.
    pub(crate) async fn records<T>(
        &self,
        kind: &str,
        ids: &[String],
        properties: &[&str],
    ) -> Result<Vec<T>, HubSpotError>
    where
        T: TryFrom<ObjectResponse, Error = WireError>,
    {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let inputs: Vec<IdRequest<'_>> = ids.iter().take(BATCH).map(|id| IdRequest { id }).collect();
        let body = json!({"properties": properties, "inputs": inputs});
        let path = self.objects(kind).then("batch").then("read");
        self.list::<ObjectResponse, T>(JsonCall::post_repeatable("read records", path, &body)).await
    }

    /// The 100 newest records of `kind` that belong to the one at `path`, in any order.
    pub(crate) async fn neighbours<T>(
        &self,
        path: Path,
        kind: &str,
        properties: &[&str],
    ) -> Result<Vec<T>, HubSpotError>
    where
        T: TryFrom<ObjectResponse, Error = WireError>,
    {
        let call = JsonCall::get("list a record's associations", path.with("associations", kind));
        let found = self.find::<ObjectResponse, Neighbours>(call).await?;
        self.records(kind, &found.map(|Neighbours(ids)| ids).unwrap_or_default(), properties).await
    }
}
