//! The fixed ids and secrets of the portal and its apps.

pub(crate) const PORTAL_ID: u64 = 22_761_544;
pub(crate) const APP_ID: u64 = 1_098_266;
/// The OAuth app is another one than the private app.
pub(crate) const OAUTH_APP_ID: u64 = 2_098_266;
pub(crate) const AI_USER: u64 = 3_892_666;

pub(crate) const ACCESS_TOKEN: &str = "pat-na1-5e1f0000-0000-4000-8000-000000000001";
pub(crate) const CLIENT_SECRET: &str = "5ec2e7c1-0000-4000-8000-000000000001";
pub(crate) const CLIENT_ID: &str = "7933b042-0952-4e7d-a327-000000000000";
