//! `/api`: one file per group of routes. All need an admin token, and see the token's organization only.

mod audit;
mod connection;
mod crm;
mod deliveries;
mod diagnostics;
pub(crate) mod oauth;
mod privacy;
mod repair;
mod settings;
mod signatures;
mod stats;
mod teammates;
mod view;

use crate::call::{Answer, Call};
use crate::problem::Problem;
use crate::{Connect, Reply};
use lambda_http::Request;
use lambda_http::http::{Method, StatusCode, header};
use runtime::TokenRefused;

/// A group's routes: what it does with this method and path, if anything. Nothing happens before the answer is awaited.
type Group = for<'c> fn(&'c Call<'c>) -> Option<Answer<'c>>;

/// All groups. A further one is one more line.
const GROUPS: &[Group] = &[
    audit::route,
    connection::route,
    oauth::route,
    settings::route,
    teammates::route,
    crm::route,
    deliveries::route,
    diagnostics::route,
    privacy::route,
    repair::route,
    signatures::route,
    stats::route,
];

const METHODS: [Method; 5] = [Method::GET, Method::PUT, Method::POST, Method::PATCH, Method::DELETE];

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
    if let Some(answer) = find(&call) {
        return answer.await;
    }
    for method in METHODS {
        call.method = method;
        if find(&call).is_some() {
            return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this cannot be done here with that method"));
        }
    }
    Err(Problem::not_found("such call"))
}

fn find<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    GROUPS.iter().find_map(|group| group(call))
}
