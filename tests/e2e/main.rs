//! Stories through the front door: a customer writes, a rep reads, OpenCX invokes, and things go wrong in between.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod admin;
mod answers;
mod bad_days;
mod bounds;
mod canaries;
mod channels;
mod closes;
mod context;
mod crashes;
mod delivered;
mod diagnoses;
mod door;
mod fate;
mod files;
mod handoffs;
mod log_api;
mod owners;
mod privacy;
mod quiet;
mod race;
mod reopens;
mod repairs;
mod replies;
mod routes;
mod signatures;
mod template;
mod tickets;
mod tidy;
mod walk;
mod web;
mod world;
