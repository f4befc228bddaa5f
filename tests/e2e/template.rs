//! `template.yaml` against the code and the contract: routes, environment, roles, queue, table, and the sample events.
//!
//! The lists are written by hand. The template is read as the text it is: two spaces a level, one statement's actions on
//! one line. What is written in another shape is not found, and fails.

use anyhow::{Context, Result, bail, ensure};
use domain::EventKind;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each function, and whether it runs flows.
const FUNCTIONS: [(&str, bool); 6] =
    [("Close", true), ("Events", true), ("Handoff", true), ("Reply", true), ("Resolve", true), ("Webhook", false)];
const ROUTES: [&str; 2] = ["POST /webhooks/hubspot", "POST /webhooks/hubspot/{org}/{key}"];

const QUEUE: &str = "!GetAtt EventsQueue.Arn";
const TABLE: &str = "!GetAtt Table.Arn";
const STORIES: &str = "!Sub ${Table.Arn}/index/gsi2";
const SECRET: &str = "!Ref Secret";
const CLOSE: &str =
    "!Sub arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-close";
const CLOSES: &str =
    "!Sub arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${ScheduleGroup}/close-*";
const RETURNS: &str =
    "!Sub arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${ScheduleGroup}/return-*";
const TIMER_ROLE: &str = "!GetAtt SchedulerRole.Arn";

const LOG: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];
const READ_SECRET: &[&str] = &["secretsmanager:GetSecretValue"];
const SET_TIMER: &[&str] = &["scheduler:CreateSchedule"];
const REMOVE_TIMER: &[&str] = &["scheduler:DeleteSchedule"];
const PASS_ROLE: &[&str] = &["iam:PassRole"];
const SEND: &[&str] = &["sqs:SendMessage"];
const QUERY: &[&str] = &["dynamodb:Query"];
const WRITE: &[&str] = &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
const WRITE_AND_LIST: &[&str] =
    &["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
const WRITE_LIST_AND_DELETE: &[&str] =
    &["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
const RECEIVE: &[&str] =
    &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"];

/// Where, and what there.
type Permissions = &'static [(&'static str, &'static [&'static str])];

const ROLES: [(&str, Permissions); 7] = [
    ("Webhook", &[(QUEUE, SEND), (SECRET, READ_SECRET), ("!GetAtt WebhookLogs.Arn", LOG)]),
    (
        "Events",
        &[
            (QUEUE, RECEIVE),
            (TABLE, WRITE_LIST_AND_DELETE),
            (STORIES, QUERY),
            (CLOSES, SET_TIMER),
            (RETURNS, SET_TIMER),
            (CLOSES, REMOVE_TIMER),
            (TIMER_ROLE, PASS_ROLE),
            (SECRET, READ_SECRET),
            ("!GetAtt EventsLogs.Arn", LOG),
        ],
    ),
    ("Handoff", &[(TABLE, WRITE_AND_LIST), (STORIES, QUERY), (SECRET, READ_SECRET), ("!GetAtt HandoffLogs.Arn", LOG)]),
    ("Reply", &[(TABLE, WRITE_AND_LIST), (STORIES, QUERY), (SECRET, READ_SECRET), ("!GetAtt ReplyLogs.Arn", LOG)]),
    (
        "Resolve",
        &[
            (TABLE, WRITE),
            (CLOSES, SET_TIMER),
            (CLOSES, REMOVE_TIMER),
            (TIMER_ROLE, PASS_ROLE),
            (SECRET, READ_SECRET),
            ("!GetAtt ResolveLogs.Arn", LOG),
        ],
    ),
    (
        "Close",
        &[
            (TABLE, WRITE),
            (CLOSES, SET_TIMER),
            (TIMER_ROLE, PASS_ROLE),
            ("!GetAtt CloseFailureQueue.Arn", SEND),
            (SECRET, READ_SECRET),
            ("!GetAtt CloseLogs.Arn", LOG),
        ],
    ),
    // AWS sends what a schedule could not deliver as the schedule's role.
    ("Scheduler", &[(QUEUE, SEND), ("!GetAtt ScheduleDeadLetterQueue.Arn", SEND), (CLOSE, &["lambda:InvokeFunction"])]),
];

