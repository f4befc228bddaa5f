//! The part of a transcript that a ticket's content cannot hold.

use crate::work::errand::Errand;
use crate::work::failure::FlowError;
use domain::TicketId;

/// What did not fit into the content, each note once.
pub(crate) async fn write_notes(errand: &Errand<'_>, ticket: &TicketId, notes: &[String]) -> Result<(), FlowError> {
    let portal = &errand.tenant.portal;
    let written =
        if notes.is_empty() || !errand.retried() { Vec::new() } else { portal.notes_of_ticket(ticket).await? };
    for note in notes {
        let same = domain::normalised(note);
        if !written.iter().any(|there| domain::normalised(&there.body_html) == same) {
            portal.create_note(ticket, note, errand.now()).await?;
        }
    }
    Ok(())
}
