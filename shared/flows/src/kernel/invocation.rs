//! An invocation by the OpenCX backend as a claimed job: a repeated request has one effect and one stored answer.

use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::tenant::Tenant;
use domain::{OrgId, Reason};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use store::{Claim, Index, Release, Run, Seed, Work};

/// Stored answers are kept this long.
const ANSWER_RETENTION: Duration = Duration::from_secs(30 * 86_400);

/// The organization and a new run for it. Nothing is claimed yet.
pub(crate) async fn begin<'a>(bridge: &'a Bridge, org: &OrgId) -> Result<(Tenant<'a>, Run), InvokeError> {
    let run = bridge.new_run();
    let tenant = bridge.tenant(org, &run).await?;
    Ok((tenant, run))
}

/// The result of a claim.
pub(crate) enum Begun<'a, A> {
    /// This run holds the job.
    Mine(Box<Job<'a>>),
    /// The job is done already: its stored answer.
    Answered(A),
}

/// Claims `work`, or finds its stored answer.
pub(crate) async fn claim<A: DeserializeOwned>(
    tenant: Tenant<'_>,
    run: Run,
    work: Work,
    index: Index,
) -> Result<Begun<'_, A>, FlowError> {
    let bridge = tenant.bridge;
    let seed =
        Seed { created_at: bridge.clock.now(), body: None, index, retention: ANSWER_RETENTION, label: label(&work) };
    match bridge.store.claim(&work, &run, &seed).await? {
        Claim::Won(won) => Ok(Begun::Mine(Box::new(Job::new(tenant, work, run, won)))),
        Claim::Done(outcome) => match outcome.answer.as_deref().map(serde_json::from_str) {
            Some(Ok(answer)) => Ok(Begun::Answered(answer)),
            Some(Err(_)) | None => Err(FlowError::Impossible {
                reason: Reason::Poison,
                message: "the stored answer of this request cannot be read".to_owned(),
            }),
        },
        Claim::Busy { until } | Claim::Delayed { until } => {
            let (after, why) = (bridge.next_look_at_busy(until), "the same request is running");
            Err(FlowError::Wait { after, reason: Reason::Duplicate, why })
        }
        Claim::Parked => Err(FlowError::HubSpot(hubspot::HubSpotError::Unauthorized { expired: false })),
    }
}

fn label(work: &Work) -> String {
    match work {
        Work::Delivery { .. } => "event".to_owned(),
        Work::Request { function, .. } => function.to_string(),
        Work::Handoff { .. } => "handoff".to_owned(),
    }
}

/// Stores the answer of a claimed job. After an error the claim is given back, and a repeat of the request goes on.
pub(crate) async fn settle<A: Serialize>(
    job: &Job<'_>,
    result: Result<(A, Completion), FlowError>,
) -> Result<A, FlowError> {
    match result {
        Ok((answer, completion)) => {
            job.finish(completion, serde_json::to_string(&answer).ok()).await?;
            Ok(answer)
        }
        Err(error) => {
            let reason = match error.decision() {
                RetryDecision::NotMine => return Err(error),
                RetryDecision::Again { reason, .. }
                | RetryDecision::Never { reason }
                | RetryDecision::Park { reason } => reason,
            };
            tracing::warn!(error = %error, "an invocation failed; a repeat goes on where it stopped");
            job.write_kept().await?;
            let release = Release { due: job.now(), reason, unexpected: false, message: error.to_string() };
            job.tenant.bridge.store.release(&job.work, &job.run, &release).await?;
            Err(error)
        }
    }
}
