//! What is stored about one person, for that person.

use crate::log::read_log;
use domain::{ContactId, OrgId};
use flows::{Bridge, FlowError, InvokeError};
use serde_json::{Map, Value, json};
use store::{Delivery, Filter, Session};

/// All sessions of a contact with their log; `named` is HubSpot's id or the e-mail address.
pub async fn export_person(bridge: &Bridge, org: &OrgId, named: &str) -> Result<Value, InvokeError> {
    let run = bridge.new_run();
    let tenant = bridge.tenant(org, &run).await?;
    let contact = if named.contains('@') {
        tenant.portal.contact_by_email(named).await.map_err(FlowError::from)?
    } else {
        let id = ContactId::parse(named);
        Some(id.map_err(|_| InvokeError::invalid("contact", "it is neither an id nor an address"))?)
    };
    let Some(contact) = contact else { return Ok(json!({ "contact_id": null, "sessions": [] })) };
    let linked = bridge.store.sessions_of_contact(&tenant.connection.portal, &contact).await;
    let mut sessions = Vec::new();
    for (_, id) in linked.map_err(FlowError::from)?.iter().filter(|(of, _)| of == org) {
        if let Some(session) = bridge.store.session(org, id).await.map_err(FlowError::from)? {
            sessions.push(exported(bridge, &session).await?);
        }
    }
    Ok(json!({ "contact_id": contact, "sessions": sessions }))
}

async fn exported(bridge: &Bridge, session: &Session) -> Result<Value, FlowError> {
    let filter = Filter { session: Some(session.id.clone()), ..Filter::default() };
    let log = read_log(bridge, &session.org, &filter, usize::MAX).await?;
    let close = session.close_request.as_ref();
    let close = close.map(|close| json!({ "summary": close.summary, "sentiment": close.sentiment }));
    Ok(json!({
        "session_id": session.id, "thread_id": session.thread, "ticket_id": session.ticket,
        "contact_id": session.contact, "channel": session.channel, "created_at": session.created_at,
        "resolved_at": session.resolved_at, "previous_session_id": session.previous, "closing": close,
        "log": log.rows.iter().map(row).collect::<Vec<_>>(),
    }))
}

/// Texts are in it: it is for the person whose texts they are.
fn row(row: &Delivery) -> Value {
    let step = |step: &store::Step| json!({ "about_to": step.about_to, "done": step.done, "kept": step.detail });
    let steps: Map<String, Value> = row.journal.iter().map(|(name, kept)| (name.clone(), step(kept))).collect();
    json!({
        "key": row.key, "kind": row.label, "state": row.state, "reason": row.reason, "detail": row.detail,
        "received_at": row.created_at, "updated_at": row.updated_at, "steps": steps, "answer": row.answer,
        "event": row.body,
    })
}
