//! What each role may do: what `runtime::functions` says, nothing besides. Beside its rights every function reads the
//! secret and writes its own log.

use super::FUNCTIONS;
use super::yaml::Template;
use anyhow::{Context, Result, bail, ensure};
use runtime::functions::{self, FunctionSpec, QueueRight, TableRight, TimerRight};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const QUEUE: &str = "EventsQueue.Arn";
const BY_DAY: &str = "gsi1";
const BY_OBJECT: &str = "gsi2";
const BY_DUE: &str = "gsi3";
const CLOSE: &str = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-close";
const EVENTS: &str = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-events";
const CLOSES: &str =
    "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${ScheduleGroup}/close-*";
const RETURNS: &str =
    "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${ScheduleGroup}/return-*";

const SEND: &[&str] = &["sqs:SendMessage"];
const RECEIVE: &[&str] =
    &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"];

/// What, where, and under which condition of the template ("" is always).
type Permission = (String, &'static str, &'static str);

/// What a function's rights in `runtime::functions` are in IAM's words.
fn permissions(function: &FunctionSpec) -> Vec<Permission> {
    let mut found = Vec::new();
    let mut may = |acts: &[&str], place, when| found.extend(acts.iter().map(|act| ((*act).to_owned(), place, when)));
    for right in function.queue {
        match right {
            QueueRight::Send => may(SEND, QUEUE, ""),
            QueueRight::Receive => {
                may(RECEIVE, QUEUE, "");
                may(RECEIVE, "EventsDeadLetterQueue.Arn", "");
                may(RECEIVE, "DelayQueue.Arn", "DelaysBySqs");
            }
            QueueRight::Count => {
                may(&["sqs:GetQueueAttributes"], QUEUE, "");
                may(&["sqs:GetQueueUrl", "sqs:GetQueueAttributes"], "EventsDeadLetterQueue.Arn", "");
            }
        }
    }
    for right in function.timers {
        match right {
            TimerRight::SetReturn => {
                may(&["scheduler:CreateSchedule"], RETURNS, "DelaysByScheduler");
                may(SEND, "DelayQueue.Arn", "DelaysBySqs");
            }
            TimerRight::SetClose => {
                may(&["scheduler:CreateSchedule"], CLOSES, "DelaysByScheduler");
                may(SEND, "CloseQueue.Arn", "DelaysBySqs");
                may(&["iam:PassRole"], "SchedulerRole.Arn", "DelaysByScheduler");
            }
        }
    }
    for right in function.table {
        match right {
            TableRight::QueryIndex(BY_DAY) => may(&["dynamodb:Query"], "${Table.Arn}/index/gsi1", ""),
            TableRight::QueryIndex(BY_OBJECT) => may(&["dynamodb:Query"], "${Table.Arn}/index/gsi2", ""),
            TableRight::QueryIndex(BY_DUE) => may(&["dynamodb:Query"], "${Table.Arn}/index/gsi3", ""),
            right => may(&[&format!("dynamodb:{right:?}")], "Table.Arn", ""),
        }
    }
    // A timer starts `close`, or fills its queue; what it fails at is kept.
    if function.name == "close" {
        may(RECEIVE, "CloseQueue.Arn", "DelaysBySqs");
        may(SEND, "CloseFailureQueue.Arn", "");
    }
    found
}

/// AWS sends what a schedule could not deliver as the schedule's role.
const SCHEDULER: [(&str, &str); 4] = [
    ("sqs:SendMessage", QUEUE),
    ("sqs:SendMessage", "ScheduleDeadLetterQueue.Arn"),
    ("lambda:InvokeFunction", CLOSE),
    ("lambda:InvokeFunction", EVENTS),
];

#[test]
fn every_role_may_do_what_the_table_of_rights_says() -> Result<()> {
    let template = Template::read()?;
    let roles: BTreeSet<_> = template.of_type("AWS::IAM::Role")?.into_iter().map(|(name, _)| name).collect();
    let listed = FUNCTIONS.map(|name| format!("{name}Role"));
    assert_eq!(roles, listed.iter().map(String::as_str).chain(["SchedulerRole"]).collect());
    for function in functions::FUNCTIONS {
        let name = super::capital(function.name);
        let logs = format!("{name}Logs.Arn");
        let own = [
            ("Secret.Id", "secretsmanager:GetSecretValue"),
            (&logs, "logs:CreateLogStream"),
            (&logs, "logs:PutLogEvents"),
        ];
        let own = own.map(|(place, act)| format!("{act} on {place}"));
        let role = template.properties(&format!("{name}Role"))?;
        assert_eq!(granted(role)?, pairs(permissions(&function)).chain(own).collect(), "what {name} may do");
        assert_eq!(trusted(role), (json!({ "Service": "lambda.amazonaws.com" }), Value::Null), "who may be {name}");
    }
    let scheduler = template.properties("SchedulerRole")?;
    assert_eq!(
        granted(scheduler)?,
        pairs(SCHEDULER.map(|(act, place)| (act.to_owned(), place, ""))).collect(),
        "what schedules may do"
    );
    let only_ours = json!({ "StringEquals": {
        "aws:SourceAccount": { "Ref": "AWS::AccountId" }, "aws:SourceArn": { "Fn::GetAtt": "ScheduleGroup.Arn" },
    } });
    assert_eq!(trusted(scheduler), (json!({ "Service": "scheduler.amazonaws.com" }), only_ours));
    Ok(())
}

