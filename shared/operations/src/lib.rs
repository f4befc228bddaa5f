//! What operators and admins do: connect and disconnect, settings, signatures, replay, repair, reconcile, diagnose, figures.
//!
//! It stands above `flows` and uses its kernel; it never posts into a conversation.
//! Start with `connecting` (consent to tokens) or `diagnose` (why did nobody answer?).

mod audit;
mod connecting;
mod count_failures;
mod desk;
mod diagnose;
mod export_person;
mod reconcile;
mod repair;
mod replay;
mod settings;
mod signatures;
mod stats;

pub use audit::record_audit;
pub use connecting::crm::{CrmRefused, CrmSource, connect_crm};
pub use connecting::custom_channel::{CustomChannelError, connect_custom_channel};
pub use connecting::disconnect::{Disconnected, disconnect};
pub use connecting::error::ConnectError;
pub use connecting::establish::Established;
pub use connecting::oauth::{Callback, Consented, confirm_portal, finish_oauth, start_oauth};
pub use connecting::private_app::{PrivateApp, connect_private_app};
pub use connecting::properties::prepare_properties;
pub use connecting::roll_back::roll_back;
pub use count_failures::{FailedFor, Failures, count_failures};
pub use desk::Desk;
pub use diagnose::check::{Check, CheckState, ReplayOffer};
pub use diagnose::{Diagnosis, Subject, diagnose};
pub use export_person::export_person;
pub use reconcile::{reconcile, replay_parked};
pub use repair::{Repaired, repair};
pub use replay::{FailedFilter, replay_failed};
pub use settings::change_settings;
pub use signatures::{
    SavedSignature, SignatureError, delete_signature, harmless_html, preview, save_signature, signature_of_address,
};
pub use stats::bucket::Bucket;
pub use stats::spread::Spread;
pub use stats::{Stats, read_stats};
