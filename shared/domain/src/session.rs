//! The states of an OpenCX session, and the customer's mood.

words! {
    /// Whether the AI may speak in a session.
    #[derive(Default)]
    AiState {
        /// It answers.
        #[default]
        Active = "active",
        /// People have the conversation.
        HandedOff = "handed_off",
        /// A workflow has paused it.
        Paused = "paused",
    }
}

words! {
    /// Whether a session is going on.
    #[derive(Default)]
    Lifecycle {
        /// Going on.
        #[default]
        Open = "open",
        /// Resolved; its ticket closes or has closed.
        Resolved = "resolved",
    }
}

words! {
    /// The customer's mood as OpenCX detects it.
    Sentiment {
        /// Dissatisfied.
        Angry = "angry",
        /// Satisfied.
        Happy = "happy",
        /// Neither.
        Neutral = "neutral",
    }
}

words! {
    /// OpenCX's status of a session.
    SessionStatus {
        /// Going on.
        Open = "open",
        /// Closed with a solution.
        ClosedResolved = "closed_resolved",
        /// Closed without one.
        ClosedUnresolved = "closed_unresolved",
    }
}
