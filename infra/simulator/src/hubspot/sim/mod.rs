//! The controls of the HubSpot simulator: its customers, its reps and its admin.
//! A control shows what a person would see in HubSpot. It must never do what neither a person nor HubSpot can do.
//! Start with the list of those that need an explanation:
//!
//! - `PUT /_sim/scopes` `["tickets", …]`: the scopes the app is granted; `PUT /_sim/token` `{"state":"expired"|"revoked"|"ok"}`
//!   (the bare text is taken, too)
//! - `PUT /_sim/properties` `{"refuse":true}`: the portal has no custom properties and takes none; `false` undoes it
//! - `PUT /_sim/pipelines` `[{id,label,stages:[{id,label,closed}]}]`; the first is the default one
//! - `PUT /_sim/owners` `[{user_id,owner_id,name,email,archived?}]`: the portal's users
//! - `PUT /_sim/email-address` `{"address":"help@support.example"|null}`: the sender address of the e-mail accounts
//! - `PUT /_sim/clock` `{"ahead_s":400}`: HubSpot's clock is ahead; the `date` header of its answers shows it
//! - `PUT /_sim/custom-channels` `{"plan":false}`: the portal's plan has no custom channels; `{"registered":false}`:
//!   the app has none
//! - `PUT /_sim/search` `{"lag_ms":2000}`: how long a new record stays out of search
//! - `GET /_sim/webhook`: `{url,version,waiting,under_way,delivered,given_up}`: `waiting` counts events, the others
//!   batches.
//!   `subscriptions` of the `PUT` are texts, `type` or `type:property`, or objects with HubSpot's field names
//! - `GET /_sim/threads` · `DELETE /_sim/threads/{id}[?privacy=true]` (events follow) · `PATCH` takes `spam` and
//!   `ticket_id`, too · `PUT …/assignee` takes `by`
//! - `POST /_sim/threads/{id}/messages` takes `attachments`, `direction`, `integration_app_id` (another app's message),
//!   `original` (the message is read truncated, this is its whole text), `failed` (HubSpot's reason for not delivering)
//! - `POST /_sim/tickets/{id}/merge` `{into}` · `DELETE /_sim/tickets/{id}` · `DELETE /_sim/contacts/{id}` (for good);
//!   events follow
//! - `PUT /_sim/owners` takes `seat:false`: an owner to whom no conversation can be assigned
//! - `PATCH /_sim/threads/{id}/messages/{message}` `{failed}`: HubSpot finds out that it could not deliver it
//! - `POST /_sim/files` `{name, content}`: a file in the portal -> `{file_id}` · `GET /_sim/files`
//! - `POST /_sim/notes` takes `association_delay_ms`: the note's creation is reported before its association is there
//! - `POST /_sim/records` `{type, properties, associated:[{type,id}], by?}` as a rep -> `{id}`: companies, deals, …
//! - `POST /_sim/reset` keeps the registered webhook; events that were under way are not sent again
//! - `GET /_sim/portal` has `client_id` and `custom_channel_id`, too; `GET /oauth/authorize` consents at once
//! - `POST /_sim/workflows` takes `url` and `callback_id`, too; object types are `ticket`, `contact`, …

mod asked;
mod records;
mod threads;

use crate::controls::locked;
use crate::hubspot::identity::{ACCESS_TOKEN, AI_USER, APP_ID, CLIENT_ID, PORTAL_ID};
use crate::hubspot::portal::Portal;
use crate::hubspot::state::{CUSTOM, File, Pipeline, State, TokenState};
use crate::hubspot::webhooks;
use crate::limits::Wanted;
use crate::wire::{Answer, Ask, Outcome, text};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) async fn route(portal: &Arc<Portal>, ask: &Ask) -> Answer {
    if let Some(answer) = portal.controls.control(ask) {
        return answer;
    }
    let outcome = match (ask.method.as_str(), ask.parts().as_slice()) {
        ("POST", ["_sim", "events"]) => Ok(webhooks::send_raw(portal, ask).await),
        ("POST", ["_sim", "workflows"]) => webhooks::run_action(portal, ask).await,
        ("POST", ["_sim", "notes"]) => records::write_note(portal, ask),
        (_, parts) => {
            let mut state = locked(&portal.state);
            state.now = portal.clock.now();
            if let ("POST", ["_sim", "reset"]) = (ask.method.as_str(), parts) {
                portal.controls.reset();
            }
            change(&mut state, ask, parts)
        }
    };
    outcome.unwrap_or_else(|refused| refused)
}

