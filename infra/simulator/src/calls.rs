//! The log of requests, for tests that count them.

use crate::wire::{Answer, Ask, iso, shown};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// A simulator that runs for days must not fill the memory with its log.
const KEPT: usize = 20_000;
const SECRET_FIELDS: &[&str] =
    &["tokenKey", "token", "access_token", "refresh_token", "client_secret", "code", "api_key"];

#[derive(Default)]
pub(crate) struct Calls {
    next: u64,
    entries: VecDeque<Entry>,
}

struct Entry {
    number: u64,
    at: Timestamp,
    shown: Map<String, Value>,
}

impl Calls {
    /// Writes a request down on arrival; its status follows with [`Calls::answered`].
    pub(crate) fn arrived(&mut self, ask: &Ask, at: Timestamp) -> u64 {
        self.next += 1;
        let entry = json!({
            "n": self.next, "method": ask.method.as_str(), "path": ask.path, "query": ask.raw_query,
            "headers": headers(ask), "body": body(ask), "status": null, "at": iso(at),
        });
        let Value::Object(shown) = entry else { return self.next };
        self.entries.push_back(Entry { number: self.next, at, shown });
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
        self.next
    }

    /// `None` where the line was cut.
    pub(crate) fn answered(&mut self, number: u64, status: Option<u16>) {
        if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.number == number) {
            entry.shown.insert("status".to_owned(), json!(status));
        }
    }

    /// `since` is a time (from then on) or the `n` of a call (those after it).
    pub(crate) fn list(&self, since: Option<&str>) -> Answer {
        let number = since.and_then(|s| s.parse::<u64>().ok());
        let moment = since.and_then(|s| s.parse::<Timestamp>().ok());
        if since.is_some() && number.is_none() && moment.is_none() {
            return Answer::problem(400, "since is neither a time nor the number of a call");
        }
        let wanted = |e: &&Entry| number.is_none_or(|n| e.number > n) && moment.is_none_or(|m| e.at >= m);
        Answer::ok(self.entries.iter().filter(wanted).map(|e| Value::Object(e.shown.clone())).collect())
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

fn headers(ask: &Ask) -> Value {
    let mut shown = Map::new();
    for (name, value) in &ask.headers {
        let value = value.to_str().unwrap_or("(not text)");
        let value = match (name.as_str(), value.split_once(' ')) {
            ("authorization", Some((scheme, _))) => format!("{scheme} ***"),
            ("authorization" | "cookie" | "x-api-key", _) => "***".to_owned(),
            _ => value.to_owned(),
        };
        shown.insert(name.to_string(), Value::String(value));
    }
    Value::Object(shown)
}

fn body(ask: &Ask) -> Value {
    if ask.header(http::header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
        let fields = ask.form().into_iter().map(|(key, value)| (key, Value::String(value)));
        return masked(Value::Object(fields.collect()));
    }
    masked(shown(&ask.body))
}

fn masked(mut body: Value) -> Value {
    if let Value::Object(fields) = &mut body {
        for (name, value) in fields {
            if SECRET_FIELDS.contains(&name.as_str()) {
                *value = Value::String("***".to_owned());
            }
        }
    }
    body
}
