//! Pipelines with their stages: <https://developers.hubspot.com/docs/api/crm/pipelines>.

use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Pipeline {
    pub(crate) id: String,
    label: String,
    pub(crate) stages: Vec<Stage>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Stage {
    pub(crate) id: String,
    label: String,
    #[serde(default)]
    pub(crate) closed: bool,
}

pub(crate) fn default_pipelines() -> Vec<Pipeline> {
    let stage = |id: &str, label: &str, closed| Stage { id: id.to_owned(), label: label.to_owned(), closed };
    let stages = vec![
        stage("1", "New", false),
        stage("2", "Waiting on contact", false),
        stage("3", "Waiting on us", false),
        stage("4", "Closed", true),
    ];
    vec![Pipeline { id: "0".to_owned(), label: "Support Pipeline".to_owned(), stages }]
}

/// The pipeline that every portal's deals begin with.
pub(crate) fn deal_pipelines() -> Vec<Pipeline> {
    let stage = |id: &str, label: &str, closed| Stage { id: id.to_owned(), label: label.to_owned(), closed };
    let stages = vec![
        stage("appointmentscheduled", "Appointment Scheduled", false),
        stage("contractsent", "Contract Sent", false),
        stage("closedwon", "Closed Won", true),
        stage("closedlost", "Closed Lost", true),
    ];
    vec![Pipeline { id: "default".to_owned(), label: "Sales Pipeline".to_owned(), stages }]
}

impl Pipeline {
    /// Stages of deals have no ticket state.
    pub(crate) fn show_of_deals(&self, at: usize) -> Value {
        let mut shown = self.show(at);
        let stages = shown.get_mut("stages").and_then(Value::as_array_mut).into_iter().flatten();
        for metadata in stages.filter_map(|stage| stage.get_mut("metadata").and_then(Value::as_object_mut)) {
            metadata.remove("ticketState");
            metadata.insert("probability".to_owned(), json!("0.5"));
        }
        shown
    }

    pub(crate) fn show(&self, at: usize) -> Value {
        let stage = |(at, stage): (usize, &Stage)| {
            let state = if stage.closed { "CLOSED" } else { "OPEN" };
            json!({
                "id": stage.id, "label": stage.label, "displayOrder": at, "archived": false,
                "metadata": { "ticketState": state, "isClosed": stage.closed.to_string() },
            })
        };
        let stages: Vec<Value> = self.stages.iter().enumerate().map(stage).collect();
        json!({ "id": self.id, "label": self.label, "displayOrder": at, "stages": stages, "archived": false })
    }
}
