//! `demo`: one whole conversation against the simulators, told as it happens.

use crate::caller::{Caller, list, text};
use crate::cli::{DemoArgs, RUNNER_URL};
use crate::demo_org::DemoOrg;
use crate::door::Doorway;
use crate::engine::Engine;
use crate::keyring::LocalKeyring;
use crate::options::{RunnerOptions, Upstream};
use crate::output;
use crate::runner::Runner;
use crate::sandbox::DEMO_ORG;
use anyhow::bail;
use flows::Timing;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::{HubSpotSim, OpenCxSim, SimOptions, in_process};
use std::sync::Arc;
use std::time::Duration;
use transport::{Clock, SystemClock};

/// How long one step may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(25);

pub(super) async fn demo(args: DemoArgs) -> anyhow::Result<()> {
    play(args, Arc::new(SystemClock)).await
}

/// The waits are those of `clock`: a test has them over at once.
async fn play(args: DemoArgs, clock: Arc<dyn Clock>) -> anyhow::Result<()> {
    let close_delay = if args.fast { Duration::from_secs(1) } else { Timing::default().close_delay };
    let (runner, org) = start(Timing { close_delay, ..Timing::default() }, clock.clone()).await?;
    let story = Story { hubspot: org.hubspot(), opencx: org.opencx(), began: clock.now(), clock, json: args.json };
    story.tell(close_delay).await?;
    runner.stop().await;
    Ok(())
}

/// Everything in this process and in memory: nothing listens at the URLs.
async fn start(timing: Timing, clock: Arc<dyn Clock>) -> anyhow::Result<(Runner, DemoOrg)> {
    let doorway = Doorway::default();
    let inside = Arc::new(doorway.transport());
    let options = SimOptions { clock: clock.clone(), seed: 1, webhook: inside.clone(), functions: inside };
    let hubspot = in_process(HubSpotSim::new(options.clone()));
    let opencx = in_process(OpenCxSim::new(options));
    let upstream = |url: &str, transport| Upstream { url: url.to_owned(), transport };
    let hubspot = upstream("http://127.0.0.1:8788", Arc::new(hubspot));
    let opencx = upstream("http://127.0.0.1:8789", Arc::new(opencx));
    let (org, keyring) = (DemoOrg::find(&hubspot, &opencx).await?, LocalKeyring::generate()?);
    let runner = Runner::start(RunnerOptions {
        clock,
        client_secrets: vec![org.client_secret().to_owned()],
        timing,
        seed: 1,
        ..RunnerOptions::of_process(Engine::memory()?, keyring.clone(), (hubspot, opencx), RUNNER_URL)?
    })
    .await?;
    doorway.open(runner.door());
    org.connect(&runner, &keyring).await?;
    org.register(&runner, RUNNER_URL).await?;
    Ok((runner, org))
}

struct Story<'a> {
    hubspot: &'a Caller,
    opencx: &'a Caller,
    clock: Arc<dyn Clock>,
    began: Timestamp,
    json: bool,
}

