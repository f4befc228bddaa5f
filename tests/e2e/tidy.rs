//! The habits of this repository that a program can check: sizes of files, direction of dependencies, words that must
//! not stand in a source, the head of each crate. ARCHITECTURE.md says why.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our packages a package may use. What is not listed here has no place in the bundle yet.
const LAYERS: &[(&str, &[&str])] = &[
    ("transport", &[]),
    ("domain", &[]),
    ("hubspot", &["domain", "transport"]),
    ("opencx", &["domain", "transport"]),
    ("store", &["domain"]),
    ("flows", &["store", "hubspot", "opencx", "domain", "transport"]),
    ("operations", &["flows", "store", "hubspot", "opencx", "domain", "transport"]),
    ("runtime", &["flows", "store", "hubspot", "opencx", "domain", "transport"]),
    ("simulator", &["transport"]),
    ("e2e", &[]),
];
const BELOW_FUNCTIONS: &[&str] =
    &["runtime", "operations", "flows", "store", "hubspot", "opencx", "domain", "transport"];

/// The calls to HubSpot and OpenCX that must not be repeated.
const EFFECTS: &[&str] = &[
    "send_message",
    "send_comment",
    "create_note",
    "create_ticket",
    "upload_file",
    "publish",
    "send_as_contact",
    "send_as_agent",
    "add_note",
    "create_session",
];
const EFFECTS_FILE: &str = "shared/flows/src/kernel/effects.rs";
const PERMITS_FILE: &str = "shared/flows/src/kernel/once.rs";

/// Beginnings of citations whose documents are not in the repository.
const ABSENT_DOCUMENTS: &[&str] =
    &["(facts", "facts on ", "contract section", "design section", "design decision", "document 00"];

