//! `template.yaml` against the code: routes, environment, roles, queues, table, alarms, sample events.
//!
//! The lists here are written by hand, or are the code's own; what is in only one of the two places fails.

mod operations;
mod roles;
mod samples;
mod yaml;

use anyhow::{Context, Result, ensure};
use runtime::functions;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use yaml::Template;

/// The ten functions.
const FUNCTIONS: [&str; 10] =
    ["Actions", "Close", "Connect", "Context", "Events", "Handoff", "Reply", "Resolve", "Sync", "Webhook"];

/// The public routes, the function of each, and whether a route is throttled for people.
const ROUTES: [(&str, &str, bool); 8] = [
    ("POST /webhooks/hubspot/{org}/{key}", "Webhook", false),
    ("POST /webhooks/hubspot", "Webhook", false),
    ("POST /actions/hubspot/{action}", "Actions", false),
    // Includes `POST /api/oauth/start`.
    ("ANY /api/{path+}", "Connect", true),
    ("GET /oauth/callback", "Connect", true),
    ("GET /", "Connect", true),
    ("GET /{asset+}", "Connect", true),
    ("GET /health", "Connect", true),
];

#[test]
fn the_contracts_routes_lead_to_their_functions() -> Result<()> {
    let template = Template::read()?;
    let mut routes = BTreeMap::new();
    for (_, route) in template.of_type("AWS::ApiGatewayV2::Route")? {
        let target = route["Target"]["Fn::Sub"].as_str().context("find a route's target")?;
        let integration = target.trim_start_matches("integrations/${").trim_end_matches('}');
        let integration = template.properties(integration)?;
        assert_eq!(integration["PayloadFormatVersion"], "2.0");
        let function =
            integration["IntegrationUri"]["Fn::GetAtt"].as_str().context("find an integration's function")?;
        routes.insert(route["RouteKey"].as_str().context("find a route's key")?, function);
    }
    let expected = ROUTES.map(|(route, function, _)| (route, format!("{function}Function.Arn")));
    assert_eq!(routes, expected.iter().map(|(route, function)| (*route, function.as_str())).collect());
    Ok(())
}

#[test]
fn a_route_for_people_is_throttled_apart_from_the_webhooks() -> Result<()> {
    let template = Template::read()?;
    let stage = template.properties("Stage")?;
    // A stage's name would stand in the path, which HubSpot's signature covers.
    assert_eq!(stage["StageName"], "$default");
    assert_eq!(stage["DefaultRouteSettings"], throttled("Throttle"));
    let people: BTreeMap<_, _> =
        ROUTES.iter().filter(|route| route.2).map(|route| (route.0, throttled("ConsoleThrottle"))).collect();
    assert_eq!(stage["RouteSettings"], json!(people));
    // The stage may not be made before the routes it throttles.
    let waits: Vec<_> =
        template.section("Resources")?["Stage"]["DependsOn"].as_array().context("find DependsOn")?.iter().collect();
    for (name, route) in template.of_type("AWS::ApiGatewayV2::Route")? {
        let named = stage["RouteSettings"].get(route["RouteKey"].as_str().unwrap_or_default()).is_some();
        ensure!(!named || waits.contains(&&json!(name)), "the stage does not wait for {name}");
    }
    Ok(())
}

fn throttled(by: &str) -> Value {
    json!({ "ThrottlingRateLimit": { "Ref": format!("{by}Rate") }, "ThrottlingBurstLimit": { "Ref": format!("{by}Burst") } })
}

#[test]
fn every_function_is_built_from_its_own_package() -> Result<()> {
    let template = Template::read()?;
    let folders = root().join("functions").read_dir()?.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let folders: BTreeSet<String> = folders.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    assert_eq!(folders, FUNCTIONS.iter().map(|name| name.to_lowercase()).collect());
    assert_eq!(template.of_type("AWS::Serverless::Function")?.len(), FUNCTIONS.len());
    for name in FUNCTIONS {
        let (function, package) = (template.properties(&format!("{name}Function"))?, name.to_lowercase());
        let built = &template.section("Resources")?[&format!("{name}Function")]["Metadata"];
        assert_eq!(*built, json!({ "BuildMethod": "rust-cargolambda", "BuildProperties": { "Binary": package } }));
        assert_eq!(function["CodeUri"], format!("functions/{package}"));
        assert_eq!(function["FunctionName"]["Fn::Sub"], format!("${{AWS::StackName}}-{package}"));
        assert_eq!(function["Role"]["Fn::GetAtt"], format!("{name}Role.Arn"));
        let logs = template.properties(&format!("{name}Logs"))?;
        assert_eq!(function["LoggingConfig"]["LogGroup"]["Ref"], format!("{name}Logs"));
        assert_eq!(logs["RetentionInDays"], json!({ "Ref": "LogRetentionDays" }));
    }
    let globals = &template.section("Globals")?["Function"];
    assert_eq!((&globals["Runtime"], &globals["Architectures"]), (&json!("provided.al2023"), &json!(["arm64"])));
    Ok(())
}

