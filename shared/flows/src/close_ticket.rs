//! The timer of a resolved session rings: its ticket closes, unless the session has moved on.

use crate::conversation::pipeline;
use crate::resolve::again;
use crate::work::errand::{Errand, Finish};
use crate::work::failure::FlowError;
use crate::work::invocation::{self, Begun};
use crate::work::tenant::Tenant;
use crate::{Bridge, InvokeError, PendingClose};
use domain::{Lifecycle, TicketId, closing_content};
use hubspot::HubSpotError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{CloseWish, Index, Session, Work};

/// What `close` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAnswer {
    /// The session's ticket.
    pub ticket_id: Option<TicketId>,
    /// `closed`, `already_closed`, `reopened`, `superseded`, `assist_mode`, `not_enabled`, `ticketing_disabled`, `no_ticket`, `ticket_gone`.
    pub outcome: String,
}

/// Closes the ticket of a resolved session. On a failure that may pass it sets its own next timer.
pub async fn close_ticket(bridge: &Bridge, pending: &PendingClose) -> Result<CloseAnswer, InvokeError> {
    let result = run(bridge, pending).await;
    if again::look_again(bridge, pending, result.as_ref().map(|answer| answer.outcome.as_str())).await {
        return Ok(answer(None, "later"));
    }
    Ok(result?)
}

async fn run(bridge: &Bridge, pending: &PendingClose) -> Result<CloseAnswer, FlowError> {
    let run = bridge.new_run();
    let tenant = bridge.tenant(&pending.org, &run).await?;
    let Some(session) = bridge.store.session(&pending.org, &pending.session).await? else {
        return Ok(answer(None, "no_ticket"));
    };
    if let Some(reason) = moved_on(&tenant, &session, pending) {
        // While the switch is off the wish stays, and is looked at again.
        if session.lifecycle_epoch == pending.lifecycle_epoch && reason != "not_enabled" {
            bridge.store.close_done(&session.org, &session.id, pending.lifecycle_epoch).await?;
        }
        return Ok(answer(session.ticket, reason));
    }
    let key = format!("{}#{}", pending.session, pending.lifecycle_epoch);
    let work = Work::Request { org: pending.org.clone(), function: "close".into(), key };
    let index = Index { thread: None, ticket: session.ticket.clone(), session: Some(session.id.clone()) };
    let errand = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(errand) => errand,
        Begun::Answered(answer) => return Ok(answer),
    };
    if let Some(wish) = session.wish.as_ref().filter(|_| pending.attempt == 0) {
        let late = bridge.clock.now().duration_since(wish.closes_at);
        bridge.meter.late("DelayLateness", Duration::try_from(late).unwrap_or_default());
    }
    let result = close(&errand, &session).await;
    let answer = invocation::settle(&errand, result).await?;
    bridge.store.close_done(&session.org, &session.id, pending.lifecycle_epoch).await?;
    Ok(answer)
}

fn answer(ticket_id: Option<TicketId>, outcome: &str) -> CloseAnswer {
    CloseAnswer { ticket_id, outcome: outcome.to_owned() }
}

/// Why there is nothing to close any more.
fn moved_on(tenant: &Tenant<'_>, session: &Session, pending: &PendingClose) -> Option<&'static str> {
    let settings = &tenant.connection.settings;
    if session.lifecycle == Lifecycle::Open {
        Some("reopened")
    } else if session.lifecycle_epoch != pending.lifecycle_epoch {
        Some("superseded")
    } else if session.assist_mode.unwrap_or_else(|| settings.assist_mode.on(session.channel)) {
        Some("assist_mode")
    } else if !settings.enabled {
        Some("not_enabled")
    } else if !settings.ticketing_enabled {
        Some("ticketing_disabled")
    } else if session.ticket.is_none() {
        Some("no_ticket")
    } else {
        None
    }
}

/// Stage and content in one write: a ticket found closed has both.
async fn close(errand: &Errand<'_>, session: &Session) -> Result<(CloseAnswer, Finish), FlowError> {
    let tenant = &errand.tenant;
    let closed = |outcome: &str| {
        (answer(session.ticket.clone(), outcome), invocation::finished(outcome).of_session(&session.id))
    };
    let Some(id) = &session.ticket else { return Ok(closed("no_ticket")) };
    let read = tenant.portal.ticket(id, &["hs_pipeline", "hs_pipeline_stage", "content"]);
    let Some(ticket) = read.await? else { return Ok(closed("ticket_gone")) };
    if ticket.id != *id {
        // Merged away: HubSpot answers with the ticket that is left, and its event may yet come.
        tenant.bridge.store.follow_merge(&tenant.connection.portal, id, &ticket.id).await?;
    }
    let closed = |outcome: &str| {
        let answer = answer(Some(ticket.id.clone()), outcome);
        (answer, invocation::finished(outcome).of_session(&session.id))
    };
    if pipeline::is_closed(tenant, &ticket).await? {
        close_thread(tenant, session).await?;
        return Ok(closed("already_closed"));
    }
    let content = ticket.properties.get("content").map_or("", String::as_str);
    let wish = session.wish.as_ref();
    let summary = wish.and_then(|wish: &CloseWish| wish.summary.as_deref());
    let content = closing_content(content, summary, wish.and_then(|wish| wish.sentiment));
    let stage = pipeline::closed_stage(tenant, &ticket).await?;
    let changes = BTreeMap::from([("hs_pipeline_stage".to_owned(), stage), ("content".to_owned(), content)]);
    tenant.portal.update_ticket(&ticket.id, &changes).await?;
    close_thread(tenant, session).await?;
    Ok(closed("closed"))
}

/// The conversation goes with its ticket, where that is wanted. One that is gone needs no closing.
async fn close_thread(tenant: &Tenant<'_>, session: &Session) -> Result<(), FlowError> {
    let Some(thread) = session.thread.as_ref().filter(|_| tenant.connection.settings.close_thread_on_resolve) else {
        return Ok(());
    };
    match tenant.portal.close_thread(thread).await {
        Err(HubSpotError::NotFound) => Ok(()),
        closed => Ok(closed?),
    }
}
