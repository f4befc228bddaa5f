use super::{ReturnTarget, ScheduleTargets, SchedulerDelays, close_name, expression, name};
use crate::SqsQueue;
use crate::wire::{Asked, Wire};
use domain::{DedupKey, OrgId, PortalId, SessionId, ThreadId};
use flows::{Delays as _, PendingClose, ThreadReturn};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use transport::VirtualClock;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn times_are_rounded_up_and_never_in_the_past() {
    let now = at("2026-11-20T10:00:00Z");
    let check = |wanted: &str, expected: &str| assert_eq!(expression(now, at(wanted)), expected);
    check("2026-11-20T10:00:15Z", "at(2026-11-20T10:00:15)");
    check("2026-11-20T10:00:15.001Z", "at(2026-11-20T10:00:16)");
    check("2026-11-20T09:59:00Z", "at(2026-11-20T10:00:01)");
    check("2026-11-20T10:00:00.2Z", "at(2026-11-20T10:00:01)");
}

#[test]
fn names_are_the_same_for_the_same_thing_and_fit() {
    assert_eq!(name("return", "org#key"), name("return", "org#key"));
    assert_ne!(name("return", "org#key"), name("return", "org#other"));
    assert_ne!(close_name(&close(0)), close_name(&close(1)));
    assert!(close_name(&close(1000)).len() <= 64);
}

fn close(attempt: u32) -> PendingClose {
    PendingClose {
        org: OrgId::parse("org_1").unwrap(),
        session: SessionId::parse("s").unwrap(),
        lifecycle_epoch: 3,
        attempt,
    }
}

fn thread() -> ThreadReturn {
    ThreadReturn {
        org: OrgId::parse("org_1").unwrap(),
        portal: PortalId::parse("12345").unwrap(),
        thread: ThreadId::parse("176347007").unwrap(),
        delivery: DedupKey::from_stored("message:m1"),
    }
}

/// Timers at 10:00:00 over AWS that answers so.
fn timers(answer: impl Fn(&Asked, usize) -> (u16, Value) + Send + Sync + 'static) -> (SchedulerDelays, Wire) {
    let wire = Wire::new(answer);
    let config = wire.config();
    let targets = ScheduleTargets {
        group: "group".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/scheduler".to_owned(),
        dlq_arn: Some("arn:aws:sqs:eu-central-1:123456789012:schedules-dead".to_owned()),
        close_function_arn: "arn:aws:lambda:eu-central-1:123456789012:function:close".to_owned(),
    };
    let queue = Arc::new(SqsQueue::new(aws_sdk_sqs::Client::new(&config), "http://aws.test/1/events.fifo".to_owned()));
    let returns = ReturnTarget { queue_arn: "arn:aws:sqs:eu-central-1:123456789012:events.fifo".to_owned(), queue };
    let clock = Arc::new(VirtualClock::starting_at(at("2026-11-20T10:00:00Z")));
    (SchedulerDelays::new(aws_sdk_scheduler::Client::new(&config), targets, Some(returns), clock), wire)
}

fn made() -> (u16, Value) {
    (200, json!({ "ScheduleArn": "arn:aws:scheduler:eu-central-1:123456789012:schedule/group/name" }))
}

fn refusal(kind: &str) -> (u16, Value) {
    (400, json!({ "__type": kind, "Message": "no" }))
}

#[tokio::test(start_paused = true)]
async fn a_return_is_a_schedule_of_its_own_into_the_threads_group() {
    let (timers, wire) = timers(|_, _| made());
    timers.return_at(&thread(), at("2026-11-20T10:00:05Z")).await.unwrap();
    let (path, body) = wire.asked().remove(0);
    let name = path.strip_prefix("POST /schedules/").unwrap();
    assert!(name.starts_with("return-") && name.len() <= 64, "{name}");
    assert_eq!(body["ClientToken"], name);
    assert_eq!(body["GroupName"], "group");
    assert_eq!(body["ScheduleExpression"], "at(2026-11-20T10:00:05)");
    assert_eq!(body["ScheduleExpressionTimezone"], "UTC");
    assert_eq!(body["FlexibleTimeWindow"], json!({ "Mode": "OFF" }));
    assert_eq!(body["ActionAfterCompletion"], "DELETE");
    let target = &body["Target"];
    assert_eq!(target["Arn"], "arn:aws:sqs:eu-central-1:123456789012:events.fifo");
    assert_eq!(target["RoleArn"], "arn:aws:iam::123456789012:role/scheduler");
    assert_eq!(target["SqsParameters"], json!({ "MessageGroupId": "12345:thread:176347007" }));
    assert_eq!(target["DeadLetterConfig"], json!({ "Arn": "arn:aws:sqs:eu-central-1:123456789012:schedules-dead" }));
    let message: flows::Envelope = serde_json::from_str(target["Input"].as_str().unwrap()).unwrap();
    assert_eq!(
        (message.message, message.due),
        (flows::QueueMessage::Return(thread()), Some(at("2026-11-20T10:00:05Z")))
    );
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_is_there_already_is_what_was_wanted() {
    let (timers, wire) = timers(|_, _| (409, json!({ "__type": "ConflictException", "Message": "exists" })));
    timers.return_at(&thread(), at("2026-11-20T10:00:05Z")).await.unwrap();
    timers.close_at(&close(0), at("2026-11-20T10:00:15Z")).await.unwrap();
    assert_eq!(wire.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_return_whose_time_is_refused_goes_into_the_queue_at_once() {
    let (timers, wire) = timers(|(operation, _), _| match operation.as_str() {
        "AmazonSQS.SendMessageBatch" => {
            (200, json!({ "Successful": [{ "Id": "0", "MessageId": "m", "MD5OfMessageBody": "" }], "Failed": [] }))
        }
        _ => refusal("ValidationException"),
    });
    timers.return_at(&thread(), at("2026-11-20T10:00:05Z")).await.unwrap();
    let sent = wire.asked().remove(1).1;
    assert_eq!(sent["Entries"][0]["MessageGroupId"], "12345:thread:176347007");
    assert_eq!(sent["Entries"][0]["MessageDeduplicationId"].as_str().unwrap().len(), 64);
}

#[tokio::test(start_paused = true)]
async fn a_close_whose_time_is_refused_is_set_surely_ahead() {
    let (timers, wire) = timers(|_, before| if before == 0 { refusal("ValidationException") } else { made() });
    timers.close_at(&close(2), at("2026-11-20T10:00:15Z")).await.unwrap();
    let asked = wire.asked();
    assert_eq!(asked[0].0, asked[1].0, "under the same name");
    assert!(asked[0].0.ends_with("-2"), "{}", asked[0].0);
    assert_eq!(asked[1].1["ScheduleExpression"], "at(2026-11-20T10:01:00)");
    let input: PendingClose = serde_json::from_str(asked[1].1["Target"]["Input"].as_str().unwrap()).unwrap();
    assert_eq!(input, close(2));
}

#[tokio::test(start_paused = true)]
async fn what_else_the_scheduler_says_is_a_failure_for_later() {
    let (timers, _) = timers(|_, _| (429, json!({ "__type": "ThrottlingException", "Message": "slow down" })));
    assert!(timers.close_at(&close(0), at("2026-11-20T10:00:15Z")).await.is_err());
}
