//! What runs beside the functions: queues and what empties them, timers, the table, the secret, alarms, the dashboard.

use super::yaml::Template;
use super::{FUNCTIONS, root};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_queue_is_what_the_flows_rely_on() -> Result<()> {
    let template = Template::read()?;
    let queue = template.properties("EventsQueue")?;
    for (name, value) in [
        ("FifoQueue", json!(true)),
        ("DeduplicationScope", json!("messageGroup")),
        ("FifoThroughputLimit", json!("perMessageGroupId")),
        ("ContentBasedDeduplication", json!(true)),
        ("VisibilityTimeout", json!(150)),
        (
            "RedrivePolicy",
            json!({ "deadLetterTargetArn": { "Fn::GetAtt": "EventsDeadLetterQueue.Arn" }, "maxReceiveCount": 1000 }),
        ),
    ] {
        assert_eq!(queue[name], value, "{name}");
    }
    // AWS wants a FIFO queue behind a FIFO queue, and a standard one behind a standard one.
    assert_eq!(template.properties("EventsDeadLetterQueue")?["FifoQueue"], true);
    assert!(template.properties("ScheduleDeadLetterQueue")?.get("FifoQueue").is_none());
    for (name, queue) in template.of_type("AWS::SQS::Queue")? {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}");
    }
    for name in ["DelayQueue", "CloseQueue"] {
        let queue = template.properties(name)?;
        assert!(queue.get("FifoQueue").is_none(), "only standard queues delay single messages");
        assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"], "ScheduleDeadLetterQueue.Arn");
    }
    Ok(())
}

