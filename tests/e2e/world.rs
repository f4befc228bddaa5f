//! The whole bundle in one thread on a virtual clock: both simulators, the embedded engine, one runner that can be killed.
//!
//! A story writes as the customer or the rep in the simulated HubSpot, and reads as they would.

use crate::canaries;
use crate::family;
use crate::fate::{Fate, Fated};
use crate::web::Web;
use bytes::Bytes;
use domain::{Action, ActionCall, OrgId, Settings};
use flows::{ActionOutput, Bridge, Envelope, QueueMessage, Timing, VerifiedBy};
use http::{Method, Request};
use local::{Doorway, Engine, LocalKeyring, LocalPorts, OPERATOR, Refusals, Runner, RunnerOptions, Upstream};
use runtime::functions::{ACTIONS, CONNECT, EVENTS, FunctionSpec};
use serde_json::{Value, json};
use simulator::{HubSpotSim, OpenCxSim, SimOptions, Simulator, in_process};
use std::sync::Arc;
use std::time::Duration;
use transport::{Clock, Outside, Reach, Transport, TransportError, VirtualClock};

pub(crate) const ORG: &str = "org_1";
pub(crate) const HUBSPOT: &str = "http://hubspot.test";
const OPENCX: &str = "http://opencx.test";
pub(crate) const PUBLIC: &str = "https://bridge.test";

/// One simulated day.
pub(crate) struct World {
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) hubspot: Arc<HubSpotSim>,
    pub(crate) opencx: Arc<OpenCxSim>,
    pub(crate) runner: Option<Runner>,
    pub(crate) portal: Value,
    pub(crate) url: String,
    /// The one in `url`.
    pub(crate) nonce: String,
    pub(crate) fate: Arc<Fate>,
    pub(crate) web: Web,
    engine: Engine,
    pub(crate) keyring: LocalKeyring,
    doorway: Doorway,
    boots: u32,
    operator: Option<Arc<Bridge>>,
    refusals: Vec<Refusals>,
}

