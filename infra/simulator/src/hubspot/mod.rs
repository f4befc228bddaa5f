//! HubSpot: one portal. From below: `state` holds it, `api` and `webhooks` are its public sides, `sim` its people.
//! It must never know the bundle's rules, and must be at least as strict as HubSpot's documents say.
//! Start with [`HubSpotSim`], then `api/route.rs` for the paths and `sim/mod.rs` for the controls.

mod api;
mod error;
mod identity;
mod portal;
pub(crate) mod signing;
mod sim;
mod state;
mod webhooks;

use crate::controls::{Controls, locked};
use crate::wire::{Answer, Ask};
use crate::{Reply, SimOptions, Simulator};
use api::Cx;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::Request;
use portal::Portal;
use state::State;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// HubSpot: one portal with one app in it, its reps, and the controls under `/_sim`.
pub struct HubSpotSim {
    portal: Arc<Portal>,
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
        let answer = sim::route(&portal, &ask).await;
        webhooks::flush(&portal);
        return Reply::Answer(answer.into_response());
    }
    let work = async {
        let answer = {
            let mut state = locked(&portal.state);
            state.now = portal.clock.now();
            let answer = api::route::route(&mut Cx { state: &mut state, ask: &ask });
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

#[cfg(test)]
pub(crate) use identity::{ACCESS_TOKEN, CLIENT_SECRET};
