//! What every route works on, and the shapes that many answers share.

use crate::hubspot::error::{bad_json, fields_missing};
use crate::hubspot::state::State;
use crate::wire::{Answer, Ask, iso, present};
use jiff::Timestamp;
use serde_json::{Value, json};

/// One request with the state it works on.
pub(crate) struct Cx<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) ask: &'a Ask,
}

impl Cx<'_> {
    pub(crate) fn body(&self) -> Result<Value, Answer> {
        self.ask.json().map_err(|e| bad_json(&e.to_string()))
    }

    pub(crate) fn reads(&self) -> bool {
        self.ask.method == http::Method::GET
    }

    pub(crate) fn require(&self, scopes: &[&str]) -> Result<(), Answer> {
        self.state.account.require(scopes)
    }

    /// Threads and messages are read with one scope and written with another.
    pub(crate) fn require_conversations(&self) -> Result<(), Answer> {
        self.require(&[if self.reads() { "conversations.read" } else { "conversations.write" }])
    }
}

/// The `inputs` of a batch.
pub(crate) fn inputs(body: &Value) -> Result<&[Value], Answer> {
    body.get("inputs").and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| fields_missing(&["inputs"]))
}

/// A page of a list; `next` begins the page after it.
pub(crate) fn page(results: &[Value], next: Option<String>) -> Value {
    present(json!({ "results": results, "paging": next.map(|after| json!({ "next": { "after": after } })) }))
}

/// The results of a batch.
pub(crate) fn batch(results: &[Value], now: Timestamp) -> Value {
    let now = iso(now);
    json!({ "status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now })
}