#[test]
fn the_contracts_routes_lead_to_the_door() -> Result<()> {
    let template = Template::read()?;
    let routes = template.of_type("AWS::ApiGatewayV2::Route")?;
    let keys: BTreeSet<_> = routes.iter().filter_map(|route| value(route, "RouteKey: ")).collect();
    assert_eq!(keys, BTreeSet::from(ROUTES));
    for route in &routes {
        assert_eq!(value(route, "Target: "), Some("!Sub integrations/${WebhookIntegration}"));
    }
    has(&template.resource("WebhookIntegration")?, "IntegrationUri: !GetAtt WebhookFunction.Arn");
    has(&template.resource("WebhookIntegration")?, "PayloadFormatVersion: '2.0'");
    // A stage's name would stand in the path, which HubSpot's signature covers.
    has(&template.resource("Stage")?, "StageName: $default");
    has(&template.resource("Stage")?, "ThrottlingRateLimit: !Ref ThrottleRate");
    Ok(())
}

#[test]
fn every_function_is_built_from_its_own_package() -> Result<()> {
    let template = Template::read()?;
    let folders = root().join("functions").read_dir()?.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let folders: BTreeSet<String> = folders.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    assert_eq!(folders, FUNCTIONS.iter().map(|(name, _)| name.to_lowercase()).collect());
    assert_eq!(template.of_type("AWS::Serverless::Function")?.len(), FUNCTIONS.len());
    for (name, _) in FUNCTIONS {
        let (function, package) = (template.resource(&format!("{name}Function"))?, name.to_lowercase());
        has(&function, "BuildMethod: rust-cargolambda");
        has(&function, &format!("BuildProperties: {{ Binary: {package} }}"));
        has(&function, &format!("CodeUri: functions/{package}"));
        has(&function, &format!("FunctionName: !Sub ${{AWS::StackName}}-{package}"));
        has(&function, &format!("Role: !GetAtt {name}Role.Arn"));
    }
    Ok(())
}

#[test]
fn every_function_finds_what_it_cannot_start_without() -> Result<()> {
    let template = Template::read()?;
    for (name, _) in FUNCTIONS {
        let reads = runtime::variables::FUNCTIONS.iter().find(|(function, _)| *function == name.to_lowercase());
        let (_, reads) = reads.with_context(|| format!("find the variables of {name}"))?;
        let given = template.environment(name)?;
        for variable in reads.needed.iter().chain(reads.with_scheduler) {
            assert!(given.contains(*variable), "{name} has no {variable}");
        }
    }
    Ok(())
}

#[test]
fn every_role_may_do_what_the_list_says() -> Result<()> {
    let template = Template::read()?;
    assert_eq!(template.of_type("AWS::IAM::Role")?.len(), ROLES.len());
    for way_around in ["AWS::IAM::Policy", "ManagedPolic", "NotAction", "NotResource", "AWS::SQS::QueuePolicy"] {
        assert!(!template.0.contains(way_around), "{way_around}");
    }
    for (name, permissions) in ROLES {
        let role = template.resource(&format!("{name}Role"))?;
        let pairs =
            permissions.iter().flat_map(|(place, acts)| acts.iter().map(move |act| format!("{act} on {place}")));
        assert_eq!(granted(&role)?, pairs.collect(), "what {name} may do");
        let passes = permissions.iter().any(|(_, acts)| *acts == PASS_ROLE);
        let bound = "Condition: { StringEquals: { 'iam:PassedToService': scheduler.amazonaws.com } }";
        assert_eq!(role.iter().any(|line| line.trim() == bound), passes, "{name} passes a role to the scheduler alone");
    }
    Ok(())
}

#[test]
fn the_queue_is_what_the_flows_rely_on() -> Result<()> {
    let template = Template::read()?;
    let queue = template.resource("EventsQueue")?;
    for line in [
        "FifoQueue: true",
        "DeduplicationScope: messageGroup",
        "FifoThroughputLimit: perMessageGroupId",
        "ContentBasedDeduplication: true",
        "VisibilityTimeout: 150",
        "SqsManagedSseEnabled: true",
        "deadLetterTargetArn: !GetAtt EventsDeadLetterQueue.Arn",
        "maxReceiveCount: 1000",
    ] {
        has(&queue, line);
    }
    has(&template.resource("EventsDeadLetterQueue")?, "FifoQueue: true");
    let source = template.resource("EventsSource")?;
    has(&source, "BatchSize: 1");
    has(&source, "FunctionResponseTypes: [ReportBatchItemFailures]");
    has(&source, "ScalingConfig: { MaximumConcurrency: !Ref EventsConcurrency }");
    let bridge_run = flows::Timing::default().run.as_secs();
    for (name, _) in FUNCTIONS.iter().filter(|(_, flows)| *flows) {
        let function = template.resource(&format!("{name}Function"))?;
        let timeout: u64 = value(&function, "Timeout: ").context("find a timeout")?.parse()?;
        assert!((bridge_run + 5..150).contains(&timeout), "{name} ends after {timeout} s, a run after {bridge_run} s");
    }
    has(&template.resource("CloseInvokeConfig")?, "OnFailure: { Destination: !GetAtt CloseFailureQueue.Arn }");
    Ok(())
}

