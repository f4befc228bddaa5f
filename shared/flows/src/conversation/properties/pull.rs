//! Reads changed ticket properties into custom data.
//!
//! HubSpot tells an OAuth app about changes of HubSpot's own properties only. So each event also makes us read the mapped
//! properties.

use crate::conversation::properties::push::kind_of;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{
    Agreed, PropertyChange, PropertyShape, Reason, TicketId, fingerprint, judge_property_change, key_of, watched,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use store::Session;

/// A property that a person or another app has changed.
pub(crate) struct Told<'a> {
    pub(crate) property: &'a str,
    pub(crate) value: &'a str,
    pub(crate) at: Timestamp,
}

/// Brings the session up to date. The answer is `None` if something was written, else the reason why the event's change was not.
pub(crate) async fn bring_over(
    job: &Job<'_>,
    session: &Session,
    ticket: &TicketId,
    told: &Told<'_>,
    agreed: &mut BTreeMap<String, Agreed>,
) -> Result<Option<Reason>, FlowError> {
    let settings = &job.tenant.connection.settings;
    let shapes = job.tenant.ticket_properties().await?;
    let known = agreed.get(told.property);
    let value = fingerprint(told.value, &kind_of(&shapes, told.property));
    let judged = judge_property_change(&PropertyChange {
        value: Some(told.value),
        occurred_at: told.at,
        by_our_app: false,
        settings,
        linked: true,
        agreed: known.map(|one| if one.value == value { told.value } else { "" }).filter(|same| !same.is_empty()),
        last_change_at: known.map(|one| one.at),
    });
    let mut changes = others(job, ticket, told, &shapes, agreed).await?;
    let reason = match judged {
        Ok(value) => {
            changes.insert(told.property.to_owned(), (value.to_owned(), told.at));
            None
        }
        Err(reason) => {
            // Both sides have this value since that moment: older changes are stale from now on.
            if let Some(one) = agreed.get_mut(told.property).filter(|one| reason == Reason::Echo && one.at < told.at) {
                one.at = told.at;
            }
            Some(reason)
        }
    };
    if changes.is_empty() {
        return Ok(reason);
    }
    let mut data = BTreeMap::new();
    for (property, (text, _)) in &changes {
        let key = key_of(property, &settings.property_map, agreed.get(property));
        data.insert(key, domain::to_custom_data(text, &kind_of(&shapes, property)));
    }
    job.tenant.opencx().await?.set_custom_data(&session.id, &data).await?;
    for (property, (text, at)) in changes {
        let key = key_of(&property, &settings.property_map, agreed.get(&property));
        let value = fingerprint(&text, &kind_of(&shapes, &property));
        agreed.insert(property, Agreed { value, at, key, by_hubspot: true });
    }
    Ok(None)
}

/// The watched properties whose values differ from the agreed ones. The event's own property is left out.
async fn others(
    job: &Job<'_>,
    ticket: &TicketId,
    told: &Told<'_>,
    shapes: &[PropertyShape],
    agreed: &BTreeMap<String, Agreed>,
) -> Result<BTreeMap<String, (String, Timestamp)>, FlowError> {
    let map = &job.tenant.connection.settings.property_map;
    let there = |name: &&str| *name != told.property && shapes.iter().any(|shape| shape.name == *name);
    let names: Vec<&str> = watched(map, agreed).into_iter().filter(there).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let read_at = job.now();
    let Some(now) = job.tenant.portal.ticket(ticket, &names).await? else { return Ok(BTreeMap::new()) };
    let differs = |name: &str, text: &str| {
        let value = fingerprint(text, &kind_of(shapes, name));
        agreed.get(name).is_none_or(|one| one.value != value)
    };
    let filled = names.into_iter().filter_map(|name| Some((name, now.get(name).filter(|text| !text.is_empty())?)));
    let news = filled.filter(|(name, text)| differs(name, text));
    Ok(news.map(|(name, text)| (name.to_owned(), (text.to_owned(), read_at))).collect())
}
