//! OpenCX tells what it knows by now: the contact and the custom data go to HubSpot, and a conversation back to the AI.

pub use crate::sync::request::{AiWish, ContactOutcome, SyncAnswer, SyncRequest};

use crate::open_handoff::Warning;
use crate::sync::{contact, give_back, push};
use crate::work::errand::{Errand, Finish};
use crate::work::failure::FlowError;
use crate::work::invocation::{self, Begun};
use crate::work::tenant::Tenant;
use crate::{Bridge, InvokeError};
use domain::{Channel, DedupKey};
use opencx::OpenCxError;
use store::{Index, Session, Work};

/// Carries it out. The same request again, while nothing has changed since, gets the stored answer.
pub async fn sync_session(bridge: &Bridge, request: &SyncRequest) -> Result<SyncAnswer, InvokeError> {
    let (tenant, run) = invocation::begin(bridge, &request.org_id).await?;
    if !tenant.connection.settings.enabled {
        let warning = Warning::new("not_enabled", "the organization is not live; nothing was written into HubSpot");
        return Ok(SyncAnswer { warnings: vec![warning], ..SyncAnswer::default() });
    }
    let session = known(&tenant, request).await?;
    let (work, content) = work(&tenant, request, &session).await?;
    let index = Index {
        thread: session.thread.clone().map(|thread| (tenant.connection.portal.clone(), thread)),
        ticket: session.ticket.clone(),
        session: Some(session.id.clone()),
    };
    let errand = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(errand) => errand,
        Begun::Answered(answer) => return Ok(answer),
    };
    let result = steps(&errand, request, &session, &content).await;
    Ok(invocation::settle(&errand, result).await?)
}

async fn steps(
    errand: &Errand<'_>,
    request: &SyncRequest,
    session: &Session,
    content: &str,
) -> Result<(SyncAnswer, Finish), FlowError> {
    let mut answer = SyncAnswer { contact_id: session.contact.clone(), ..SyncAnswer::default() };
    if request.ai == Some(AiWish::Resumed) {
        answer.warnings.extend(give_back::give_back(errand, session).await?);
    }
    if let Some(person) = &request.contact {
        contact::sync(errand, session, person, &mut answer).await?;
    }
    if let Some(custom_data) = request.custom_data.as_ref().filter(|data| !data.is_empty()) {
        push::push(errand, session, custom_data, &mut answer).await?;
    }
    let (store, work) = (&errand.tenant.bridge.store, &errand.work);
    if let (Some(now), Some(book), Work::Request { key, .. }) =
        (store.session(&session.org, &session.id).await?, store.book(&session.org, &session.id).await?, work)
    {
        let marker = format!("{}{key}", state(content, &now, book.revision));
        store.mark_book(&session.org, &session.id, &marker).await?;
    }
    Ok((answer, invocation::finished("synced").of_session(&session.id)))
}

/// What makes a request the same as the last one: its content, and that nothing has happened since.
async fn work(tenant: &Tenant<'_>, request: &SyncRequest, session: &Session) -> Result<(Work, String), FlowError> {
    let said = serde_json::json!({
        "contact": request.contact.as_ref().map(|c| (&c.name, &c.email, &c.phone_number)),
        "custom_data": &request.custom_data,
        "ai": request.ai,
    });
    let content = DedupKey::from_stored(said.to_string()).digest(session.id.as_str());
    let book = tenant.bridge.store.book(&session.org, &session.id).await?.unwrap_or_default();
    let state = state(&content, session, book.revision);
    let repeated = book.marker.as_deref().and_then(|marker| marker.strip_prefix(&state)).map(str::to_owned);
    let fresh = || format!("{}:{}:{}:{}", session.id, content, book.revision, session.ai_epoch);
    let key = repeated.unwrap_or_else(fresh);
    Ok((Work::Request { org: session.org.clone(), function: "sync".into(), key }, content))
}

fn state(content: &str, session: &Session, revision: u64) -> String {
    let ticket = session.ticket.as_ref().map_or("", |ticket| ticket.as_str());
    format!("{content} {revision} {} {ticket} ", session.ai_epoch)
}

/// The session's item; one that HubSpot did not begin is read from OpenCX.
async fn known(tenant: &Tenant<'_>, request: &SyncRequest) -> Result<Session, InvokeError> {
    let store = &tenant.bridge.store;
    let (org, id) = (&request.org_id, &request.session_id);
    if let Some(session) = store.session(org, id).await.map_err(FlowError::from)? {
        return Ok(session);
    }
    let there = match tenant.opencx().await?.session(id).await {
        Err(OpenCxError::NotFound) => return Err(InvokeError::invalid("session_id", "OpenCX has no such session")),
        there => there.map_err(FlowError::from)?,
    };
    let channel = there.channel.unwrap_or(Channel::Api);
    let mut session = Session::new(org.clone(), id.clone(), channel, tenant.bridge.clock.now());
    session.portal = Some(tenant.connection.portal.clone());
    session.assist_mode = there.assist_mode;
    Ok(store.ensure_session(&session).await.map_err(FlowError::from)?)
}
