//! OpenCX tells news of a session: contact and custom data go to HubSpot, and a conversation goes back to the AI.

use crate::conversation::contact::{self, RequestContact};
use crate::conversation::give_back;
use crate::conversation::properties::push;
use crate::conversation::session::{index_of, keep_session, tell_ids};
use crate::conversation::warning::Warning;
use crate::invocations::claimed;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::invocation;
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::tenant::Tenant;
use domain::{Channel, ContactId, DedupKey, OrgId, SessionId};
use opencx::{HubSpotIds, OpenCxError, Person};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Session, Work};

/// The request of `sync`: the news of a session.
#[derive(Clone, Deserialize)]
pub struct SyncRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The session.
    pub session_id: SessionId,
    /// The customer.
    pub contact: Option<RequestContact>,
    /// Written into ticket properties.
    pub custom_data: Option<BTreeMap<String, Value>>,
    /// `resumed` gives the conversation back to the AI user.
    pub ai: Option<AiWish>,
}

/// A wish about the AI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AiWish {
    /// The AI gets the conversation back.
    Resumed,
}

/// The answer of `sync`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SyncAnswer {
    /// The HubSpot contact of the customer.
    pub contact_id: Option<ContactId>,
    /// The outcome for the contact.
    pub contact: ContactOutcome,
    /// The custom data keys whose values HubSpot has now.
    pub properties_pushed: Vec<String>,
    /// Parts that were not done, though the rest was.
    pub warnings: Vec<Warning>,
}

/// The outcome for the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactOutcome {
    /// The session has a contact that HubSpot had before.
    Linked,
    /// The session has a new contact.
    Created,
    /// Nothing has changed.
    #[default]
    Unchanged,
}

/// Carries out the request. The same request again, while nothing has changed since, gets the stored answer.
pub async fn sync_session(bridge: &Bridge, request: &SyncRequest) -> Result<SyncAnswer, InvokeError> {
    let (tenant, run) = invocation::begin(bridge, &request.org_id).await?;
    if !tenant.connection.settings.enabled {
        let warning = Warning::new("not_enabled", "the organization is not live; nothing was written into HubSpot");
        return Ok(SyncAnswer { warnings: vec![warning], ..SyncAnswer::default() });
    }
    let session = known(&tenant, request).await?;
    let (work, content) = work(&tenant, request, &session).await?;
    let index = index_of(&tenant, &session);
    let act = async |job: &Job<'_>| steps(job, request, &session, &content).await;
    Ok(claimed((tenant, run), work, index, act).await?)
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

/// The key of the request. The same content gets the same key again, unless something has happened since.
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

/// The session's item. A session that did not begin in HubSpot is read from OpenCX.
async fn known(tenant: &Tenant<'_>, request: &SyncRequest) -> Result<Session, InvokeError> {
    let id = &request.session_id;
    if let Some(session) = tenant.bridge.store.session(&request.org_id, id).await.map_err(FlowError::from)? {
        return Ok(session);
    }
    let there = match tenant.opencx().await?.session(id).await {
        Err(OpenCxError::NotFound) => return Err(InvokeError::invalid("session_id", "OpenCX has no such session")),
        there => there.map_err(FlowError::from)?,
    };
    Ok(keep_session(tenant, &there, Channel::Api).await?)
}

/// Links or creates the contact. A refusal by HubSpot is a warning, and the custom data is written all the same.
async fn sync_contact(
    job: &Job<'_>,
    session: &Session,
    person: &RequestContact,
    answer: &mut SyncAnswer,
) -> Result<(), FlowError> {
    let person = Person::from(person.clone());
    if !contact::is_known(&person) {
        if session.contact.is_none() {
            answer.warnings.push(Warning::new("no_email", "the customer has neither an e-mail address nor a number"));
        }
        return Ok(());
    }
    let (id, new) = match contact::find_or_create(&job.tenant.portal, &person).await {
        Ok(found) => found,
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            tracing::warn!(error = %error, "a customer's HubSpot contact could not be linked");
            let warning = Warning::new("contact_not_created", "HubSpot refused to find or create the contact");
            answer.warnings.push(warning);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if session.contact.as_ref() != Some(&id) {
        let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
        store.link_contact(&session.org, &session.id, portal, &id).await?;
        answer.contact = if new { ContactOutcome::Created } else { ContactOutcome::Linked };
        let ids = HubSpotIds { contact: Some(id.clone()), ..HubSpotIds::default() };
        tell_ids(job, &session.id, &ids).await;
    }
    answer.contact_id = Some(id);
    Ok(())
}
