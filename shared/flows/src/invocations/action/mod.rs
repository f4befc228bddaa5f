//! A HubSpot workflow asks for something: the AI pauses or resumes at once; what takes its time goes into the queue.
//!
//! HubSpot waits five seconds, and calls again with the same callback id when it does not hear an answer.

pub(crate) mod output;
pub(crate) mod target;

use crate::invocations::action::output::{ActionOutput, ActionResult};
use crate::invocations::action::target::Target;
use crate::invocations::handoff;
use crate::invocations::handoff::request::HandoffRequest;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation::{self, Begun};
use crate::kernel::job::{Completion, Job};
use crate::kernel::message::{Door, Envelope, Message};
use crate::kernel::ports::{Queue, Queued};
use domain::{Action, ActionCall, AiState, EventKind, HubSpotEvent, Lifecycle, Reason, ThreadId};
use std::pin::pin;
use std::time::Duration;
use store::{AiChange, AiChanged, Auth, Index, Session, Work};

/// The rest of HubSpot's five seconds is for the way.
const PATIENCE: Duration = Duration::from_millis(3500);

/// Takes one execution. The same one again gets the stored answer.
pub async fn take_action(bridge: &Bridge, queue: &dyn Queue, action: Action, call: ActionCall) -> ActionOutput {
    let taken = pin!(take(bridge, queue, action, &call));
    let patience = bridge.clock.sleep(PATIENCE);
    let failed = |message: &str| ActionOutput::of(ActionResult::Failed, message);
    match futures::future::select(taken, patience).await {
        futures::future::Either::Left((Ok(output), _)) => output,
        futures::future::Either::Left((Err(FlowError::NotConnected), _)) => not_connected(),
        futures::future::Either::Left((Err(error), _)) => {
            tracing::warn!(error = %error, action = action.as_str(), "a workflow action failed");
            failed("HubSpot or the bridge could not be reached in time; run the action again")
        }
        futures::future::Either::Right(_) => failed("it took longer than a workflow waits; run the action again"),
    }
}

fn not_connected() -> ActionOutput {
    ActionOutput::of(ActionResult::NotConnected, "this HubSpot account is not connected to OpenCX")
}

async fn take(
    bridge: &Bridge,
    queue: &dyn Queue,
    action: Action,
    call: &ActionCall,
) -> Result<ActionOutput, FlowError> {
    let Some(org) = bridge.org_of(&call.portal).await? else { return Ok(not_connected()) };
    let run = bridge.new_run();
    let tenant = bridge.tenant(&org, &run).await?;
    if tenant.connection.auth == Auth::PrivateApp {
        let message = "workflow actions need the OAuth connection: this account is connected by a private app (legacy)";
        return Ok(ActionOutput::of(ActionResult::NotConnected, message));
    }
    let key = format!("{}:{}", action.as_str(), call.callback_id);
    let work = Work::Request { org, function: "action".into(), key };
    // A run that HubSpot no longer waits for must not keep the next call from being taken.
    let run = store::Run { deadline: run.started_at + PATIENCE, ..run };
    match invocation::claim(tenant, run, work, Index::default()).await? {
        Begun::Answered(output) => Ok(output),
        Begun::Mine(job) => {
            let result = decide(&job, queue, action, call).await;
            invocation::settle(&job, result).await
        }
    }
}

