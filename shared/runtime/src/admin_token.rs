//! Admin tokens: short-lived, issued by the OpenCX backend, signed with `EdDSA` or HS256.

use domain::OrgId;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest a token may be good for.
pub const LONGEST_TOKEN: SignedDuration = SignedDuration::from_hours(1);
/// Clocks of two machines differ.
const LEEWAY_S: i64 = 60;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    org: String,
    role: String,
    exp: i64,
}

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Whose data the token opens.
    pub org: OrgId,
    /// `owner` or `admin`.
    pub role: &'static str,
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

/// One key that admin tokens are verified with.
#[derive(Clone)]
pub struct AdminKey {
    id: String,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl AdminKey {
    /// A shared secret.
    pub fn hs256(id: impl Into<String>, secret: &[u8]) -> Self {
        Self { id: id.into(), algorithm: Algorithm::HS256, key: DecodingKey::from_secret(secret) }
    }

    /// The 32 bytes of an Ed25519 public key.
    pub fn eddsa(id: impl Into<String>, public: &[u8; 32]) -> Self {
        Self { id: id.into(), algorithm: Algorithm::EdDSA, key: DecodingKey::from_ed_der(public) }
    }
}

impl fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AdminKey({}, {:?})", self.id, self.algorithm)
    }
}

/// The keys of a deployment; several may be live while one replaces another.
#[derive(Debug, Clone, Default)]
pub struct AdminKeys(Vec<AdminKey>);

impl AdminKeys {
    /// All that verify.
    pub fn new(keys: Vec<AdminKey>) -> Self {
        Self(keys)
    }

    /// The owner or admin who sent this `Authorization` header.
    pub fn verify(&self, authorization: Option<&str>, now: Timestamp) -> Result<Admin, TokenRefused> {
        let (scheme, token) = authorization.and_then(|text| text.split_once(' ')).ok_or(TokenRefused::Invalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenRefused::Invalid);
        }
        let claims = self.claims(token.trim())?;
        let left = claims.exp.saturating_sub(now.as_second());
        if left < -LEEWAY_S || left > LONGEST_TOKEN.as_secs() + LEEWAY_S {
            return Err(TokenRefused::Invalid);
        }
        let org = OrgId::parse(claims.org).map_err(|_| TokenRefused::Invalid)?;
        let role = ["owner", "admin"].into_iter().find(|role| *role == claims.role).ok_or(TokenRefused::Role)?;
        Ok(Admin { org, role })
    }

    /// The algorithm is the key's, never the token's own wish.
    fn claims(&self, token: &str) -> Result<Claims, TokenRefused> {
        let wanted = jsonwebtoken::decode_header(token).map_err(|_| TokenRefused::Invalid)?.kid;
        let fits = |key: &&AdminKey| wanted.as_deref().is_none_or(|id| id == key.id);
        let read = |key: &AdminKey| {
            let mut validation = Validation::new(key.algorithm);
            // The library would read the machine's clock; the caller checks against ours.
            validation.validate_exp = false;
            jsonwebtoken::decode::<Claims>(token, &key.key, &validation).ok()
        };
        self.0.iter().filter(fits).find_map(read).map(|token| token.claims).ok_or(TokenRefused::Invalid)
    }
}

/// A token for `role` in `org` that expires at `expires`, signed with a shared secret: for the one-machine runner.
pub fn sign_admin_token(
    org: &OrgId,
    role: &str,
    expires: Timestamp,
    key: &[u8],
) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims { org: org.to_string(), role: role.to_owned(), exp: expires.as_second() };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key))
}

#[cfg(test)]
#[path = "admin_token_tests.rs"]
mod tests;
