//! The rules of the bridge, as pure functions over types that cannot be wrong.
//!
//! It must never do I/O, wait, or look at a clock: everything a rule needs is an argument. A support manager should
//! understand the names. Start with `decision` (an incoming message) and `voice` (who may speak, and how).

#[macro_use]
mod macros;

mod app;
mod automated;
mod channel;
mod conversation;
mod crm_change;
mod crm_labels;
mod decision;
mod dedup_key;
mod event;
mod files;
mod html;
mod ids;
mod markdown;
mod office_hours;
mod own_words;
mod ownership;
mod properties;
mod property_value;
mod reason;
mod rebuilt;
mod retry;
mod routing;
mod session;
mod settings;
mod signature;
mod text;
mod texts;
mod ticket_content;
mod transcript;
mod voice;
mod webhook_url;
mod workflow_action;

pub use app::{CUSTOM_CHANNEL_SCOPES, OPTIONAL_SCOPES, REQUIRED_SCOPES, SUBSCRIPTIONS, lost_features, missing_scopes};
pub use channel::{Channel, UnknownChannel, channel_address};
pub use conversation::{Attachment, Client, DeliveryIdentifier, Direction, Message, MessageKind, Party, Thread};
pub use crm_change::{PropertyChange, judge_note, judge_property_change};
pub use crm_labels::{CrmLabels, RepName, StageLabel};
pub use decision::{ANSWERS_PER_HOUR, Decision, Situation, decide};
pub use dedup_key::DedupKey;
pub use event::{EventKind, HubSpotEvent};
pub use files::travelling;
pub use html::{normalised, note_text};
pub use ids::*;
pub use office_hours::{OfficeHours, OfficeHoursError};
pub use own_words::own_words;
pub use ownership::{Assignment, OwnershipChange, judge_assignment};
pub use properties::{Agreed, LeftOut, ToProperties, is_reserved, key_of, to_properties, watched};
pub use property_value::{Misfit, PropertyKind, PropertyShape, fingerprint, to_custom_data};
pub use reason::{HandoffReason, Reason, UnknownReason};
pub use retry::{Retry, next_look};
pub use routing::{RoutingFacts, route};
pub use session::{AiState, Lifecycle, Sentiment, SessionStatus};
pub use settings::{AssistMode, RoutingRule, RoutingWhen, Settings};
pub use signature::{
    MAX_SIGNATURE, PatternError, SenderDomain, Signature, SignaturePattern, removed_markup, signature_for, signed,
};
pub use text::{MAX_TEXT, RichText, length, truncate};
pub use texts::{
    AI_MARKER, HANDOFF_MARKER, HandoffNotice, agent_reply, ai_draft, ai_reply, ai_unsendable, failure_comment,
    handoff_comment, is_our_text, ticket_subject, undelivered_comment,
};
pub use ticket_content::{beside, closing_content};
pub use transcript::{NamedFile, TicketText, TranscriptLine, ticket_text};
pub use voice::{Standing, ThreadOwner, Voice};
pub use webhook_url::{UrlError, UrlKey, sign, verify};
pub use workflow_action::{Action, ActionCall, ActionObject, UnknownAction};
