use serde::{Deserialize, Serialize};

/// The customer's mood as OpenCX detects it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sentiment {
    /// Dissatisfied.
    Angry,
    /// Satisfied.
    Happy,
    /// Neither.
    Neutral,
}

impl Sentiment {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Angry => "angry",
            Self::Happy => "happy",
            Self::Neutral => "neutral",
        }
    }
}

/// OpenCX's status of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Going on.
    Open,
    /// Closed with a solution.
    ClosedResolved,
    /// Closed without one.
    ClosedUnresolved,
}

impl SessionStatus {
    /// OpenCX's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::ClosedResolved => "closed_resolved",
            Self::ClosedUnresolved => "closed_unresolved",
        }
    }
}
