//! The operators' part of `/api`: the delivery log, replays and the webhook URL of the token's organization.

use crate::problem::Problem;
use crate::token::{self, TokenRefused};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{DedupKey, OrgId, PortalId, UrlKey};
use flows::{Bridge, ReplayError};
use http::{StatusCode, header::AUTHORIZATION, request::Parts};
use serde::Deserialize;
use serde_json::{Value, json};
use std::str::FromStr;
use std::sync::Arc;
use store::{Delivery, Filter};

/// How many deliveries a page has.
const PAGE: u32 = 50;

/// What the routes work with.
pub(crate) struct Operator {
    pub(crate) bridge: Arc<Bridge>,
    pub(crate) token_key: Vec<u8>,
    pub(crate) url_key: UrlKey,
    pub(crate) public_url: String,
}

/// The routes, each under an admin token.
pub(crate) fn router(operator: Arc<Operator>) -> Router {
    Router::new()
        .route("/api/deliveries", get(list))
        .route("/api/deliveries/{id}", get(show))
        .route("/api/deliveries/{id}/replay", post(replay))
        .route("/api/webhook-url", get(webhook_url))
        .with_state(operator)
}

impl Operator {
    /// The signed URL for an organization's webhooks; `None` where it has no connection.
    pub(crate) async fn webhook_url(&self, org: &OrgId) -> Result<Option<String>, store::StoreError> {
        let connection = self.bridge.store.connection(org).await?;
        Ok(connection.map(|connection| {
            let key = domain::sign(org, &connection.nonce, &self.url_key);
            format!("{}/webhooks/hubspot/{org}/{key}", self.public_url)
        }))
    }
}

impl Operator {
    async fn filter(&self, org: &OrgId, wanted: &Wanted) -> Result<Filter, Problem> {
        Ok(Filter {
            state: (!wanted.state.is_empty()).then(|| wanted.state.clone()),
            session: read("session", &wanted.session)?,
            thread: match read("thread", &wanted.thread)? {
                Some(thread) => Some((self.portal(org).await?, thread)),
                None => None,
            },
            ticket: read("ticket", &wanted.ticket)?,
            from: read("from", &wanted.from)?,
            to: Some(read("to", &wanted.to)?.unwrap_or_else(|| self.bridge.clock.now())),
        })
    }

    /// Thread ids are unique within a portal only.
    async fn portal(&self, org: &OrgId) -> Result<PortalId, Problem> {
        let connection = self.bridge.store.connection(org).await;
        let connection = connection.map_err(|error| Problem::internal("read the connection", &error))?;
        connection
            .map(|connection| connection.portal)
            .ok_or_else(|| Problem::not_found("connection of this organization"))
    }
}

/// The organization of a request's admin token.
struct Admin(OrgId);

impl FromRequestParts<Arc<Operator>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, operator: &Arc<Operator>) -> Result<Self, Problem> {
        let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        token::verify(authorization, operator.bridge.clock.now(), &operator.token_key).map(Self).map_err(|refused| {
            let status = match refused {
                TokenRefused::Invalid => StatusCode::UNAUTHORIZED,
                TokenRefused::Role => StatusCode::FORBIDDEN,
            };
            Problem::new(status, refused.to_string())
        })
    }
}

/// What a list is narrowed by. An empty value is none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    state: String,
    session: String,
    thread: String,
    ticket: String,
    from: String,
    to: String,
    cursor: String,
}

fn read<T: FromStr>(field: &str, text: &str) -> Result<Option<T>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::new(StatusCode::BAD_REQUEST, format!("`{field}` cannot be read"));
    text.parse().map(Some).map_err(|_| wrong())
}

async fn list(
    State(operator): State<Arc<Operator>>,
    Admin(org): Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let filter = operator.filter(&org, &wanted).await?;
    let cursor = (!wanted.cursor.is_empty()).then_some(wanted.cursor);
    let page = operator.bridge.store.deliveries(&org, &filter, PAGE, cursor).await;
    let page = page.map_err(|error| Problem::internal("read the deliveries", &error))?;
    let rows: Vec<_> = page.items.iter().map(summary).collect();
    Ok(Json(json!({ "deliveries": rows, "cursor": page.cursor })))
}

async fn show(
    State(operator): State<Arc<Operator>>,
    Admin(org): Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let found = operator.bridge.store.delivery(&org, &DedupKey::from_stored(id)).await;
    let found = found.map_err(|error| Problem::internal("read the delivery", &error))?;
    found.map(|delivery| Json(whole(&delivery))).ok_or_else(|| Problem::not_found("such delivery"))
}

async fn replay(State(operator): State<Arc<Operator>>, Admin(org): Admin, Path(id): Path<String>) -> Response {
    match flows::replay_delivery(&operator.bridge, &org, &DedupKey::from_stored(&id)).await {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "id": id, "state": "retrying" }))).into_response(),
        Err(ReplayError::NotFound) => Problem::not_found("such delivery").into_response(),
        Err(ReplayError::Running) => {
            Problem::new(StatusCode::CONFLICT, "the delivery is being processed").into_response()
        }
        Err(error) => Problem::internal("replay the delivery", &error).into_response(),
    }
}

async fn webhook_url(State(operator): State<Arc<Operator>>, Admin(org): Admin) -> Result<Json<Value>, Problem> {
    let url = operator.webhook_url(&org).await;
    let url = url.map_err(|error| Problem::internal("read the connection", &error))?;
    url.map(|url| Json(json!({ "url": url }))).ok_or_else(|| Problem::not_found("connection of this organization"))
}

fn summary(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.key,
        "type": delivery.label,
        "state": delivery.state,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
        "thread_id": delivery.thread,
        "ticket_id": delivery.ticket,
        "session_id": delivery.session,
    })
}

fn whole(delivery: &Delivery) -> Value {
    let steps = delivery.journal.iter().map(
        |(name, step)| json!({ "step": name, "about_to": step.about_to, "done": step.done, "detail": step.detail }),
    );
    let mut value = summary(delivery);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("detail".to_owned(), json!(delivery.detail));
        fields.insert("journal".to_owned(), steps.collect());
        fields.insert(
            "event".to_owned(),
            delivery.body.as_deref().and_then(|b| serde_json::from_str(b).ok()).unwrap_or_default(),
        );
    }
    value
}

#[cfg(test)]
mod tests;
