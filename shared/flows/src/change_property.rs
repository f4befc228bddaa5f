//! A property of a ticket changed in HubSpot: the session's custom data follows, and where the ticket was closed or
//! reopened, the session.

use crate::sync::book::holding;
use crate::sync::differences::{Told, bring_over};
use crate::sync::stages;
use crate::work::errand::{Errand, Finish};
use crate::work::failure::FlowError;
use domain::{PropertyChange, Reason, TicketId, fingerprint, judge_property_change};
use jiff::Timestamp;
use store::Session;

/// One `ticket.propertyChange`.
pub(crate) struct Changed<'e> {
    pub(crate) ticket: &'e TicketId,
    pub(crate) property: &'e str,
    pub(crate) value: Option<&'e str>,
    pub(crate) source: Option<&'e str>,
    pub(crate) source_id: Option<&'e str>,
    pub(crate) at: Timestamp,
}

/// Takes it.
pub(crate) async fn take_change(errand: &Errand<'_>, changed: &Changed<'_>) -> Result<Finish, FlowError> {
    let (store, connection) = (&errand.tenant.bridge.store, &errand.tenant.connection);
    if !connection.settings.enabled {
        return Ok(Finish::skipped(Reason::NotEnabled));
    }
    let session = match store.session_of_ticket(&connection.portal, changed.ticket).await? {
        Some((org, id)) if org == connection.org => store.session(&org, &id).await?,
        _ => None,
    };
    let judged = judge_property_change(&PropertyChange {
        value: changed.value,
        occurred_at: changed.at,
        by_our_app: is_ours(errand, changed),
        settings: &connection.settings,
        linked: session.is_some(),
        agreed: None,
        last_change_at: None,
    });
    let Some(session) = session else {
        return Ok(Finish::skipped(judged.err().unwrap_or(Reason::UnlinkedTicket)));
    };
    let value = match judged {
        Ok(value) => value,
        Err(Reason::Echo) => return echo(errand, &session, changed).await,
        Err(reason) => return Ok(Finish::skipped(reason).of_session(&session.id)),
    };
    let followed = match changed.property {
        "hs_pipeline_stage" if is_latest(errand, changed, value).await? => {
            stages::follow(errand, &session, changed.ticket, (value, changed.at)).await?
        }
        _ => None,
    };
    let told = Told { property: changed.property, value, at: changed.at };
    let skipped =
        holding(errand, &session, async |agreed| bring_over(errand, &session, changed.ticket, &told, agreed).await);
    let finish = match (skipped.await?, followed) {
        (_, Some(followed)) => Finish::done(followed),
        (None, None) => Finish::done("the session's custom data follows the ticket"),
        (Some(reason), None) => Finish::skipped(reason),
    };
    Ok(finish.of_session(&session.id))
}

/// Our own write came back. What it wrote is what both sides agree on, should the run that wrote it not have lived to say so.
async fn echo(errand: &Errand<'_>, session: &Session, changed: &Changed<'_>) -> Result<Finish, FlowError> {
    let book = errand.tenant.bridge.store.book(&session.org, &session.id).await?.unwrap_or_default();
    let (Some(value), Some(known)) = (changed.value, book.agreed.get(changed.property)) else {
        return Ok(Finish::skipped(Reason::Echo).of_session(&session.id));
    };
    let shapes = errand.tenant.ticket_properties().await?;
    let value = fingerprint(value, &crate::sync::push::kind_of(&shapes, changed.property));
    if known.value != value && known.at < changed.at {
        let keep = holding(errand, session, async |agreed| {
            if let Some(one) = agreed.get_mut(changed.property).filter(|one| one.at < changed.at) {
                (one.value, one.at, one.by_hubspot) = (value, changed.at, false);
            }
            Ok(())
        });
        keep.await?;
    }
    Ok(Finish::skipped(Reason::Echo).of_session(&session.id))
}

/// Whether our own app made the change: HubSpot names it as the source.
fn is_ours(errand: &Errand<'_>, changed: &Changed<'_>) -> bool {
    let by_app = changed.source.is_some_and(|source| source.eq_ignore_ascii_case("INTEGRATION"));
    by_app && changed.source_id.is_some_and(|id| errand.tenant.connection.apps.iter().any(|app| app.as_str() == id))
}

/// Closing and reopening are not undone by an older change: where the ticket has moved on, the newer event follows.
async fn is_latest(errand: &Errand<'_>, changed: &Changed<'_>, stage: &str) -> Result<bool, FlowError> {
    let ticket = errand.tenant.portal.ticket(changed.ticket, &["hs_pipeline_stage"]).await?;
    Ok(ticket.is_some_and(|ticket| ticket.properties.get("hs_pipeline_stage").is_some_and(|now| now == stage)))
}
