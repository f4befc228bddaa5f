//! The rooms inside a crate have one direction: no two files import each other, directly or by a detour, and the
//! folders of `flows` and `store` stand in the order that ARCHITECTURE.md draws.

use crate::tidy::{assert_none, sources};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// The folders of a crate, lowest first. A folder uses those before it, never those after it.
const ORDERS: &[(&str, &[&str])] = &[
    ("shared/flows", &["kernel", "conversation", "invocations", "events", "dispatch"]),
    ("shared/store", &["table", "tenant", "work", "session"]),
];

#[test]
fn no_two_files_import_each_other() -> Result<()> {
    let mut found = Vec::new();
    for (package, files) in crates()? {
        for circle in circles(&arrows(&files)) {
            let names: Vec<&str> = circle.iter().map(|module| shown(module)).collect();
            found.push(format!("{package}: a circle of imports: {}", names.join(" <-> ")));
        }
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn folders_use_only_what_stands_below_them() -> Result<()> {
    let mut found = Vec::new();
    for (package, files) in crates()? {
        let Some((_, order)) = ORDERS.iter().find(|(name, _)| *name == package) else { continue };
        let place = |module: &str| order.iter().position(|folder| module.split("::").next() == Some(folder));
        for (from, to) in arrows(&files).iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to))) {
            match (place(from), place(to)) {
                (Some(above), Some(below)) if above >= below => {}
                (None, _) if from.is_empty() => {}
                _ => found.push(format!("{package}: {} must not use {}", shown(from), shown(to))),
            }
        }
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn tests_are_no_part_of_the_rooms() {
    let text = "use crate::a::A;\n#[cfg(test)]\n#[path = \"t.rs\"]\nmod tests;\nuse crate::b::B;\n#[cfg(test)]\nmod more {\n    use crate::c::C;\n}\n";
    assert_eq!(product_code(text), "use crate::a::A;\nuse crate::b::B;\n");
}

#[test]
fn a_circle_is_found() {
    let file = |module: &str, text: &str| (module.to_owned(), text.to_owned());
    let files = |b: &str| {
        BTreeMap::from([
            file("", "mod a;\nmod b;\npub use b::Thing;\n"),
            file("a", "use crate::{Thing, c::Other};\n"),
            file("b", b),
            file("b::c", "use super::super::a::{One, Two};\n"),
        ])
    };
    assert_eq!(circles(&arrows(&files("use std::fmt;\n"))), Vec::<Vec<String>>::new());
    assert_eq!(circles(&arrows(&files("pub struct Thing(crate::a::One);\n"))), [["a", "b"]]);
    // By a detour through a child module.
    assert_eq!(circles(&arrows(&files("mod c;\nuse c::Deep;\n"))), [["a", "b", "b::c"]]);
}

/// The sources of each crate by module path; the tests in them are left out.
fn crates() -> Result<BTreeMap<String, BTreeMap<String, String>>> {
    let mut crates: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (path, text) in sources()? {
        let Some((package, file)) = path.split_once("/src/") else { continue };
        let module = file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
        if module.split("::").any(|part| part.ends_with("tests") || part == "main") {
            continue;
        }
        let module = if module == "lib" { String::new() } else { module };
        let code = product_code(&text);
        crates.entry(package.to_owned()).or_default().insert(module, code);
    }
    Ok(crates)
}

/// The text without comments and without tests: a declared test module is left out, a written one ends the product code.
fn product_code(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let item = lines.by_ref().find(|line| !line.trim_start().starts_with("#["));
            if item.is_some_and(|item| !item.trim_end().ends_with(';')) {
                break;
            }
            continue;
        }
        code.push_str(line);
        code.push('\n');
    }
    code
}

