//! A HubSpot workflow asks for something. The AI pauses or resumes at once; slow work goes into the queue.
//!
//! HubSpot waits five seconds, then calls again with the same callback id. Start with [`take_action`].

use crate::conversation::incoming::session_of_thread;
use crate::invocations::handoff::request::HandoffRequest;
use crate::invocations::{self, claimed, handoff};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::ports::Queue;
use crate::kernel::tenant::Tenant;
use domain::{Action, ActionCall, ActionObject, AiState, EventKind, Lifecycle, Reason, SessionId, ThreadId, TicketId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{AiChange, AiChanged, Auth, Index, Session, Work};

/// The values that a workflow can branch on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionOutput {
    /// The result.
    pub result: ActionResult,
    /// The conversation's session.
    pub session: Option<SessionId>,
    /// Its ticket.
    pub ticket: Option<TicketId>,
    /// In words, for the workflow's log.
    pub message: String,
}

words! {
    /// The result of an action, as `opencx_result` says it.
    ActionResult {
        /// The action is done, or on its way.
        Done = "done",
        /// Nothing had to be done.
        Already = "already",
        /// The workflow's object leads to no conversation.
        NoThread = "no_thread",
        /// The portal belongs to no organization, or a private app connects it.
        NotConnected = "not_connected",
        /// The action could not be done.
        Failed = "failed",
    }
}

impl ActionOutput {
    pub(crate) fn of(result: ActionResult, message: &str) -> Self {
        Self { result, session: None, ticket: None, message: message.to_owned() }
    }

    pub(crate) fn about(result: ActionResult, message: &str, session: Option<&Session>) -> Self {
        let ticket = session.and_then(|session| session.ticket.clone());
        Self { session: session.map(|session| session.id.clone()), ticket, ..Self::of(result, message) }
    }

    /// HubSpot's `outputFields`. The workflow always goes on, and may branch on `opencx_result`.
    pub fn fields(&self) -> BTreeMap<&'static str, String> {
        let text = |id: Option<String>| id.unwrap_or_default();
        BTreeMap::from([
            ("opencx_result", self.result.as_str().to_owned()),
            ("opencx_session_id", text(self.session.as_ref().map(ToString::to_string))),
            ("opencx_ticket_id", text(self.ticket.as_ref().map(ToString::to_string))),
            ("opencx_message", self.message.clone()),
            ("hs_execution_state", "SUCCESS".to_owned()),
        ])
    }
}

/// An execution ends by then: the rest of HubSpot's five seconds is for the network.
const PATIENCE: Duration = Duration::from_millis(3500);

/// Takes one execution. A repeated one gets the stored answer.
pub async fn take_action(bridge: &Bridge, queue: &dyn Queue, action: Action, call: ActionCall) -> ActionOutput {
    let taken = Box::pin(take(bridge, queue, action, &call));
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
    // After this time HubSpot calls again, and the next call must find the claim free.
    let run = store::Run { deadline: run.started_at + PATIENCE, ..run };
    let act = async |job: &Job<'_>| decide(job, queue, action, call).await;
    claimed((tenant, run), work, Index::default(), act).await
}

