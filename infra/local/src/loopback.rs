//! Routes for this machine alone.

use crate::problem::Problem;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::HOST;
use http::uri::Authority;

/// Everybody else learns that there is no such page.
pub(crate) async fn only_local(request: Request, next: Next) -> Response {
    if is_local(&request) { next.run(request).await } else { Problem::not_found("such page").into_response() }
}

/// A tunnel to the port carries its own name in `Host`, and so publishes no more than API Gateway would.
fn is_local(request: &Request) -> bool {
    let authority = match request.headers().get(HOST) {
        Some(host) => host.to_str().ok().and_then(|host| host.parse().ok()),
        // A request within the process has its host in the URL only.
        None => request.uri().authority().cloned(),
    };
    authority.is_some_and(|authority: Authority| matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]"))
}
