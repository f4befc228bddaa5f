//! Request signatures of HubSpot: pure, constant time, several secrets for rotation. The rules are from
//! <https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::{digest, hmac};
use std::borrow::Cow;
use std::fmt;

#[cfg(test)]
mod tests;

/// The parts of a request that HubSpot signs.
#[derive(Clone, Copy)]
pub struct SignedRequest<'a> {
    /// In capitals.
    pub method: &'a str,
    /// The URL as HubSpot knows it: our public URL, and the raw path and query of the request.
    pub url: &'a str,
    /// The bytes as they came.
    pub body: &'a [u8],
}

impl fmt::Debug for SignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The two headers of version 3.
#[derive(Debug, Clone, Copy)]
pub struct TimedSignature<'a> {
    /// `X-HubSpot-Signature-v3`.
    pub signature: &'a str,
    /// `X-HubSpot-Request-Timestamp`, in milliseconds.
    pub timestamp: &'a str,
}

/// The request is not HubSpot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestSignatureError {
    /// The header is no hexadecimal or base64 text of the right length, or its time is no number.
    #[error("the signature is malformed")]
    Malformed,
    /// Signed more than five minutes ago, or that far in the future.
    #[error("the signature is stale: its time is more than five minutes off")]
    Stale,
    /// No secret of ours made it.
    #[error("the signature does not match")]
    Mismatch,
}

/// HubSpot's bound for the age of a request; the future is bound likewise, because a clock can be wrong either way.
const MAX_AGE_MS: i128 = 300_000;

/// Version 1: `X-HubSpot-Signature` of webhook deliveries. It proves nothing about the time.
pub fn verify_v1(body: &[u8], signature: &str, secrets: &[impl AsRef<str>]) -> Result<(), RequestSignatureError> {
    let given = unhex(signature)?;
    let matches = |secret: &str| same(secret, &sha256(&[secret.as_bytes(), body]), &given);
    any(secrets, matches)
}

/// Version 2: `X-HubSpot-Signature` of workflow actions. It proves nothing about the time.
pub fn verify_v2(
    signed: &SignedRequest<'_>,
    signature: &str,
    secrets: &[impl AsRef<str>],
) -> Result<(), RequestSignatureError> {
    let given = unhex(signature)?;
    any(secrets, |secret| same(secret, &digest_v2(secret, signed), &given))
}

/// Version 3: HubSpot sends it with everything. Where its header is present, no other version may be accepted instead.
pub fn verify_v3(
    signed: &SignedRequest<'_>,
    headers: &TimedSignature<'_>,
    now: Timestamp,
    secrets: &[impl AsRef<str>],
) -> Result<(), RequestSignatureError> {
    let given = STANDARD.decode(headers.signature.trim()).map_err(|_| RequestSignatureError::Malformed)?;
    let millis: i64 = headers.timestamp.trim().parse().map_err(|_| RequestSignatureError::Malformed)?;
    if (i128::from(now.as_millisecond()) - i128::from(millis)).abs() > MAX_AGE_MS {
        return Err(RequestSignatureError::Stale);
    }
    let message = message_v3(signed, headers.timestamp.trim());
    any(secrets, |secret| hmac::verify(&key(secret), &message, &given).is_ok())
}

/// The version 1 signature of a body, as HubSpot makes it.
pub fn sign_v1(body: &[u8], secret: &str) -> String {
    hex::encode(sha256(&[secret.as_bytes(), body]))
}

/// The version 2 signature of a request, as HubSpot makes it.
pub fn sign_v2(signed: &SignedRequest<'_>, secret: &str) -> String {
    hex::encode(digest_v2(secret, signed))
}

/// The version 3 signature of a request at `timestamp_ms`, as HubSpot makes it.
pub fn sign_v3(signed: &SignedRequest<'_>, timestamp_ms: i64, secret: &str) -> String {
    STANDARD.encode(hmac::sign(&key(secret), &message_v3(signed, &timestamp_ms.to_string())))
}

/// An empty secret would let everybody sign, so it is no secret.
fn any(secrets: &[impl AsRef<str>], matches: impl Fn(&str) -> bool) -> Result<(), RequestSignatureError> {
    let found = secrets.iter().map(AsRef::as_ref).filter(|secret| !secret.is_empty()).any(matches);
    if found { Ok(()) } else { Err(RequestSignatureError::Mismatch) }
}

fn key(secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())
}

fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

fn digest_v2(secret: &str, signed: &SignedRequest<'_>) -> Vec<u8> {
    sha256(&[secret.as_bytes(), signed.method.as_bytes(), signed.url.as_bytes(), signed.body])
}

fn message_v3(signed: &SignedRequest<'_>, timestamp: &str) -> Vec<u8> {
    [signed.method.as_bytes(), decoded(signed.url).as_bytes(), signed.body, timestamp.as_bytes()].concat()
}

/// Compares in constant time: ring compares MACs so, and the MACs are equal only if the texts are.
fn same(secret: &str, expected: &[u8], given: &[u8]) -> bool {
    let tag = hmac::sign(&key(secret), expected);
    hmac::verify(&key(secret), given, tag.as_ref()).is_ok()
}

/// The escapes that HubSpot takes back before it signs are those of these characters, and no others.
const DECODED: &[u8] = b":/?@!$'()*,;";

fn decoded(url: &str) -> Cow<'_, str> {
    let mut parts = url.split('%');
    let first = parts.next().unwrap_or_default();
    if first.len() == url.len() {
        return Cow::Borrowed(url);
    }
    let mut out = first.to_owned();
    for part in parts {
        let mut code = [0];
        let (digits, rest) = part.split_at_checked(2).unwrap_or_default();
        if hex::decode_to_slice(digits, &mut code).is_ok() && DECODED.contains(&code[0]) {
            out.push(char::from(code[0]));
            out.push_str(rest);
        } else {
            out.push('%');
            out.push_str(part);
        }
    }
    Cow::Owned(out)
}

/// The 32 bytes of a SHA-256 in hexadecimal.
fn unhex(text: &str) -> Result<[u8; 32], RequestSignatureError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| RequestSignatureError::Malformed)?;
    Ok(bytes)
}
