//! The part of the Lambda Runtime API that a function meets: one invocation after the other, and where its answer goes.

use anyhow::{Context, ensure};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, oneshot};

/// The end of the century: no function here watches its deadline.
const DEADLINE_MS: &str = "4102444800000";

/// A function's answer to an invocation; the error is a function error with `errorType` and `errorMessage`.
pub(crate) type Answer = Result<Value, Value>;

/// A Runtime API for one function.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    events: UnboundedSender<(String, Value)>,
    answers: UnboundedReceiver<(String, Answer)>,
    /// How many invocations there have been.
    count: u32,
    /// The server ends when this is dropped.
    _stop: oneshot::Sender<()>,
}

struct Door {
    events: Mutex<UnboundedReceiver<(String, Value)>>,
    answers: UnboundedSender<(String, Answer)>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let (events, waiting) = unbounded_channel();
        let (given, answers) = unbounded_channel();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(Arc::new(Door { events: Mutex::new(waiting), answers: given }));
        let (address, stop) = serve(router).await?;
        Ok(Self { address, events, answers, count: 0, _stop: stop })
    }

    /// Hands `event` to the function and waits for its answer.
    pub(crate) async fn invoke(&mut self, event: &Value) -> anyhow::Result<Answer> {
        self.count += 1;
        let id = format!("request-{}", self.count);
        self.events.send((id.clone(), event.clone())).context("hand over an event")?;
        let (answered, answer) = self.answers.recv().await.context("wait for an answer")?;
        ensure!(answered == id, "{answered} was answered instead of {id}");
        Ok(answer)
    }
}

/// Serves on a port that the system chooses, until the sender is dropped.
pub(crate) async fn serve(router: Router) -> anyhow::Result<(SocketAddr, oneshot::Sender<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        tokio::select! {
            served = axum::serve(listener, router) => served,
            _ = stopped => Ok(()),
        }
    });
    Ok((address, stop))
}

/// Waits until there is something to do, as Lambda does.
async fn next(State(door): State<Arc<Door>>) -> impl IntoResponse {
    let (id, event) = door.events.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let headers = AppendHeaders([
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", DEADLINE_MS.to_owned()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:it".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned()),
    ]);
    Ok::<_, StatusCode>((headers, Json(event)))
}

async fn response(State(door): State<Arc<Door>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    take(&door, id, &body, Ok)
}

async fn error(State(door): State<Arc<Door>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    take(&door, id, &body, Err)
}

fn take(door: &Door, id: String, body: &[u8], answer: impl FnOnce(Value) -> Answer) -> StatusCode {
    let Ok(value) = serde_json::from_slice(body) else { return StatusCode::BAD_REQUEST };
    match door.answers.send((id, answer(value))) {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::GONE,
    }
}
