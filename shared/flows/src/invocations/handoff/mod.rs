//! The AI hands off: contact, ticket, internal comment, assignment. A repeated request opens nothing new.
//!
//! A handoff must never write into HubSpot before the AI is silent. Start with [`open_handoff`]; `steps` has the order.

pub(crate) mod input;
pub(crate) mod request;
mod thread;
mod ticket;

use crate::conversation::session::tell_ids;
use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::{Customer, Facts};
use crate::invocations::handoff::request::{HandoffAnswer, HandoffRequest, TicketOutcome};
use crate::invocations::{claimed, enqueue};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation;
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::ports::Queue;
use crate::kernel::tenant::Tenant;
use domain::{AiState, Channel, EventKind};
use opencx::HubSpotIds;
use store::{AiChange, Index, Milestone, Run, Session, Work};

/// Opens the handoff that the OpenCX backend asks for.
pub async fn open_handoff(
    bridge: &Bridge,
    queue: &dyn Queue,
    request: &HandoffRequest,
) -> Result<HandoffAnswer, InvokeError> {
    let (tenant, run) = invocation::begin(bridge, &request.org_id).await?;
    Ok(perform(tenant, run, queue, request).await?)
}

/// Opens a handoff within another job, under a claim of its own. That job's deadline is its deadline, too.
pub(crate) async fn hand_off(
    outer: &Job<'_>,
    queue: &dyn Queue,
    request: &HandoffRequest,
) -> Result<HandoffAnswer, FlowError> {
    let (tenant, run) = outer.nested().await?;
    perform(tenant, run, queue, request).await
}

async fn perform(
    tenant: Tenant<'_>,
    run: Run,
    queue: &dyn Queue,
    request: &HandoffRequest,
) -> Result<HandoffAnswer, FlowError> {
    let session = tenant.bridge.store.ensure_session(&described(&tenant, request)).await?;
    if !tenant.connection.settings.enabled {
        return not_live(&tenant, &session).await;
    }
    let thread = request.session.thread_id.as_ref().or(session.thread.as_ref());
    let index = Index {
        thread: thread.map(|thread| (tenant.connection.portal.clone(), thread.clone())),
        ticket: None,
        session: Some(session.id.clone()),
    };
    let work = Work::Handoff { org: session.org.clone(), session: session.id.clone(), n: session.handoff_epoch };
    let act = async |job: &Job<'_>| {
        let (answer, completion) = steps(job, queue, request, &session).await?;
        if answer.ticket_id.is_some() {
            job.tenant.record_milestone(Milestone::Ticket).await;
        }
        Ok((answer, completion))
    };
    claimed((tenant, run), work, index, act).await
}

/// The organization is not live: the AI falls silent, and nothing is written into HubSpot. The answer is not stored, so that
/// the same handoff can open later.
async fn not_live(tenant: &Tenant<'_>, session: &Session) -> Result<HandoffAnswer, FlowError> {
    let silence = AiChange { to: AiState::HandedOff, occurred_at: None };
    tenant.bridge.store.change_ai(&session.org, &session.id, &silence).await?;
    let warning = Warning::new("not_enabled", "the organization is not live; nothing was written into HubSpot");
    Ok(HandoffAnswer { thread_id: session.thread.clone(), warnings: vec![warning], ..HandoffAnswer::default() })
}

/// The item of a session that did not begin in HubSpot.
fn described(tenant: &Tenant<'_>, request: &HandoffRequest) -> Session {
    let channel = request.session.channel.unwrap_or(Channel::Web);
    let org = tenant.connection.org.clone();
    let mut session = Session::new(org, request.session.id.clone(), channel, tenant.bridge.clock.now());
    session.portal = Some(tenant.connection.portal.clone());
    session.thread.clone_from(&request.session.thread_id);
    session
}

async fn steps(
    job: &Job<'_>,
    queue: &dyn Queue,
    request: &HandoffRequest,
    session: &Session,
) -> Result<(HandoffAnswer, Completion), FlowError> {
    // The AI falls silent first: everything after it may take its time.
    let (session, tell) = job.silence_here(session, None).await?;
    let mut warnings = Vec::new();
    let facts = Facts::gather(job, request, &session, &mut warnings).await?;
    if tell && let Err(error) = job.silence_there(&session, "handed off").await {
        // The AI of OpenCX may go on thinking. We do not post its answers any more.
        tracing::warn!(error = %error, "OpenCX was not told of a handoff");
        warnings.push(Warning::new("opencx_not_silenced", "OpenCX did not take the handoff"));
    }
    let (contact, thread, owner) =
        futures::join!(input::contact(job, &facts), input::thread(job, &facts, &session), input::owner(job, &facts));
    let mut thread = thread?;
    let contact = keep(contact, &mut warnings);
    let owner = keep(owner, &mut warnings);
    let customer = Customer { facts: &facts, session: &session, contact, owner: owner.as_ref() };
    let opened = if job.tenant.connection.settings.ticketing_enabled {
        Some(ticket::open_ticket(job, &customer, thread.as_ref(), &mut warnings).await?)
    } else {
        None
    };
    let ticket = opened.as_ref().map(|opened| &opened.id);
    let comment_id = match (&mut thread, ticket) {
        (Some(thread), _) => {
            warnings.extend(thread::tell_customer(job, &customer, thread).await?);
            let commented = thread::comment(job, &customer, thread, ticket);
            let assigned = thread::assign(job, &customer, thread);
            let (commented, assigned) = futures::join!(commented, assigned);
            warnings.extend(assigned?);
            Some(commented?)
        }
        (None, Some(ticket)) => Some(thread::note(job, &customer, ticket).await?),
        (None, None) => None,
    };
    begin_wait(job, queue, &facts, &session).await?;
    let (ticket_id, contact_id) = (ticket.cloned(), customer.contact);
    let thread_id = thread.map(|thread| thread.id).or(facts.thread_id);
    let ids = HubSpotIds { ticket: ticket_id.clone(), thread: thread_id.clone(), contact: contact_id.clone() };
    if !tell_ids(job, &session.id, &ids).await {
        warnings.push(Warning::new("opencx_not_updated", "OpenCX did not take the HubSpot ids"));
    }
    let ticket = opened.map_or(TicketOutcome::Disabled, |opened| opened.outcome);
    let owner_id = owner.map(|owner| owner.id);
    let answer = HandoffAnswer { ticket_id, ticket, contact_id, thread_id, comment_id, owner_id, warnings };
    Ok((answer, Completion::done("handed off").of_session(&session.id)))
}

fn keep<T>(found: Result<Option<T>, Warning>, warnings: &mut Vec<Warning>) -> Option<T> {
    found.unwrap_or_else(|warning| {
        warnings.push(warning);
        None
    })
}

/// Sends the event that looks later whether somebody took the handoff. It has a row like any other event.
async fn begin_wait(job: &Job<'_>, queue: &dyn Queue, facts: &Facts, session: &Session) -> Result<(), FlowError> {
    let (settings, Work::Handoff { n, .. }) = (&job.tenant.connection.settings, &job.work) else { return Ok(()) };
    if settings.handoff_timeout_minutes.is_none() || settings.fallback_assignee.is_none() || facts.assist_mode {
        return Ok(());
    }
    let kind = EventKind::HandoffOpened { thread: facts.thread_id.clone(), session: session.id.clone(), handoff: *n };
    enqueue(job, queue, kind, session.org.as_str()).await
}
