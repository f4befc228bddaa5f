use super::*;
use crate::{FileId, NewFile};

fn file(name: &str, content: &str) -> NewFile {
    NewFile {
        name: name.to_owned(),
        folder: "/opencx/m-1".to_owned(),
        mime_type: "text/plain".to_owned(),
        content: Bytes::from(content.to_owned()),
    }
}

/// The parts of a form as `headers -> content`.
fn parts(body: &str) -> Vec<(String, String)> {
    let boundary = body.lines().next().unwrap().to_owned();
    let whole = body.strip_suffix("--\r\n").unwrap();
    let parts = whole.split(&boundary).filter(|part| !part.is_empty());
    let halves = parts.map(|part| part.trim_start_matches("\r\n").split_once("\r\n\r\n").unwrap());
    halves.map(|(head, content)| (head.to_owned(), content.trim_end_matches("\r\n").to_owned())).collect()
}

#[tokio::test]
async fn a_file_is_kept_under_its_name_and_a_second_time_is_the_same_file() {
    let script = Script::of(201, r#"{"id":"987","url":"https://files.example/987"}"#);
    let kept = script.portal.upload_file(&file("bill.txt", "42 EUR")).await.unwrap();
    assert_eq!(kept, FileId("987".to_owned()));
    assert_eq!(script.request().line, "POST /files/2026-03/files");
    let parts = parts(script.request().body.as_str().unwrap());
    let of = |field: &str| {
        parts.iter().find(|(head, _)| head.contains(&format!("name=\"{field}\""))).map(|(_, content)| content.as_str())
    };
    assert_eq!((of("fileName"), of("folderPath"), of("file")), (Some("bill.txt"), Some("/opencx/m-1"), Some("42 EUR")));
    let options: Value = serde_json::from_str(of("options").unwrap()).unwrap();
    assert_eq!(options["duplicateValidationStrategy"], "RETURN_EXISTING");
    assert_eq!(options["access"], "PUBLIC_NOT_INDEXABLE");
}

#[tokio::test]
async fn neither_a_name_nor_a_content_can_break_the_form() {
    let script = Script::of(201, r#"{"id":"987"}"#);
    let boundary = super::super::files::BOUNDARY;
    let content =
        format!("\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"options\"\r\n\r\n{{}}\r\n--{boundary}--");
    script.portal.upload_file(&file("a\"; name=\"options\"\r\n/../b.txt", &content)).await.unwrap();
    let parts = parts(script.request().body.as_str().unwrap());
    assert_eq!(parts.len(), 4, "{parts:?}");
    assert_eq!(parts[3].1, content.trim_end_matches("\r\n"));
    assert!(parts[3].0.contains("filename=\"a_; name=_options____.._b.txt\"\r\n"), "{}", parts[3].0);
}

#[tokio::test]
async fn a_private_files_address_is_asked_for() {
    let script = Script::of(200, r#"{"url":"https://files.example/x","expiresAt":"2026-11-20T11:00:00Z"}"#);
    assert_eq!(script.portal.file_url("12").await.unwrap().as_deref(), Some("https://files.example/x"));
    assert_eq!(script.request().line, "GET /files/2026-03/files/12/signed-url");
    assert_eq!(Script::of(404, "{}").portal.file_url("12").await.unwrap(), None);
}

#[tokio::test]
async fn threads_with_new_messages_are_listed_page_by_page() {
    let thread = |id: u32| format!(r#"{{"id":"{id}","status":"OPEN","createdAt":"2026-11-20T09:00:00Z"}}"#);
    let first = format!(r#"{{"results":[{}],"paging":{{"next":{{"after":"x=/1"}}}}}}"#, thread(1));
    let script = Script::new([answer(200, &first), answer(200, &format!(r#"{{"results":[{}]}}"#, thread(2)))]);
    let since = "2026-11-20T08:00:00Z".parse().unwrap();
    assert_eq!(script.portal.threads_since(since).await.unwrap(), [id("1"), id("2")]);
    let lines = script.lines();
    assert!(lines[0].contains("latestMessageTimestampAfter=2026-11-20T08%3A00%3A00Z"), "{lines:?}");
    assert!(lines[0].contains("sort=latestMessageTimestamp") && lines[1].contains("after=x%3D%2F1"), "{lines:?}");
}
