//! A new note in HubSpot. A person's note on a session's ticket becomes an internal comment of the session.

use crate::conversation::remark::{Remark, store_remark};
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::Effect;
use domain::{NoteId, Reason, judge_note, note_text};
use hubspot::TicketNote;
use std::time::Duration;
use store::{RemarkSource, Session, Step};

/// HubSpot may send the event before the note has its ticket. The second look comes after this time.
const ASSOCIATION_DELAY: Duration = Duration::from_secs(5);

/// Processes one `object.creation` of a note.
pub(crate) async fn take_note(job: &Job<'_>, id: &NoteId) -> Result<Completion, FlowError> {
    if !job.tenant.connection.settings.ticketing_enabled {
        return Ok(Completion::skipped(Reason::TicketingDisabled));
    }
    let Some(note) = job.tenant.portal.note(id).await? else {
        return Ok(Completion::done("the note is gone"));
    };
    let ours = is_ours(job, &note);
    if note.tickets.is_empty() && !ours && job.kept(Effect::Looked).is_none() {
        job.keep(Effect::Looked, Step { about_to: Some(job.now()), done: None, detail: None });
        let why = "HubSpot may not know yet which ticket the note is on";
        return Err(FlowError::Wait { after: ASSOCIATION_DELAY, reason: Reason::UnlinkedNote, why });
    }
    let session = if ours { None } else { session_of(job, &note).await? };
    let session = match (judge_note(session.is_some(), ours), session) {
        (Ok(()), Some(session)) => session,
        (Err(reason), _) => return Ok(Completion::skipped(reason)),
        (Ok(()), None) => return Ok(Completion::skipped(Reason::UnlinkedNote)),
    };
    let text = note_text(&note.body_html);
    if text.is_empty() {
        return Ok(Completion::done("the note has no words").of_session(&session.id));
    }
    let remark = Remark { id: id.as_str(), text, at: note.created_at, way: RemarkSource::Note };
    let finish = store_remark(job, &session, remark, async || author(job, &note).await).await?;
    Ok(finish.of_session(&session.id))
}

/// Whether our app wrote the note. Where HubSpot names no app, the beginning of the text decides.
fn is_ours(job: &Job<'_>, note: &TicketNote) -> bool {
    let by_app = note.source_app.as_ref().is_some_and(|app| job.tenant.connection.apps.contains(app));
    by_app || domain::is_our_text(&note.body_html)
}

/// The session of the first ticket that has one.
async fn session_of(job: &Job<'_>, note: &TicketNote) -> Result<Option<Session>, FlowError> {
    for ticket in &note.tickets {
        if let Some(session) = job.tenant.session_of_ticket(ticket).await? {
            return Ok(Some(session));
        }
    }
    Ok(None)
}

/// The name of the note's owner, else of the user that created it. The note is stored also without a name.
async fn author(job: &Job<'_>, note: &TicketNote) -> Option<String> {
    let owner = note.owner.as_ref().map(ToString::to_string);
    let user = note.created_by_user.as_ref().map(|user| format!("A-{user}"));
    for named in [owner, user].into_iter().flatten() {
        match job.tenant.owner(&named).await {
            Ok(Some(owner)) => return owner.name.or(owner.email),
            Ok(None) => {}
            Err(error) => tracing::info!(error = %error, "a note's author cannot be read"),
        }
    }
    None
}
