//! OpenCX tells what it knows by now: the contact and the custom data go to HubSpot, and a conversation back to the AI.

pub(crate) mod request;

use crate::conversation::contact::{self, Person, RequestContact, Whose};
use crate::conversation::give_back;
use crate::conversation::properties::push;
use crate::conversation::warning::Warning;
use crate::invocations::sync::request::{AiWish, ContactOutcome, SyncAnswer, SyncRequest};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::invocation::{self, Begun};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::tenant::Tenant;
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
    let job = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(job) => job,
        Begun::Answered(answer) => return Ok(answer),
    };
    let result = steps(&job, request, &session, &content).await;
    Ok(invocation::settle(&job, result).await?)
}

async fn steps(
    job: &Job<'_>,
    request: &SyncRequest,
    session: &Session,
    content: &str,
) -> Result<(SyncAnswer, Completion), FlowError> {
    let mut answer = SyncAnswer { contact_id: session.contact.clone(), ..SyncAnswer::default() };
    if request.ai == Some(AiWish::Resumed) {
        answer.warnings.extend(give_back::give_back(job, session).await?);
    }
    if let Some(person) = &request.contact {
        sync_contact(job, session, person, &mut answer).await?;
    }
    if let Some(custom_data) = request.custom_data.as_ref().filter(|data| !data.is_empty()) {
        answer.properties_pushed = push::push(job, session, custom_data, &mut answer.warnings).await?;
    }
    let (store, work) = (&job.tenant.bridge.store, &job.work);
    if let (Some(now), Some(book), Work::Request { key, .. }) =
        (store.session(&session.org, &session.id).await?, store.property_sync(&session.org, &session.id).await?, work)
    {
        let marker = format!("{}{key}", state(content, &now, book.revision));
        store.mark_properties_synced(&session.org, &session.id, &marker).await?;
    }
    Ok((answer, Completion::done("synced").of_session(&session.id)))
}

/// What makes a request the same as the last one: its content, and that nothing has happened since.
async fn work(tenant: &Tenant<'_>, request: &SyncRequest, session: &Session) -> Result<(Work, String), FlowError> {
    let said = serde_json::json!({
        "contact": request.contact.as_ref().map(|c| (&c.name, &c.email, &c.phone_number)),
        "custom_data": &request.custom_data,
        "ai": request.ai,
    });
    let content = DedupKey::from_stored(said.to_string()).digest(session.id.as_str());
    let book = tenant.bridge.store.property_sync(&session.org, &session.id).await?.unwrap_or_default();
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

/// Links or creates it. What HubSpot refuses is a warning: custom data goes its way all the same.
pub(crate) async fn sync_contact(
    job: &Job<'_>,
    session: &Session,
    person: &RequestContact,
    answer: &mut SyncAnswer,
) -> Result<(), FlowError> {
    let person =
        Person { name: person.name.as_deref(), email: person.email.as_deref(), phone: person.phone_number.as_deref() };
    if !person.is_known() {
        if session.contact.is_none() {
            answer.warnings.push(Warning::new("no_email", "the customer has neither an e-mail address nor a number"));
        }
        return Ok(());
    }
    let whose = match contact::find_or_create(&job.tenant.portal, &person).await {
        Ok(whose) => whose,
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            tracing::warn!(error = %error, "a customer's HubSpot contact could not be linked");
            let warning = Warning::new("contact_not_created", "HubSpot did not let the contact be found or created");
            answer.warnings.push(warning);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let (Whose::Found(id) | Whose::Created(id)) = &whose;
    if session.contact.as_ref() != Some(id) {
        let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
        store.link_contact(&session.org, &session.id, portal, id).await?;
        answer.contact = match whose {
            Whose::Found(_) => ContactOutcome::Linked,
            Whose::Created(_) => ContactOutcome::Created,
        };
        tell(job, session, id).await;
    }
    answer.contact_id = Some(id.clone());
    Ok(())
}

/// Onto the OpenCX session (an assumed endpoint). Its failing costs reps a link.
async fn tell(job: &Job<'_>, session: &Session, contact: &domain::ContactId) {
    let ids = opencx::HubSpotIds { ticket: None, thread: None, contact: Some(contact.clone()) };
    let told = async { Ok::<_, FlowError>(job.tenant.opencx().await?.set_hubspot_ids(&session.id, &ids).await?) };
    if let Err(error) = told.await {
        tracing::warn!(error = %error, "OpenCX was not told a session's HubSpot contact");
    }
}
