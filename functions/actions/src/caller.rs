//! HubSpot's signature of a workflow action: version 3, or 2 where 3 is absent.

use crate::Actions;
use hubspot::{RequestSignatureError, SignedRequest, TimedSignature};
use lambda_http::{Request, RequestExt as _};

/// A present v3 header must verify; only where it is absent does v2 count, with which HubSpot signs custom actions.
pub(crate) fn verify(actions: &Actions, request: &Request) -> Result<(), &'static str> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{}{}{query}", actions.public_url, request.raw_http_path());
    let signed = SignedRequest { method: request.method().as_str(), url: &url, body: request.body().as_ref() };
    let verified = if let Some(signature) = header("x-hubspot-signature-v3") {
        let headers =
            TimedSignature { signature, timestamp: header("x-hubspot-request-timestamp").unwrap_or_default() };
        hubspot::verify_v3(&signed, &headers, actions.clock.now(), &actions.client_secrets)
    } else if let Some(signature) = header("x-hubspot-signature") {
        hubspot::verify_v2(&signed, signature, &actions.client_secrets)
    } else {
        return Err("the request carries no HubSpot signature");
    };
    verified.map_err(|error| match error {
        RequestSignatureError::Stale => "the signature's timestamp is more than 5 minutes off",
        RequestSignatureError::Malformed | RequestSignatureError::Mismatch => "the signature does not match",
    })
}
