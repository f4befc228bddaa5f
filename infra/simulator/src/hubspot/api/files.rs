//! Files: upload, and signed addresses.

use super::request::Cx;
use crate::hubspot::error::{error, method_not_allowed, no_route, not_found, validation};
use crate::hubspot::state::{File, State};
use crate::wire::{Answer, Ask, Outcome, iso, joined, text};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A portal of the free tools takes no larger ones.
const LARGEST: usize = 20 * 1024 * 1024;
const ACCESS: &[&str] = &["PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE", "PRIVATE", "HIDDEN_PRIVATE"];

pub(crate) fn route(cx: &mut Cx<'_>, rest: &[&str]) -> Outcome {
    cx.require(&["files"])?;
    match (cx.ask.method.as_str(), rest) {
        ("POST", []) => upload(cx),
        ("GET", [id]) => Ok(Answer::ok(show(cx.state, id).ok_or_else(not_found)?)),
        ("GET", [id, "signed-url"]) => {
            let expires = iso(cx.state.now + SignedDuration::from_hours(1));
            let signed = json!({ "expiresAt": expires, "url": format!("https://files.example/signed/{id}") });
            Ok(Answer::ok(joined(show(cx.state, id).ok_or_else(not_found)?, signed)))
        }
        (_, [] | [_] | [_, "signed-url"]) => Err(method_not_allowed()),
        _ => Err(no_route()),
    }
}

fn show(state: &State, named: &str) -> Option<Value> {
    let id = named.parse().ok()?;
    Some(state.files.get(&id)?.show(id))
}

fn upload(cx: &mut Cx<'_>) -> Outcome {
    let parts = parts(cx.ask).ok_or_else(|| error(415, "UNSUPPORTED_MEDIA_TYPE", "expected multipart/form-data"))?;
    let field = |name: &str| parts.iter().find(|part| part.name == name);
    let file = field("file").filter(|part| part.filename.is_some());
    let file = file.ok_or_else(|| validation("a file is required, with a filename"))?;
    if field("folderId").is_some() == field("folderPath").is_some() {
        return Err(validation("exactly one of folderId and folderPath must be given"));
    }
    let options = field("options").ok_or_else(|| validation("options are required"))?;
    let options: Value = serde_json::from_slice(options.content).map_err(|_| validation("options must be JSON"))?;
    let access = text(&options, "access").filter(|access| ACCESS.contains(access));
    let access = access.ok_or_else(|| validation("options.access is required and must be one of the known ones"))?;
    if file.content.is_empty() || file.content.len() > LARGEST {
        return Err(validation("the file is empty or too large"));
    }
    let told = |name: &str| field(name).map(|part| String::from_utf8_lossy(part.content).into_owned());
    let kept = File {
        name: told("fileName").or(file.filename.clone()).unwrap_or_default(),
        folder: told("folderPath").or(told("folderId")).unwrap_or_default(),
        access: access.to_owned(),
        content: file.content.to_vec(),
    };
    let returns_existing = text(&options, "duplicateValidationStrategy") == Some("RETURN_EXISTING");
    let id = if returns_existing { cx.state.keep_file(kept) } else { cx.state.next_id() };
    Ok(Answer::new(201, show(cx.state, &id.to_string()).ok_or_else(not_found)?))
}

struct Part<'b> {
    name: String,
    filename: Option<String>,
    content: &'b [u8],
}

/// The parts of a multipart body; `None` where it is none.
fn parts(ask: &Ask) -> Option<Vec<Part<'_>>> {
    let kind = ask.header(http::header::CONTENT_TYPE);
    let boundary = kind.strip_prefix("multipart/form-data")?.split_once("boundary=")?.1.trim_matches('"');
    let mark = format!("--{boundary}");
    let mut found = Vec::new();
    let mut rest = after(&ask.body, mark.as_bytes())?.1;
    while !rest.starts_with(b"--") {
        let (part, next) = after(rest, format!("\r\n{mark}").as_bytes())?;
        let (head, content) = after(part.strip_prefix(b"\r\n")?, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(head);
        let quoted = |name: &str| {
            let value = head.split_once(&format!("{name}=\""))?.1;
            value.split_once('"').map(|(value, _)| value.to_owned())
        };
        found.push(Part { name: quoted(" name")?, filename: quoted("filename"), content });
        rest = next;
    }
    Some(found)
}

/// The parts before and after the first `mark`.
fn after<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}
