//! The AI hands off: contact, ticket, internal comment, assignment. Asked twice, it happens once.

pub(crate) mod comment;
pub(crate) mod existing;
pub(crate) mod fallback_message;
pub(crate) mod input;
pub(crate) mod people;
pub(crate) mod request;
pub(crate) mod ticket;
pub(crate) mod timeout;

use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::Facts;
use crate::invocations::handoff::people::Customer;
use crate::invocations::handoff::request::{HandoffAnswer, HandoffRequest, TicketOutcome};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation::{self, Begun};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::ports::Queue;
use crate::kernel::tenant::Tenant;
use domain::{AiState, Channel, OrgId};
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

/// Opens a handoff from within another flow's job. Its claim is its own; it ends with that job's run.
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
    let job = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(job) => job,
        Begun::Answered(answer) => return Ok(answer),
    };
    let result = steps(&job, queue, request, &session).await;
    if result.as_ref().is_ok_and(|(answer, _)| answer.ticket_id.is_some()) {
        job.tenant.record_milestone(Milestone::Ticket).await;
    }
    invocation::settle(&job, result).await
}

/// The switch that stops everything: the AI falls silent, and nothing is written into HubSpot. Asked again once it is on, the
/// handoff opens, so this is no answer to keep.
async fn not_live(tenant: &Tenant<'_>, session: &Session) -> Result<HandoffAnswer, FlowError> {
    let silence = AiChange { to: AiState::HandedOff, occurred_at: None };
    tenant.bridge.store.change_ai(&session.org, &session.id, &silence).await?;
    let warning = Warning::new("not_enabled", "the organization is not live; nothing was written into HubSpot");
    Ok(HandoffAnswer { thread_id: session.thread.clone(), warnings: vec![warning], ..HandoffAnswer::default() })
}

/// The session's item for a session that HubSpot did not begin.
fn described(tenant: &Tenant<'_>, request: &HandoffRequest) -> Session {
    let channel = request.session.channel.unwrap_or(Channel::Web);
    let org: OrgId = tenant.connection.org.clone();
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
    // First of all the AI falls silent; everything after it may take its time.
    let (session, tell) = job.silence_here(session, None).await?;
    let facts = Facts::gather(job, request, &session).await?;
    let mut warnings = facts.warnings.clone();
    if tell && let Err(error) = job.silence_there(&session, "handed off").await {
        // The AI of OpenCX may go on thinking; none of its answers is posted any more.
        tracing::warn!(error = %error, "OpenCX was not told of a handoff");
        warnings.push(Warning::new("opencx_not_silenced", "OpenCX did not take the handoff"));
    }
    let (contact, thread, owner) =
        futures::join!(people::contact(job, &facts), people::thread(job, &facts, &session), people::owner(job, &facts));
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
            warnings.extend(fallback_message::tell_customer(job, &customer, thread).await?);
            let commented = comment::comment(job, &facts, thread, ticket);
            let assigned = comment::assign(job, &facts, thread, owner.as_ref());
            let (commented, assigned) = futures::join!(commented, assigned);
            warnings.extend(assigned?);
            Some(commented?)
        }
        (None, Some(ticket)) => Some(comment::note(job, &facts, ticket).await?),
        (None, None) => None,
    };
    timeout::begin(job, queue, &facts, &session).await?;
    let answer = HandoffAnswer {
        ticket_id: ticket.cloned(),
        ticket: opened.map_or(TicketOutcome::Disabled, |opened| opened.outcome),
        contact_id: customer.contact,
        thread_id: thread.map(|thread| thread.id).or(facts.thread_id),
        comment_id,
        owner_id: owner.map(|owner| owner.id),
        warnings,
    };
    let told = tell_opencx(job, &session, &answer).await;
    let answer = HandoffAnswer { warnings: answer.warnings.iter().cloned().chain(told).collect(), ..answer };
    Ok((answer, Completion::done("handed off").of_session(&session.id)))
}

fn keep<T>(found: Result<Option<T>, Warning>, warnings: &mut Vec<Warning>) -> Option<T> {
    found.unwrap_or_else(|warning| {
        warnings.push(warning);
        None
    })
}

/// Ticket, thread and contact onto the OpenCX session (an assumed endpoint). Its failing costs a link, not the handoff.
async fn tell_opencx(job: &Job<'_>, session: &Session, answer: &HandoffAnswer) -> Option<Warning> {
    let ids = opencx::HubSpotIds {
        ticket: answer.ticket_id.clone(),
        thread: answer.thread_id.clone(),
        contact: answer.contact_id.clone(),
    };
    let told = async { Ok::<_, FlowError>(job.tenant.opencx().await?.set_hubspot_ids(&session.id, &ids).await?) };
    let error = told.await.err()?;
    tracing::warn!(error = %error, "OpenCX was not told the HubSpot ids");
    Some(Warning::new("opencx_not_updated", "OpenCX did not take the HubSpot ids"))
}
