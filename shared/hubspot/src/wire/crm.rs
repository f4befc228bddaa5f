//! CRM records, owners, pipelines, properties (facts on CRM and notes).

use super::{Loose, WireError};
use crate::contacts::Contact;
use crate::notes::Note;
use crate::owners::Owner;
use crate::pipelines::{Pipeline, Stage};
use crate::tickets::Ticket;
use domain::{AppId, ContactId, InvalidId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A contact, ticket or note.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ObjectResponse {
    id: Loose,
    properties: BTreeMap<String, Loose>,
    created_at: Loose,
    updated_at: Loose,
    associations: BTreeMap<String, AssociatedResponse>,
}

/// When a record was changed, which is all that is of interest in the answer to a change.
pub(crate) struct ChangedAt(pub(crate) Option<Timestamp>);

impl TryFrom<ObjectResponse> for ChangedAt {
    type Error = WireError;

    fn try_from(wire: ObjectResponse) -> Result<Self, WireError> {
        Ok(Self(wire.updated_at.filled().and_then(|text| text.parse().ok())))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AssociatedResponse {
    results: Vec<AssociatedIdResponse>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AssociatedIdResponse {
    id: Loose,
}

impl ObjectResponse {
    pub(super) fn take(&mut self, property: &str) -> Option<String> {
        self.properties.remove(property).and_then(Loose::filled)
    }

    /// Ids as texts, newest first: they rise with time.
    pub(super) fn newest(&mut self, kind: &str) -> Vec<String> {
        let listed = self.associations.remove(kind).unwrap_or_default().results;
        let mut ids: Vec<String> = listed.into_iter().filter_map(|one| one.id.filled()).collect();
        ids.sort_by(|a, b| (b.len(), b).cmp(&(a.len(), a)));
        ids.dedup();
        ids
    }

    pub(super) fn id<T: TryFrom<String, Error = InvalidId>>(&self) -> Result<T, WireError> {
        self.id.clone().required("id")
    }

    /// The ids of one kind of neighbours, each once: HubSpot lists a neighbour once per label.
    fn neighbours<T: TryFrom<String, Error = InvalidId> + Ord>(&mut self, kind: &str) -> Result<Vec<T>, WireError> {
        let listed = self.associations.remove(kind).unwrap_or_default().results;
        let mut ids: Vec<T> =
            listed.into_iter().map(|one| one.id.required("associations")).collect::<Result<_, _>>()?;
        ids.sort();
        ids.dedup();
        Ok(ids)
    }
}

/// The neighbours of a record, as ids of one kind.
pub(crate) struct Neighbours(pub(crate) Vec<String>);

impl TryFrom<ObjectResponse> for Neighbours {
    type Error = WireError;

    fn try_from(wire: ObjectResponse) -> Result<Self, WireError> {
        let lists = wire.associations.into_values().flat_map(|list| list.results);
        let mut ids: Vec<String> = lists.filter_map(|one| one.id.filled()).collect();
        // Ids rise with time; as texts they would not sort so.
        ids.sort_by(|a, b| (b.len(), b).cmp(&(a.len(), a)));
        ids.dedup();
        Ok(Self(ids))
    }
}

impl TryFrom<ObjectResponse> for ContactId {
    type Error = WireError;

    fn try_from(wire: ObjectResponse) -> Result<Self, WireError> {
        wire.id.required("id")
    }
}

impl TryFrom<ObjectResponse> for Contact {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let (email, phone) = (wire.take("email"), wire.take("phone"));
        let name = joined(wire.take("firstname"), wire.take("lastname"));
        Ok(Self { id: wire.id.required("id")?, email, name, phone })
    }
}

impl TryFrom<ObjectResponse> for Ticket {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let contacts = wire.neighbours("contacts")?;
        let properties = wire.properties.into_iter().filter_map(|(name, value)| Some((name, value.text()?))).collect();
        Ok(Self { id: wire.id.required("id")?, properties, contacts })
    }
}

impl TryFrom<ObjectResponse> for Note {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let tickets = wire.neighbours("tickets")?;
        let not_a_time = WireError { field: "createdAt", problem: "it is missing or no time" };
        let created_at = [wire.created_at.clone().filled(), wire.take("hs_createdate"), wire.take("hs_timestamp")]
            .into_iter()
            .find_map(|text| text?.parse().ok())
            .ok_or(not_a_time)?;
        let source = wire.take("hs_object_source");
        let source_id = wire.take("hs_object_source_id");
        // In other sources the same field holds a user ("userId:1") or a workflow.
        let app = source_id.filter(|_| source.as_deref() == Some("INTEGRATION"));
        Ok(Self {
            body_html: wire.take("hs_note_body").unwrap_or_default(),
            created_at,
            created_by_user: wire.take("hs_created_by_user_id"),
            owner: wire.take("hubspot_owner_id").map(TryFrom::try_from).transpose()?,
            source,
            source_app: app.and_then(|id| AppId::parse(id).ok()),
            tickets,
            id: wire.id.required("id")?,
        })
    }
}

pub(super) fn joined(first: Option<String>, last: Option<String>) -> Option<String> {
    let names: Vec<String> = [first, last].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" "))
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
    pub(crate) fn of_hubspot(id: &'a str, type_id: u32) -> Self {
        let kind = AssociationTypeRequest { association_category: "HUBSPOT_DEFINED", association_type_id: type_id };
        Self { to: IdRequest { id }, types: [kind] }
    }
}

