use super::*;
use clap::CommandFactory;
use std::path::PathBuf;

fn parse(line: &str) -> Result<Command, clap::Error> {
    Cli::try_parse_from(std::iter::once("opencx-hubspot").chain(line.split_whitespace())).map(Cli::command)
}

fn serve(line: &str) -> ServeArgs {
    match parse(line).unwrap() {
        Command::Serve(args) => args,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_definition_holds_together() {
    <Cli as CommandFactory>::command().debug_assert();
}

#[test]
fn without_a_command_it_serves() {
    for line in ["", "serve"] {
        let args = serve(line);
        assert_eq!((args.port, args.ports.hubspot_port, args.ports.opencx_port), (8787, 8788, 8789));
        assert_eq!(args.data.data_dir, PathBuf::from(".data"));
        assert!(!args.demo && !args.memory && args.public_url.is_none());
    }
    assert_eq!(serve("--port 0 --memory").port, 0);
}

#[test]
fn a_demo_needs_to_know_where_the_simulators_are() {
    let args = serve("serve --demo --hubspot-url http://127.0.0.1:1 --opencx-url http://127.0.0.1:2 --data-dir /tmp/x");
    assert!(args.demo);
    assert_eq!(args.services.hubspot_url.as_deref(), Some("http://127.0.0.1:1"));
    for line in ["serve --demo", "serve --demo --hubspot-url http://127.0.0.1:1"] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn every_command_of_the_contract_is_known() {
    for line in [
        "simulate --hubspot-port 1 --opencx-port 2",
        "demo",
        "demo --fast --json",
        "token --org demo --role admin",
        "webhook-url --org demo",
        "deliveries list --state failed --json",
        "deliveries show message:1:2 --org demo",
        "deliveries tail --thread 7",
        "deliveries replay message:1:2",
        "doctor --org demo",
        "doctor --all --json",
        "doctor --org demo --session s1",
        "doctor --org demo --thread 7 --stack https://bridge.example",
        "doctor --org demo --ticket 7",
        "redrive --org demo --reason hubspot_unavailable --state failed",
        "orgs --json",
        "trigger conversation.newMessage --text hello",
        "connect --org acme --access-token pat-1 --ai-user A-1 --opencx-api-key key --live",
    ] {
        parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for line in [
        "fly",
        "doctor",
        "doctor --all --org demo",
        "doctor --org demo --thread 1 --ticket 2",
        "token --org a/b",
        "connect --org acme",
        "simulate --hubspot-port 70000",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn typed_secrets_do_not_show() {
    let command =
        parse("connect --org acme --access-token pat-canary --ai-user 1 --opencx-api-key key-canary").unwrap();
    let shown = format!("{command:?}");
    assert!(!shown.contains("canary"), "{shown}");
}
