//! Ids and people as the controls name them.

use crate::hubspot::state::{State, Teammate};
use crate::wire::Answer;

/// The record or thread a control's path names.
pub(crate) fn numbered(named: &str) -> Result<u64, Answer> {
    named.parse().map_err(|_| Answer::problem(404, "there is none with this id"))
}

/// The user a rep's control acts as: `A-<user id>`, or the id of an owner.
pub(crate) fn rep<'s>(state: &'s State, named: &str) -> Result<&'s Teammate, Answer> {
    let by_owner = state.team.iter().find(|mate| mate.owner_id.to_string() == named);
    let found = state.teammate(named).or(by_owner);
    found.ok_or_else(|| Answer::problem(400, &format!("{named} is no user of the portal")))
}