#[derive(Serialize)]
pub(crate) struct IdRequest<'a> {
    pub(crate) id: &'a str,
}

#[derive(Serialize)]
pub(crate) struct PropertiesRequest<'a> {
    pub(crate) properties: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
pub(crate) struct BatchReadRequest<'a> {
    pub(crate) properties: &'a [&'a str],
    pub(crate) inputs: Vec<IdRequest<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OwnerResponse {
    id: Loose,
    user_id: Loose,
    user_id_including_inactive: Loose,
    email: Loose,
    first_name: Loose,
    last_name: Loose,
    archived: Loose,
}

impl TryFrom<OwnerResponse> for Owner {
    type Error = WireError;

    fn try_from(wire: OwnerResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            // Archived owners have no `userId` any more.
            user_id: wire.user_id.filled().or(wire.user_id_including_inactive.filled()),
            email: wire.email.filled(),
            name: joined(wire.first_name.filled(), wire.last_name.filled()),
            archived: wire.archived.is("true"),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PipelineResponse {
    id: Loose,
    label: Loose,
    display_order: i64,
    archived: Loose,
    stages: Vec<StageResponse>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct StageResponse {
    id: Loose,
    label: Loose,
    display_order: i64,
    archived: Loose,
    metadata: StageMetadataResponse,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct StageMetadataResponse {
    ticket_state: Loose,
    is_closed: Loose,
}

impl TryFrom<PipelineResponse> for Pipeline {
    type Error = WireError;

    fn try_from(wire: PipelineResponse) -> Result<Self, WireError> {
        let live = wire.stages.into_iter().filter(|stage| !stage.archived.is("true"));
        let mut stages: Vec<Stage> = live.map(Stage::try_from).collect::<Result<_, _>>()?;
        stages.sort_by_key(|stage| stage.order);
        Ok(Self {
            id: filled(wire.id, "id")?,
            label: wire.label.text().unwrap_or_default(),
            order: wire.display_order,
            archived: wire.archived.is("true"),
            stages,
        })
    }
}

impl TryFrom<StageResponse> for Stage {
    type Error = WireError;

    fn try_from(wire: StageResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: filled(wire.id, "stages.id")?,
            label: wire.label.text().unwrap_or_default(),
            order: wire.display_order,
            closed: wire.metadata.ticket_state.is("CLOSED") || wire.metadata.is_closed.is("true"),
        })
    }
}

pub(super) fn filled(text: Loose, field: &'static str) -> Result<String, WireError> {
    text.filled().ok_or(WireError { field, problem: "it is missing" })
}
