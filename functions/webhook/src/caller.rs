//! Proves the caller: the signed URL proves an organization, HubSpot's signature proves our app.

use crate::Webhook;
use domain::OrgId;
use flows::VerifiedBy;
use hubspot::{RequestSignatureError, SignedRequest, TimedSignature};
use lambda_http::{Request, RequestExt as _};

/// Why a caller is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallerRefused {
    Url,
    Unsigned,
    Signature(RequestSignatureError),
}

impl CallerRefused {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Url => "bad_url",
            Self::Unsigned | Self::Signature(_) => "bad_signature",
        }
    }

    pub(crate) fn detail(&self) -> &'static str {
        match self {
            Self::Url => "the webhook URL is not valid; copy it again from the HubSpot settings",
            Self::Unsigned => "the request carries no X-HubSpot-Signature-v3",
            Self::Signature(RequestSignatureError::Stale) => "the signature's timestamp is more than 5 minutes off",
            Self::Signature(_) => "the signature does not match",
        }
    }
}

pub(crate) fn identify(webhook: &Webhook, request: &Request) -> Result<VerifiedBy, CallerRefused> {
    let path = request.raw_http_path();
    let mut parts = path.trim_start_matches("/webhooks/hubspot").split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(org), Some(key), None) => {
            let org = OrgId::parse(org).map_err(|_| CallerRefused::Url)?;
            let nonce = domain::verify(&org, key, &webhook.url_keys).map_err(|_| CallerRefused::Url)?;
            Ok(VerifiedBy::SignedUrl { org, nonce })
        }
        (None, ..) => verify(webhook, request).map(|()| VerifiedBy::AppSignature),
        _ => Err(CallerRefused::Url),
    }
}

/// A present v3 header must verify; only where it is absent may v1 count, if the deployment says so.
fn verify(webhook: &Webhook, request: &Request) -> Result<(), CallerRefused> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let body = request.body().as_ref();
    let secrets = &webhook.client_secrets;
    if let Some(signature) = header("x-hubspot-signature-v3") {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{}{}{query}", webhook.public_url, request.raw_http_path());
        let signed = SignedRequest { method: request.method().as_str(), url: &url, body };
        let headers =
            TimedSignature { signature, timestamp: header("x-hubspot-request-timestamp").unwrap_or_default() };
        return hubspot::verify_v3(&signed, &headers, webhook.clock.now(), secrets).map_err(CallerRefused::Signature);
    }
    match header("x-hubspot-signature") {
        Some(signature) if webhook.accept_v1 => {
            hubspot::verify_v1(body, signature, secrets).map_err(CallerRefused::Signature)
        }
        _ => Err(CallerRefused::Unsigned),
    }
}
