//! The timers on EventBridge Scheduler: one-time schedules with names of their own.

use crate::aws_error::causes;
use crate::delay_queue::return_message;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::SdkError;
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, SqsParameters, Target,
};
use domain::DedupKey;
use flows::{Delays, Envelope, PendingClose, PortError, Queue, QueueMessage, ThreadReturn};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use transport::Clock;

/// The group of the schedules, and the targets they start.
#[derive(Debug, Clone)]
pub struct ScheduleTargets {
    /// The schedule group.
    pub group: String,
    /// The role that the scheduler takes.
    pub role_arn: String,
    /// The dead-letter queue of schedules.
    pub dlq_arn: Option<String>,
    /// The `close` function.
    pub close_function_arn: String,
}

/// The target of returns, for a function that sets returns.
#[derive(Clone)]
pub struct ReturnTarget {
    /// The events queue, as the scheduler names it.
    pub queue_arn: String,
    /// The same queue: a return whose time the scheduler refuses goes there at once.
    pub queue: Arc<dyn Queue>,
}

/// EventBridge Scheduler. It fires within a minute after the time, never before.
#[derive(Clone)]
pub struct SchedulerDelays {
    client: Client,
    targets: ScheduleTargets,
    returns: Option<ReturnTarget>,
    clock: Arc<dyn Clock>,
}

/// The scheduler's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheduled {
    Yes,
    /// The scheduler refuses the request as it is: by its clock, the time has passed.
    Refused,
}

/// The scheduler's clock and ours differ by less than this.
const TIMER_SKEW: SignedDuration = SignedDuration::from_secs(60);

impl SchedulerDelays {
    /// Schedules through `client`.
    pub fn new(client: Client, targets: ScheduleTargets, returns: Option<ReturnTarget>, clock: Arc<dyn Clock>) -> Self {
        Self { client, targets, returns, clock }
    }

    async fn create(&self, name: &str, target: Target, at: Timestamp) -> Result<Scheduled, PortError> {
        let window =
            FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().map_err(|e| refused(&e))?;
        let request = self.client.create_schedule();
        let created = request
            .name(name)
            .client_token(name)
            .group_name(&self.targets.group)
            .schedule_expression(expression(self.clock.now(), at))
            .schedule_expression_timezone("UTC")
            .flexible_time_window(window)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target)
            .send();
        match created.await {
            Ok(_) => Ok(Scheduled::Yes),
            Err(SdkError::ServiceError(e)) => match e.err() {
                // The same timer is set already.
                CreateScheduleError::ConflictException(_) => Ok(Scheduled::Yes),
                CreateScheduleError::ValidationException(problem) => {
                    tracing::warn!(problem = problem.message(), "the scheduler refuses a timer");
                    Ok(Scheduled::Refused)
                }
                _ => Err(refused(&SdkError::ServiceError(e))),
            },
            Err(error) => Err(refused(&error)),
        }
    }

    fn target(&self, arn: &str) -> aws_sdk_scheduler::types::builders::TargetBuilder {
        let dead_letters = self.targets.dlq_arn.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build());
        Target::builder().arn(arn).role_arn(&self.targets.role_arn).set_dead_letter_config(dead_letters)
    }
}

fn refused(error: &dyn std::error::Error) -> PortError {
    PortError { action: "set a timer", problem: causes(error) }
}

/// Whole seconds, rounded up, and never in the past.
fn expression(now: Timestamp, at: Timestamp) -> String {
    let earliest = now + SignedDuration::from_secs(1);
    let at = at.max(earliest);
    let round = jiff::TimestampRound::new().smallest(jiff::Unit::Second).mode(jiff::RoundMode::Ceil);
    let at = at.round(round).unwrap_or(at);
    format!("at({})", at.to_string().trim_end_matches('Z'))
}

/// At most 64 characters of the allowed ones: a digest of what is scheduled.
fn name(kind: &str, of: &str) -> String {
    let mut digest = DedupKey::from_stored(of).digest(kind);
    digest.truncate(40);
    format!("{kind}-{digest}")
}

fn close_name(close: &PendingClose) -> String {
    let base = name("close", &format!("{}#{}#{}", close.org, close.session, close.lifecycle_epoch));
    if close.attempt == 0 { base } else { format!("{base}-{}", close.attempt) }
}

impl Delays for SchedulerDelays {
    fn return_at<'a>(&'a self, thread: &'a ThreadReturn, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let Some(ReturnTarget { queue_arn, queue }) = &self.returns else {
                return Err(PortError { action: "set a timer", problem: "this function sets no returns".to_owned() });
            };
            let sqs = SqsParameters::builder().message_group_id(thread.group()).build();
            let body = Envelope::timed(&QueueMessage::Return(thread.clone()), at);
            let target = self.target(queue_arn).sqs_parameters(sqs).input(body).build().map_err(|e| refused(&e))?;
            // With its time: one that has fired may still be there when the same delivery waits once more.
            let name = name("return", &format!("{}#{}#{}", thread.org, thread.delivery, at.as_second()));
            match self.create(&name, target, at).await? {
                Scheduled::Yes => Ok(()),
                Scheduled::Refused => queue.send(vec![return_message(thread, at)]).await,
            }
        })
    }

    fn close_at<'a>(&'a self, close: &'a PendingClose, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let input = serde_json::to_string(close).map_err(|e| refused(&e))?;
            let target = self.target(&self.targets.close_function_arn).input(input).build().map_err(|e| refused(&e))?;
            let name = close_name(close);
            if self.create(&name, target.clone(), at).await? == Scheduled::Yes {
                return Ok(());
            }
            match self.create(&name, target, self.clock.now() + TIMER_SKEW).await? {
                Scheduled::Yes => Ok(()),
                Scheduled::Refused => {
                    Err(PortError { action: "set a timer", problem: "the scheduler refuses it".to_owned() })
                }
            }
        })
    }
}

#[cfg(test)]
#[path = "scheduler_tests.rs"]
mod tests;
