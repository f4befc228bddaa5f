use serde::{Deserialize, Serialize};

/// Whether the AI may speak in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AiState {
    /// It answers.
    #[default]
    Active,
    /// People have the conversation.
    HandedOff,
    /// A workflow has paused it.
    Paused,
}

/// Whether a session is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// Going on.
    #[default]
    Open,
    /// Resolved; its ticket closes or has closed.
    Resolved,
}