/// Written in two halves, so that this file does not find itself.
const UNFINISHED: &[&str] = &[
    concat!("#[", "ignore"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("d", "bg!("),
    concat!("thread", "::sleep("),
];

#[test]
fn no_file_outgrows_its_limit() -> Result<()> {
    let mut found = Vec::new();
    for (path, text) in sources()? {
        let (lines, limit) = (text.lines().count(), line_limit(&path));
        if lines > limit {
            found.push(format!("{path}: {lines} lines, the limit is {limit}; split it by meaning"));
        }
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn the_limit_follows_from_the_place() {
    let check = |path: &str, limit: usize| assert_eq!(line_limit(path), limit, "{path}");
    check("functions/events/src/main.rs", 40);
    check("infra/local/src/main.rs", 40);
    check("functions/events/src/lib.rs", 150);
    check("shared/flows/src/close.rs", 300);
    check("shared/flows/src/answer/send.rs", 300);
    check("functions/events/src/batch.rs", 300);
    check("shared/store/src/lib.rs", 300);
    check("shared/domain/src/decision/tests.rs", 500);
    check("shared/flows/src/tests.rs", 500);
    check("tests/e2e/main.rs", 500);
}

#[test]
fn nothing_unfinished_is_left_behind() -> Result<()> {
    let mut found = Vec::new();
    for (path, text) in sources()? {
        for (number, line) in (1..).zip(text.lines()) {
            found.extend(unfinished(line).map(|word| format!("{path}:{number}: {word}")));
        }
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn unfinished_words_are_recognised() {
    for word in UNFINISHED {
        assert_eq!(unfinished(&format!("    {word} x")), Some(*word));
    }
    assert_eq!(unfinished("tokio::time::sleep(wait).await; // what is left to do"), None);
}

/// Where a flow reads the setting itself, the session's own word on Assist Mode does not count.
#[test]
fn assist_mode_is_decided_by_the_domain_alone() -> Result<()> {
    let rooms = ["shared/flows/", "shared/operations/", "functions/"];
    let mut found = Vec::new();
    for (path, text) in sources()?.iter().filter(|(path, _)| rooms.iter().any(|room| path.starts_with(room))) {
        let lines = (1..).zip(text.lines());
        let by_hand = lines.filter(|(_, line)| reads_assist_mode_by_hand(line));
        found.extend(
            by_hand.map(|(number, _)| format!("{path}:{number}: ask `Settings::assists` or `Standing::voice`")),
        );
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn a_flow_that_decides_on_assist_mode_by_hand_is_recognised() {
    for line in [
        "session.assist_mode.unwrap_or_else(|| settings.assist_mode.on(session.channel))",
        "if connection.settings.assist_mode == AssistMode::everywhere(true) {",
        "let on = session.assist_mode.unwrap_or(false);",
        "let Settings { assist_mode, enabled, .. } = settings;",
    ] {
        assert!(reads_assist_mode_by_hand(line), "{line}");
    }
    for line in [
        "settings.assists(session.assist_mode, facts.channel)",
        "assist_mode: session.and_then(|s| s.assist_mode),",
        "session.assist_mode = there.assist_mode;",
        "if facts.assist_mode || thread.owner(settings).is_person() {",
        "Some(CloseOutcome::AssistMode)",
    ] {
        assert!(!reads_assist_mode_by_hand(line), "{line}");
    }
}

/// A call outside of the exactly-once protocol would be repeated after a crash.
#[test]
fn effects_stand_in_one_file_and_need_a_permit() -> Result<()> {
    let sources = sources()?;
    for (path, call) in [(EFFECTS_FILE, ".send_message("), (PERMITS_FILE, "Permit::of(")] {
        let used = sources.iter().any(|(source, text)| source == path && text.contains(call));
        ensure!(used, "{path} does not use `{call}`: this check looks in the wrong place");
    }
    let stray = sources.iter().flat_map(|(path, text)| stray_effects(path, text));
    assert_none(&stray.collect::<Vec<_>>());
    Ok(())
}

#[test]
fn a_stray_effect_is_noticed() {
    let flow = "shared/flows/src/invocations/handoff/ticket.rs";
    let is_stray = |path: &str, line: &str| !stray_effects(path, line).is_empty();
    for effect in EFFECTS {
        for line in [
            format!("let id = tenant.portal.{effect}(thread, &message).await?;"),
            format!("    .{effect}(thread, &message)"),
            format!("hubspot::Portal::{effect}(&portal, thread, &message).await?;"),
        ] {
            assert!(is_stray(flow, &line), "{line}");
            assert!(is_stray("shared/operations/src/connecting/establish.rs", &line), "{line}");
            assert!(!is_stray(EFFECTS_FILE, &line), "{line}");
            assert!(!is_stray("shared/hubspot/src/conversations.rs", &line), "{line}");
        }
    }
    let permit = "let permit = Permit::of(&self.tenant);";
    assert!(is_stray(flow, permit) && is_stray(EFFECTS_FILE, permit) && !is_stray(PERMITS_FILE, permit));
    for line in [
        "let sent = permit.publish(&place.channel.channel, &message).await?;",
        "/// Announced by `once`, before `portal.send_message(…)` is called.",
        "async fn send_message(permit: &Permit<'_>) {",
    ] {
        assert!(!is_stray(flow, line), "{line}");
    }
}

#[test]
fn comments_cite_only_what_a_reader_can_open() -> Result<()> {
    let mut found = Vec::new();
    for (path, text) in sources()? {
        for (number, line) in (1..).zip(text.lines()) {
            found.extend(absent_document(line).map(|word| format!("{path}:{number}: cites `{word}`")));
        }
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn a_citation_of_an_absent_document_is_noticed() {
    for document in ABSENT_DOCUMENTS {
        assert_eq!(absent_document(&format!("    /// As it was agreed {document}7).")), Some(*document));
        assert_eq!(absent_document(&format!("let a = 1; // {}7", document.to_uppercase())), Some(*document));
        assert_eq!(absent_document(&format!("let a = call{document}7);")), None);
    }
    assert_eq!(
        absent_document("/// See <https://developers.hubspot.com/docs/api/crm/tickets> and `store/write.rs`."),
        None
    );
}

#[test]
fn every_crate_says_what_it_is() -> Result<()> {
    let mut found = Vec::new();
    for (path, text) in sources()?.iter().filter(|(path, _)| path.ends_with("src/lib.rs")) {
        let lines = text.lines().take_while(|line| line.starts_with("//!")).count();
        if !(3..=8).contains(&lines) {
            found.push(format!("{path}: begins with {lines} lines of `//!`, not 3 to 8"));
        }
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn packages_only_use_what_stands_below_them() -> Result<()> {
    let packages = packages()?;
    ensure!(packages.len() >= LAYERS.len(), "cargo metadata lists only {} packages", packages.len());
    let mut found = Vec::new();
    for package in &packages {
        let Some(allowed) = may_use(package, &packages) else {
            found.push(format!("{}: has no place in the order of tests/e2e/tidy.rs", package.folder));
            continue;
        };
        for used in package.uses.iter().filter(|used| !allowed.contains(&used.as_str())) {
            found.push(format!("{}: must not depend on `{used}`", package.folder));
        }
        if !package.folder.ends_with(&format!("/{}", package.name)) {
            found.push(format!("{}: its package is called `{}`", package.folder, package.name));
        }
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn no_function_uses_another_function() {
    let package = |folder: &str, name: &str| Package { folder: folder.into(), name: name.into(), uses: Vec::new() };
    let all = [
        package("functions/events", "events"),
        package("functions/handoff", "handoff"),
        package("infra/local", "local"),
        package("infra/simulator", "simulator"),
        package("shared/stray", "stray"),
    ];
    let [events, handoff, local, _, stray] = &all;
    assert!(may_use(events, &all).is_some_and(|allowed| !allowed.contains(&"handoff")));
    assert!(may_use(handoff, &all).is_some_and(|allowed| allowed.contains(&"flows")));
    assert!(may_use(local, &all).is_some_and(|allowed| allowed.contains(&"events") && allowed.contains(&"simulator")));
    assert_eq!(may_use(stray, &all), None);
}

#[test]
fn tls_is_ring_alone() -> Result<()> {
    let tree = cargo(&["tree", "--workspace", "--edges", "normal,build", "--prefix", "none"])?;
    ensure!(tree.contains("\nring v"), "cargo tree names no ring, so it cannot have listed the graph");
    assert_none(&tree.lines().filter(|line| line.starts_with("aws-lc")).map(String::from).collect::<Vec<_>>());
    Ok(())
}

pub(crate) fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}

/// How many lines a file may have, by its path from the root.
fn line_limit(path: &str) -> usize {
    let handler = path.starts_with("functions/") && path.ends_with("/src/lib.rs");
    if path.contains("tests") {
        500
    } else if path.ends_with("/src/main.rs") {
        40
    } else if handler {
        150
    } else {
        300
    }
}

/// The setting itself, or an answer that is drawn from a session's own word without the setting.
fn reads_assist_mode_by_hand(line: &str) -> bool {
    let line = line.trim_start();
    let code = !line.starts_with("//");
    let own_answer = ["assist_mode.unwrap_or", "assist_mode.is_some", "assist_mode == Some", "AssistMode::"];
    let taken_apart = line.contains("Settings {") && line.contains("assist_mode") && line.contains("..");
    code && (line.contains("settings.assist_mode") || taken_apart || own_answer.iter().any(|part| line.contains(part)))
}

/// The effects that a file of the flows or operations does past the exactly-once protocol.
fn stray_effects(path: &str, text: &str) -> Vec<String> {
    if !["shared/flows/", "shared/operations/"].iter().any(|room| path.starts_with(room)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let lines = (1..).zip(text.lines().map(str::trim_start));
    for (number, line) in lines.filter(|(_, line)| !line.starts_with("//")) {
        if path != PERMITS_FILE && line.contains("Permit::of(") {
            found.push(format!("{path}:{number}: only {PERMITS_FILE} makes a permit"));
        }
        // A permit's own method may have the name of the call behind it.
        let line = line.replace("permit.", "");
        let called = |name: &&&str| line.contains(&format!(".{name}(")) || line.contains(&format!("::{name}("));
        if let Some(name) = EFFECTS.iter().find(called).filter(|_| path != EFFECTS_FILE) {
            found.push(format!("{path}:{number}: `{name}` is called outside of {EFFECTS_FILE}"));
        }
    }
    found
}

/// The absent document that a line's comment cites.
fn absent_document(line: &str) -> Option<&'static str> {
    let (_, comment) = line.split_once("//")?;
    let comment = comment.to_lowercase();
    ABSENT_DOCUMENTS.iter().copied().find(|document| comment.contains(document))
}

fn unfinished(line: &str) -> Option<&'static str> {
    UNFINISHED.iter().copied().find(|word| line.contains(word))
}

/// One of our packages, with those of ours that it needs to build or run. What only its tests use does not count.
struct Package {
    folder: String,
    name: String,
    uses: Vec<String>,
}

fn may_use<'a>(package: &Package, all: &'a [Package]) -> Option<Vec<&'a str>> {
    if package.folder.starts_with("functions/") {
        return Some(BELOW_FUNCTIONS.to_vec());
    }
    if package.folder == "infra/local" {
        return Some(all.iter().map(|other| other.name.as_str()).filter(|name| *name != "e2e").collect());
    }
    LAYERS.iter().find(|(name, _)| *name == package.name).map(|(_, allowed)| allowed.to_vec())
}

fn packages() -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])?)?;
    let root = PathBuf::from(text(&metadata, "workspace_root")?);
    let mut packages = Vec::new();
    for package in list(&metadata, "packages")? {
        let manifest = PathBuf::from(text(package, "manifest_path")?);
        let folder = manifest.parent().context("find a manifest's folder")?.strip_prefix(&root)?;
        let ours = list(package, "dependencies")?.iter().filter(|d| d["path"].is_string() && d["kind"] != "dev");
        packages.push(Package {
            folder: folder.to_string_lossy().into_owned(),
            name: text(package, "name")?.to_owned(),
            uses: ours.map(|d| text(d, "name").map(String::from)).collect::<Result<_>>()?,
        });
    }
    Ok(packages)
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value.get(field).and_then(Value::as_str).with_context(|| format!("find the text `{field}`"))
}

fn list<'a>(value: &'a Value, field: &str) -> Result<&'a [Value]> {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).with_context(|| format!("find the list `{field}`"))
}

fn cargo(arguments: &[&str]) -> Result<String> {
    let out = Command::new(env!("CARGO")).args(arguments).arg("--offline").current_dir(root()).output()?;
    ensure!(out.status.success(), "cargo {}: {}", arguments.join(" "), String::from_utf8_lossy(&out.stderr));
    Ok(String::from_utf8(out.stdout)?)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust source of the repository: its path from the root, and its text.
pub(crate) fn sources() -> Result<Vec<(String, String)>> {
    let root = root();
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["functions", "shared", "infra", "tests"].iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().with_context(|| format!("list {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root)?.to_string_lossy().into_owned();
                found.push((name, std::fs::read_to_string(&path)?));
            }
        }
    }
    ensure!(found.len() > 30, "only {} sources found", found.len());
    Ok(found)
}
