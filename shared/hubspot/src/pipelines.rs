//! Pipelines and their stages (facts on pipelines).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{Page, PageResponse, PipelineResponse};

/// A way that tickets take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// What `hs_pipeline` takes; the default pipeline is `0`.
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
    /// What `hs_pipeline_stage` takes.
    pub id: String,
    /// As the portal calls it.
    pub label: String,
    /// Lowest first.
    pub order: i64,
    /// Tickets or deals in it count as closed.
    pub closed: bool,
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
        let path = self.versions().pipelines().then(of);
        let page: Page<Pipeline> =
            self.fetch::<PageResponse<PipelineResponse>, _>(Ask::get("list pipelines", path)).await?;
        let mut pipelines = page.items;
        pipelines.retain(|pipeline| !pipeline.archived);
        pipelines.sort_by_key(|pipeline| pipeline.order);
        Ok(pipelines)
    }
}
