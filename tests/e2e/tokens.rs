//! Tokens that never race: 200 workers in 20 processes, and every expiry is refreshed once.

use crate::console::Console;
use crate::length::length;
use crate::world::{ORG, World};
use bytes::Bytes;
use domain::OrgId;
use flows::{Bridge, Cache, Timing};
use futures::future::{BoxFuture, join_all};
use http::{Request, Response};
use hubspot::{ApiVersions, HubSpot, OAuthApp, Portal};
use jiff::SignedDuration;
use opencx::OpenCx;
use runtime::functions::EVENTS;
use serde_json::{Value, json};
use simulator::{Simulator, in_process};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;
use store::{ConnectionState, Store};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use transport::{Clock, Http, Meter, Outside, Transport, TransportError};

const PROCESSES: usize = 20;
const WORKERS: usize = 10;

fn expiries() -> usize {
    length(20, 1000)
}

/// The line to HubSpot: slow, counted, and deadly for the process that refreshes when its turn has come.
struct Line {
    to: Arc<dyn Transport>,
    refreshes: Arc<AtomicUsize>,
    /// The process that never hears of its refresh: -1 is none, -2 is the next one that refreshes.
    dead: Arc<AtomicI64>,
    died: Arc<Notify>,
    process: i64,
}

impl Transport for Line {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let refreshing = request.uri().path().ends_with("/token");
            tokio::time::sleep(Duration::from_millis(300)).await;
            let answer = self.to.send(request, timeout).await;
            if refreshing {
                self.refreshes.fetch_add(1, Ordering::Relaxed);
                if self.dead.compare_exchange(-2, self.process, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                    self.died.notify_one();
                    return std::future::pending().await;
                }
            }
            answer
        })
    }
}

struct Storm {
    world: World,
    store: Store,
    template: Template,
    refreshes: Arc<AtomicUsize>,
    dead: Arc<AtomicI64>,
    died: Arc<Notify>,
    starts: usize,
}

/// All processes share the services and the queue, which no story here uses.
struct Template {
    opencx: OpenCx,
    timing: Timing,
    app: Option<Arc<OAuthApp>>,
    outside: Outside,
}

impl Storm {
    async fn new() -> Self {
        let mut world = World::new().await;
        assert_eq!(Console::of(&world, ORG).consent(json!({})).await, "/#result=connected");
        let known = world.bridge_of(&EVENTS);
        let store = known.store.clone();
        let template = Template {
            opencx: known.opencx.clone(),
            timing: known.timing,
            app: known.app.clone(),
            outside: known.outside.clone(),
        };
        // Its timers would make hours of virtual time long.
        world.kill().await;
        let (refreshes, dead) = (Arc::default(), Arc::new(AtomicI64::new(-1)));
        Self { world, store, template, refreshes, dead, died: Arc::default(), starts: 0 }
    }

    /// One more process on the same table: nothing of the others' memory.
    async fn process(&mut self, number: usize) -> Vec<Portal> {
        let sim: Arc<dyn Simulator> = self.world.hubspot.clone();
        let line = Line {
            to: Arc::new(in_process(sim)),
            refreshes: self.refreshes.clone(),
            dead: self.dead.clone(),
            died: self.died.clone(),
            process: i64::try_from(number).unwrap(),
        };
        self.starts += 1;
        let (clock, start, calls): (Arc<dyn Clock>, usize, AtomicUsize) =
            (self.world.clock.clone(), self.starts, AtomicUsize::new(0));
        let http = Http::new(Arc::new(line), clock.clone(), 1);
        let bridge = Bridge {
            store: self.store.clone(),
            hubspot: HubSpot::new(http, "http://hubspot.test", ApiVersions::dated()),
            opencx: self.template.opencx.clone(),
            clock: clock.clone(),
            cache: Cache::default(),
            timing: self.template.timing,
            meter: Meter::default(),
            outside: self.template.outside.clone(),
            app: self.template.app.clone(),
            ids: Arc::new(move || format!("p{start}-{}", calls.fetch_add(1, Ordering::Relaxed))),
        };
        let until = clock.now() + SignedDuration::from_hours(24 * 365);
        let org = OrgId::parse(ORG).unwrap();
        join_all((0..WORKERS).map(|_| async { bridge.portal(&org, until).await.unwrap().unwrap() })).await
    }

    async fn state(&self) -> ConnectionState {
        self.store.connection(&OrgId::parse(ORG).unwrap()).await.unwrap().unwrap().grant.state
    }

    /// Half an hour later, as far as a token is concerned. Forgets the calls until now.
    async fn next_expiry(&self) {
        self.world.forget_calls().await;
        self.world.pass(25 * 60).await;
    }

    fn refreshes(&self) -> usize {
        self.refreshes.load(Ordering::Relaxed)
    }
}

