use crate::{Transport, TransportError};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use std::time::Duration;

/// Builds the one HTTP client of a process: ring as crypto provider, compiled-in roots, no redirects, no proxy.
///
/// # Panics
/// Never in practice: the settings are constant and the client is built once at start-up.
#[expect(clippy::disallowed_methods, reason = "the one place that builds an HTTP client")]
pub fn https_client() -> Result<reqwest::Client, reqwest::Error> {
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
        .build()
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
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let mut request = reqwest::Request::try_from(request.map(reqwest::Body::from)).map_err(|e| classify(&e))?;
            *request.timeout_mut() = Some(timeout);
            let response = self.0.execute(request).await.map_err(|e| classify(&e))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.bytes().await.map_err(|e| TransportError::Broken(cause(&e)))?;
            let mut answer = Response::new(body);
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
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
