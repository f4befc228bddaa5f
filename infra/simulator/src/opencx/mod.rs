//! OpenCX: one organization. The endpoints in `sessions`, `send` and `contacts` are public; those in `assumed` are not.
//! It must never know the bundle's rules, and must refuse what OpenCX refuses.
//! Start with [`OpenCxSim`]; `sim_routes` has the controls, `state` the sessions and contacts.

mod assumed;
mod body;
mod contacts;
mod org;
mod script;
mod send;
mod sessions;
mod sim_routes;
mod state;

use crate::controls::{Controls, locked};
use crate::wire::{Ask, Outcome};
use crate::{Reply, SimOptions, Simulator};
use body::{body_of, error};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::Request;
use org::Org;
use state::State;
use std::sync::{Arc, Mutex};

/// OpenCX: one organization with its sessions, an AI that follows a script, and the controls under `/_sim`.
pub struct OpenCxSim {
    org: Arc<Org>,
}

impl OpenCxSim {
    /// A fresh organization.
    pub fn new(options: SimOptions) -> Arc<Self> {
        let SimOptions { clock, seed, functions, .. } = options;
        let state = Mutex::new(State::new(seed, clock.now()));
        let controls = Controls::new(clock.clone());
        Arc::new(Self { org: Arc::new(Org { clock, functions, controls, state }) })
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

#[cfg(test)]
pub(crate) use state::API_KEY;