async fn all_work(processes: &[Vec<Portal>]) {
    for answer in join_all(processes.iter().flatten().map(Portal::inboxes)).await {
        assert_eq!(answer.unwrap().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn race_of_two_hundred_workers_for_every_expiry() {
    let mut storm = Storm::new().await;
    let mut processes = Vec::new();
    for number in 0..PROCESSES {
        processes.push(storm.process(number).await);
    }
    all_work(&processes).await;
    assert_eq!(storm.refreshes(), 0, "a fresh token is not refreshed");
    for expiry in 1..=expiries() {
        storm.next_expiry().await;
        all_work(&processes).await;
        assert_eq!(storm.refreshes(), expiry);
    }
    assert_eq!(storm.state().await, ConnectionState::Connected);
}

#[tokio::test(start_paused = true)]
async fn race_with_a_crash_in_every_third_refresh() {
    let mut storm = Storm::new().await;
    let mut processes = Vec::new();
    for number in 0..PROCESSES {
        processes.push(storm.process(number).await);
    }
    let mut crashes = 0;
    for expiry in 1..=expiries() {
        storm.next_expiry().await;
        if expiry % 3 == 0 {
            storm.dead.store(-2, Ordering::Relaxed);
            let mut running: Vec<JoinSet<_>> = Vec::new();
            for portals in &processes {
                let mut tasks = JoinSet::new();
                for portal in portals.clone() {
                    tasks.spawn(async move { portal.inboxes().await });
                }
                running.push(tasks);
            }
            storm.died.notified().await;
            let dead = usize::try_from(storm.dead.swap(-1, Ordering::Relaxed)).unwrap();
            running[dead].shutdown().await;
            crashes += 1;
            for tasks in &mut running {
                while let Some(answer) = tasks.join_next().await {
                    assert_eq!(answer.unwrap().unwrap().len(), 2);
                }
            }
            processes[dead] = storm.process(dead).await;
        }
        all_work(&processes).await;
        assert!(storm.refreshes() <= expiry + crashes, "{} refreshes of {expiry}", storm.refreshes());
    }
    assert!(crashes > 0 && storm.refreshes() >= expiries());
    assert_eq!(storm.state().await, ConnectionState::Connected);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_hubspot_calls_expired_is_refreshed_once() {
    let mut storm = Storm::new().await;
    let processes = vec![storm.process(0).await, storm.process(1).await];
    all_work(&processes).await;
    storm.world.pass(120).await;
    storm.world.hs("PUT", "/_sim/token", json!("expired")).await;
    all_work(&processes).await;
    assert_eq!(storm.refreshes(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_in_passing_gives_nothing_up() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    let thread = world.thread("web").await;
    world.hubspot_fault(json!({ "method": "POST", "path": "/oauth", "status": 503, "times": 1000 })).await;
    world.pass(26 * 60).await;
    world.say(&thread, "with the old token").await;
    world.pass(10).await;
    assert_eq!(world.answers(&thread).await, ["You said: with the old token"], "it is still good");
    world.pass(10 * 60).await;
    world.say(&thread, "later").await;
    world.pass(60).await;
    assert_eq!(world.log().await, ["done", "retrying hubspot_unavailable"]);
    assert_eq!(console.get("/api/connection").await.1["state"], "connected");
    world.hs("DELETE", "/_sim/faults", Value::Null).await;
    world.pass(300).await;
    assert_eq!(world.answers(&thread).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_grant_asks_for_a_reconnect_and_what_waited_is_processed() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    let thread = world.thread("web").await;
    world.pass(120).await;
    world.hs("PUT", "/_sim/token", json!("revoked")).await;
    world.say(&thread, "first").await;
    world.pass(10).await;
    world.say(&thread, "second").await;
    world.pass(10).await;
    assert_eq!(world.log().await, ["parked reconnect_required", "parked reconnect_required"]);
    let (_, shown) = console.get("/api/connection").await;
    assert_eq!(shown["state"], "reconnect_required");
    assert!(shown["reconnect_reason"].as_str().unwrap().contains("uninstalled"), "{shown}");
    let refused = world.invoke("handoff", world.handoff("session-1", None)).await.unwrap_err();
    assert_eq!(refused["errorType"], "ReconnectRequired");
    world.hs("PUT", "/_sim/token", json!("ok")).await;
    assert_eq!(console.consent(json!({})).await, "/#result=connected");
    world.pass(30).await;
    assert_eq!(world.log().await, ["done", "done"]);
    assert_eq!(world.answers(&thread).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_rotated_refresh_token_is_the_next_one() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    assert_eq!(console.consent(json!({ "rotate": true })).await, "/#result=connected");
    for _ in 0..3 {
        world.pass(26 * 60).await;
        assert_eq!(console.get("/api/inboxes").await.0, 200);
    }
    assert_eq!(console.get("/api/connection").await.1["state"], "connected");
}

#[tokio::test(start_paused = true)]
async fn a_private_app_that_is_accepted_again_needs_no_admin() {
    let world = World::new().await;
    let console = Console::of(&world, ORG);
    let thread = world.thread("web").await;
    world.hs("PUT", "/_sim/token", json!("revoked")).await;
    world.say(&thread, "first").await;
    world.pass(10).await;
    assert_eq!(console.get("/api/connection").await.1["state"], "reconnect_required");
    world.hs("PUT", "/_sim/token", json!("ok")).await;
    world.say(&thread, "second").await;
    world.pass(10).await;
    assert_eq!(world.log().await, ["parked reconnect_required", "done"]);
    assert_eq!(console.get("/api/connection").await.1["state"], "action_recommended");
    let (_, replayed) = console.call("POST", "/api/deliveries/replay", json!({ "state": "parked" })).await;
    assert_eq!(replayed["replayed"], 1, "{replayed}");
    world.pass(10).await;
    assert_eq!(world.log().await, ["done", "done"]);
}
