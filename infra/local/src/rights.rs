//! A function's rights on one machine, checked as IAM checks them on AWS.
//!
//! Without this check a story could pass here and fail on AWS. Refusals are remembered, because a test must notice even
//! a refusal that the code tolerates.

use flows::PortError;
use runtime::functions::{EVENTS, FunctionSpec, QueueRight, TableRight, TimerRight};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// The owner of the machine. No function on AWS has these rights.
pub const OPERATOR: FunctionSpec = FunctionSpec {
    name: "operator",
    queue: &[QueueRight::Send, QueueRight::Receive, QueueRight::Count],
    timers: EVENTS.timers,
    table: &[
        TableRight::GetItem,
        TableRight::BatchGetItem,
        TableRight::PutItem,
        TableRight::UpdateItem,
        TableRight::DeleteItem,
        TableRight::ConditionCheckItem,
        TableRight::Query,
        TableRight::QueryIndex("gsi1"),
        TableRight::QueryIndex("gsi2"),
        TableRight::QueryIndex("gsi3"),
        TableRight::Scan,
    ],
    needed: &[],
    optional: &[],
};

/// The refusals since the start, each as `function: right`.
#[derive(Debug, Clone, Default)]
pub struct Refusals(Arc<Mutex<Vec<String>>>);

impl Refusals {
    /// All of them so far.
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The rights of one function.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    spec: FunctionSpec,
    refusals: Refusals,
}

impl Rights {
    pub(crate) fn new(spec: &FunctionSpec, refusals: Refusals) -> Self {
        Self { spec: *spec, refusals }
    }

    pub(crate) fn on_queue(&self, right: QueueRight) -> Result<(), PortError> {
        self.allowed(self.spec.queue.contains(&right), &format!("{right:?} on the queue")).map_err(port)
    }

    pub(crate) fn on_timers(&self, right: TimerRight) -> Result<(), PortError> {
        self.allowed(self.spec.timers.contains(&right), &format!("{right:?} on the timers")).map_err(port)
    }

    /// Refuses an operation of the database unless the function has the right to each of its parts.
    pub(crate) fn on_table(&self, operation: &str, request: &[u8]) -> Result<(), String> {
        for wanted in wanted(operation, request) {
            self.allowed(self.spec.table.iter().any(|right| name(right) == wanted), &wanted)?;
        }
        Ok(())
    }

    fn allowed(&self, allowed: bool, right: &str) -> Result<(), String> {
        if allowed {
            return Ok(());
        }
        let refusal = format!("{}: {right}", self.spec.name);
        tracing::error!(refusal, "a function has no right to an operation that it tried");
        self.refusals.0.lock().unwrap_or_else(PoisonError::into_inner).push(refusal.clone());
        Err(format!("no right to this: {refusal}"))
    }
}

fn port(problem: String) -> PortError {
    PortError { action: "use a port", problem }
}

fn name(right: &TableRight) -> String {
    match right {
        TableRight::QueryIndex(index) => format!("Query on {index}"),
        right => format!("{right:?}"),
    }
}

#[derive(Deserialize)]
struct QueryRequest {
    #[serde(rename = "IndexName")]
    index: Option<String>,
}

#[derive(Deserialize)]
struct TransactionRequest {
    #[serde(rename = "TransactItems")]
    parts: Vec<Map<String, Value>>,
}

/// The rights that a request needs. An unreadable request needs a right that nobody has.
fn wanted(operation: &str, request: &[u8]) -> Vec<String> {
    let unreadable = || vec![format!("unreadable {operation}")];
    match operation {
        "Query" => match serde_json::from_slice(request) {
            Ok(QueryRequest { index: Some(index) }) => vec![format!("Query on {index}")],
            Ok(QueryRequest { index: None }) => vec!["Query".to_owned()],
            Err(_) => unreadable(),
        },
        "TransactWriteItems" => match serde_json::from_slice(request) {
            // `Put` in a transaction is the right `PutItem`; `ConditionCheck` is `ConditionCheckItem`.
            Ok(TransactionRequest { parts }) => {
                parts.iter().flat_map(Map::keys).map(|part| format!("{part}Item")).collect()
            }
            Err(_) => unreadable(),
        },
        operation => vec![operation.to_owned()],
    }
}

#[cfg(test)]
mod tests;
