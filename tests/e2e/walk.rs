//! A seeded random walk: customers, reps, OpenCX, workflows and an unreliable world act on 20 threads; then everybody must agree.

mod agreement;

use crate::family::each_family;
use crate::length::length;
use crate::world::{Differently, ORG, World};
use domain::{Action, ActionCall, ActionObject, PortalId, ThreadId};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

const THREADS: usize = 20;
const REPS: [&str; 2] = ["A-100", "A-101"];

/// One conversation and its messages.
#[derive(Default)]
pub(crate) struct Talk {
    pub(crate) thread: String,
    /// The customer's messages: HubSpot's id and the words, which are unique.
    pub(crate) questions: Vec<(String, String)>,
    /// The reps' public replies, unique words.
    pub(crate) replies: Vec<String>,
    /// The reps' internal comments, unique words.
    pub(crate) remarks: Vec<String>,
    /// How often a workflow sent the conversation to the AI, which may ask about a message that OpenCX has.
    pub(crate) sent_to_ai: usize,
}

/// The state of a walk, and its trail.
struct Walk {
    world: World,
    talks: Vec<Talk>,
    dice: Dice,
    /// For words that nobody has said before.
    said: usize,
    trail: Vec<String>,
}

/// Seeded and small: xorshift, as good as a walk needs.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

#[tokio::test(start_paused = true)]
async fn walk_at_random_and_everybody_agrees_at_the_end() {
    let seeds = Cell::new(0x0DD5_EED5);
    each_family(async || Box::pin(walk(seeds.replace(0xBEEF_F00D), length(200, 2_500))).await).await;
}

async fn walk(seed: u64, steps: usize) {
    let mut walk = Walk::begin(seed).await;
    for step in 0..steps {
        Box::pin(walk.step()).await;
        if step % 50 == 49 {
            // The reconciler's schedule does this.
            walk.world.pass(30).await;
            walk.world.reconcile().await;
            walk.world.forget_calls().await;
        }
    }
    walk.settle().await;
    let found = agreement::disagreements(&walk.world, &walk.talks).await;
    let trail = &walk.trail;
    assert!(
        found.is_empty(),
        "seed {seed:#x}: {} disagreements:\n{}\nlast steps:\n{}",
        found.len(),
        found.join("\n"),
        trail.join("\n")
    );
}

impl Walk {
    async fn begin(seed: u64) -> Self {
        let world = World::with(Differently { oauth: true, ..Differently::default() }).await;
        world
            .script(json!([
                { "contains": "human", "reply": "One moment", "handoff": true },
                { "contains": "solved", "reply": "Glad to hear", "resolve": { "summary": "Solved", "sentiment": "happy" } },
                { "contains": "slow", "reply": "Let me think: slow", "delay_ms": 8_000 },
            ]))
            .await;
        let mut talks = Vec::new();
        for number in 0..THREADS {
            let channel = if number % 4 == 3 { "email" } else { "web" };
            let contact = json!({ "name": format!("Customer {number}"), "email": format!("c{number}@example.com") });
            let thread = world.thread_with(json!({ "channel": channel, "contact": contact })).await;
            talks.push(Talk { thread, ..Talk::default() });
        }
        Self { world, talks, dice: Dice(seed), said: 0, trail: Vec::new() }
    }

    /// Words that are said once in the whole walk.
    fn words(&mut self, kind: &str) -> String {
        self.said += 1;
        format!("{kind} no. {}.", self.said)
    }

    async fn step(&mut self) {
        let at = self.dice.below(self.talks.len());
        match self.dice.below(100) {
            0..35 => self.customer(at).await,
            35..45 => self.rep_replies(at).await,
            45..49 => self.rep_remarks(at).await,
            49..57 => self.owner_changes(at).await,
            57..63 => self.repeat_an_event(at).await,
            63..71 => self.opencx_invokes(at).await,
            71..76 => self.workflow_acts(at).await,
            76..83 => self.a_service_fails().await,
            83..84 => {
                self.trail.push("the runner is killed".to_owned());
                self.world.restart().await;
            }
            _ => {
                let seconds = u64::try_from(self.dice.below(40)).unwrap();
                self.trail.push(format!("{seconds} s pass"));
                self.world.pass(seconds).await;
            }
        }
    }

    async fn customer(&mut self, at: usize) {
        let kind = *self.dice.of(&["question", "question", "question", "slow question", "human please", "solved"]);
        let words = self.words(kind);
        self.trail.push(format!("{at}: customer: {words}"));
        let message = self.world.say(&self.talks[at].thread, &words).await;
        self.talks[at].questions.push((message, words));
    }

    async fn rep_replies(&mut self, at: usize) {
        let (rep, words) = (*self.dice.of(&REPS), self.words("reply"));
        self.trail.push(format!("{at}: {rep} replies: {words}"));
        self.world.write(&self.talks[at].thread, json!({ "from": rep, "text": words })).await;
        // A session begins with the customer's first message.
        if !self.talks[at].questions.is_empty() {
            self.talks[at].replies.push(words);
        }
    }

