use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair};

const KEY: &[u8] = b"a key of thirty-two bytes, or so";

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn demo() -> OrgId {
    OrgId::parse("demo").unwrap()
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn keys() -> AdminKeys {
    let public = <[u8; 32]>::try_from(pair().public_key().as_ref()).unwrap();
    AdminKeys::new(vec![AdminKey::hs256("local", KEY), AdminKey::eddsa("backend", &public)])
}

fn token(role: &str, good_for: SignedDuration) -> String {
    format!("Bearer {}", sign_admin_token(&demo(), role, now() + good_for, KEY).unwrap())
}

/// A token as the OpenCX backend signs it.
fn by_backend(header: &str, role: &str) -> String {
    let claims = format!(r#"{{"org":"demo","role":"{role}","exp":{}}}"#, now().as_second() + 600);
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(header), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(pair().sign(signed.as_bytes()));
    format!("Bearer {signed}.{signature}")
}

fn check(authorization: &str, expected: Result<&'static str, TokenRefused>) {
    let expected = expected.map(|role| Admin { org: demo(), role });
    assert_eq!(keys().verify(Some(authorization), now()), expected, "{authorization}");
}

#[test]
fn an_owner_and_an_admin_may() {
    check(&token("owner", LONGEST_TOKEN), Ok("owner"));
    check(&token("admin", SignedDuration::from_mins(5)), Ok("admin"));
    check(&token("admin", LONGEST_TOKEN).replace("Bearer", "bearer"), Ok("admin"));
    check(&by_backend(r#"{"alg":"EdDSA","typ":"JWT"}"#, "owner"), Ok("owner"));
    check(&by_backend(r#"{"alg":"EdDSA","kid":"backend"}"#, "admin"), Ok("admin"));
}

#[test]
fn another_role_is_known_but_may_not() {
    for role in ["member", "", "Admin"] {
        check(&token(role, LONGEST_TOKEN), Err(TokenRefused::Role));
    }
    check(&by_backend(r#"{"alg":"EdDSA"}"#, "agent"), Err(TokenRefused::Role));
}

#[test]
fn an_expired_or_too_long_lived_token_is_refused() {
    check(&token("admin", -SignedDuration::from_mins(2)), Err(TokenRefused::Invalid));
    check(&token("admin", LONGEST_TOKEN + SignedDuration::from_mins(2)), Err(TokenRefused::Invalid));
}

#[test]
fn what_we_did_not_sign_is_refused() {
    let other = sign_admin_token(&demo(), "admin", now() + LONGEST_TOKEN, b"another key").unwrap();
    check(&format!("Bearer {other}"), Err(TokenRefused::Invalid));
    // The public key is no secret: as an HMAC key it must open nothing.
    let public = pair().public_key().as_ref().to_vec();
    let confused = sign_admin_token(&demo(), "admin", now() + LONGEST_TOKEN, &public).unwrap();
    check(&format!("Bearer {confused}"), Err(TokenRefused::Invalid));
    check(&by_backend(r#"{"alg":"EdDSA","kid":"local"}"#, "admin"), Err(TokenRefused::Invalid));
    // {"alg":"none"} with the claims of an admin.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJvcmciOiJkZW1vIiwicm9sZSI6ImFkbWluIiwiZXhwIjoxNzk1MTczNjAwfQ.";
    check(&format!("Bearer {unsigned}"), Err(TokenRefused::Invalid));
    for text in ["", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c"] {
        check(text, Err(TokenRefused::Invalid));
    }
    assert_eq!(keys().verify(None, now()), Err(TokenRefused::Invalid));
}