impl Story<'_> {
    async fn tell(&self, close_delay: Duration) -> anyhow::Result<()> {
        let handoff = json!({ "contains": "person", "reply": "I am getting a colleague for you.", "handoff": true });
        self.opencx.post("/_sim/script", &json!({ "rules": [handoff] })).await?;
        let ada = json!({ "name": "Ada Example", "email": "ada@example.com" });
        let begun = self.hubspot.post("/_sim/threads", &json!({ "channel": "web", "contact": ada })).await?;
        let thread = text(&begun, "thread_id")?.to_owned();
        self.say(&thread, "visitor", "Where is my order?").await?;
        self.happened("customer", "Ada writes: Where is my order?");
        let answer = self.message(&thread, "MESSAGE", "You said").await?;
        self.happened("ai", &format!("The AI answers in the HubSpot conversation: {answer}"));
        self.say(&thread, "visitor", "I want to talk to a person").await?;
        self.happened("customer", "Ada writes: I want to talk to a person");
        let comment = self.message(&thread, "COMMENT", "AI decided to handoff").await?;
        let comment = comment.lines().next().unwrap_or_default().to_owned();
        self.happened("handoff", &format!("An internal comment tells the reps: {comment}"));
        let ticket = self.ticket("1").await?;
        let subject = ticket.pointer("/properties/subject").and_then(Value::as_str).unwrap_or_default();
        let id = text(&ticket, "ticket_id")?;
        self.happened("handoff", &format!("Ticket {id} is open: {subject}"));
        self.say(&thread, "A-100", "Hello Ada, your order arrives tomorrow.").await?;
        self.happened("rep", "A rep replies: Hello Ada, your order arrives tomorrow.");
        let session = self.rep_on_session().await?;
        self.happened("rep", "The reply is on the OpenCX session as an agent's message");
        let resolved = json!({ "org_id": DEMO_ORG, "session_id": session, "status": "closed_resolved", "summary": "The order arrives tomorrow." });
        self.opencx.post("/_sim/invoke", &json!({ "function": "resolve", "payload": resolved })).await?;
        self.happened(
            "resolve",
            &format!("OpenCX resolves the session; the ticket closes in {} s", close_delay.as_secs()),
        );
        self.ticket("4").await?;
        self.happened("close", &format!("Ticket {id} is closed"));
        Ok(())
    }

    async fn say(&self, thread: &str, from: &str, text: &str) -> anyhow::Result<()> {
        self.hubspot.post(&format!("/_sim/threads/{thread}/messages"), &json!({ "from": from, "text": text })).await?;
        Ok(())
    }

    /// The text of the first entry of that type that contains `words`.
    async fn message(&self, thread: &str, kind: &str, words: &str) -> anyhow::Result<String> {
        let path = format!("/_sim/threads/{thread}");
        self.until(words, self.hubspot, &path, |answer| {
            let messages = answer.get("messages")?.as_array()?;
            let fits = |m: &&Value| m.get("type").and_then(Value::as_str) == Some(kind) && said(m).contains(words);
            messages.iter().find(fits).map(|message| said(message).to_owned())
        })
        .await
    }

    /// The one ticket, once it is in that stage.
    async fn ticket(&self, stage: &str) -> anyhow::Result<Value> {
        self.until("ticket", self.hubspot, "/_sim/tickets", |answer| {
            let in_stage = |ticket: &&Value| {
                ticket.pointer("/properties/hs_pipeline_stage").and_then(Value::as_str) == Some(stage)
            };
            answer.as_array()?.iter().find(in_stage).cloned()
        })
        .await
    }

    /// The session on which the rep's reply has arrived.
    async fn rep_on_session(&self) -> anyhow::Result<String> {
        self.until("agent message", self.opencx, "/_sim/sessions", |answer| {
            let is_agents = |message: &Value| message.get("sender").and_then(Value::as_str) == Some("agent");
            let by_agent = |session: &&Value| list(session, "messages").iter().any(is_agents);
            let session = answer.as_array()?.iter().find(by_agent)?;
            Some(session.get("session_id")?.as_str()?.to_owned())
        })
        .await
    }

    async fn until<T>(
        &self,
        what: &str,
        service: &Caller,
        path: &str,
        found: impl Fn(&Value) -> Option<T>,
    ) -> anyhow::Result<T> {
        let end = self.clock.now() + PATIENCE;
        while self.clock.now() < end {
            if let Some(found) = found(&service.get(path).await?) {
                return Ok(found);
            }
            self.clock.sleep(LOOK_EVERY).await;
        }
        bail!("the demo waited {} s for `{what}` at {path}", PATIENCE.as_secs());
    }

    fn happened(&self, who: &str, what: &str) {
        let after = self.clock.now().duration_since(self.began).as_secs_f64();
        if self.json {
            output::line(json!({ "after_s": after, "who": who, "what": what }));
        } else {
            output::line(format_args!("{after:7.2} s  {who:9} {what}"));
        }
    }
}

fn said(message: &Value) -> &str {
    message.get("text").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use transport::VirtualClock;

    fn clock() -> Arc<dyn Clock> {
        Arc::new(VirtualClock::starting_at("2026-11-20T10:00:00Z".parse().unwrap()))
    }

    #[tokio::test(start_paused = true)]
    async fn the_demo_comes_to_its_end_in_the_time_it_says() {
        let clock = clock();
        let began = clock.now();
        play(DemoArgs { fast: false, json: false }, clock.clone()).await.unwrap();
        let took = clock.now().duration_since(began).as_secs();
        assert!((14..=20).contains(&took), "{took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn connecting_the_demo_again_keeps_url_and_settings() {
        let (runner, org) = start(Timing::default(), clock()).await.unwrap();
        let connect = runner.bridge_of(&runtime::functions::CONNECT);
        let store = &connect.store;
        let demo = domain::OrgId::parse(DEMO_ORG).unwrap();
        let before = store.connection(&demo).await.unwrap().unwrap();
        let settings = domain::Settings { answer_unassigned: false, ..before.settings.clone() };
        store.update_settings(&demo, before.version, &settings, SystemClock.now()).await.unwrap();
        org.connect(&runner, &LocalKeyring::generate().unwrap()).await.unwrap();
        let after = store.connection(&demo).await.unwrap().unwrap();
        assert_eq!((after.nonce, after.settings), (before.nonce, settings));
    }
}
