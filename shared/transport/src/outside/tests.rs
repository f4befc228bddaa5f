use super::{FetchError, Outside, Reach, is_public};
use crate::InProcess;
use crate::public_web::is_public_ip;
use bytes::Bytes;
use http::Response;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

#[test]
fn only_the_public_web_is_asked() {
    let check = |address: &str, public: bool| assert_eq!(is_public(&Url::parse(address).unwrap()), public, "{address}");
    for address in
        ["https://files.example/a.png", "https://1.1.1.1/", "https://[2606:4700::1111]/x", "https://a.b:8443/"]
    {
        check(address, true);
    }
    for address in [
        "http://files.example/a.png",
        "ftp://files.example/a.png",
        "file:///etc/passwd",
        "data:text/plain,hello",
        "https://user:secret@files.example/",
        "https://localhost/",
        "https://metadata/",
        "https://db.internal/",
        "https://printer.local./",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://0/",
        "https://10.0.0.1/",
        "https://172.16.5.4/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fe80::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
    ] {
        check(address, false);
    }
}

#[test]
fn special_addresses() {
    let check = |ip: &str, public: bool| assert_eq!(is_public_ip(ip.parse().unwrap()), public, "{ip}");
    for ip in ["8.8.8.8", "100.63.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.1", "2a00:1450::1", "64:ff9b::808:808"]
    {
        check(ip, true);
    }
    for ip in
        ["0.1.2.3", "198.18.0.1", "203.0.113.9", "240.0.0.1", "255.255.255.255", "2001::1", "3fff::1", "::127.0.0.1"]
    {
        check(ip, false);
    }
}

/// A web of pages: address to (status, location, body).
fn web(pages: &'static [(&'static str, u16, &'static str, &'static str)]) -> (Arc<InProcess>, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let server = InProcess::new(move |request| {
        let address = request.uri().to_string();
        seen.lock().unwrap().push(address.clone());
        let page = pages.iter().find(|(at, ..)| *at == address);
        let answer = page.map_or_else(
            || Response::builder().status(404).body(Bytes::new()),
            |(_, status, location, body)| {
                let answer = Response::builder().status(*status).header("content-type", "Image/PNG; q=1");
                answer.header("location", *location).body(Bytes::from_static(body.as_bytes()))
            },
        );
        async move { Ok(answer.unwrap()) }
    });
    (Arc::new(server), asked)
}

async fn fetch(outside: &Outside, address: &str) -> Result<(Option<String>, Bytes), FetchError> {
    let fetched = outside.fetch(address, 8, Duration::from_secs(5)).await?;
    Ok((fetched.mime_type, fetched.content))
}

#[tokio::test]
async fn redirects_are_followed_and_each_is_judged() {
    let (server, asked) = web(&[
        ("https://a.example/1", 302, "/2", ""),
        ("https://a.example/2", 301, "https://b.example/3", ""),
        ("https://b.example/3", 200, "", "picture"),
        ("https://a.example/in", 302, "https://169.254.169.254/latest", ""),
        ("https://a.example/down", 307, "http://b.example/3", ""),
        ("https://a.example/round", 302, "/round", ""),
        ("https://a.example/big", 200, "", "more than eight"),
    ]);
    let outside = Outside::new(server.clone(), Reach::PublicWeb);
    let found = fetch(&outside, "https://a.example/1").await.unwrap();
    assert_eq!(found, (Some("image/png".to_owned()), Bytes::from_static(b"picture")));
    assert!(matches!(fetch(&outside, "https://a.example/in").await, Err(FetchError::Refused)));
    assert!(matches!(fetch(&outside, "https://a.example/down").await, Err(FetchError::Refused)));
    assert!(matches!(fetch(&outside, "https://a.example/round").await, Err(FetchError::Status(508))));
    assert!(matches!(fetch(&outside, "https://a.example/big").await, Err(FetchError::TooLarge)));
    assert!(matches!(fetch(&outside, "https://a.example/gone").await, Err(FetchError::Status(404))));
    assert!(matches!(fetch(&outside, "no address").await, Err(FetchError::Refused)));
    let asked = asked.lock().unwrap().clone();
    assert!(!asked.iter().any(|address| address.contains("169.254") || address.starts_with("http:")), "{asked:?}");
    let anywhere = Outside::new(server, Reach::Anywhere);
    assert!(fetch(&anywhere, "https://a.example/1").await.is_ok());
}

#[tokio::test]
async fn the_real_client_does_not_connect_to_private_names_and_stops_at_its_bound() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let public = crate::GuardedTransport::new(8, Reach::PublicWeb);
    // A name that resolves to this machine: judged when it is resolved.
    let outside = Outside { transport: Arc::new(public), reach: Reach::Anywhere };
    let refused = fetch(&outside, &format!("http://localhost:{port}/")).await;
    assert!(matches!(refused, Err(FetchError::Refused)), "{:?}", refused.err());

    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // Readiness may be announced too early.
        loop {
            stream.readable().await.unwrap();
            if stream.try_read(&mut [0; 1024]).is_ok() {
                break;
            }
        }
        loop {
            stream.writable().await.unwrap();
            if stream.try_write(b"HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\nmore than eight").is_ok() {
                break;
            }
        }
        std::future::pending::<()>().await;
    });
    let anywhere = crate::GuardedTransport::new(8, Reach::Anywhere);
    let outside = Outside::new(Arc::new(anywhere), Reach::Anywhere);
    let large = fetch(&outside, &format!("http://127.0.0.1:{port}/")).await;
    assert!(matches!(large, Err(FetchError::TooLarge)), "{:?}", large.err());
}
