//! `/api`: every route of it. All need an admin token, and see the token's organization only.

mod connection;
mod crm;
mod deliveries;
mod insights;
pub(crate) mod oauth;
mod settings;
mod signatures;
mod teammates;

use crate::call::{Answer, Call};
use crate::problem::Problem;
use crate::{Connect, Reply};
use domain::DedupKey;
use lambda_http::Request;
use lambda_http::http::{Method, StatusCode, header};
use runtime::TokenRefused;

const METHODS: [Method; 5] = [Method::GET, Method::PUT, Method::POST, Method::PATCH, Method::DELETE];
/// The findings that a test of the connection, and one of the CRM panel, shows.
const CONNECTION_CHECKS: [&str; 5] = ["connection", "token", "scopes", "portal", "ai_user"];
const CRM_CHECKS: [&str; 2] = ["crm", "connection"];

/// What is done with this method and path, if anything. Nothing happens before the answer is awaited.
fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    let key = |id: &str| DedupKey::from_stored(id);
    Some(match (call.method.as_str(), call.path().as_slice()) {
        ("GET", ["connection"]) => Box::pin(connection::show(call)),
        ("DELETE", ["connection"]) => Box::pin(connection::disconnect(call)),
        ("PUT", ["connection", "private-app"]) => Box::pin(connection::private_app(call)),
        ("POST", ["connection", "test"]) => Box::pin(insights::examine(call, &CONNECTION_CHECKS)),
        ("POST", ["connection", "rollback"]) => Box::pin(connection::roll_back(call)),
        ("POST", ["connection", "confirm-portal"]) => Box::pin(connection::confirm(call)),
        ("GET", ["webhook-url"]) => Box::pin(connection::webhook_url(call)),
        ("POST", ["webhook-url", "rotate"]) => Box::pin(connection::rotate(call)),
        ("POST", ["oauth", "start"]) => Box::pin(oauth::start(call)),
        ("GET", ["settings"]) => Box::pin(settings::show(call)),
        ("PATCH", ["settings"]) => Box::pin(settings::change(call)),
        ("GET", ["teammates"]) => Box::pin(teammates::teammates(call)),
        ("GET", ["inboxes"]) => Box::pin(teammates::inboxes(call)),
        ("GET", ["pipelines"]) => Box::pin(teammates::pipelines(call)),
        ("GET", ["crm"]) => Box::pin(crm::show(call)),
        ("PUT", ["crm"]) => Box::pin(crm::save(call)),
        ("DELETE", ["crm"]) => Box::pin(crm::remove(call)),
        ("POST", ["crm", "test"]) => Box::pin(insights::examine(call, &CRM_CHECKS)),
        ("GET", ["signatures"]) => Box::pin(signatures::list(call)),
        ("POST", ["signatures", "preview"]) => Box::pin(signatures::preview(call)),
        ("GET", ["signatures", pattern]) => Box::pin(signatures::show(call, (*pattern).to_owned())),
        ("PUT", ["signatures", pattern]) => Box::pin(signatures::save(call, (*pattern).to_owned())),
        ("DELETE", ["signatures", pattern]) => Box::pin(signatures::delete(call, (*pattern).to_owned())),
        ("GET", ["deliveries"]) => Box::pin(deliveries::list(call)),
        ("POST", ["deliveries", "replay"]) => Box::pin(deliveries::replay_all(call)),
        ("GET", ["deliveries", "failures"]) => Box::pin(deliveries::failures(call)),
        ("GET", ["deliveries", id]) => Box::pin(deliveries::show(call, key(id))),
        ("POST", ["deliveries", id, "replay"]) => Box::pin(deliveries::replay(call, key(id))),
        ("POST", ["repair"]) => Box::pin(deliveries::repair(call)),
        ("GET", ["audit"]) => Box::pin(insights::audit(call)),
        ("GET", ["stats"]) => Box::pin(insights::stats(call)),
        ("GET", ["diagnostics"]) => Box::pin(insights::diagnose(call)),
        ("GET", ["privacy", "export"]) => Box::pin(insights::export(call)),
        _ => return None,
    })
}

pub(crate) async fn answer(connect: &Connect, request: &Request, path: &str) -> Result<Reply, Problem> {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let admin = connect.admin_keys.verify(authorization, connect.bridge.clock.now()).map_err(|refused| {
        let status = match refused {
            TokenRefused::Invalid => StatusCode::UNAUTHORIZED,
            TokenRefused::Role => StatusCode::FORBIDDEN,
        };
        Problem::new(status, refused.to_string())
    })?;
    let mut call = Call::new(connect, admin, request, path);
    if let Some(answer) = route(&call) {
        return answer.await;
    }
    for method in METHODS {
        call.method = method;
        if route(&call).is_some() {
            return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this cannot be done here with that method"));
        }
    }
    Err(Problem::not_found("such call"))
}
