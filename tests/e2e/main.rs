//! Stories through the front door: a customer writes, a rep reads, OpenCX invokes, and things go wrong in between.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod admin;
mod answers;
mod bad_days;
mod bounds;
mod canaries;
mod closes;
mod contacts;
mod context;
mod connecting;
mod console;
mod crashes;
mod diagnoses;
mod door;
mod fate;
mod generations;
mod handoffs;
mod log_api;
mod notes;
mod hubspot_app;
mod migrating;
mod owners;
mod properties;
mod race;
mod reopens;
mod replies;
mod routes;
mod signatures;
mod template;
mod tickets;
mod tidy;
mod tokens;
mod walk;
mod workflows;
mod world;