#[test]
fn the_table_is_the_one_the_store_makes() -> Result<()> {
    let template = Template::read()?;
    let table = template.resource("Table")?;
    for line in [
        "BillingMode: PAY_PER_REQUEST",
        "- { AttributeName: pk, KeyType: HASH }",
        "- { AttributeName: sk, KeyType: RANGE }",
        "TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }",
        "PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }",
        "SSESpecification: { SSEEnabled: true, SSEType: KMS }",
        "DeletionProtectionEnabled: !Ref DeletionProtection",
    ] {
        has(&table, line);
    }
    let indexes = block(&table, "GlobalSecondaryIndexes:")?.join("\n");
    let index = |name: &str, projection: &str| {
        let keys = [
            format!("{{ AttributeName: {name}pk, KeyType: HASH }}"),
            format!("{{ AttributeName: {name}sk, KeyType: RANGE }}"),
        ];
        let [hash, range] = keys;
        let pad = " ".repeat(10);
        format!(
            "{p}- IndexName: {name}\n{pad}KeySchema:\n{pad}  - {hash}\n{pad}  - {range}\n{pad}Projection: {{ {projection} }}",
            p = " ".repeat(8)
        )
    };
    let expected = [
        index("gsi1", "ProjectionType: KEYS_ONLY"),
        index("gsi2", "ProjectionType: INCLUDE, NonKeyAttributes: [state, due]"),
        index("gsi3", "ProjectionType: INCLUDE, NonKeyAttributes: [lifecycle_epoch]"),
    ];
    assert_eq!(indexes, expected.join("\n"));
    Ok(())
}

#[test]
fn the_secrets_first_content_holds_no_key() -> Result<()> {
    let template = Template::read()?;
    let secret = template.resource("Secret")?;
    let content = value(&secret, "SecretString: ").context("find the content")?.trim_matches('\'');
    let refusal = runtime::BundleSecret::parse(content).err().context("refuse a secret without keys")?;
    assert_eq!(refusal.to_string(), "read the secret: keyring is empty");
    Ok(())
}

#[test]
fn every_sample_is_what_its_function_takes() -> Result<()> {
    let webhook = sample("webhook")?;
    assert_eq!(webhook["routeKey"], ROUTES[1]);
    let batch = hubspot::parse_batch(webhook["body"].as_str().context("find the body")?.as_bytes())?;
    ensure!(batch.events.len() == 1 && batch.ignored == 0 && batch.unreadable == 0, "one event, understood");

    let record = &sample("events")?["Records"][0];
    let body: flows::Envelope = serde_json::from_str(record["body"].as_str().context("find the message")?)?;
    assert_eq!(body.schema, flows::MESSAGE_SCHEMA);
    let flows::Message::Event { door: flows::Door::SignedUrl { org, nonce }, event, .. } = body.message else {
        bail!("the message is no event of a signed URL")
    };
    assert!(matches!(event.kind, EventKind::MessageReceived { .. }));
    assert_eq!(batch.events.first(), Some(&event), "the queue holds what the door took");
    assert_eq!(record["attributes"]["MessageGroupId"], event.queue_group());
    let dedup_id = event.dedup_key().digest(&format!("{org}#{nonce}"));
    assert_eq!(record["attributes"]["MessageDeduplicationId"], dedup_id);

    serde_json::from_value::<flows::HandoffRequest>(sample("handoff")?).context("read the handoff")?;
    serde_json::from_value::<flows::ReplyRequest>(sample("reply")?).context("read the reply")?;
    serde_json::from_value::<flows::ResolveRequest>(sample("resolve")?).context("read the resolve")?;
    serde_json::from_value::<flows::PendingClose>(sample("close")?).context("read the close")?;
    Ok(())
}