/// Every queue has its reader, and none that Lambda would refuse: a message stays hidden longer than its function runs.
#[test]
fn each_queue_is_emptied_by_its_function() -> Result<()> {
    let template = Template::read()?;
    let mut sources = Vec::new();
    for (name, source) in template.of_type("AWS::Lambda::EventSourceMapping")? {
        let queue =
            source["EventSourceArn"]["Fn::GetAtt"].as_str().context("find a source's queue")?.trim_end_matches(".Arn");
        let function = source["FunctionName"]["Ref"].as_str().context("find a source's function")?;
        let (batch, most) = (&source["BatchSize"], &source["ScalingConfig"]["MaximumConcurrency"]);
        assert_eq!(source["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{name}");
        ensure!(*most == json!({ "Ref": "EventsConcurrency" }) || most.as_u64() >= Some(2), "{name}: {most}");
        ensure!(source.get("MaximumBatchingWindowInSeconds").is_none(), "a FIFO queue takes none, and a person waits");
        ensure!(
            template.properties(queue)?["VisibilityTimeout"].as_u64()
                > template.properties(function)?["Timeout"].as_u64(),
            "{name}"
        );
        sources.push((queue, function, batch.as_u64().unwrap_or_default()));
    }
    sources.sort_unstable();
    let expected = [
        ("CloseQueue", "CloseFunction", 1),
        ("DelayQueue", "EventsFunction", 10),
        ("EventsDeadLetterQueue", "EventsFunction", 1),
        ("EventsQueue", "EventsFunction", 1),
    ];
    assert_eq!(sources, expected);
    Ok(())
}

/// Lambda stops a function that invokes itself through a queue 16 times in a row, and drops what it was about to do. Those
/// that wait by sending themselves another message have to be allowed it, and each says why; no other is, because there it
/// could only be a mistake.
#[test]
fn only_what_waits_by_sending_to_itself_may_loop() -> Result<()> {
    let template = Template::read()?;
    let sources = template.of_type("AWS::Lambda::EventSourceMapping")?;
    let sends_to_itself = |name: &str| -> Result<bool> {
        let granted = super::roles::granted(template.properties(&format!("{name}Role"))?)?;
        Ok(sources.iter().any(|(_, source)| {
            let queue = source["EventSourceArn"]["Fn::GetAtt"].as_str().unwrap_or_default();
            let sends = |grant: &String| grant.starts_with(&format!("sqs:SendMessage on {queue}"));
            source["FunctionName"]["Ref"] == format!("{name}Function") && granted.iter().any(sends)
        }))
    };
    for name in FUNCTIONS {
        let may = template.properties(&format!("{name}Function"))?.get("RecursiveLoop").and_then(Value::as_str);
        assert_eq!(may == Some("Allow"), ["Events", "Close"].contains(&name), "RecursiveLoop of {name}");
        assert_eq!(may.is_some(), sends_to_itself(name)?, "{name} sends to a queue that invokes it");
    }
    let text = std::fs::read_to_string(root().join("template.yaml"))?;
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let allowed = lines.windows(2).filter(|pair| pair.last().is_some_and(|line| line.starts_with("RecursiveLoop:")));
    let reasons: Vec<_> = allowed.filter_map(|pair| pair.first()).filter(|line| line.starts_with('#')).collect();
    assert_eq!(reasons.len(), 2, "a reason stands above each: {reasons:?}");
    Ok(())
}

#[test]
fn the_reconciler_is_started_with_what_events_takes() -> Result<()> {
    let template = Template::read()?;
    let schedule = template.properties("ReconcileSchedule")?;
    assert_eq!(schedule["ScheduleExpression"], "rate(5 minutes)");
    assert_eq!(schedule["FlexibleTimeWindow"]["Mode"], "OFF");
    let target = &schedule["Target"];
    assert_eq!(target["Arn"]["Fn::GetAtt"], "EventsFunction.Arn");
    assert_eq!(target["RoleArn"]["Fn::GetAtt"], "SchedulerRole.Arn");
    let sent: Value = serde_json::from_str(target["Input"].as_str().context("find the payload")?)?;
    assert_eq!(
        sent,
        super::json_file("infra/aws/events/events-reconcile.json")?,
        "the sample is what the schedule sends"
    );
    // The one place that tells it from a batch.
    let taken = std::fs::read_to_string(root().join("functions/events/src/lib.rs"))?;
    assert!(taken.contains(r#"json!({ "reconcile": true })"#) && sent == json!({ "reconcile": true }), "{sent}");
    let failures = &template.properties("CloseInvokeConfig")?["DestinationConfig"]["OnFailure"]["Destination"];
    assert_eq!(failures["Fn::GetAtt"], "CloseFailureQueue.Arn");
    Ok(())
}

#[test]
fn the_table_is_the_one_the_store_makes() -> Result<()> {
    let template = Template::read()?;
    let table = template.properties("Table")?;
    let keys = |prefix: &str| {
        json!([
            { "AttributeName": format!("{prefix}pk"), "KeyType": "HASH" },
            { "AttributeName": format!("{prefix}sk"), "KeyType": "RANGE" },
        ])
    };
    let index =
        |name: &str, projection: Value| json!({ "IndexName": name, "KeySchema": keys(name), "Projection": projection });
    let indexes = [
        index("gsi1", json!({ "ProjectionType": "KEYS_ONLY" })),
        index("gsi2", json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["state", "due"] })),
        index("gsi3", json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["lifecycle_epoch"] })),
    ];
    assert_eq!(table["KeySchema"], keys(""));
    assert_eq!(table["GlobalSecondaryIndexes"], json!(indexes));
    // The store's own words for the same.
    let store = std::fs::read_to_string(root().join("shared/store/src/table/create.rs"))?;
    let projected = r#"[(BY_DAY, &[]), (BY_OBJECT, &["state", "due"]), (BY_DUE, &["lifecycle_epoch"])]"#;
    assert!(store.contains(projected), "shared/store/src/table/create.rs projects something else now");
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["TimeToLiveSpecification"], json!({ "AttributeName": "expires_at", "Enabled": true }));
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["SSESpecification"], json!({ "SSEEnabled": true, "SSEType": "KMS" }));
    assert_eq!(table["DeletionProtectionEnabled"]["Ref"], "DeletionProtection");
    for resource in ["Table", "Secret"] {
        assert_eq!(template.section("Resources")?[resource]["DeletionPolicy"], "RetainExceptOnCreate", "{resource}");
    }
    Ok(())
}

#[test]
fn the_secrets_first_content_holds_no_key() -> Result<()> {
    let template = Template::read()?;
    let content = template.properties("Secret")?["SecretString"].as_str().context("find the content")?;
    let refusal = runtime::BundleSecret::parse(content).err().context("refuse a secret without keys")?;
    assert_eq!(refusal.to_string(), "read the secret: keyring is empty");
    Ok(())
}

