//! Over TCP, with real sockets.

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use transport::SystemClock;

/// A HubSpot on a port of its own.
async fn served() -> std::net::SocketAddr {
    let nowhere = Arc::new(InProcess::new(|_| async { Err(transport::TransportError::NoTime) }));
    let options = SimOptions { clock: Arc::new(SystemClock), seed: 1, webhook: nowhere.clone(), functions: nowhere };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(crate::serve(listener, HubSpotSim::new(options)));
    address
}

/// Everything the server sends until it closes.
async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn get(path: &str, host: &str) -> String {
    let token = crate::hubspot::ACCESS_TOKEN;
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n")
}

async fn fault(address: std::net::SocketAddr, body: &str) {
    let length = body.len();
    let request = format!(
        "POST /_sim/faults HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    assert!(exchange(address, &request).await.starts_with("HTTP/1.1 201"));
}

#[tokio::test]
async fn controls_answer_to_a_loopback_host_only() {
    let address = served().await;
    for (host, status) in [
        ("127.0.0.1:8788", 200),
        ("localhost", 200),
        ("[::1]:1", 200),
        ("tunnel.example", 403),
        ("localhost.evil.example", 403),
    ] {
        let answer = exchange(address, &get("/_sim/portal", host)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
    for path in ["//_sim/portal", "/%5Fsim/portal"] {
        let answer = exchange(address, &get(path, "tunnel.example")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
    }
    let answer = exchange(address, &get("/crm/v3/owners", "tunnel.example")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_cut_line_is_closed_and_half_an_answer_stops_in_the_middle() {
    let address = served().await;
    fault(address, r#"{"drop":true}"#).await;
    assert_eq!(exchange(address, &get("/crm/v3/owners", "localhost")).await, "");
    fault(address, r#"{"half":true}"#).await;
    let half = exchange(address, &get("/crm/v3/owners", "localhost")).await;
    let (head, body) = half.split_once("\r\n\r\n").expect("the head is sent");
    let length = head.to_lowercase();
    let length: usize = length.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    assert_eq!(body.len(), length / 2, "{half}");
    let whole = exchange(address, &get("/crm/v3/owners", "localhost")).await;
    assert!(whole.ends_with("]}"), "{whole}");
}

#[tokio::test]
async fn in_process_a_cut_line_is_a_broken_one() {
    let world = World::new();
    let line = crate::in_process(world.hubspot.clone() as Arc<dyn Simulator>);
    world.control("POST", "/_sim/faults", json!({ "drop": true })).await;
    let ask = || Request::builder().uri("http://hubspot.test/crm/v3/owners").body(Bytes::new()).unwrap();
    let cut = transport::Transport::send(&line, ask(), Duration::from_secs(1)).await;
    assert!(matches!(cut, Err(transport::TransportError::Broken(_))), "{cut:?}");
    let answer = transport::Transport::send(&line, ask(), Duration::from_secs(1)).await.unwrap();
    assert_eq!(answer.status().as_u16(), 401, "without a token");
}