/// `sam local` overrides only what the template names.
#[test]
fn the_environment_of_sam_local_is_the_templates() -> Result<()> {
    let template = Template::read()?;
    let local = json("infra/aws/env.json")?;
    assert_eq!(local.as_object().map(serde_json::Map::len), Some(FUNCTIONS.len()));
    for (name, _) in FUNCTIONS {
        let given = local[format!("{name}Function")].as_object().context("find a function")?;
        assert_eq!(given.keys().cloned().collect::<BTreeSet<_>>(), template.environment(name)?, "{name}");
    }
    Ok(())
}

struct Template(String);

impl Template {
    fn read() -> Result<Self> {
        Ok(Self(std::fs::read_to_string(root().join("template.yaml"))?))
    }

    /// Without comments and empty lines.
    fn resources(&self) -> Result<Vec<&str>> {
        let lines: Vec<_> = self.0.lines().filter(|l| !l.trim().is_empty() && !l.trim().starts_with('#')).collect();
        block(&lines, "Resources:")
    }

    fn resource(&self, name: &str) -> Result<Vec<&str>> {
        block(&self.resources()?, &format!("{name}:"))
    }

    fn of_type(&self, kind: &str) -> Result<Vec<Vec<&str>>> {
        let lines = self.resources()?;
        let names = lines.iter().filter(|line| depth(line) == 2).map(|line| line.trim());
        let all = names.map(|name| block(&lines, name)).collect::<Result<Vec<_>>>()?;
        Ok(all.into_iter().filter(|resource| value(resource, "Type: ") == Some(kind)).collect())
    }

    fn environment(&self, function: &str) -> Result<BTreeSet<String>> {
        let function = self.resource(&format!("{function}Function"))?;
        let names = block(&function, "Variables:")?.into_iter().filter_map(|line| line.trim().split_once(':'));
        Ok(names.map(|(name, _)| name.to_owned()).collect())
    }
}

/// The lines below the first `head`, as far as they are deeper.
fn block<'a>(lines: &[&'a str], head: &str) -> Result<Vec<&'a str>> {
    let mut rest = lines.iter().copied().skip_while(|line| line.trim() != head);
    let level = depth(rest.next().with_context(|| format!("find `{head}`"))?);
    Ok(rest.take_while(|line| depth(line) > level).collect())
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn value<'a>(lines: &[&'a str], key: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| line.trim().strip_prefix(key))
}

fn has(lines: &[&str], wanted: &str) {
    assert!(lines.iter().any(|line| line.trim() == wanted), "`{wanted}` is not in:\n{}", lines.join("\n"));
}

/// `<action> on <resource>` for all that a role's statements allow.
fn granted(role: &[&str]) -> Result<BTreeSet<String>> {
    let (mut actions, mut found, mut statements, mut used) = (Vec::new(), BTreeSet::new(), 0, 0);
    let mut listing = false;
    for line in block(role, "Policies:")?.into_iter().map(str::trim) {
        let entry = line.strip_prefix("- ").filter(|_| listing && !line.starts_with("- Effect"));
        let place = line.strip_prefix("Resource: ").or(entry);
        listing = line == "Resource:" || entry.is_some();
        statements += usize::from(line == "- Effect: Allow");
        if let Some(list) = line.strip_prefix("Action: [").and_then(|list| list.strip_suffix(']')) {
            actions = list.split(", ").collect();
            used += 1;
        } else if let Some(place) = place {
            found.extend(actions.iter().map(|action| format!("{action} on {place}")));
        } else {
            let known = ["- Effect: Allow", "Resource:", "PolicyDocument:", "Statement:", "Version: '2012-10-17'"];
            let known = known.contains(&line) || line.starts_with("- PolicyName: ") || line.starts_with("Condition: {");
            ensure!(known, "a role's line that cannot be read: {line}");
        }
    }
    ensure!(statements == used, "{statements} statements and {used} lists of actions");
    Ok(found)
}

fn sample(function: &str) -> Result<Value> {
    json(&format!("infra/aws/events/{function}.json"))
}

fn json(path: &str) -> Result<Value> {
    let text = std::fs::read_to_string(root().join(path)).with_context(|| format!("read {path}"))?;
    serde_json::from_str(&text).with_context(|| format!("read {path}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
