//! The use cases of the bridge, one file each: the order of the steps, and nothing else.
//!
//! A flow claims its work, looks before it repeats anything that cannot be repeated, acts, and records what happened.
//! It must never hold a rule (`domain`), a key or condition (`store`), or a word of a wire format (`hubspot`, `opencx`).
//! Start with `process_event` (a HubSpot event) or `open_handoff` (an invocation).

mod answer_customer;
mod ask_ai;
mod bridge;
mod cache;
mod change_owner;
mod close_ticket;
mod contact;
mod errand;
mod error;
mod failure;
mod follow_answer;
mod give_up;
mod handoff_answer;
mod handoff_comment;
mod handoff_facts;
mod handoff_properties;
mod handoff_request;
mod handoff_ticket;
mod invocation;
mod kept_answer;
mod message;
mod note_of_customer;
mod open_handoff;
mod open_session;
mod pipeline;
mod ports;
mod post_answer;
mod posting;
mod process_event;
mod replay_delivery;
mod reply_request;
mod resolve_session;
mod send_reply;
mod settle_delivery;
mod store_reply;
mod tenant;

pub use bridge::{Bridge, Timing};
pub use cache::Cache;
pub use close_ticket::{CloseAnswer, close_ticket};
pub use error::{InvokeError, InvokeErrorKind};
pub use message::{Door, Envelope, MESSAGE_SCHEMA, Message};
pub use open_handoff::{HandoffAnswer, HandoffRequest, Warning, open_handoff};
pub use ports::{Delays, PendingClose, PortError, Queue, Queued, ThreadReturn};
pub use process_event::{Settled, process_message};
pub use replay_delivery::{ReplayError, is_supported, reconcile, replay_delivery, replay_parked};
pub use reply_request::{ReplyAnswer, ReplyRequest};
pub use resolve_session::{ResolveAnswer, ResolveRequest, resolve_session};
pub use send_reply::send_reply;