/// Which modules each module uses. The crate's root only passes names on and is no room.
fn arrows(files: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let passed_on: BTreeMap<(String, String), String> = files
        .iter()
        .flat_map(|(module, text)| {
            let uses = imports(text).into_iter().filter_map(|path| absolute(files, module, &path));
            uses.filter_map(|path| Some(((module.clone(), path.rsplit("::").next()?.to_owned()), path.clone())))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut arrows = BTreeMap::new();
    for (module, text) in files.iter().filter(|(module, _)| !module.is_empty()) {
        let used = imports(text).into_iter().chain(inline(text)).filter_map(|path| absolute(files, module, &path));
        let homes: BTreeSet<String> = used.filter_map(|path| home(files, &passed_on, &path, 0)).collect();
        arrows.insert(module.clone(), homes.into_iter().filter(|home| home != module && !home.is_empty()).collect());
    }
    arrows
}

/// The module in which the item of an absolute path is defined; names that a module passes on are followed.
fn home(
    files: &BTreeMap<String, String>,
    passed_on: &BTreeMap<(String, String), String>,
    path: &str,
    depth: u8,
) -> Option<String> {
    let mut module = path;
    while !files.contains_key(module) {
        module = module.rsplit_once("::").map_or("", |(front, _)| front);
    }
    let rest = path.get(module.len()..)?.trim_start_matches("::");
    let name = rest.split("::").next()?;
    match passed_on.get(&(module.to_owned(), name.to_owned())) {
        Some(next) if depth < 5 && next != path => home(files, passed_on, next, depth + 1),
        _ => Some(module.to_owned()),
    }
}

/// A path as seen from the crate's root; `None` where it leads out of the crate.
fn absolute(files: &BTreeMap<String, String>, module: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").filter(|part| *part != "self").collect();
    let mut base: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
    match parts.first().copied()? {
        "crate" => return Some(parts.split_off(1).join("::")),
        "super" => {
            while parts.first() == Some(&"super") {
                parts.remove(0);
                base.pop();
            }
        }
        first => {
            let child = base.iter().copied().chain([first]).collect::<Vec<_>>().join("::");
            if !files.contains_key(&child) {
                return None;
            }
        }
    }
    Some(base.into_iter().chain(parts).collect::<Vec<_>>().join("::"))
}

/// Every path that a `use` brings in, one for each name.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in text.split('\n').collect::<Vec<_>>().join(" ").split(';') {
        let words = statement.trim_start();
        let start = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "]
            .iter()
            .find_map(|start| statement.rfind(start).filter(|_| words.contains("use ")).map(|at| at + start.len()));
        if let Some(tree) = start.and_then(|at| statement.get(at..)) {
            spread("", tree.trim(), &mut found);
        }
    }
    found
}

fn spread(front: &str, tree: &str, found: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim();
        found.push(format!("{front}{name}"));
        return;
    };
    let (front, inside) = (format!("{front}{}", head.trim()), rest.trim_end().trim_end_matches('}'));
    let (mut depth, mut from) = (0, 0);
    for (at, letter) in inside.char_indices().chain([(inside.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 || at == inside.len() => {
                let part = inside.get(from..at).unwrap_or_default().trim();
                if !part.is_empty() {
                    spread(&front, part, found);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// Paths that are written out in the code.
fn inline(text: &str) -> Vec<String> {
    let path = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().to_owned()
    };
    // A path that ends in `::` begins a list of imports, which `imports` reads.
    let found = ["crate::", "super::"].iter().flat_map(|start| text.match_indices(start)).map(|(at, _)| path(at));
    found.filter(|path| !path.ends_with(':')).collect()
}

/// Groups of modules that reach each other.
fn circles(arrows: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = next.pop() {
            for to in arrows.get(&module).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = arrows.keys().map(|module| (module, reach(module))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (module, to) in reached.iter().filter(|(module, to)| to.contains(**module)) {
        if found.iter().flatten().any(|known| known == *module) {
            continue;
        }
        found.push(
            to.iter().filter(|other| reached.get(*other).is_some_and(|back| back.contains(*module))).cloned().collect(),
        );
    }
    found
}

fn shown(module: &str) -> &str {
    if module.is_empty() { "lib" } else { module }
}
