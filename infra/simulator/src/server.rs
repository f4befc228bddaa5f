//! A simulator behind a TCP port.

use crate::wire::is_control;
use crate::{Reply, Simulator};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;

type Body = StreamBody<BoxStream<'static, io::Result<Frame<Bytes>>>>;

/// Serves `sim` on `listener` until the task is dropped. HTTP/1.1; a cut answer closes the socket; `/_sim` answers only
/// to a loopback `Host`, so that a tunnel to the port does not publish the controls.
pub async fn serve<S: Simulator + ?Sized>(listener: TcpListener, sim: Arc<S>) {
    loop {
        let (socket, _) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a simulator could not accept a connection");
                tokio::task::yield_now().await;
                continue;
            }
        };
        let _ = socket.set_nodelay(true);
        let sim = sim.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| answer(sim.clone(), request));
            let served =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
            if let Err(error) = served {
                tracing::debug!(%error, "a connection to a simulator ended early");
            }
        });
    }
}

/// An error makes hyper close the connection without an answer, as [`Reply::Cut`] wants.
async fn answer<S: Simulator + ?Sized>(sim: Arc<S>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let request = Request::from_parts(head, body);
    if is_control(request.uri().path()) && !asks_loopback(&request) {
        let mut refused =
            Response::new(whole(Bytes::from_static(b"{\"error\":\"the controls answer to loopback only\"}")));
        *refused.status_mut() = http::StatusCode::FORBIDDEN;
        return Ok(refused);
    }
    match sim.reply(request).await {
        Reply::Answer(answer) => Ok(sized(answer)),
        Reply::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
        Reply::Half(answer) => {
            let length = answer.body().len();
            let mut answer = answer.map(|body| half(&body));
            answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            Ok(answer)
        }
    }
}

fn asks_loopback(request: &Request<Bytes>) -> bool {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// With its length, so that the answer is not chunked.
fn sized(mut answer: Response<Bytes>) -> Response<Body> {
    let length = answer.body().len();
    if answer.status() != http::StatusCode::NO_CONTENT {
        answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    answer.map(whole)
}

fn whole(body: Bytes) -> Body {
    StreamBody::new(stream::iter((!body.is_empty()).then(|| Ok(Frame::data(body)))).boxed())
}

/// The pause lets hyper write the first half out before it learns that no second one follows.
fn half(body: &Bytes) -> Body {
    let first = body.slice(..body.len() / 2);
    let broken = async {
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    };
    StreamBody::new(stream::iter([Ok(Frame::data(first))]).chain(stream::once(broken)).boxed())
}