/// `runtime::functions` says what each function's `Config` demands at its start.
#[test]
fn every_function_finds_its_environment_and_no_more() -> Result<()> {
    let template = Template::read()?;
    let listed: BTreeSet<_> = functions::FUNCTIONS.iter().map(|function| capital(function.name)).collect();
    assert_eq!(listed, FUNCTIONS.map(str::to_owned).into());
    for function in functions::FUNCTIONS {
        let given: BTreeSet<_> = template.environment(&capital(function.name))?.keys().map(String::as_str).collect();
        assert_eq!(given, function.variables().collect(), "the environment of {}", function.name);
    }
    Ok(())
}

/// The same name means the same thing everywhere, and what only one delay engine has is absent with the other.
#[test]
fn a_variable_has_one_meaning() -> Result<()> {
    let template = Template::read()?;
    let mut meanings: BTreeMap<String, Value> = BTreeMap::new();
    for name in FUNCTIONS {
        for (variable, value) in template.environment(name)? {
            let meaning = meanings.entry(variable.clone()).or_insert_with(|| value.clone());
            assert_eq!(meaning, value, "{variable} of {name}");
        }
    }
    for (variable, queue) in [("DELAY_QUEUE_URL", "DelayQueue"), ("CLOSE_DELAY_QUEUE_URL", "CloseQueue")] {
        let only_with_sqs = json!({ "Fn::If": ["DelaysBySqs", { "Ref": queue }, { "Ref": "AWS::NoValue" }] });
        assert_eq!(meanings.get(variable), Some(&only_with_sqs));
        let resource = &template.section("Resources")?[queue];
        assert_eq!(resource["Condition"], "DelaysBySqs", "{queue}");
    }
    assert_eq!(meanings.get("DELAY_ENGINE"), Some(&json!({ "Ref": "DelayEngine" })));
    assert_eq!(template.section("Parameters")?["DelayEngine"]["AllowedValues"], json!(["scheduler", "sqs"]));
    Ok(())
}

#[test]
fn a_function_outlives_its_run() -> Result<()> {
    let template = Template::read()?;
    let run = flows::Timing::default().run.as_secs();
    for name in ["Events", "Handoff", "Reply", "Resolve", "Close", "Sync"] {
        let timeout = template.properties(&format!("{name}Function"))?["Timeout"].as_u64().context("find a timeout")?;
        assert!((run + 5..150).contains(&timeout), "{name} ends after {timeout} s, a run after {run} s");
    }
    for (function, integration) in [("Webhook", "Webhook"), ("Actions", "Actions"), ("Connect", "Connect")] {
        let timeout =
            template.properties(&format!("{function}Function"))?["Timeout"].as_u64().context("find a timeout")?;
        let waits = &template.properties(&format!("{integration}Integration"))?["TimeoutInMillis"];
        assert_eq!(*waits, json!(timeout * 1000), "API Gateway waits as long as {function} may take");
    }
    Ok(())
}

#[test]
fn every_parameter_is_described() -> Result<()> {
    let template = Template::read()?;
    for (name, parameter) in template.section("Parameters")? {
        let words = parameter["Description"].as_str().unwrap_or_default();
        ensure!(words.len() > 20, "{name} is not described");
        let bounded =
            ["AllowedValues", "AllowedPattern", "MinValue"].iter().any(|bound| parameter.get(bound).is_some());
        ensure!(bounded, "{name} takes anything");
    }
    for (name, output) in template.section("Outputs")? {
        ensure!(output["Description"].is_string(), "{name} is not described");
    }
    Ok(())
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn json_file(path: &str) -> Result<Value> {
    let text = std::fs::read_to_string(root().join(path)).with_context(|| format!("read {path}"))?;
    serde_json::from_str(&text).with_context(|| format!("read {path}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
