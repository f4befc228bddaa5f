//! What is held of one person, for whoever may ask for it.

use domain::{ContactId, OrgId};
use flows::Bridge;
use flows::FlowError;
use flows::InvokeError;
use serde_json::{Value, json};
use store::{Delivery, Filter, Session};

/// All sessions of a contact with what is recorded about them; `named` is HubSpot's id or the e-mail address.
pub async fn export_person(bridge: &Bridge, org: &OrgId, named: &str) -> Result<Value, InvokeError> {
    let run = bridge.new_run();
    let tenant = bridge.tenant(org, &run).await?;
    let contact = if named.contains('@') {
        tenant.portal.contact_by_email(named).await.map_err(FlowError::from)?
    } else {
        Some(
            ContactId::parse(named)
                .map_err(|_| InvokeError::invalid("contact", "it is neither an id nor an address"))?,
        )
    };
    let Some(contact) = contact else { return Ok(json!({ "contact_id": null, "sessions": [] })) };
    let linked =
        bridge.store.sessions_of_contact(&tenant.connection.portal, &contact).await.map_err(FlowError::from)?;
    let mut sessions = Vec::new();
    for (_, id) in linked.iter().filter(|(of, _)| of == org) {
        if let Some(session) = bridge.store.session(org, id).await.map_err(FlowError::from)? {
            sessions.push(shown(bridge, &session).await?);
        }
    }
    Ok(json!({ "contact_id": contact, "sessions": sessions }))
}

async fn shown(bridge: &Bridge, session: &Session) -> Result<Value, FlowError> {
    let filter = Filter { session: Some(session.id.clone()), ..Filter::default() };
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = bridge.store.deliveries(&session.org, &filter, 100, cursor).await?;
        rows.extend(page.items.iter().map(row));
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    let wish =
        session.close_request.as_ref().map(|wish| json!({ "summary": wish.summary, "sentiment": wish.sentiment }));
    Ok(json!({
        "session_id": session.id, "thread_id": session.thread, "ticket_id": session.ticket,
        "contact_id": session.contact, "channel": session.channel, "created_at": session.created_at,
        "resolved_at": session.resolved_at, "previous_session_id": session.previous, "closing": wish, "log": rows,
    }))
}

/// With everything that was said and kept: this is for the person it is about.
fn row(row: &Delivery) -> Value {
    let step = |step: &store::Step| json!({ "about_to": step.about_to, "done": step.done, "kept": step.detail });
    let steps: serde_json::Map<String, Value> =
        row.journal.iter().map(|(name, kept)| (name.clone(), step(kept))).collect();
    json!({
        "key": row.key, "kind": row.label, "state": row.state, "reason": row.reason, "detail": row.detail,
        "received_at": row.created_at, "updated_at": row.updated_at, "steps": steps, "answer": row.answer,
        "event": row.body,
    })
}