    async fn rep_remarks(&mut self, at: usize) {
        let (rep, words) = (*self.dice.of(&REPS), self.words("remark"));
        self.trail.push(format!("{at}: {rep} remarks: {words}"));
        self.world.write(&self.talks[at].thread, json!({ "from": rep, "text": words, "type": "COMMENT" })).await;
        if !self.talks[at].questions.is_empty() {
            self.talks[at].remarks.push(words);
        }
    }

    async fn owner_changes(&mut self, at: usize) {
        let ai = self.world.portal["ai_user"].clone();
        let to = match self.dice.below(4) {
            0 => json!("A-100"),
            1 => Value::Null,
            _ => ai,
        };
        self.trail.push(format!("{at}: assigned to {to}"));
        self.world.assign(&self.talks[at].thread, to).await;
    }

    async fn repeat_an_event(&mut self, at: usize) {
        let talk = &self.talks[at];
        if talk.questions.is_empty() {
            return;
        }
        let (message, words) = self.dice.of(&talk.questions).clone();
        self.trail.push(format!("{at}: the event of {words} comes again"));
        let event = self.world.new_message(&talk.thread, &message);
        self.world.post(&self.world.url, &[], json!([event, event]).to_string()).await;
    }

    async fn opencx_invokes(&mut self, at: usize) {
        let thread = self.talks[at].thread.clone();
        let Some(session) = agreement::session_of(&self.world, &thread).await else { return };
        let payload = match self.dice.below(5) {
            0 | 1 => ("handoff", self.world.handoff(session.id.as_str(), Some(&thread))),
            2 => (
                "resolve",
                json!({ "org_id": ORG, "session_id": session.id, "status": "closed_resolved", "summary": "Done" }),
            ),
            3 => ("resolve", json!({ "org_id": ORG, "session_id": session.id, "status": "open" })),
            _ => {
                let words = self.words("agent");
                let message = json!({ "id": words, "text": words, "sender": "agent", "agent": { "name": "Grace" } });
                ("reply", json!({ "org_id": ORG, "session_id": session.id, "message": message }))
            }
        };
        // OpenCX has changed its own session before it tells us.
        if payload.0 == "resolve" {
            let status = &payload.1["status"];
            self.world.ocx("PATCH", &format!("/_sim/sessions/{}", session.id), json!({ "status": status })).await;
        }
        self.trail.push(format!("{at}: OpenCX invokes {} {}", payload.0, payload.1["status"]));
        // A failed request may be repeated, and is.
        for _ in 0..6 {
            if self.world.invoke(payload.0, payload.1.clone()).await.is_ok() {
                return;
            }
            self.world.pass(20).await;
        }
        self.trail.push(format!("{at}: and gives up"));
    }

    /// A workflow of the portal acts on the customer; HubSpot calls again where it gets no answer.
    async fn workflow_acts(&mut self, at: usize) {
        let action = *self.dice.of(&[Action::PauseAi, Action::ResumeAi, Action::SendToAi, Action::RequestHandoff]);
        let call = ActionCall {
            callback_id: self.words("callback"),
            portal: PortalId::parse(self.world.portal["portal_id"].as_str().unwrap()).unwrap(),
            object: ActionObject::Thread(ThreadId::parse(&self.talks[at].thread).unwrap()),
            thread: None,
            inputs: BTreeMap::new(),
        };
        self.trail.push(format!("{at}: a workflow asks for {}", action.as_str()));
        self.talks[at].sent_to_ai += usize::from(action == Action::SendToAi);
        for _ in 0..=self.dice.below(2) {
            self.world.take_action(action, call.clone()).await;
        }
    }

    async fn a_service_fails(&mut self) {
        let mut fault = match self.dice.below(5) {
            0 => json!({ "status": 503 }),
            1 => json!({ "status": 429, "headers": { "retry-after": "1" } }),
            2 => json!({ "drop": true }),
            3 => json!({ "lose_answer": true }),
            _ => json!({ "delay_ms": 3000 }),
        };
        fault["times"] = json!(1 + self.dice.below(4));
        fault["method"] = json!(*self.dice.of(&["GET", "POST", "PATCH"]));
        self.trail.push(format!("fault {fault}"));
        if self.dice.below(2) == 0 {
            self.world.hubspot_fault(fault).await;
        } else {
            self.world.opencx_fault(fault).await;
        }
    }

    /// The services are well again and everything that is due is done.
    async fn settle(&mut self) {
        self.world.hs("DELETE", "/_sim/faults", Value::Null).await;
        self.world.ocx("DELETE", "/_sim/faults", Value::Null).await;
        for _ in 0..12 {
            self.world.pass(300).await;
            self.world.reconcile().await;
        }
        let open: BTreeSet<String> = agreement::unfinished(&self.world).await;
        assert!(open.is_empty(), "an hour after everything works again, this is not done: {open:#?}");
    }
}