/// An asterisk only where AWS leaves no choice: schedules' names, and X-Ray, which has no resources.
#[test]
fn no_permission_is_wider_than_it_looks() -> Result<()> {
    let template = Template::read()?;
    for (kind, name) in [
        ("AWS::IAM::ManagedPolicy", None),
        ("AWS::SQS::QueuePolicy", None),
        ("AWS::IAM::Policy", Some("TracingPolicy")),
    ] {
        let found: Vec<_> = template.of_type(kind)?.into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, name.into_iter().collect::<Vec<_>>(), "{kind}");
    }
    for (name, role) in template.of_type("AWS::IAM::Role")? {
        let keys: BTreeSet<_> = role.as_object().context("read a role")?.keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["AssumeRolePolicyDocument", "Policies"]), "{name}");
    }
    for (_, function) in template.of_type("AWS::Serverless::Function")? {
        assert!(function.get("Policies").is_none() && function.get("Events").is_none(), "{function}");
    }
    let tracing = template.properties("TracingPolicy")?;
    let roles: Vec<_> = FUNCTIONS.iter().map(|name| json!({ "Ref": format!("{name}Role") })).collect();
    let listed = tracing["Roles"].as_array().context("find the traced roles")?;
    assert!(roles.iter().all(|role| listed.contains(role)) && roles.len() == listed.len(), "{listed:?}");
    let traces = ["xray:PutTraceSegments on *", "xray:PutTelemetryRecords on *"].map(str::to_owned);
    assert_eq!(granted(&json!({ "Policies": [tracing] }))?, BTreeSet::from(traces));
    assert_eq!(template.section("Resources")?["TracingPolicy"]["Condition"], "Traced");
    Ok(())
}

/// Who may invoke: API Gateway over the public routes, OpenCX the five functions it invokes.
#[test]
fn nobody_else_may_invoke_a_function() -> Result<()> {
    let template = Template::read()?;
    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, permission) in template.of_type("AWS::Lambda::Permission")? {
        let function = permission["FunctionName"]["Ref"].as_str().context("find whom")?.to_owned();
        let source = permission["SourceArn"]["Fn::Sub"].as_str().map(|arn| {
            arn.trim_start_matches("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}")
                .to_owned()
        });
        let who = match (&permission["Principal"], source) {
            (Value::String(gateway), Some(source)) if gateway == "apigateway.amazonaws.com" => source,
            (who, None) if *who == json!({ "Ref": "OpenCxInvoker" }) => "OpenCX".to_owned(),
            other => bail!("a permission that is not listed: {other:?}"),
        };
        given.entry(function).or_default().insert(who);
    }
    let opencx = ["Handoff", "Reply", "Resolve", "Sync", "Context"].map(|name| (name, vec!["OpenCX"]));
    let doors = [
        ("Webhook", vec!["/*/POST/webhooks/hubspot", "/*/POST/webhooks/hubspot/*/*"]),
        ("Actions", vec!["/*/POST/actions/hubspot/*"]),
        ("Connect", vec!["/*/*/api/*", "/*/GET/*"]),
    ];
    let expected = opencx
        .into_iter()
        .chain(doors)
        .map(|(name, who)| (format!("{name}Function"), who.into_iter().map(str::to_owned).collect::<BTreeSet<_>>()));
    assert_eq!(given, expected.collect());
    Ok(())
}

fn pairs(permissions: impl IntoIterator<Item = Permission>) -> impl Iterator<Item = String> {
    permissions.into_iter().map(|(act, place, when)| match when {
        "" => format!("{act} on {place}"),
        when => format!("{act} on {place} if {when}"),
    })
}

fn trusted(role: &Value) -> (Value, Value) {
    let statement = &role["AssumeRolePolicyDocument"]["Statement"][0];
    (statement["Principal"].clone(), statement["Condition"].clone())
}

/// `<action> on <resource>` for all that a role's statements allow, with ` if <condition>` where the template has one.
pub(super) fn granted(role: &Value) -> Result<BTreeSet<String>> {
    let policies = role["Policies"].as_array().context("find the policies")?;
    let statements = policies.iter().filter_map(|policy| policy["PolicyDocument"]["Statement"].as_array()).flatten();
    let mut found = BTreeSet::new();
    for statement in statements {
        let (when, statement) = match statement.get("Fn::If") {
            None => (String::new(), statement),
            Some(choice) => {
                ensure!(choice[2] == json!({ "Ref": "AWS::NoValue" }), "a statement with an alternative: {choice}");
                (format!(" if {}", choice[0].as_str().context("find the condition")?), &choice[1])
            }
        };
        let fields: BTreeSet<_> =
            statement.as_object().context("read a statement")?.keys().map(String::as_str).collect();
        ensure!(statement["Effect"] == "Allow", "a statement that does not allow: {statement}");
        ensure!(fields.is_subset(&BTreeSet::from(["Effect", "Action", "Resource", "Condition"])), "{fields:?}");
        let actions = statement["Action"].as_array().context("find the actions")?;
        let passes = *actions == [json!("iam:PassRole")];
        let bound = json!({ "StringEquals": { "iam:PassedToService": "scheduler.amazonaws.com" } });
        ensure!(
            statement.get("Condition") == passes.then_some(&bound),
            "a role is passed to the scheduler alone: {statement}"
        );
        let one = std::slice::from_ref(&statement["Resource"]);
        for place in statement["Resource"].as_array().map_or(one, Vec::as_slice) {
            let place = [place, &place["Fn::GetAtt"], &place["Fn::Sub"]].into_iter().find_map(Value::as_str);
            let place = place.with_context(|| format!("read the resource of {statement}"))?;
            for action in actions {
                found.insert(format!("{} on {place}{when}", action.as_str().context("read an action")?));
            }
        }
    }
    Ok(found)
}
