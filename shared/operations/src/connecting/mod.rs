//! An organization is connected to its HubSpot portal: by OAuth or by a private app, and its CRM panel.
//!
//! Nothing is saved before it is verified. Start with `establish`, which all ways share.

pub(crate) mod crm;
pub(crate) mod custom_channel;
pub(crate) mod disconnect;
pub(crate) mod error;
pub(crate) mod establish;
pub(crate) mod oauth;
pub(crate) mod private_app;
pub(crate) mod properties;
pub(crate) mod roll_back;
