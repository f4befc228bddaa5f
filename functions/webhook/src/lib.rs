//! The door: HubSpot's webhook events in, the queue out.
//!
//! Checks the caller, splits the array, stores what is supported, and only then says 200. It never interprets an event
//! and calls nothing but the queue. Start with [`handle`].

mod caller;
mod report;

use caller::{CallerRefused, identify};
use domain::UrlKey;
use flows::{Envelope, Queue, QueueMessage, Queued, VerifiedBy, Whose, is_supported};
use hubspot::{BatchError, MAX_BODY};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, RequestExt as _, Response};
pub use report::TurnedAway;
use std::sync::Arc;
use transport::{Clock, Meter};

/// The state of the door.
pub struct Webhook {
    /// The events queue.
    pub queue: Arc<dyn Queue>,
    /// For the age of signatures.
    pub clock: Arc<dyn Clock>,
    /// Verify signed URLs.
    pub url_keys: Vec<UrlKey>,
    /// Verify HubSpot's signatures; two while one is being rotated.
    pub client_secrets: Vec<String>,
    /// The scheme and host that HubSpot signed, as configured. The request's own are not trusted.
    pub public_url: String,
    /// Whether a v1 signature counts where v3 is absent.
    pub accept_v1: bool,
    /// Refused requests that `events` has not heard of yet.
    pub turned_away: TurnedAway,
    /// Counts what comes in and what is refused.
    pub meter: Meter,
}

/// Takes one delivery. 200 means: every supported event in it is stored.
pub async fn handle(webhook: &Webhook, request: Request) -> Response<Body> {
    let response = take(webhook, &request).await;
    report::tell(webhook).await;
    response
}

async fn take(webhook: &Webhook, request: &Request) -> Response<Body> {
    let body = request.body().as_ref();
    if body.len() > MAX_BODY {
        return too_large(webhook);
    }
    let door = match identify(webhook, request) {
        Ok(door) => door,
        Err(refusal) => return refuse(webhook, request, &refusal),
    };
    let batch = match hubspot::parse_batch(body) {
        Ok(batch) => batch,
        Err(BatchError::TooLarge) => return too_large(webhook),
        Err(error) => {
            webhook.meter.count_of("Refused", "Reason", "bad_body");
            return problem(StatusCode::BAD_REQUEST, &error.to_string());
        }
    };
    let found = batch.events.len();
    let whose = match (&door, batch.events.first()) {
        (VerifiedBy::SignedUrl { org, .. }, _) => Whose::Org(org.clone()),
        (VerifiedBy::AppSignature, Some(event)) => Whose::Portal(event.portal.clone()),
        (VerifiedBy::AppSignature, None) => Whose::Nobody,
    };
    let mut events: Vec<_> = batch.events.into_iter().filter(|event| is_supported(&event.kind)).collect();
    let ignored = found - events.len() + batch.ignored as usize + batch.unreadable as usize;
    report::unsupported(webhook, whose, ignored as u64);
    events.sort_by_key(|event| event.occurred_at);
    let accepted = events.len();
    let messages = events.into_iter().map(|event| queued(webhook, &door, event)).collect::<Vec<_>>();
    if let Err(error) = send(webhook, messages).await {
        tracing::error!(error = %error, accepted, "events could not be stored; HubSpot sends them again");
        webhook.meter.count("NotStored", accepted);
        return problem(StatusCode::SERVICE_UNAVAILABLE, "the events could not be stored; send them again");
    }
    tracing::info!(accepted, ignored, "a delivery is stored");
    webhook.meter.count("Accepted", accepted);
    webhook.meter.count("Ignored", ignored);
    runtime::json(StatusCode::OK, &serde_json::json!({ "accepted": accepted, "ignored": ignored })).map(Body::Text)
}

async fn send(webhook: &Webhook, messages: Vec<Queued>) -> Result<(), flows::PortError> {
    if messages.is_empty() { Ok(()) } else { webhook.queue.send(messages).await }
}

fn queued(webhook: &Webhook, door: &VerifiedBy, event: domain::HubSpotEvent) -> Queued {
    let scope = match door {
        VerifiedBy::SignedUrl { org, nonce } => format!("{org}#{nonce}"),
        VerifiedBy::AppSignature => "app".to_owned(),
    };
    let (group, dedup_id) = (event.queue_group(), event.dedup_key().digest(&scope));
    let message = QueueMessage::Event { door: door.clone(), event, received_at: webhook.clock.now() };
    Queued { group, dedup_id, body: Envelope::body(&message) }
}

fn too_large(webhook: &Webhook) -> Response<Body> {
    webhook.meter.count_of("Refused", "Reason", "too_large");
    problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 1 MiB")
}

fn refuse(webhook: &Webhook, request: &Request, refusal: &CallerRefused) -> Response<Body> {
    match refusal {
        CallerRefused::Url => report::bad_url(webhook, request.raw_http_path()),
        CallerRefused::Unsigned | CallerRefused::Signature(_) => report::bad_signature(webhook),
    }
    webhook.meter.count_of("Refused", "Reason", refusal.name());
    tracing::info!(reason = refusal.name(), "a delivery is refused at the door");
    problem(StatusCode::UNAUTHORIZED, refusal.detail())
}

fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    runtime::problem(status, detail).map(Body::Text)
}
