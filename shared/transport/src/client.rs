use crate::outside::is_public_ip;
use crate::{Reach, Transport, TransportError};
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::{Request, Response};
use std::net::SocketAddr;
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

/// What [`TransportError`] says where an answer is larger than agreed, and where a name is not of the public web.
pub(crate) const TOO_LARGE: &str = "the answer is too large";
pub(crate) const NOT_PUBLIC: &str = "the name is not one of the public web";

/// The real network for addresses that others name: it connects only to what [`Reach`] allows, judged after the name is
/// resolved and before the connection is made, and reads no more than it may.
///
/// Its client is built when it is first asked: loading the roots takes most of a cold start, and files are rare.
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
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let mut request = reqwest::Request::try_from(request.map(reqwest::Body::from)).map_err(|e| classify(&e))?;
            *request.timeout_mut() = Some(timeout);
            let mut response = self.client()?.execute(request).await.map_err(|e| classify(&e))?;
            let mut answer = Response::new(Bytes::new());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            let mut body = BytesMut::new();
            while let Some(chunk) = response.chunk().await.map_err(|e| TransportError::Broken(cause(&e)))? {
                if body.len() + chunk.len() > self.max {
                    return Err(TransportError::Broken(TOO_LARGE.to_owned()));
                }
                body.extend_from_slice(&chunk);
            }
            *answer.body_mut() = body.freeze();
            Ok(answer)
        })
    }
}

/// Resolves names, and refuses those that have any address which is not public.
struct PublicNames;

impl reqwest::dns::Resolve for PublicNames {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() || found.iter().any(|address| !is_public_ip(address.ip())) {
                return Err(NOT_PUBLIC.into());
            }
            let found: reqwest::dns::Addrs = Box::new(found.into_iter());
            Ok(found)
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
