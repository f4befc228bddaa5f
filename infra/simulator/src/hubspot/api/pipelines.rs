//! Ticket pipelines and owners: <https://developers.hubspot.com/docs/api/crm/pipelines>, <https://developers.hubspot.com/docs/api/crm/owners>.

use super::request::Cx;
use crate::hubspot::error::{method_not_allowed, not_found, validation};
use crate::hubspot::state::{Kind, Teammate, deal_pipelines};
use crate::wire::{Answer, Outcome};
use serde_json::{Value, json};

/// `/crm/v3/pipelines/{type}…`
pub(crate) fn pipelines(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    let [kind, rest @ ..] = rest else { return Err(not_found()) };
    let kind = Kind::parse(kind).ok_or_else(|| validation("Unable to infer object type"))?;
    cx.require(&[kind.scope(false)])?;
    if !cx.reads() {
        return Err(method_not_allowed());
    }
    let shown: Vec<Value> = match kind {
        Kind::Ticket => cx.state.crm.pipelines.iter().enumerate().map(|(at, p)| p.show(at)).collect(),
        Kind::Deal => deal_pipelines().iter().enumerate().map(|(at, p)| p.show_of_deals(at)).collect(),
        Kind::Contact | Kind::Company | Kind::Note => Vec::new(),
    };
    match rest {
        [] => Ok(Answer::ok(json!({ "results": shown }))),
        [id, more @ ..] => {
            let found = shown.into_iter().find(|p| p.get("id").is_some_and(|v| v == id)).ok_or_else(not_found)?;
            match more {
                [] => Ok(Answer::ok(found)),
                ["stages"] => Ok(Answer::ok(json!({ "results": found.get("stages") }))),
                _ => Err(not_found()),
            }
        }
    }
}

/// `/crm/v3/owners…`
pub(crate) fn owners(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    cx.require(&["crm.objects.owners.read"])?;
    if !cx.reads() {
        return Err(method_not_allowed());
    }
    let archived = cx.ask.query("archived") == Some("true");
    let team = cx.state.team.iter().filter(|mate| mate.archived == archived);
    match rest {
        [] => {
            let email = cx.ask.query("email");
            let found = team.filter(|mate| email.is_none_or(|e| mate.email.eq_ignore_ascii_case(e)));
            Ok(Answer::ok(json!({ "results": found.map(show_owner).collect::<Vec<_>>() })))
        }
        [id] => {
            let id: i32 = id.parse().map_err(|_| validation("ownerId must be a number"))?;
            let wanted = u64::try_from(id).unwrap_or(0);
            let by_user = match cx.ask.query("idProperty") {
                None | Some("id") => false,
                Some("userId") => true,
                Some(_) => return Err(validation("idProperty must be one of: id, userId")),
            };
            let mut team = team;
            let found = team.find(|mate| wanted == if by_user { mate.user_id } else { mate.owner_id });
            found.map(|mate| Answer::ok(show_owner(mate))).ok_or_else(not_found)
        }
        _ => Err(not_found()),
    }
}

fn show_owner(mate: &Teammate) -> Value {
    let (first, last) = mate.name.split_once(' ').unwrap_or((&mate.name, ""));
    json!({
        "id": mate.owner_id.to_string(), "email": mate.email, "type": "PERSON", "firstName": first, "lastName": last,
        "userId": (!mate.archived).then_some(mate.user_id), "userIdIncludingInactive": mate.user_id,
        "createdAt": "2021-05-27T16:55:57.242Z", "updatedAt": "2022-08-02T18:34:35.039Z", "archived": mate.archived,
        "teams": [],
    })
}
