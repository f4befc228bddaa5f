/// Where an answer departs from what a client knows. It never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {problem} at `{at}`")]
pub struct Unreadable {
    /// The call.
    pub what: &'static str,
    /// The place in the answer, such as `results[3].createdAt`.
    pub at: String,
    /// What is wrong there.
    pub problem: &'static str,
}
