use super::travelling;

#[test]
fn what_travels_and_under_which_name() {
    let check = |name: Option<&str>, kind: Option<&str>, expected: Option<(&str, &str)>| {
        let expected = expected.map(|(name, kind)| (name.to_owned(), kind));
        assert_eq!(travelling(name, kind), expected, "{name:?} {kind:?}");
    };
    check(Some("photo.PNG"), None, Some(("photo.png", "image/png")));
    check(Some("bill.pdf"), Some("text/html"), Some(("bill.pdf", "application/pdf")));
    check(Some("scan"), Some("image/jpeg; q=1"), Some(("scan.jpg", "image/jpeg")));
    check(Some("Plan v1.2 of June"), Some("application/pdf"), Some(("Plan v1.2 of June.pdf", "application/pdf")));
    check(None, Some("image/png"), Some(("file.png", "image/png")));
    check(Some("../../etc/passwd.txt"), None, Some((".._.._etc_passwd.txt", "text/plain")));
    check(Some("a\r\nb\".csv"), None, Some(("a__b_.csv", "text/csv")));
    for (name, kind) in [
        (Some("setup.exe"), Some("image/png")),
        (Some("page.html"), None),
        (Some("logo.svg"), Some("image/svg+xml")),
        (Some("photo.png.js"), None),
        (Some("notes"), None),
        (Some("notes"), Some("text/html")),
        (None, None),
    ] {
        check(name, kind, None);
    }
    let long = travelling(Some(&format!("{}.png", "x".repeat(500))), None).unwrap().0;
    assert_eq!(long.len(), 104);
}
