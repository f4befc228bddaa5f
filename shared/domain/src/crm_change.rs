//! Changes in HubSpot's CRM that may travel to the OpenCX session: ticket properties and help-desk notes .

use crate::{Reason, Settings};
use jiff::Timestamp;

/// One `ticket.propertyChange`, and what is known of the ticket.
pub struct PropertyChange<'a> {
    /// The new value; `None` where HubSpot sent null or nothing.
    pub value: Option<&'a str>,
    /// When it changed, by HubSpot's clock.
    pub occurred_at: Timestamp,
    /// Our own app made the change.
    pub by_our_app: bool,
    /// The organization's choices.
    pub settings: &'a Settings,
    /// The ticket belongs to a session.
    pub linked: bool,
    /// The last value both sides agreed on.
    pub agreed: Option<&'a str>,
    /// When the property last changed, as far as the session knows.
    pub last_change_at: Option<Timestamp>,
}

debug_only!(PropertyChange<'_> { occurred_at, by_our_app, linked });

/// The value to write into the session's custom data, or the reason to write nothing.
pub fn judge_property_change<'a>(change: &PropertyChange<'a>) -> Result<&'a str, Reason> {
    if !change.settings.ticketing_enabled {
        return Err(Reason::TicketingDisabled);
    }
    let value = change.value.filter(|value| !value.is_empty()).ok_or(Reason::EmptyPropertyValue)?;
    if !change.linked {
        return Err(Reason::UnlinkedTicket);
    }
    if change.by_our_app || change.agreed.is_some_and(|agreed| same_value(agreed, value)) {
        return Err(Reason::Echo);
    }
    if change.last_change_at.is_some_and(|last| change.occurred_at < last) {
        return Err(Reason::StaleChange);
    }
    Ok(value)
}

/// Whether a note becomes an internal comment of the session: on a ticket of a session, and not written by us.
pub fn judge_note(linked: bool, by_our_app: bool) -> Result<(), Reason> {
    if by_our_app {
        Err(Reason::OwnMessage)
    } else if linked {
        Ok(())
    } else {
        Err(Reason::UnlinkedNote)
    }
}

/// HubSpot gives a number back in another notation than it was written: `12.0` is `12`.
fn same_value(agreed: &str, value: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    agreed.trim() == value.trim() || number(agreed).zip(number(value)).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
}

#[cfg(test)]
mod tests;
