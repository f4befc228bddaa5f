//! What the customer says on a channel that HubSpot only sees: a note on the ticket.

use crate::invocations::reply::request::{PostedAs, ReplyAnswer, ReplyRequest};
use crate::kernel::failure::FlowError;
use crate::kernel::invocation;
use crate::kernel::job::{Completion, Job, done};
use domain::{MessageId, Reason};
use store::Session;

/// On channels HubSpot only sees, the customer's further words are notes on the ticket.
pub(crate) async fn note_of_customer(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
) -> Result<(ReplyAnswer, Completion), FlowError> {
    let Some(ticket) = &session.ticket else {
        return Ok((
            ReplyAnswer::skipped(session, &Reason::NotDelivered),
            Completion::skipped(Reason::NotDelivered).of_session(&session.id),
        ));
    };
    let words = domain::agent_reply(&request.text_with_files(), None, Some("Customer"));
    let portal = &job.tenant.portal;
    let wanted = domain::normalised(&words.html);
    let found = match job.earlier("post").and_then(|step| step.about_to) {
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
        job.about_to("post").await?;
        portal.create_note(ticket, &words.html, job.now()).await?
    };
    let finish = invocation::finished("noted").of_session(&session.id).with_step("post", done(id.as_str()));
    let answer = ReplyAnswer {
        posted_as: Some(PostedAs::Note),
        message_id: MessageId::parse(id.as_str()).ok(),
        ..ReplyAnswer::of(session)
    };
    Ok((answer, finish))
}
