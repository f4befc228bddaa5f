//! HubSpot. `route` maps paths to the files; `state` holds the portal.

mod account;
mod actors;
mod associations;
mod crm;
mod custom_channel;
mod error;
mod files;
mod hook;
mod merge;
mod messages;
mod oauth;
mod objects;
mod pipelines;
mod properties;
mod route;
mod search;
mod send;
pub(crate) mod signing;
mod sim_records;
mod sim_routes;
mod sim_threads;
mod state;
mod threads;
mod values;
mod webhooks;

#[cfg(test)]
pub(crate) use account::{ACCESS_TOKEN, CLIENT_SECRET};

use crate::controls::{Controls, locked};
use crate::wire::{Answer, Ask};
use crate::{Reply, SimOptions, Simulator};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::Request;
use serde_json::Value;
use state::State;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;
use transport::{Clock, Transport};

/// HubSpot: one portal with one app in it, its reps, and the controls under `/_sim`.
pub struct HubSpotSim {
    portal: Arc<Portal>,
}

/// Shared by requests and deliveries.
struct Portal {
    clock: Arc<dyn Clock>,
    out: Arc<dyn Transport>,
    in_flight: Semaphore,
    controls: Controls,
    state: Mutex<State>,
}

/// One request with the state it works on.
struct Cx<'a> {
    state: &'a mut State,
    ask: &'a Ask,
}

impl Cx<'_> {
    fn body(&self) -> Result<Value, Answer> {
        self.ask.json().map_err(|e| error::bad_json(&e.to_string()))
    }
}

impl HubSpotSim {
    /// A fresh portal. Nothing is delivered until a webhook is registered with `PUT /_sim/webhook`.
    pub fn new(options: SimOptions) -> Arc<Self> {
        let SimOptions { clock, seed, webhook, .. } = options;
        let state = Mutex::new(State::new(seed, clock.now()));
        let (controls, in_flight) = (Controls::new(clock.clone()), Semaphore::new(webhooks::CONCURRENT));
        Arc::new(Self { portal: Arc::new(Portal { clock, out: webhook, in_flight, controls, state }) })
    }
}

impl Simulator for HubSpotSim {
    fn reply(&self, request: Request<Bytes>) -> BoxFuture<'static, Reply> {
        let portal = self.portal.clone();
        Box::pin(async move { tokio::spawn(answer(portal, Ask::new(request))).await.unwrap_or(Reply::Cut) })
    }
}

async fn answer(portal: Arc<Portal>, ask: Ask) -> Reply {
    if ask.is_control() {
        let answer = sim_routes::route(&portal, &ask).await;
        webhooks::flush(&portal);
        return Reply::Answer(answer.into_response());
    }
    let work = async {
        let answer = {
            let mut state = locked(&portal.state);
            state.now = portal.clock.now();
            let answer = route::route(&mut Cx { state: &mut state, ask: &ask });
            finished(&mut state, answer)
        };
        webhooks::flush(&portal);
        answer
    };
    portal.controls.run(&ask, error::body_of, work).await
}

/// Every error body carries a correlation id.
fn finished(state: &mut State, mut answer: Answer) -> Answer {
    let correlation = state.ids.uuid();
    if answer.status >= 400 {
        answer.body = answer.body.map(|body| error::with_correlation(body, &correlation));
    }
    let theirs = state.now + state.clock_ahead;
    let date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.with_header("x-hubspot-correlation-id", correlation).with_header("date", date)
}