fn change(state: &mut State, ask: &Ask, parts: &[&str]) -> Outcome {
    match (ask.method.as_str(), parts) {
        ("GET", ["_sim", "portal"]) => Ok(show_portal(state)),
        ("POST", ["_sim", "reset"]) => {
            state.reset();
            Ok(Answer::ok(json!({})))
        }
        ("PUT", ["_sim", "webhook"]) => state.hook.register(ask),
        ("GET", ["_sim", "webhook"]) => Ok(state.hook.show()),
        ("POST", ["_sim", "files"]) => {
            let body: Value = ask.read()?;
            let told = |name: &str| text(&body, name).unwrap_or_default().to_owned();
            let content = told("content").into_bytes();
            let file = File { name: told("name"), folder: "/chat".to_owned(), access: "PRIVATE".to_owned(), content };
            Ok(Answer::new(201, json!({ "file_id": state.keep_file(file).to_string() })))
        }
        ("GET", ["_sim", "files"]) => Ok(Answer::ok(state.files.iter().map(|(id, file)| file.show(*id)).collect())),
        ("PUT", ["_sim", setting]) => put(state, ask, setting),
        (_, ["_sim", "threads", ..]) => threads::route(state, ask, parts),
        ("POST", ["_sim", "records"]) => records::create(state, ask),
        ("GET" | "PATCH" | "POST" | "DELETE", ["_sim", "tickets" | "contacts", ..]) => {
            records::route(state, ask, parts)
        }
        _ => Err(Answer::no_control()),
    }
}

fn show_portal(state: &State) -> Answer {
    Answer::ok(json!({
        "portal_id": PORTAL_ID.to_string(), "app_id": APP_ID.to_string(), "client_id": CLIENT_ID,
        "client_secret": state.hook.secret(), "access_token": ACCESS_TOKEN, "ai_user": format!("A-{AI_USER}"),
        "custom_channel_id": CUSTOM.id,
    }))
}

#[derive(Deserialize)]
struct Refusal {
    refuse: bool,
}

#[derive(Deserialize)]
struct ClockSetting {
    ahead_s: i64,
}

#[derive(Deserialize)]
struct EmailAddress {
    address: Option<String>,
}

#[derive(Deserialize)]
struct Lag {
    lag_ms: i64,
}

fn put(state: &mut State, ask: &Ask, setting: &str) -> Outcome {
    match setting {
        "limits" => state.limits.change(&ask.read::<Wanted>()?),
        "oauth" => state.account.consent = ask.read()?,
        "scopes" => state.account.scopes = ask.read()?,
        "token" => state.account.set_token(read_token(ask)?, state.now),
        "properties" => {
            state.crm.refuses_properties = ask.read::<Refusal>()?.refuse;
            if state.crm.refuses_properties {
                state.crm.properties.retain(|_, property| !property.custom);
                state.crm.groups.retain(|(kind, name)| *name == format!("{}information", kind.singular()));
            }
        }
        "pipelines" => {
            let pipelines: Vec<Pipeline> = ask.read()?;
            if pipelines.iter().any(|p| p.stages.is_empty()) || pipelines.is_empty() {
                return Err(Answer::problem(400, "a portal has a pipeline, and each pipeline has a stage"));
            }
            state.crm.pipelines = pipelines;
        }
        "owners" => {
            state.team = ask.read()?;
            state.crm.set_owners(&state.team);
        }
        "clock" => state.clock_ahead = SignedDuration::from_secs(ask.read::<ClockSetting>()?.ahead_s),
        "email-address" => state.email_address = ask.read::<EmailAddress>()?.address,
        "custom-channels" => state.custom.change(&ask.read()?),
        "search" => state.crm.search_lag = SignedDuration::from_millis(ask.read::<Lag>()?.lag_ms),
        _ => return Err(Answer::no_control()),
    }
    Ok(Answer::ok(json!({})))
}

fn read_token(ask: &Ask) -> Result<TokenState, Answer> {
    let body: Value = ask.read()?;
    match body.as_str().or_else(|| text(&body, "state")) {
        Some("ok") => Ok(TokenState::Ok),
        Some("expired") => Ok(TokenState::Expired),
        Some("revoked") => Ok(TokenState::Revoked),
        _ => Err(Answer::problem(400, "state must be one of: ok, expired, revoked")),
    }
}