async fn decide(
    job: &Job<'_>,
    queue: &dyn Queue,
    action: Action,
    call: &ActionCall,
) -> Result<(ActionOutput, Completion), FlowError> {
    let target = ActionTarget::of(&job.tenant, call).await?;
    let (reason, assignee) = (input(call, "reason"), input(call, "assignee"));
    // The thread's group does the action in order with the customer's messages.
    let enqueue = async |thread: &ThreadId| {
        let (reason, assignee) = (reason.clone(), assignee.clone());
        let (thread, callback) = (thread.clone(), call.callback_id.clone());
        let kind = EventKind::ActionRequested { thread, action, callback, reason, assignee };
        invocations::enqueue(job, queue, kind, "app").await
    };
    let output = match (action, &target) {
        (_, ActionTarget { session: None, thread: None }) | (Action::SendToAi, ActionTarget { thread: None, .. }) => {
            ActionOutput::of(ActionResult::NoThread, "no HubSpot conversation belongs to the enrolled record")
        }
        (Action::PauseAi | Action::ResumeAi, ActionTarget { session: Some(session), thread }) => {
            let output = change_ai(job, action, session).await?;
            // Telling OpenCX takes longer than HubSpot waits.
            if let Some(thread) = thread {
                enqueue(thread).await?;
            }
            output
        }
        (Action::ResumeAi, ActionTarget { session: None, .. }) => {
            ActionOutput::of(ActionResult::Already, "the AI has not been silenced in this conversation")
        }
        (Action::SendToAi | Action::RequestHandoff, _) if !job.tenant.connection.settings.enabled => {
            ActionOutput::about(ActionResult::Failed, "the OpenCX integration is not live", target.session.as_ref())
        }
        // There is no thread, so no group to queue the action in: it is done here. An earlier run may have begun this handoff.
        (Action::RequestHandoff, ActionTarget { session: Some(session), thread: None }) => {
            let asked = RequestedHandoff { reason: reason.as_deref(), assignee: assignee.as_deref() };
            hand_off(job, queue, session, asked).await?;
            let news = job.retried() || !with_people(session);
            let result = if news { ActionResult::Done } else { ActionResult::Already };
            ActionOutput::about(result, "the conversation is handed off", Some(session))
        }
        (Action::RequestHandoff, ActionTarget { session: Some(session), .. }) if with_people(session) => {
            ActionOutput::about(ActionResult::Already, "people have the conversation", Some(session))
        }
        (
            Action::PauseAi | Action::SendToAi | Action::RequestHandoff,
            ActionTarget { session, thread: Some(thread) },
        ) => {
            enqueue(thread).await?;
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

/// Silences the AI or lets it speak, with one write.
async fn change_ai(job: &Job<'_>, action: Action, session: &Session) -> Result<ActionOutput, FlowError> {
    let change = match action {
        Action::PauseAi => AiChange { to: AiState::Paused, occurred_at: None },
        // An assignment from before now that HubSpot tells later is stale.
        _ => AiChange { to: AiState::Active, occurred_at: Some(job.now()) },
    };
    let changed = job.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await?;
    let (paused, active) = ("the AI is silent in this conversation", "the AI answers in this conversation");
    let message = if action == Action::PauseAi { paused } else { active };
    let result = match changed {
        AiChanged::Yes(_) => ActionResult::Done,
        AiChanged::Already(_) | AiChanged::Stale(_) => ActionResult::Already,
        AiChanged::NotFound => ActionResult::NoThread,
    };
    Ok(ActionOutput::about(result, message, Some(session)))
}

/// A field of the action in the workflow. An empty field counts as absent.
fn input(call: &ActionCall, name: &str) -> Option<String> {
    call.inputs.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The words of a workflow about the handoff that it asks for.
pub(crate) struct RequestedHandoff<'e> {
    pub(crate) reason: Option<&'e str>,
    pub(crate) assignee: Option<&'e str>,
}

/// Opens the handoff that a workflow asks for.
pub(crate) async fn hand_off(
    job: &Job<'_>,
    queue: &dyn Queue,
    session: &Session,
    asked: RequestedHandoff<'_>,
) -> Result<(), FlowError> {
    let why = asked.reason.unwrap_or("requested by a HubSpot workflow");
    let request = HandoffRequest::by_workflow(session, why, asked.assignee);
    handoff::hand_off(job, queue, &request).await.map(drop)
}

/// The conversation that a workflow's object leads to: a session, a thread, or both.
#[derive(Default)]
struct ActionTarget {
    session: Option<Session>,
    thread: Option<ThreadId>,
}

impl ActionTarget {
    /// The linked session, else the latest conversation of the ticket or contact in HubSpot.
    async fn of(tenant: &Tenant<'_>, call: &ActionCall) -> Result<Self, FlowError> {
        let (store, portal, connection) = (&tenant.bridge.store, &tenant.portal, &tenant.connection);
        let thread = match &call.object {
            ActionObject::Thread(thread) => Some(thread.clone()),
            ActionObject::Ticket(ticket) => {
                let linked = store.session_of_ticket(&connection.portal, ticket).await?;
                if let Some((org, id)) = linked.filter(|(org, _)| *org == connection.org)
                    && let Some(session) = store.session(&org, &id).await?
                {
                    return Ok(Self { thread: session.thread.clone(), session: Some(session) });
                }
                match &call.thread {
                    Some(thread) => Some(thread.clone()),
                    None => portal.latest_thread_of_ticket(ticket).await?.map(|thread| thread.id),
                }
            }
            ActionObject::Contact(contact) => portal.latest_thread_of_contact(contact).await?.map(|thread| thread.id),
            ActionObject::Other { .. } => None,
        };
        let Some(thread) = thread else { return Ok(Self::default()) };
        Ok(Self { session: session_of_thread(tenant, &thread).await?, thread: Some(thread) })
    }
}
