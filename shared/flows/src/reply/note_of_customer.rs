//! What the customer says on a channel that HubSpot only sees: a note on the ticket.

use crate::reply::request::{PostedAs, ReplyAnswer, ReplyRequest};
use crate::work::errand::{Errand, Finish, done};
use crate::work::failure::FlowError;
use crate::work::invocation;
use domain::{MessageId, Reason};
use store::Session;

/// On channels HubSpot only sees, the customer's further words are notes on the ticket.
pub(crate) async fn note_of_customer(
    errand: &Errand<'_>,
    request: &ReplyRequest,
    session: &Session,
) -> Result<(ReplyAnswer, Finish), FlowError> {
    let Some(ticket) = &session.ticket else {
        return Ok((
            ReplyAnswer::skipped(session, &Reason::NotDelivered),
            Finish::skipped(Reason::NotDelivered).of_session(&session.id),
        ));
    };
    let words = domain::agent_reply(&request.text_with_files(), None, Some("Customer"));
    let portal = &errand.tenant.portal;
    let wanted = domain::normalised(&words.html);
    let found = match errand.earlier("post").and_then(|step| step.about_to) {
        Some(since) => portal
            .notes_of_ticket(ticket)
            .await?
            .into_iter()
            .find(|n| n.created_at >= since && domain::normalised(&n.body_html) == wanted),
        None => None,
    };
    let id = if let Some(note) = found {
        note.id
    } else {
        errand.about_to("post").await?;
        portal.create_note(ticket, &words.html, errand.now()).await?
    };
    let finish = invocation::finished("noted").of_session(&session.id).with_step("post", done(id.as_str()));
    let answer = ReplyAnswer {
        posted_as: Some(PostedAs::Note),
        message_id: MessageId::parse(id.as_str()).ok(),
        ..ReplyAnswer::of(session)
    };
    Ok((answer, finish))
}
