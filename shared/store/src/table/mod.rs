//! The table: keys, items, conditional writes, sealed secrets.
//!
//! It must never know what an item means to a flow. Start with `write` (one conditional write) and `access` (the calls).

pub(crate) mod access;
pub(crate) mod create;
pub(crate) mod error;
pub(crate) mod item;
pub(crate) mod keyring;
pub(crate) mod keys;
pub(crate) mod redact;
pub(crate) mod write;

pub(crate) use access::{Refusal, Store, Transacted, read_all, read_page};
pub(crate) use error::StoreError;
pub(crate) use item::{Item, json, map, number, text, texts, time, word, words};
pub(crate) use keyring::{Keyring, Secret};
pub(crate) use keys::{Attributes, Key, in_order, moment};
pub(crate) use redact::prints_only;
pub(crate) use write::Write;