/// How a world differs from the usual one.
#[derive(Clone, Default)]
pub(crate) struct Differently {
    pub(crate) settings: Value,
    pub(crate) oauth: bool,
    pub(crate) properties_refused: bool,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Differently::default()).await
    }

    pub(crate) async fn with_settings(settings: Value) -> Self {
        Self::with(Differently { settings, ..Differently::default() }).await
    }

    pub(crate) async fn with(differently: Differently) -> Self {
        canaries::watch();
        let clock = Arc::new(VirtualClock::starting_at("2026-11-20T10:00:00Z".parse().unwrap()));
        let doorway = Doorway::default();
        let options = SimOptions {
            clock: clock.clone(),
            seed: 7,
            webhook: Arc::new(doorway.transport()),
            functions: Arc::new(doorway.transport()),
        };
        let mut world = Self {
            hubspot: HubSpotSim::new(options.clone()),
            opencx: OpenCxSim::new(options),
            clock,
            runner: None,
            portal: Value::Null,
            url: String::new(),
            nonce: String::new(),
            fate: Arc::new(Fate::default()),
            web: Web::default(),
            engine: Engine::memory().unwrap(),
            keyring: LocalKeyring::generate().unwrap(),
            doorway,
            boots: 0,
            operator: None,
            refusals: Vec::new(),
        };
        for limits in ["hubspot", "opencx"] {
            world.sim(limits, "PUT", "/_sim/limits", json!({ "off": true })).await;
        }
        world.portal = world.hs("GET", "/_sim/portal", Value::Null).await;
        if differently.properties_refused {
            world.hs("PUT", "/_sim/properties", json!({ "refuse": true })).await;
        }
        world.start().await;
        world.connect(&differently).await;
        world
    }

    /// Starts a runner on an earlier one's data.
    pub(crate) async fn start(&mut self) {
        self.boots += 1;
        self.fate = Arc::new(Fate::default());
        let runner = Runner::start(self.options()).await.unwrap();
        self.doorway.open(runner.door());
        self.operator = Some(runner.bridge_of(&OPERATOR));
        self.refusals.push(runner.refusals().clone());
        self.runner = Some(runner);
    }

    fn options(&self) -> RunnerOptions {
        let hubspot = Arc::new(Fated { fate: self.fate.clone(), to: Arc::new(in_process(self.hubspot.clone())) });
        let opencx = Arc::new(Fated { fate: self.fate.clone(), to: Arc::new(in_process(self.opencx.clone())) });
        let fate = self.fate.clone();
        RunnerOptions {
            engine: self.engine.gated(Arc::new(move |operation, request| fate.lets_through(operation, request))),
            keyring: self.keyring.clone(),
            boot: format!("boot-{}", self.boots),
            clock: self.clock.clone(),
            hubspot: Upstream { url: HUBSPOT.to_owned(), transport: hubspot },
            opencx: Upstream { url: OPENCX.to_owned(), transport: opencx },
            public_url: PUBLIC.to_owned(),
            client_secrets: vec![self.portal["client_secret"].as_str().unwrap_or("none").to_owned()],
            app: self.app(),
            timing: Timing::default(),
            versions: family::told(),
            outside: Outside::new(
                Arc::new(Fated { fate: self.fate.clone(), to: Arc::new(self.web.transport()) }),
                Reach::PublicWeb,
            ),
            seed: 7,
        }
    }

    /// What a function works with, under its own rights.
    pub(crate) fn bridge_of(&self, function: &FunctionSpec) -> Arc<Bridge> {
        self.runner.as_ref().unwrap().bridge_of(function)
    }

    /// Queue and timers of a function.
    pub(crate) fn ports_of(&self, function: &FunctionSpec) -> LocalPorts {
        self.runner.as_ref().unwrap().ports_of(function)
    }

    /// What the reconciler's schedule does.
    pub(crate) async fn reconcile(&self) {
        operations::reconcile(&self.bridge_of(&EVENTS), self.ports_of(&EVENTS).given()).await.unwrap();
    }

    /// What the queue does with a message's body.
    pub(crate) async fn process(&self, body: &str) -> flows::Settled {
        flows::process_message(&self.bridge_of(&EVENTS), self.ports_of(&EVENTS).given(), body).await
    }

    /// An operator's replay.
    pub(crate) async fn replay(&self, org: &OrgId, key: &domain::DedupKey) {
        let (bridge, ports) = (self.bridge_of(&CONNECT), self.ports_of(&CONNECT));
        flows::replay_delivery(&bridge, ports.given().queue, org, key).await.unwrap();
    }

    /// The state behind the door, for what no story can see from outside.
    pub(crate) fn operator(&self) -> &Bridge {
        self.operator.as_ref().unwrap()
    }

    /// Every function forgets what it has read, as its process does within a minute.
    pub(crate) fn forget_what_was_read(&self) {
        self.runner.as_ref().unwrap().drop_caches();
    }

    /// HubSpot executes a workflow's action.
    pub(crate) async fn take_action(&self, action: Action, call: ActionCall) -> ActionOutput {
        flows::take_action(&self.bridge_of(&ACTIONS), self.ports_of(&ACTIONS).given().queue, action, call).await
    }

    // -- The simulators' controls

    async fn sim(&self, which: &str, method: &str, path: &str, body: Value) -> Value {
        let sim: Arc<dyn Simulator> = if which == "hubspot" { self.hubspot.clone() } else { self.opencx.clone() };
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request::builder()
            .method(method.clone())
            .uri(format!("http://127.0.0.1{path}"))
            .header("host", "127.0.0.1");
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let answer = in_process(sim).send(request, Duration::from_secs(3600)).await.unwrap();
        let (status, body) = (answer.status(), answer.into_body());
        assert!(status.is_success(), "{method} {path} -> {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    pub(crate) async fn hs(&self, method: &str, path: &str, body: Value) -> Value {
        self.sim("hubspot", method, path, body).await
    }

    /// The session's events as OpenCX lists them.
    pub(crate) async fn history(&self, session: &str) -> Vec<Value> {
        let key = self.ocx("GET", "/_sim/portal", Value::Null).await["api_key"].as_str().unwrap().to_owned();
        let request = Request::builder()
            .uri(format!("{OPENCX}/chat/sessions/{session}/history"))
            .header("authorization", format!("Bearer {key}"));
        let answer = in_process(self.opencx.clone())
            .send(request.body(Bytes::new()).unwrap(), Duration::from_secs(5))
            .await
            .unwrap();
        serde_json::from_slice::<Value>(answer.body()).unwrap()["items"].as_array().unwrap().clone()
    }

    pub(crate) async fn ocx(&self, method: &str, path: &str, body: Value) -> Value {
        self.sim("opencx", method, path, body).await
    }

    // -- HubSpot as people use it

    pub(crate) async fn thread(&self, channel: &str) -> String {
        self.thread_with(
            json!({ "channel": channel, "contact": { "name": "Ada Example", "email": "ada@example.com" } }),
        )
        .await
    }

    pub(crate) async fn thread_with(&self, thread: Value) -> String {
        self.hs("POST", "/_sim/threads", thread).await["thread_id"].as_str().unwrap().to_owned()
    }

    /// The customer writes.
    pub(crate) async fn say(&self, thread: &str, text: &str) -> String {
        self.write(thread, json!({ "from": "visitor", "text": text })).await
    }

    /// Somebody writes.
    pub(crate) async fn write(&self, thread: &str, message: Value) -> String {
        let path = format!("/_sim/threads/{thread}/messages");
        self.hs("POST", &path, message).await["message_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn assign(&self, thread: &str, actor: Value) {
        self.hs("PUT", &format!("/_sim/threads/{thread}/assignee"), json!({ "actor_id": actor })).await;
    }

    pub(crate) async fn entries(&self, thread: &str) -> Vec<Value> {
        self.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await["messages"].as_array().unwrap().clone()
    }

    /// Public messages that the bundle posted.
    pub(crate) async fn answers(&self, thread: &str) -> Vec<String> {
        self.ours(thread, "MESSAGE").await
    }

    /// Internal comments that the bundle posted.
    pub(crate) async fn comments(&self, thread: &str) -> Vec<String> {
        self.ours(thread, "COMMENT").await
    }

    async fn ours(&self, thread: &str, kind: &str) -> Vec<String> {
        let ours = |m: &&Value| m["type"] == kind && !m["integration_app_id"].is_null();
        self.entries(thread).await.iter().filter(ours).map(|m| m["text"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn tickets(&self) -> Vec<Value> {
        self.hs("GET", "/_sim/tickets", Value::Null).await.as_array().unwrap().clone()
    }

    /// A webhook event as HubSpot sends it.
    pub(crate) fn event(&self, kind: &str, more: &Value) -> Value {
        let number = |key: &str| self.portal[key].as_str().unwrap().parse::<u64>().unwrap();
        let mut event = json!({
            "eventId": 7, "subscriptionId": 1, "portalId": number("portal_id"), "appId": number("app_id"),
            "occurredAt": self.clock.now().as_millisecond(), "subscriptionType": kind, "attemptNumber": 0,
        });
        if let (Some(all), Some(more)) = (event.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        event
    }

    pub(crate) fn new_message(&self, thread: &str, message: &str) -> Value {
        let thread: u64 = thread.parse().unwrap();
        self.event(
            "conversation.newMessage",
            &json!({ "objectId": thread, "messageId": message, "messageType": "MESSAGE", "changeFlag": "NEW_MESSAGE" }),
        )
    }

    /// An event as the queue holds it.
    pub(crate) fn queued(&self, event: &Value) -> String {
        let batch = hubspot::parse_batch(json!([event]).to_string().as_bytes()).unwrap();
        let door = VerifiedBy::SignedUrl { org: OrgId::parse(ORG).unwrap(), nonce: self.nonce.clone() };
        let event = batch.events[0].clone();
        Envelope::body(&QueueMessage::Event { door, event, received_at: self.clock.now() })
    }

    /// A raw POST to the door.
    pub(crate) async fn post(&self, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> (u16, Value) {
        let mut request = Request::builder().method(Method::POST).uri(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.runner.as_ref().unwrap().handle(request.body(body.into()).unwrap()).await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }

    // -- OpenCX

    pub(crate) async fn script(&self, rules: Value) {
        self.ocx("POST", "/_sim/script", json!({ "rules": rules })).await;
    }

    pub(crate) async fn sessions(&self) -> Vec<Value> {
        self.ocx("GET", "/_sim/sessions", Value::Null).await.as_array().unwrap().clone()
    }

    /// The one session, which there must be.
    pub(crate) async fn session(&self) -> Value {
        let sessions = self.sessions().await;
        assert_eq!(sessions.len(), 1, "{sessions:#?}");
        sessions[0].clone()
    }

    /// The messages of the one session, as `sender: text`.
    pub(crate) async fn said(&self) -> Vec<String> {
        let session = self.session().await;
        let line = |m: &Value| format!("{}: {}", m["sender"].as_str().unwrap(), m["text"].as_str().unwrap());
        session["messages"].as_array().unwrap().iter().map(line).collect()
    }

    /// An invocation by the OpenCX backend; `Err` is the function error.
    pub(crate) async fn invoke(&self, function: &str, payload: Value) -> Result<Value, Value> {
        self.try_invoke(function, payload).await.unwrap()
    }

    /// The same, where the line may break.
    pub(crate) async fn try_invoke(
        &self,
        function: &str,
        payload: Value,
    ) -> Result<Result<Value, Value>, TransportError> {
        let url = format!("http://127.0.0.1/2015-03-31/functions/{function}/invocations");
        let request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header("host", "127.0.0.1")
            .body(Bytes::from(payload.to_string()))
            .unwrap();
        let answer = self.runner.as_ref().unwrap().handle(request).await?;
        assert_eq!(answer.status().as_u16(), 200, "{answer:?}");
        let body = serde_json::from_slice(answer.body()).unwrap();
        Ok(if answer.headers().contains_key("x-amz-function-error") { Err(body) } else { Ok(body) })
    }

    /// A handoff request as the OpenCX backend sends it.
    #[expect(clippy::unused_self, reason = "reads like the other moves of a story")]
    pub(crate) fn handoff(&self, session: &str, thread: Option<&str>) -> Value {
        json!({
            "org_id": ORG,
            "session": {
                "id": session, "ticket_number": 4521, "channel": "web", "url": "https://inbox.example/s/1", "language": "en",
                "sentiment": "angry", "summary": "Wants a refund", "contact": { "name": "Ada Example", "email": "ada@example.com" },
                "custom_data": {}, "transcript": [{ "sender": "contact", "name": "Ada", "text": "hello there", "at": "2026-11-20T10:00:00Z" }],
                "thread_id": thread,
            },
            "reason": { "code": "user_requested_human_assistance", "text": "asked for a person" },
        })
    }

    /// The admin changes settings; they hold at once.
    pub(crate) async fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let (org, bridge) = (OrgId::parse(ORG).unwrap(), self.operator());
        let connection = bridge.store.connection(&org).await.unwrap().unwrap();
        let mut settings = connection.settings.clone();
        change(&mut settings);
        bridge.store.update_settings(&org, connection.version, &settings, self.clock.now()).await.unwrap();
        self.forget_what_was_read();
    }

    /// The bundle's own client of HubSpot, for changes that an admin of the portal makes.
    pub(crate) fn portal_client(&self) -> hubspot::Portal {
        let token = hubspot::AccessToken::new(self.portal["access_token"].as_str().unwrap());
        self.operator().hubspot.portal(&token, self.clock.now() + Duration::from_secs(60))
    }

    // -- Bad days

    pub(crate) async fn hubspot_fault(&self, fault: Value) {
        self.hs("POST", "/_sim/faults", fault).await;
    }

    pub(crate) async fn opencx_fault(&self, fault: Value) {
        self.ocx("POST", "/_sim/faults", fault).await;
    }

    /// Calls to both services since [`Self::forget_calls`], as `METHOD path`.
    pub(crate) async fn calls(&self) -> (Vec<String>, Vec<String>) {
        let line = |call: &Value| format!("{} {}", call["method"].as_str().unwrap(), call["path"].as_str().unwrap());
        let hubspot = self.hs("GET", "/_sim/calls", Value::Null).await;
        let opencx = self.ocx("GET", "/_sim/calls", Value::Null).await;
        let lines = |calls: &Value| calls.as_array().unwrap().iter().map(line).collect();
        (lines(&hubspot), lines(&opencx))
    }

    pub(crate) async fn forget_calls(&self) {
        self.hs("DELETE", "/_sim/calls", Value::Null).await;
        self.ocx("DELETE", "/_sim/calls", Value::Null).await;
    }

    /// OpenCX closes a session, as it does when it resolves it.
    pub(crate) async fn close_in_opencx(&self, session: &str) {
        self.ocx("PATCH", &format!("/_sim/sessions/{session}"), json!({ "status": "closed_resolved" })).await;
    }

    /// How many calls to HubSpot and OpenCX `work` waits for one after the other.
    pub(crate) async fn depth_of<T>(&self, work: impl Future<Output = T>) -> (T, i64) {
        let began = self.clock.now();
        let done = work.await;
        (done, self.clock.now().duration_since(began).as_secs())
    }

    // -- Dying

    /// HubSpot sends no events by itself any more; a story posts its own.
    pub(crate) async fn quiet_webhooks(&self) {
        let hook = json!({ "url": self.url, "client_secret": self.portal["client_secret"], "subscriptions": [] });
        self.hs("PUT", "/_sim/webhook", hook).await;
    }

    // -- Time

    /// Lets `seconds` of virtual time pass, with all that happens in them.
    pub(crate) async fn pass(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// The same for long times in which nothing is due. The runner is off meanwhile: its reconciler would look every five minutes.
    pub(crate) async fn pass_idle(&mut self, seconds: u64) {
        self.kill().await;
        self.pass(seconds).await;
        self.start().await;
    }

    /// Everything that happened until now.
    pub(crate) fn whole_log(&self) -> store::Filter {
        store::Filter { to: Some(self.clock.now()), ..store::Filter::default() }
    }

    /// The outcome of each message that is not our own, as `state reason`, oldest first.
    pub(crate) async fn log(&self) -> Vec<String> {
        let own = |line: &String| line != "skipped own_message";
        self.log_of("conversation.newMessage").await.into_iter().filter(own).collect()
    }

    /// The outcome of each event of one kind.
    pub(crate) async fn log_of(&self, label: &str) -> Vec<String> {
        let page =
            self.operator().store.deliveries(&OrgId::parse(ORG).unwrap(), &self.whole_log(), 500, None).await.unwrap();
        let ours = page.items.iter().filter(|row| row.label == label);
        let reason = |row: &store::Delivery| row.reason.as_ref().map_or(String::new(), ToString::to_string);
        let mut rows: Vec<_> = ours.map(|row| (row.created_at, format!("{} {}", row.state, reason(row)))).collect();
        rows.sort();
        rows.into_iter().map(|(_, line)| line.trim_end().to_owned()).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            canaries::none_sang();
            let refused: Vec<_> = self.refusals.iter().flat_map(Refusals::all).collect();
            assert!(refused.is_empty(), "functions tried what they have no right to: {refused:?}");
            family::all_known();
        }
    }
}
