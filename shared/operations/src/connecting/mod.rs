//! An organization is connected to its HubSpot portal: by OAuth, by a private app, with its CRM panel and its channels.
//!
//! Nothing may be saved before HubSpot has verified it. Start with `establish`, which OAuth and private apps share.

pub(crate) mod crm;
pub(crate) mod custom_channel;
pub(crate) mod disconnect;
pub(crate) mod establish;
pub(crate) mod oauth;
pub(crate) mod private_app;
pub(crate) mod properties;