async fn decide(
    job: &Job<'_>,
    queue: &dyn Queue,
    action: Action,
    call: &ActionCall,
) -> Result<(ActionOutput, Completion), FlowError> {
    let target = Target::of(&job.tenant, call).await?;
    let output = match (action, &target) {
        (_, Target { session: None, thread: None }) | (Action::SendToAi, Target { thread: None, .. }) => {
            ActionOutput::of(ActionResult::NoThread, "no HubSpot conversation belongs to the enrolled record")
        }
        (Action::PauseAi | Action::ResumeAi, Target { session: Some(session), thread }) => {
            speak_or_not(job, queue, action, call, (session, thread.as_ref())).await?
        }
        (Action::ResumeAi, Target { session: None, .. }) => {
            ActionOutput::of(ActionResult::Already, "the AI has not been silenced in this conversation")
        }
        (Action::SendToAi | Action::RequestHandoff, _) if !job.tenant.connection.settings.enabled => {
            ActionOutput::about(ActionResult::Failed, "the OpenCX integration is not live", target.session.as_ref())
        }
        // Without a line to put it into, it is done here. A run that began it may have ended in the middle: it is the same handoff.
        (Action::RequestHandoff, Target { session: Some(session), thread: None }) => {
            let (reason, assignee) = (input(call, "reason"), input(call, "assignee"));
            let (reason, assignee) = (reason.as_deref(), assignee.as_deref());
            hand_off(job, queue, session, Asked { reason, assignee }).await?;
            let news = job.retried() || !with_people(session);
            let result = if news { ActionResult::Done } else { ActionResult::Already };
            ActionOutput::about(result, "the conversation is handed off", Some(session))
        }
        (Action::RequestHandoff, Target { session: Some(session), .. }) if with_people(session) => {
            ActionOutput::about(ActionResult::Already, "people have the conversation", Some(session))
        }
        (Action::PauseAi | Action::SendToAi | Action::RequestHandoff, Target { session, thread: Some(thread) }) => {
            enqueue(job, queue, action, call, thread).await?;
            ActionOutput::about(ActionResult::Done, "it is on its way", session.as_ref())
        }
    };
    let finish = match output.result {
        ActionResult::NoThread => Completion::skipped(Reason::UnlinkedTicket),
        _ => Completion::done(output.result.as_str()),
    };
    Ok((output.clone(), output.session.iter().fold(finish, Completion::of_session)))
}

fn with_people(session: &Session) -> bool {
    session.ai == AiState::HandedOff && session.lifecycle == Lifecycle::Open
}

/// One write; that OpenCX hears of it, too, takes its time.
async fn speak_or_not(
    job: &Job<'_>,
    queue: &dyn Queue,
    action: Action,
    call: &ActionCall,
    (session, thread): (&Session, Option<&ThreadId>),
) -> Result<ActionOutput, FlowError> {
    let change = match action {
        Action::PauseAi => AiChange { to: AiState::Paused, occurred_at: None },
        // What was assigned before now and is told of later is stale.
        _ => AiChange { to: AiState::Active, occurred_at: Some(job.now()) },
    };
    let changed = job.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await?;
    if let Some(thread) = thread {
        enqueue(job, queue, action, call, thread).await?;
    }
    let (paused, active) = ("the AI is silent in this conversation", "the AI answers in this conversation");
    let message = if action == Action::PauseAi { paused } else { active };
    let result = match changed {
        AiChanged::Yes(_) => ActionResult::Done,
        AiChanged::Already(_) | AiChanged::Stale(_) => ActionResult::Already,
        AiChanged::NotFound => ActionResult::NoThread,
    };
    Ok(ActionOutput::about(result, message, Some(session)))
}

/// Into the thread's group, so that it is done in order with the customer's messages.
async fn enqueue(
    job: &Job<'_>,
    queue: &dyn Queue,
    action: Action,
    call: &ActionCall,
    thread: &ThreadId,
) -> Result<(), FlowError> {
    let kind = EventKind::ActionRequested {
        thread: thread.clone(),
        action,
        callback: call.callback_id.clone(),
        reason: input(call, "reason"),
        assignee: input(call, "assignee"),
    };
    let event = HubSpotEvent { portal: call.portal.clone(), app: None, occurred_at: job.now(), kind };
    let (group, dedup_id) = (event.queue_group(), event.dedup_key().digest("app"));
    let message = Message::Event { door: Door::AppSignature, event, received_at: job.now() };
    Ok(queue.send(vec![Queued { group, dedup_id, body: Envelope::body(&message) }]).await?)
}

/// What the workflow was set up to say; a field left empty says nothing.
fn input(call: &ActionCall, name: &str) -> Option<String> {
    call.inputs.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What a workflow says of the handoff it asks for.
pub(crate) struct Asked<'e> {
    pub(crate) reason: Option<&'e str>,
    pub(crate) assignee: Option<&'e str>,
}

/// Opens the handoff a workflow asks for.
pub(crate) async fn hand_off(
    job: &Job<'_>,
    queue: &dyn Queue,
    session: &Session,
    asked: Asked<'_>,
) -> Result<(), FlowError> {
    let why = asked.reason.unwrap_or("requested by a HubSpot workflow");
    let request = HandoffRequest::by_workflow(session, why, asked.assignee);
    handoff::hand_off(job, queue, &request).await.map(drop)
}
