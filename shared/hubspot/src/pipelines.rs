//! Pipelines and their stages. See <https://developers.hubspot.com/docs/api/crm/pipelines>.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::wire::filled;
use serde::Deserialize;
use transport::Path;
use transport::json::{JsonCall, Loose, WireError};

/// A way that tickets take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// The value for `hs_pipeline`; the default pipeline is `0`.
    pub id: String,
    /// As the portal calls it.
    pub label: String,
    /// Lowest first.
    pub order: i64,
    /// No longer in use.
    pub archived: bool,
    /// In the portal's order, without archived ones.
    pub stages: Vec<Stage>,
}

/// A step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The value for `hs_pipeline_stage`.
    pub id: String,
    /// As the portal calls it.
    pub label: String,
    /// Lowest first.
    pub order: i64,
    /// Tickets or deals in it count as closed.
    pub closed: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PipelineResponse {
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

impl Portal {
    /// The portal's ticket pipelines in their order, without archived ones.
    pub async fn ticket_pipelines(&self) -> Result<Vec<Pipeline>, HubSpotError> {
        self.pipelines("tickets").await
    }

    /// The same for deals.
    pub async fn deal_pipelines(&self) -> Result<Vec<Pipeline>, HubSpotError> {
        self.pipelines("deals").await
    }

    async fn pipelines(&self, of: &str) -> Result<Vec<Pipeline>, HubSpotError> {
        let path = Path::new(self.versions().pipelines).then(of);
        let mut pipelines: Vec<Pipeline> =
            self.list::<PipelineResponse, _>(JsonCall::get("list pipelines", path)).await?;
        pipelines.retain(|pipeline| !pipeline.archived);
        pipelines.sort_by_key(|pipeline| pipeline.order);
        Ok(pipelines)
    }
}
