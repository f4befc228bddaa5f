//! A note appeared in HubSpot: one that a person wrote on a session's ticket becomes an internal comment of the session.

use crate::work::errand::{Errand, Finish, done};
use crate::work::failure::FlowError;
use domain::{DedupKey, NoteId, Reason, judge_note, normalised, note_text};
use hubspot::Note;
use jiff::Timestamp;
use std::time::Duration;
use store::{Session, Step, Way};

/// HubSpot may tell of a note before it knows where it belongs.
const ASSOCIATED_WITHIN: Duration = Duration::from_secs(5);

/// Takes one `object.creation` of a note.
pub(crate) async fn take_note(errand: &Errand<'_>, id: &NoteId) -> Result<Finish, FlowError> {
    if !errand.tenant.connection.settings.ticketing_enabled {
        return Ok(Finish::skipped(Reason::TicketingDisabled));
    }
    let Some(note) = errand.tenant.portal.note(id).await? else {
        return Ok(Finish::done("the note is gone"));
    };
    let ours = is_ours(errand, &note);
    if note.tickets.is_empty() && !ours && errand.earlier("looked").is_none() {
        errand.record("looked", &Step { about_to: Some(errand.now()), done: None, detail: None }).await?;
        let why = "HubSpot may not know yet which ticket the note is on";
        return Err(FlowError::Wait { after: ASSOCIATED_WITHIN, reason: Reason::UnlinkedNote, why });
    }
    let session = if ours { None } else { session_of(errand, &note).await? };
    let session = match (judge_note(session.is_some(), ours), session) {
        (Ok(()), Some(session)) => session,
        (Err(reason), _) => return Ok(Finish::skipped(reason)),
        (Ok(()), None) => return Ok(Finish::skipped(Reason::UnlinkedNote)),
    };
    let text = note_text(&note.body_html);
    if text.is_empty() {
        return Ok(Finish::done("the note has no words").of_session(&session.id));
    }
    let remark = Remark { id: id.as_str(), text, at: note.created_at, way: Way::Note };
    let finish = store_remark(errand, &session, remark, async || author(errand, &note).await).await?;
    Ok(finish.of_session(&session.id))
}

/// What a person wrote for colleagues.
pub(crate) struct Remark<'a> {
    /// HubSpot's id of the comment or note.
    pub(crate) id: &'a str,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    pub(crate) way: Way,
}

/// Stores a remark as a note of the session, once, by whichever way it comes. It never reaches the customer.
pub(crate) async fn store_remark(
    errand: &Errand<'_>,
    session: &Session,
    remark: Remark<'_>,
    author: impl AsyncFnOnce() -> Option<String>,
) -> Result<Finish, FlowError> {
    let finish = |note: &str| Finish::done("the remark is a note of the session").with_step("note", done(note));
    if let Some(note) = errand.earlier("note").and_then(|step| step.done.as_deref()) {
        return Ok(finish(note));
    }
    let words = normalised(&remark.text);
    let digest = DedupKey::from_stored(words.clone()).digest("remark");
    let store = &errand.tenant.bridge.store;
    if !store.begin_remark(&session.org, &session.id, &digest, (remark.way, remark.at)).await? {
        return Ok(Finish::skipped(Reason::Duplicate));
    }
    if errand.retried() {
        let events = errand.tenant.opencx().await?.history(&session.id).await?;
        let same =
            events.iter().find(|e| e.kind.contains("comment") && e.at >= remark.at && normalised(&e.text) == words);
        if let Some(event) = same {
            return Ok(finish(event.id.as_ref().map_or("found", |id| id.as_str())));
        }
    }
    let note = opencx::Note { text: remark.text, author: author().await, external_id: remark.id.to_owned() };
    errand.tenant.opencx().await?.add_note(&session.id, &note).await?;
    Ok(finish("stored"))
}

/// HubSpot names the app that wrote it; where it does not, our texts are known by their beginnings.
fn is_ours(errand: &Errand<'_>, note: &Note) -> bool {
    let by_app = note.source_app.as_ref().is_some_and(|app| errand.tenant.connection.apps.contains(app));
    by_app || domain::is_our_text(&note.body_html)
}

/// The session of the first of the note's tickets that has one.
async fn session_of(errand: &Errand<'_>, note: &Note) -> Result<Option<Session>, FlowError> {
    let (store, connection) = (&errand.tenant.bridge.store, &errand.tenant.connection);
    for ticket in &note.tickets {
        match store.session_of_ticket(&connection.portal, ticket).await? {
            Some((org, id)) if org == connection.org => return Ok(store.session(&org, &id).await?),
            _ => {}
        }
    }
    Ok(None)
}

/// The rep to whom the note is attributed, else the one who typed it. Not knowing is no obstacle.
async fn author(errand: &Errand<'_>, note: &Note) -> Option<String> {
    let owner = note.owner.as_ref().map(ToString::to_string);
    let user = note.created_by_user.as_ref().map(|user| format!("A-{user}"));
    for named in [owner, user].into_iter().flatten() {
        match errand.tenant.owner(&named).await {
            Ok(Some(owner)) => return owner.name.or(owner.email),
            Ok(None) => {}
            Err(error) => tracing::info!(error = %error, "a note's author is not known"),
        }
    }
    None
}
