//! The use cases of the bridge: the order of the steps, and nothing else.
//!
//! A flow claims its job, acts, and records what happened. Before it repeats an effect, it looks for the earlier one.
//! It never holds a rule (`domain`), a key or condition (`store`), or a word of a wire format (`hubspot`, `opencx`).
//!
//! The folders have one direction: `kernel` <- `conversation` <- `invocations` <- `events` <- `dispatch`.
//! Start with `dispatch` (messages from the queue) or `invocations::handoff` (an invocation by OpenCX).

mod conversation;
mod dispatch;
mod events;
mod invocations;
mod kernel;

pub use conversation::contact::RequestContact;
pub use conversation::warning::Warning;
pub use dispatch::{is_supported, process_message, record_dead_letter};
pub use events::undelivered::check_delivered;
pub use invocations::action::{ActionOutput, ActionResult, take_action};
pub use invocations::close::{CloseAnswer, CloseOutcome, close_ticket};
pub use invocations::context::answer::{
    CompanyCard, ContactCard, ContextAnswer, ContextRequest, ContextStatus, DealCard, OwnerCard, TicketCard,
};
pub use invocations::context::labels;
pub use invocations::context::show_context;
pub use invocations::handoff::open_handoff;
pub use invocations::handoff::request::{HandoffAnswer, HandoffRequest, TicketOutcome};
pub use invocations::reply::attachments::LARGEST_FILE;
pub use invocations::reply::request::{ReplyAnswer, ReplyRequest};
pub use invocations::reply::send_reply;
pub use invocations::resolve::{ResolveAnswer, ResolveRequest, ResolveSkip, resolve_session};
pub use invocations::sync::{AiWish, ContactOutcome, SyncAnswer, SyncRequest, sync_session};
pub use kernel::bridge::{Bridge, Timing, last_call};
pub use kernel::cache::Cache;
pub use kernel::failure::{FlowError, RetryDecision};
pub use kernel::invoke_error::{InvokeError, InvokeErrorKind};
pub use kernel::job::Settled;
pub use kernel::message::{DoorCount, DoorReport, Envelope, MESSAGE_SCHEMA, QueueMessage, VerifiedBy, Whose};
pub use kernel::ports::{Delays, PendingClose, PortError, Ports, Queue, QueueDepth, Queued, ThreadReturn};
pub use kernel::replay::{ReplayError, enqueue, missed, replay_delivery};
pub use kernel::tenant::Tenant;