#[test]
fn every_alarm_tells_whoever_wants_to_hear() -> Result<()> {
    let template = Template::read()?;
    let alarms = template.of_type("AWS::CloudWatch::Alarm")?;
    let names: BTreeSet<_> = alarms.iter().map(|(name, _)| name.trim_end_matches("Alarm")).collect();
    let expected = [
        "EventsDeadLetters",
        "ScheduleDeadLetters",
        "ScheduleFailures",
        "CloseFailures",
        "OldestMessage",
        "ReconnectRequired",
        "NotStored",
        "EventsErrorRate",
        "Errors",
        "Throttles",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    let topic = json!({ "Fn::If": ["HasAlarmTopic", [{ "Ref": "AlarmTopicArn" }], { "Ref": "AWS::NoValue" }] });
    for (name, alarm) in &alarms {
        assert_eq!((&alarm["AlarmActions"], &alarm["OKActions"]), (&topic, &topic), "{name}");
        ensure!(alarm["AlarmDescription"].as_str().is_some_and(|words| words.len() > 30), "{name} is not described");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
    }
    for name in ["ErrorsAlarm", "ThrottlesAlarm"] {
        let metrics = template.properties(name)?["Metrics"].as_array().context("find the metrics")?;
        let read = metrics
            .iter()
            .filter_map(|metric| metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"].as_str());
        let all = FUNCTIONS.map(|name| format!("{name}Function"));
        assert_eq!(read.collect::<BTreeSet<_>>(), all.iter().map(String::as_str).collect(), "{name}");
    }
    let reconnect = template.properties("ReconnectRequiredAlarm")?;
    assert_eq!(reconnect["Namespace"], "OpenCxHubSpot");
    let parked = json!([{ "Name": "Function", "Value": { "Ref": "EventsFunction" } }, { "Name": "Reason", "Value": "reconnect_required" }]);
    assert_eq!((&reconnect["MetricName"], &reconnect["Dimensions"]), (&json!("Parked"), &parked));
    assert_eq!(domain::Reason::ReconnectRequired.to_string(), "reconnect_required");
    Ok(())
}

/// Every metric the dashboard shows is one that the code counts.
#[test]
fn the_dashboard_shows_what_is_counted() -> Result<()> {
    let template = Template::read()?;
    let body = template.properties("Dashboard")?["DashboardBody"]["Fn::Sub"].as_str().context("find the dashboard")?;
    let dashboard: Value = serde_json::from_str(body).context("read the dashboard's JSON")?;
    let counted = counted()?;
    let mut shown = BTreeSet::new();
    for widget in dashboard["widgets"].as_array().context("find the widgets")? {
        for metric in widget["properties"]["metrics"].as_array().context("find a widget's metrics")? {
            let name = match metric[0]["expression"].as_str() {
                Some(search) => {
                    let name = search.split_once("MetricName=\"").and_then(|(_, rest)| rest.split('"').next());
                    ensure!(search.starts_with("SEARCH('{OpenCxHubSpot,Function,"), "{search}");
                    name.context("find the metric of a search")?
                }
                None if metric[0] == "OpenCxHubSpot" => metric[1].as_str().context("find a metric")?,
                None => continue,
            };
            ensure!(counted.contains(name), "nothing counts {name}");
            shown.insert(name.to_owned());
        }
    }
    let outcomes = ["Accepted", "Ignored", "Processed", "Skipped", "Failed", "Parked", "ComesBack", "DelayLateness"];
    ensure!(outcomes.iter().all(|name| shown.contains(*name)), "shown are {shown:?}");
    Ok(())
}

/// What stands in the sources behind `meter.count`, `count_of`, `took` or `late`, and the calls, which are named by service.
fn counted() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root().join("shared"), root().join("functions")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path)?;
                for call in ["count(\"", "count_of(\"", "took(\"", "late(\""] {
                    found.extend(text.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
                }
            }
        }
    }
    for service in ["HubSpot", "OpenCx"] {
        found.extend(["Calls", "Retries", "Duration"].map(|what| format!("{service}{what}")));
    }
    Ok(found)
}
