//! What operators and admins do: connect, change settings and signatures, replay, repair, diagnose, read figures.
//!
//! It stands above `flows` and uses its kernel. It must never post into a conversation.
//! Start with `connecting` (from a consent to tokens) or `diagnose` (why did nobody answer?).

mod audit;
mod connecting;
mod desk;
mod diagnose;
mod export_person;
mod log;
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
pub use connecting::establish::{ConnectError, Established, roll_back};
pub use connecting::oauth::{Callback, Consented, confirm_portal, finish_oauth, start_oauth};
pub use connecting::private_app::{PrivateApp, connect_private_app};
pub use connecting::properties::prepare_properties;
pub use desk::Desk;
pub use diagnose::check::{Check, CheckState, ReplayOffer};
pub use diagnose::patient::Subject;
pub use diagnose::{Diagnosis, diagnose};
pub use export_person::export_person;
pub use reconcile::reconcile;
pub use repair::{Repaired, repair};
pub use replay::{FailedFor, Failures, count_failures, replay_failed};
pub use settings::change_settings;
pub use signatures::{
    SavedSignature, SignatureError, delete_signature, harmless_html, preview, save_signature, signature_of_address,
};
pub use stats::{Bucket, Spread, Stats, read_stats};
