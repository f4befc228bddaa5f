use super::{Assignment, OwnershipChange, judge_assignment};
use crate::{ActorId, AiState, Reason, Settings, ThreadOwner};
use jiff::Timestamp;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + milliseconds).unwrap()
}

/// At second 100 the thread is assigned to `to`; the AI user is `A-7`.
fn check(rule: &str, to: &str, change: impl FnOnce(&mut Assignment<'_>), expected: &Result<OwnershipChange, Reason>) {
    let settings = Settings { ai_user: ActorId::parse("A-7").ok(), ..Settings::default() };
    let assignee = ActorId::parse(to).ok();
    let mut assignment = Assignment {
        owner: ThreadOwner::of(assignee.as_ref(), &settings),
        occurred_at: at(100_000),
        assist_mode: false,
        ai: AiState::Active,
        last_change_at: None,
        own_assignment_at: None,
    };
    change(&mut assignment);
    assert_eq!(judge_assignment(&assignment), *expected, "{rule}");
}

const TAKEN: &Result<OwnershipChange, Reason> = &Ok(OwnershipChange::TakenOver);
const GIVEN: &Result<OwnershipChange, Reason> = &Ok(OwnershipChange::GivenBack);
const SAME: &Result<OwnershipChange, Reason> = &Ok(OwnershipChange::Unchanged);

#[test]
fn every_rule_of_taking_over() {
    check("assigned away from the AI user", "A-100", |_| {}, TAKEN);
    check("ownership changes pause the AI at once", "A-100", |a| a.last_change_at = Some(at(0)), TAKEN);
    check("unless Assist Mode is enabled", "A-100", |a| a.assist_mode = true, SAME);
    check("a workflow had paused it", "A-100", |a| a.ai = AiState::Paused, TAKEN);
    check("handed off already", "A-100", |a| a.ai = AiState::HandedOff, SAME);
    check("to a bot", "B-3", |_| {}, TAKEN);
    check("to HubSpot's own AI", "L-3", |_| {}, TAKEN);
    check("unassigned", "", |_| {}, SAME);
    check("unassigned after a handoff", "", |a| a.ai = AiState::HandedOff, SAME);
}

#[test]
fn every_rule_of_giving_back() {
    check("reassign to the AI user to resume", "A-7", |a| a.ai = AiState::HandedOff, GIVEN);
    check("a paused AI resumes", "A-7", |a| a.ai = AiState::Paused, GIVEN);
    check("under Assist Mode", "A-7", |a| (a.ai, a.assist_mode) = (AiState::HandedOff, true), GIVEN);
    check("it has it already", "A-7", |_| {}, &Ok(OwnershipChange::Confirmed));
    check("it has it, by our own post", "A-7", |a| a.own_assignment_at = Some(at(100_000)), SAME);
}

#[test]
fn assignments_that_we_cause_change_nothing() {
    let ours = |own: i64, expected| {
        let change = |a: &mut Assignment<'_>| (a.ai, a.own_assignment_at) = (AiState::HandedOff, Some(at(own)));
        check(&format!("caused by our post at {own} ms"), "A-7", change, expected);
    };
    ours(100_000, SAME);
    ours(102_000, SAME);
    ours(102_001, GIVEN);
    ours(70_000, SAME);
    ours(69_999, GIVEN);
    let change = |a: &mut Assignment<'_>| a.own_assignment_at = Some(at(100_000));
    check("a person takes over while we post", "A-100", change, TAKEN);
}

#[test]
fn an_older_change_never_overrules_a_newer_one() {
    check("older", "A-100", |a| a.last_change_at = Some(at(100_001)), &Err(Reason::StaleChange));
    check(
        "older, to the AI",
        "A-7",
        |a| (a.ai, a.last_change_at) = (AiState::HandedOff, Some(at(100_001))),
        &Err(Reason::StaleChange),
    );
    check("the same moment", "A-100", |a| a.last_change_at = Some(at(100_000)), TAKEN);
}
