//! OpenCX. The endpoints in `sessions`, `send` and `contacts` are public; those in `assumed` are not.

mod assumed;
mod contacts;
mod script;
mod send;
mod sessions;
mod sim_routes;
mod state;

#[cfg(test)]
pub(crate) use state::API_KEY;

use crate::controls::{Controls, locked};
use crate::wire::{Answer, Ask, Outcome};
use crate::{Reply, SimOptions, Simulator};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::Request;
use serde_json::{Map, Value, json};
use state::State;
use std::sync::{Arc, Mutex};
use transport::{Clock, Transport};

/// OpenCX: one organization with its sessions, an AI that follows a script, and the controls under `/_sim`.
pub struct OpenCxSim {
    org: Arc<Org>,
}

/// What requests share.
struct Org {
    clock: Arc<dyn Clock>,
    functions: Arc<dyn Transport>,
    controls: Controls,
    state: Mutex<State>,
}

impl OpenCxSim {
    /// A fresh organization.
    pub fn new(options: SimOptions) -> Arc<Self> {
        let SimOptions { clock, seed, functions, .. } = options;
        let state = Mutex::new(State::new(seed, clock.now()));
        let controls = Controls::new(clock.clone());
        Arc::new(Self { org: Arc::new(Org { clock, functions, controls, state }) })
    }

    /// Answers one request; needs a tokio runtime, on which the AI goes on thinking where the caller has gone.
    pub async fn respond(&self, request: Request<Bytes>) -> Reply {
        self.reply(request).await
    }
}

impl Simulator for OpenCxSim {
    fn reply(&self, request: Request<Bytes>) -> BoxFuture<'static, Reply> {
        let org = self.org.clone();
        Box::pin(async move { tokio::spawn(answer(org, Ask::new(request))).await.unwrap_or(Reply::Cut) })
    }
}

async fn answer(org: Arc<Org>, ask: Ask) -> Reply {
    if ask.is_control() {
        return Reply::Answer(sim_routes::route(&org, &ask).await.into_response());
    }
    let work = async { route(&org, &ask).await.unwrap_or_else(|refused| refused) };
    org.controls.run(&ask, body_of, work).await
}

async fn route(org: &Org, ask: &Ask) -> Outcome {
    {
        let mut state = locked(&org.state);
        state.now = org.clock.now();
        state.authenticate(ask)?;
        state.within_limit()?;
        if let Some(outcome) = at_once(&mut state, ask) {
            return outcome;
        }
    }
    match (ask.method.as_str(), ask.parts().as_slice()) {
        ("POST", ["chat", "sessions", id, "send"]) => send::send(org, ask, id).await,
        _ => Err(error(404, &format!("Cannot {} {}", ask.method, ask.path))),
    }
}

/// Everything but `send`, which may have to wait for the AI.
fn at_once(state: &mut State, ask: &Ask) -> Option<Outcome> {
    Some(match (ask.method.as_str(), ask.parts().as_slice()) {
        ("POST", ["chat", "sessions"]) => sessions::create(state, ask),
        ("GET", ["chat", "sessions"]) => sessions::list(state, ask),
        ("GET", ["chat", "sessions", id]) => sessions::get(state, id),
        ("PATCH", ["chat", "sessions", id]) => sessions::patch(state, ask, id),
        ("GET", ["chat", "sessions", id, "history"]) => sessions::history(state, ask, id),
        ("PUT", ["chat", "sessions", id, "handoff"]) => assumed::handoff(state, ask, id),
        ("POST", ["chat", "sessions", id, "notes"]) => assumed::note(state, ask, id),
        ("PUT", ["chat", "sessions", id, "custom-data"]) => assumed::custom_data(state, ask, id),
        ("PUT", ["chat", "sessions", id, "hubspot"]) => assumed::hubspot_ids(state, ask, id),
        ("POST", ["contacts"]) => contacts::create(state, ask),
        ("GET", ["contacts"]) => Ok(contacts::list(state, ask)),
        ("PATCH", ["contacts", id]) => contacts::patch(state, ask, id),
        _ => return None,
    })
}

fn body_of(status: u16) -> Value {
    let name = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
    let message = if status == 429 { "ThrottlerException: Too Many Requests" } else { name };
    json!({ "statusCode": status, "message": message, "error": name })
}

/// OpenCX's error body.
fn error(status: u16, message: &str) -> Answer {
    let mut body = body_of(status);
    if let Value::Object(fields) = &mut body {
        fields.insert("message".to_owned(), json!(message));
    }
    Answer::new(status, body)
}

fn object(ask: &Ask) -> Result<Map<String, Value>, Answer> {
    match ask.json() {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Null) => Ok(Map::new()),
        _ => Err(error(400, "the body is no JSON object")),
    }
}

/// Custom data: texts, numbers and flags; nested values are refused.
fn flat(fields: Option<&Value>, name: &str) -> Result<Map<String, Value>, Answer> {
    let fields = match fields {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(error(400, &format!("{name} must be an object"))),
    };
    match fields.iter().find(|(_, value)| !(value.is_string() || value.is_number() || value.is_boolean())) {
        Some((key, _)) => Err(error(400, &format!("{name}.{key} must be a string, a number or a boolean"))),
        None => Ok(fields.clone()),
    }
}
