//! The functions that others invoke: `handoff`, `reply`, `resolve`, `close`, `sync`, `context`, `action`.
//!
//! Each claims its request, does it once, and stores the answer. No function acts outside a claim. Start with `handoff`.

/// An enum with one word for each variant, in JSON and in the log.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$of_variant:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$of_variant])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

pub(crate) mod action;
pub(crate) mod close;
pub(crate) mod context;
pub(crate) mod handoff;
pub(crate) mod reply;
pub(crate) mod resolve;
pub(crate) mod sync;

use crate::kernel::failure::FlowError;
use crate::kernel::invocation::{self, Begun};
use crate::kernel::job::{Completion, Job};
use crate::kernel::message::{Envelope, QueueMessage, VerifiedBy};
use crate::kernel::ports::{Queue, Queued};
use crate::kernel::tenant::Tenant;
use domain::{EventKind, HubSpotEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Index, Run, Work};

/// Claims `work`, does it and stores the answer. A repeated request gets the stored answer.
async fn claimed<A: Serialize + DeserializeOwned>(
    (tenant, run): (Tenant<'_>, Run),
    work: Work,
    index: Index,
    act: impl AsyncFnOnce(&Job<'_>) -> Result<(A, Completion), FlowError>,
) -> Result<A, FlowError> {
    match invocation::claim(tenant, run, work, index).await? {
        Begun::Answered(answer) => Ok(answer),
        Begun::Mine(job) => {
            let result = act(&job).await;
            invocation::settle(&job, result).await
        }
    }
}

/// Puts an event of our own into the group of its conversation. `scope` keeps its deduplication id apart from others.
async fn enqueue(job: &Job<'_>, queue: &dyn Queue, kind: EventKind, scope: &str) -> Result<(), FlowError> {
    let portal = job.tenant.connection.portal.clone();
    let event = HubSpotEvent { portal, app: None, occurred_at: job.now(), kind };
    let (group, dedup_id) = (event.queue_group(), event.dedup_key().digest(scope));
    let message = QueueMessage::Event { door: VerifiedBy::AppSignature, event, received_at: job.now() };
    Ok(queue.send(vec![Queued { group, dedup_id, body: Envelope::body(&message) }]).await?)
}
