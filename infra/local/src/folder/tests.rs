use super::*;

#[test]
fn a_folder_is_held_by_one_runner_at_a_time() {
    let path = scratch("folder-held");
    let folder = DataFolder::open(&path).unwrap();
    let running = Running {
        pid: 4711,
        url: "http://127.0.0.1:8787".to_owned(),
        hubspot_url: "http://127.0.0.1:8788".to_owned(),
        opencx_url: "http://127.0.0.1:8789".to_owned(),
    };
    folder.announce(&running).unwrap();
    let refused = DataFolder::open(&path).unwrap_err();
    assert!(matches!(&refused, FolderError::Held { runner: Some(runner), .. } if *runner == running));
    let text = refused.to_string();
    assert!(text.ends_with("another runner holds it (process 4711, http://127.0.0.1:8787)"), "{text}");
    assert_eq!(holder(&path), Some(running));
    drop(folder);
    assert_eq!(holder(&path), None, "what a gone runner said is not believed");
    DataFolder::open(&path).unwrap();
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn a_path_that_cannot_be_a_folder_is_named() {
    let path = scratch("folder-file");
    std::fs::write(path.join("file"), "").unwrap();
    let error = DataFolder::open(&path.join("file")).unwrap_err();
    assert!(matches!(&error, FolderError::Unusable { path, .. } if path.ends_with("file")), "{error}");
    std::fs::remove_dir_all(path).unwrap();
}
