//! Files from addresses that others name: from the public web only, and never more than was agreed.

use crate::client::TOO_LARGE;
use crate::public_web::{NOT_PUBLIC, Reach, is_public};
use crate::{Transport, TransportError};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A file may be moved this often on its way.
const REDIRECTS: u32 = 3;

/// Fetches files. Cheap to clone; one per process.
#[derive(Clone)]
pub struct Outside {
    transport: Arc<dyn Transport>,
    reach: Reach,
}

/// A file that was fetched.
#[derive(Clone)]
pub struct Fetched {
    /// Its bytes.
    pub content: Bytes,
    /// Its type according to the server, such as `image/png`.
    pub mime_type: Option<String>,
}

/// A file was not fetched. No variant shows the address.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The address is none of the public web.
    #[error("the file was not fetched: its address is not one of the public web")]
    Refused,
    /// The file is larger than was agreed.
    #[error("the file was not fetched: it is too large")]
    TooLarge,
    /// The server has no such file, or moves it too often.
    #[error("the file was not fetched: the server answered {0}")]
    Status(u16),
    /// There is no complete answer.
    #[error("the file was not fetched: {0}")]
    Transport(#[from] TransportError),
}

impl Outside {
    /// `transport` must neither follow redirects nor, for [`Reach::PublicWeb`], connect to what a name may not resolve to;
    /// it must stop reading at its own bound.
    pub fn new(transport: Arc<dyn Transport>, reach: Reach) -> Self {
        Self { transport, reach }
    }

    /// Fetches what is at `address`, at most `max` bytes, each step within `timeout`.
    pub async fn fetch(&self, address: &str, max: usize, timeout: Duration) -> Result<Fetched, FetchError> {
        let mut url = Url::parse(address.trim()).map_err(|_| FetchError::Refused)?;
        for _ in 0..=REDIRECTS {
            if self.reach == Reach::PublicWeb && !is_public(&url) {
                return Err(FetchError::Refused);
            }
            let request = Request::builder().method(Method::GET).uri(url.as_str()).header(header::ACCEPT, "*/*");
            let request = request.body(Bytes::new()).map_err(|_| FetchError::Refused)?;
            let answer = self.transport.send(request, timeout).await.map_err(judge)?;
            let told = |name| answer.headers().get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
            match answer.status() {
                StatusCode::OK if answer.body().len() > max => return Err(FetchError::TooLarge),
                StatusCode::OK => {
                    let mime_type = told(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next());
                    let mime_type = mime_type.map(|kind| kind.trim().to_ascii_lowercase());
                    return Ok(Fetched { mime_type, content: answer.into_body() });
                }
                status if status.is_redirection() => {
                    let to = told(header::LOCATION).ok_or(FetchError::Status(status.as_u16()))?;
                    url = url.join(to).map_err(|_| FetchError::Refused)?;
                }
                status => return Err(FetchError::Status(status.as_u16())),
            }
        }
        Err(FetchError::Status(StatusCode::LOOP_DETECTED.as_u16()))
    }
}

/// The transport's own bound is told as a broken line.
fn judge(error: TransportError) -> FetchError {
    match &error {
        TransportError::Broken(why) if why == TOO_LARGE => FetchError::TooLarge,
        TransportError::NotSent(why) if why.contains(NOT_PUBLIC) => FetchError::Refused,
        _ => FetchError::Transport(error),
    }
}

#[cfg(test)]
mod tests;
