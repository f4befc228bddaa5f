//! HubSpot and OpenCX as far as the bundle uses them, with state. They refuse whatever the real services refuse.
//!
//! Both run inside a test (through [`in_process`], on a paused clock) and over TCP (through [`serve`]). They must never
//! know the bundle's rules: they show what a customer, a rep or the OpenCX backend would see, and nothing else.
//! The heads of `hubspot/sim/mod.rs` and `opencx/sim_routes.rs` list the controls under `/_sim`; `controls.rs` has those of
//! both.
//! Start with [`HubSpotSim`] and [`OpenCxSim`].

mod calls;
mod controls;
mod hubspot;
mod ids;
mod limits;
mod opencx;
mod server;
#[cfg(test)]
mod tests;
mod wire;

pub use hubspot::HubSpotSim;
pub use opencx::OpenCxSim;
pub use server::serve;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use std::sync::Arc;
use transport::{Clock, InProcess, Transport, TransportError};

/// The parts of both simulators.
#[derive(Clone)]
pub struct SimOptions {
    /// All times and all waiting.
    pub clock: Arc<dyn Clock>,
    /// Starts the ids. A process whose bundle remembers an earlier one must choose another seed than that one did,
    /// or its messages look like ones that were answered long ago.
    pub seed: u64,
    /// How HubSpot's webhooks and workflow actions leave.
    pub webhook: Arc<dyn Transport>,
    /// How OpenCX invokes functions of the bundle.
    pub functions: Arc<dyn Transport>,
}

/// A simulator's reaction to a request.
#[derive(Debug)]
pub enum Reply {
    /// An ordinary answer.
    Answer(Response<Bytes>),
    /// The connection is closed without an answer.
    Cut,
    /// The head and half of the body are sent, then the connection is closed.
    Half(Response<Bytes>),
}

/// One of the two simulators, for [`in_process`] and [`serve`].
pub trait Simulator: Send + Sync + 'static {
    /// Answers one request, within a tokio runtime. As on a real server, the work goes on when the caller has gone.
    fn reply(&self, request: Request<Bytes>) -> BoxFuture<'static, Reply>;
}

/// A transport whose requests all reach `sim`; a cut line is [`TransportError::Broken`].
pub fn in_process<S: Simulator + ?Sized>(sim: Arc<S>) -> InProcess {
    InProcess::new(move |request| {
        let reply = sim.reply(request);
        async move {
            match reply.await {
                Reply::Answer(answer) => Ok(answer),
                Reply::Cut => Err(TransportError::Broken("connection closed before the answer".to_owned())),
                Reply::Half(_) => Err(TransportError::Broken("connection closed within the answer".to_owned())),
            }
        }
    })
}
