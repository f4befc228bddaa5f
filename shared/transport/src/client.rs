//! The one HTTP client of a process.

use crate::public_web::{PublicNames, Reach};
use crate::{Attempt, Transport, TransportError};
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::{Request, Response};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Builds the one HTTP client of a process: ring as crypto provider, compiled-in roots, no redirects, no proxy.
///
/// # Panics
/// Never in practice: the settings are constant and the client is built once at start-up.
pub fn https_client() -> Result<reqwest::Client, reqwest::Error> {
    client().build()
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds an HTTP client")]
fn client() -> reqwest::ClientBuilder {
    // A second call finds the provider installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_millis(3100))
        .user_agent(concat!("opencx-hubspot/", env!("CARGO_PKG_VERSION")))
}

/// The real network.
#[derive(Debug, Clone)]
pub struct ReqwestTransport(reqwest::Client);

impl ReqwestTransport {
    /// Sends through `client`, which all callers of a process share.
    pub fn new(client: reqwest::Client) -> Self {
        Self(client)
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> BoxFuture<'_, Attempt> {
        Box::pin(send(&self.0, request, timeout, usize::MAX))
    }
}

/// The text of the [`TransportError`] for an answer that is larger than agreed.
pub(crate) const TOO_LARGE: &str = "the answer is too large";

/// The real network for addresses that others name. It judges a name by what it resolves to, before it connects, and
/// reads no more than it may.
///
/// Its client is built on first use: loading the roots takes most of a cold start, and files are rare.
#[derive(Debug)]
pub struct GuardedTransport {
    client: OnceLock<Result<reqwest::Client, String>>,
    reach: Reach,
    max: usize,
}

impl GuardedTransport {
    /// Reads at most `max` bytes of an answer.
    pub fn new(max: usize, reach: Reach) -> Self {
        Self { client: OnceLock::new(), reach, max }
    }

    fn client(&self) -> Result<&reqwest::Client, TransportError> {
        let built = self.client.get_or_init(|| {
            let client = match self.reach {
                Reach::PublicWeb => client().dns_resolver(Arc::new(PublicNames)),
                Reach::Anywhere => client(),
            };
            client.build().map_err(|error| cause(&error))
        });
        built.as_ref().map_err(|problem| TransportError::NotSent(problem.clone()))
    }
}

impl Transport for GuardedTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> BoxFuture<'_, Attempt> {
        Box::pin(async move { send(self.client()?, request, timeout, self.max).await })
    }
}

/// Sends once, and reads at most `max` bytes of the answer.
async fn send(client: &reqwest::Client, request: Request<Bytes>, timeout: Duration, max: usize) -> Attempt {
    let mut request = reqwest::Request::try_from(request.map(reqwest::Body::from)).map_err(|e| classify(&e))?;
    *request.timeout_mut() = Some(timeout);
    let mut response = client.execute(request).await.map_err(|e| classify(&e))?;
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| TransportError::Broken(cause(&e)))? {
        if body.len() + chunk.len() > max {
            return Err(TransportError::Broken(TOO_LARGE.to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    *answer.body_mut() = body.freeze();
    Ok(answer)
}

fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent(cause(error))
    } else {
        TransportError::Broken(cause(error))
    }
}

/// The innermost cause: reqwest's own text would repeat the URL, which may hold an e-mail address.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    if std::ptr::addr_eq(deepest, std::ptr::from_ref::<reqwest::Error>(error)) {
        return "connection failed".to_owned();
    }
    deepest.to_string()
}
