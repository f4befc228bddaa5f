//! README's table of features against the tests: each row names where the feature comes from and tests that exist.

use crate::family::OPERATIONS;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The features that README's table has a row for.
const FEATURES: &[&str] = &[
    "AI answers",
    "Ownership",
    "Assist Mode",
    "Notes and comments",
    "Ticket properties",
    "Contact sync",
    "Handoff",
    "Close",
    "CRM context",
    "Workflow actions",
    "Channels",
    "E-mail signatures",
    "OAuth",
    "Private App (legacy)",
    "Migration",
    "Troubleshooting",
    "Attachments",
    "Quiet time",
    "Reopen",
    "Availability",
    "Privacy",
    "Custom channels",
    "Backfill",
];

/// How a test uses HubSpot's paths.
#[derive(PartialEq, Eq)]
enum Told {
    Once,
    /// On the dated ones and on those of v3.
    InEachFamily,
}

struct Row {
    feature: String,
    source: String,
    tests: Vec<String>,
}

#[test]
fn every_feature_of_the_readme_names_where_it_comes_from_and_tests_that_exist() -> Result<()> {
    let rows = rows()?;
    let tests = tests()?;
    let mut found = Vec::new();
    for row in &rows {
        if row.source.is_empty() || row.tests.is_empty() {
            found.push(format!("{}: a row needs a source and a test", row.feature));
        }
        let unknown = row.tests.iter().filter(|t| !tests.contains_key(*t));
        found.extend(unknown.map(|t| format!("{}: no test {t}", row.feature)));
    }
    let named: Vec<&str> = rows.iter().map(|row| row.feature.as_str()).collect();
    found.extend(FEATURES.iter().filter(|f| !named.contains(f)).map(|f| format!("{f}: has no row")));
    assert!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

#[test]
fn every_operation_has_a_story_that_is_told_in_each_family() -> Result<()> {
    let tests = tests()?;
    let told = |story: &str| tests.get(story) == Some(&Told::InEachFamily);
    let found: Vec<_> = OPERATIONS.iter().map(|(story, _)| *story).filter(|story| !told(story)).collect();
    assert!(found.is_empty(), "these stories are not told in each family of HubSpot's paths: {found:#?}");
    Ok(())
}

/// The rows `| feature | source | `test`, … |` below the heading "Features".
fn rows() -> Result<Vec<Row>> {
    let readme = std::fs::read_to_string(root().join("README.md"))?;
    let section = readme.split("\n## Features\n").nth(1).context("README.md has no section Features")?;
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let lines = section.lines().filter(|line| line.starts_with('|')).skip(2);
    lines
        .map(|line| match <[String; 3]>::try_from(cells(line)) {
            Ok([feature, source, named]) => {
                let tests = named.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect();
                Ok(Row { feature, source, tests })
            }
            Err(cells) => anyhow::bail!("a row of README's features has {} cells: {line}", cells.len()),
        })
        .collect()
}

/// The names of all tests of the workspace: functions under an attribute that ends in `test]` or takes arguments.
fn tests() -> Result<BTreeMap<String, Told>> {
    let mut names = BTreeMap::new();
    for folder in ["tests", "shared", "functions", "infra"] {
        collect(&root().join(folder), &mut names)?;
    }
    Ok(names)
}

fn collect(folder: &Path, names: &mut BTreeMap<String, Told>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                collect(&path, names)?;
            }
            continue;
        }
        let is = |ending: &str| path.extension().is_some_and(|extension| extension == ending);
        if is("rs") {
            rust_tests(&std::fs::read_to_string(&path)?, names);
        } else if path.components().any(|part| part.as_os_str() == "tests") && (is("js") || is("mjs") || is("py")) {
            script_tests(&std::fs::read_to_string(&path)?, names);
        }
    }
    Ok(())
}

fn rust_tests(text: &str, names: &mut BTreeMap<String, Told>) {
    let mut attributed = false;
    let mut last = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            (attributed, last) = (true, None);
        } else if let Some((_, rest)) = line.split_once("fn ")
            && attributed
        {
            let name = rest.split('(').next().unwrap_or_default().to_owned();
            names.insert(name.clone(), Told::Once);
            (attributed, last) = (false, Some(name));
        } else if let Some(name) = &last
            && line.starts_with("each_family(")
        {
            names.insert(name.clone(), Told::InEachFamily);
        }
    }
}

/// `test('name', …)` of the browser suite, `def test_name` of the AWS suite.
fn script_tests(text: &str, names: &mut BTreeMap<String, Told>) {
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("test('") {
            names.extend(rest.split('\'').next().map(|name| (name.to_owned(), Told::Once)));
        } else if let Some(rest) = line.strip_prefix("def test_") {
            names.extend(rest.split('(').next().map(|name| (format!("test_{name}"), Told::Once)));
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
