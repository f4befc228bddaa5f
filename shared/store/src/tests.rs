//! The store against the embedded DynamoDB engine, in memory.

mod access;
mod claim;
mod connection;
mod crm;
mod custom_channel;
mod delivery_check;
mod door;
mod engine;
mod finish;
mod generations;
mod grant;
mod items;
mod keyring;
mod lifecycle;
mod link;
mod log;
mod lost_answer;
mod post;
mod property_sync;
mod remark;
mod session;
mod signature;
mod speech;

use crate::{Index, Keyring, Run, Seed, Session, Step, Store, Work};
use domain::{Channel, DedupKey, OrgId, PortalId, SessionId, ThreadId};
use engine::Engine;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// A store on a database of its own.
struct Bench {
    store: Store,
    engine: Engine,
}

async fn bench() -> Bench {
    let engine = Engine::memory();
    let store = Store::new(engine.client(), "bridge", keyring(1));
    store.create_table().await.unwrap();
    engine.forget_calls();
    Bench { store, engine }
}

fn keyring(id: u8) -> Arc<Keyring> {
    Arc::new(Keyring::new((format!("k{id}"), [id; 32]), Vec::new()))
}

/// Seconds after the tests' beginning.
fn at(seconds: i64) -> Timestamp {
    "2026-11-20T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

/// A run that begins then and has 100 seconds.
fn run(id: &str, started_s: i64) -> Run {
    Run { id: id.to_owned(), started_at: at(started_s), deadline: at(started_s + 100) }
}

fn org() -> OrgId {
    OrgId::parse("org_1").unwrap()
}

fn portal() -> PortalId {
    PortalId::parse("9001").unwrap()
}

fn thread(id: &str) -> ThreadId {
    ThreadId::parse(id).unwrap()
}

fn session_id(id: &str) -> SessionId {
    SessionId::parse(id).unwrap()
}

fn delivery(key: &str) -> Work {
    Work::Delivery { org: org(), key: DedupKey::from_stored(key) }
}

fn request(key: &str) -> Work {
    Work::Request { org: org(), function: "reply".into(), key: key.to_owned() }
}

/// About thread `t1`, kept for a day.
fn seed(created_s: i64) -> Seed {
    Seed {
        created_at: at(created_s),
        body: Some("{\"secret\":\"canary-body\"}".to_owned()),
        index: Index { thread: Some((portal(), thread("t1"))), ..Index::default() },
        retention: Duration::from_hours(24),
        label: "conversation.newMessage".to_owned(),
    }
}

fn done(id: &str) -> Step {
    Step { done: Some(id.to_owned()), ..Step::default() }
}

/// A stored session without thread.
async fn a_session(store: &Store, id: &str) -> Session {
    store.ensure_session(&Session::new(org(), session_id(id), Channel::Web, at(0))).await.unwrap()
}
