//! The use cases of the bridge, one file each: the order of the steps, and nothing else.
//!
//! A flow claims its work, looks before it repeats anything that cannot be repeated, acts, and records what happened.
//! It must never hold a rule (`domain`), a key or condition (`store`), or a word of a wire format (`hubspot`, `opencx`).
//! Start with `process_event` (a HubSpot event) or `open_handoff` (an invocation).

mod action;
mod answer;
mod answer_customer;
mod bridge;
mod change_owner;
mod change_property;
mod change_settings;
mod check_delivered;
mod close_ticket;
mod connect_crm;
mod connect_custom_channel;
mod connect_oauth;
mod connect_private_app;
mod connecting;
mod context;
mod conversation;
mod count_failures;
mod count_refusals;
mod delivery;
mod diagnose;
mod disconnect;
mod error;
mod export_person;
mod follow_ticket;
mod forget_person;
mod give_up;
mod handoff;
mod message;
mod open_handoff;
mod ports;
mod process_event;
mod read_stats;
mod reassign_handoff;
mod refresh_token;
mod repair;
mod replay_delivery;
mod replay_failed;
mod reply;
mod resolve;
mod resolve_session;
mod roll_back;
mod save_signature;
mod send_reply;
mod show_context;
mod stats;
mod store_reply;
mod sync;
mod sync_session;
mod take_action;
mod take_note;
mod work;

pub use bridge::{Bridge, Timing};
pub use change_settings::change_settings;
pub use check_delivered::check_delivered;
pub use close_ticket::{CloseAnswer, close_ticket};
pub use connect_crm::{CrmRefused, CrmSource, connect_crm};
pub use connect_custom_channel::{CustomChannelError, connect_custom_channel};
pub use connect_oauth::{Callback, Consented, confirm_portal, finish_oauth, start_oauth};
pub use connect_private_app::{PrivateApp, connect_private_app};
pub use connecting::audit::record_audit;
pub use connecting::error::ConnectError;
pub use connecting::establish::Established;
pub use connecting::properties::prepare_properties;
pub use context::answer::{
    CompanyCard, ContactCard, ContextAnswer, ContextRequest, ContextStatus, DealCard, OwnerCard, TicketCard,
};
pub use count_failures::{FailedFor, Failures, count_failures};
pub use diagnose::check::{Check, CheckState, ReplayOffer};
pub use diagnose::{Diagnosis, Subject, diagnose};
pub use disconnect::{Disconnected, disconnect};
pub use error::{InvokeError, InvokeErrorKind};
pub use export_person::export_person;
pub use message::{Door, DoorCount, DoorReport, Envelope, MESSAGE_SCHEMA, Message, Whose};
pub use open_handoff::{HandoffAnswer, HandoffRequest, Warning, open_handoff};
pub use ports::{Delays, PendingClose, PortError, Queue, QueueDepth, Queued, ThreadReturn};
pub use process_event::{Settled, bury_message, process_message};
pub use read_stats::{Stats, read_stats};
pub use repair::{Repaired, repair};
pub use replay_delivery::{ReplayError, is_supported, reconcile, replay_delivery, replay_parked};
pub use replay_failed::{FailedFilter, replay_failed};
pub use reply::attachments::LARGEST_FILE;
pub use reply::request::{ReplyAnswer, ReplyRequest};
pub use resolve_session::{ResolveAnswer, ResolveRequest, resolve_session};
pub use roll_back::roll_back;
pub use save_signature::{
    SavedSignature, SignatureError, delete_signature, harmless_html, preview, save_signature, signature_of_address,
};
pub use send_reply::send_reply;
pub use show_context::show_context;
pub use stats::bucket::Bucket;
pub use stats::spread::Spread;
pub use sync_session::{AiWish, ContactOutcome, SyncAnswer, SyncRequest, sync_session};
pub use take_action::{ActionOutput, ActionResult, take_action};
pub use work::cache::Cache;
