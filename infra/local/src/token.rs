//! Admin tokens: short-lived, signed with the keyring (contract section 1).

use domain::OrgId;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// The longest a token may be good for.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// Clocks of two machines differ.
const LEEWAY_S: i64 = 60;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    org: String,
    role: String,
    exp: i64,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// Not there, not ours, expired, or good for too long.
    #[error("the request carries no valid admin token")]
    Invalid,
    /// Signed by us, but for somebody who may not.
    #[error("the token's role may not do this")]
    Role,
}

/// A token for `role` in `org` that expires at `expires`.
pub fn sign(org: &OrgId, role: &str, expires: Timestamp, key: &[u8]) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims { org: org.to_string(), role: role.to_owned(), exp: expires.as_second() };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key))
}

/// The organization whose owner or admin sent this `Authorization` header.
pub fn verify(authorization: Option<&str>, now: Timestamp, key: &[u8]) -> Result<OrgId, TokenRefused> {
    let (scheme, token) = authorization.and_then(|text| text.split_once(' ')).ok_or(TokenRefused::Invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(TokenRefused::Invalid);
    }
    let mut validation = Validation::new(Algorithm::HS256);
    // The library would read the machine's clock; ours is checked below.
    validation.validate_exp = false;
    let token = jsonwebtoken::decode::<Claims>(token.trim(), &DecodingKey::from_secret(key), &validation);
    let claims = token.map_err(|_| TokenRefused::Invalid)?.claims;
    let left = claims.exp - now.as_second();
    if left < -LEEWAY_S || left > LONGEST.as_secs() + LEEWAY_S {
        return Err(TokenRefused::Invalid);
    }
    let org = OrgId::parse(claims.org).map_err(|_| TokenRefused::Invalid)?;
    if matches!(claims.role.as_str(), "owner" | "admin") { Ok(org) } else { Err(TokenRefused::Role) }
}

#[cfg(test)]
mod tests;
