//! `/api/stats`: figures for the charts.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use jiff::SignedDuration;
use lambda_http::http::Method;

/// Without a beginning, the last day is meant.
const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["stats"]) => Box::pin(stats(call)),
        _ => return None,
    })
}

async fn stats(call: &Call<'_>) -> Result<Reply, Problem> {
    let to = call.parsed("to")?.unwrap_or(call.now);
    let from = call.parsed("from")?.unwrap_or(to - DAY);
    if from > to {
        return Err(Problem::field("from", "`from` is after `to`"));
    }
    let stats = operations::read_stats(&call.connect.bridge, &call.admin.org, from, to).await;
    let stats = stats.map_err(|error| Problem::internal("read the figures", &error))?;
    let stats = serde_json::to_value(stats).map_err(|error| Problem::internal("write the figures", &error))?;
    Ok(Reply::json(&stats))
}
