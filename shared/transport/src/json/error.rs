/// The place where an answer differs from what a client knows. It never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {problem} at `{at}`")]
pub struct Unreadable {
    /// The call.
    pub what: &'static str,
    /// The place in the answer, such as `results[3].createdAt`.
    pub at: String,
    /// The problem there.
    pub problem: &'static str,
}

/// A field that cannot become what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireError {
    /// The field, under the service's name for it.
    pub field: &'static str,
    /// The problem. It never holds the value itself.
    pub problem: &'static str,
}

impl WireError {
    /// The answer makes no sense without the field.
    pub fn missing(field: &'static str) -> Self {
        Self { field, problem: "it is missing" }
    }

    /// The field holds a text that is no valid id.
    pub fn no_id(field: &'static str) -> Self {
        Self { field, problem: "it is no valid id" }
    }

    /// The field is missing, or holds no moment.
    pub fn no_time(field: &'static str) -> Self {
        Self { field, problem: "it is missing or no time" }
    }
}
