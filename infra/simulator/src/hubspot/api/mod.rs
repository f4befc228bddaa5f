//! HubSpot's public API: every path that the bundle may call, with its scopes, checks and answers.
//! A route allows, refuses and answers as HubSpot does. It must never know the bundle's rules.
//! Start with [`route::route`]. `request` holds what all routes share.

mod actors;
mod associations;
mod custom_channels;
mod files;
mod messages;
mod oauth;
mod objects;
mod pipelines;
mod properties;
mod request;
pub(crate) mod route;
mod search;
mod send;
mod threads;

pub(crate) use request::Cx;
