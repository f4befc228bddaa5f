use super::*;

const KEY: &[u8] = b"a key of thirty-two bytes, or so";

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn demo() -> OrgId {
    OrgId::parse("demo").unwrap()
}

fn token(role: &str, good_for: SignedDuration) -> String {
    format!("Bearer {}", sign(&demo(), role, now() + good_for, KEY).unwrap())
}

fn check(authorization: &str, expected: &Result<OrgId, TokenRefused>) {
    assert_eq!(&verify(Some(authorization), now(), KEY), expected, "{authorization}");
}

#[test]
fn an_owner_and_an_admin_may() {
    check(&token("owner", LONGEST), &Ok(demo()));
    check(&token("admin", SignedDuration::from_mins(5)), &Ok(demo()));
    check(&token("admin", LONGEST).replace("Bearer", "bearer"), &Ok(demo()));
}

#[test]
fn another_role_is_known_but_may_not() {
    for role in ["member", "", "Admin"] {
        check(&token(role, LONGEST), &Err(TokenRefused::Role));
    }
}

#[test]
fn an_expired_or_too_long_lived_token_is_refused() {
    check(&token("admin", -SignedDuration::from_mins(2)), &Err(TokenRefused::Invalid));
    check(&token("admin", LONGEST + SignedDuration::from_mins(2)), &Err(TokenRefused::Invalid));
}

#[test]
fn what_we_did_not_sign_is_refused() {
    let other = sign(&demo(), "admin", now() + LONGEST, b"another key").unwrap();
    check(&format!("Bearer {other}"), &Err(TokenRefused::Invalid));
    // {"alg":"none"} with the claims of an admin.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJvcmciOiJkZW1vIiwicm9sZSI6ImFkbWluIiwiZXhwIjoxNzk1MTczNjAwfQ.";
    check(&format!("Bearer {unsigned}"), &Err(TokenRefused::Invalid));
    for text in ["", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c"] {
        check(text, &Err(TokenRefused::Invalid));
    }
    assert_eq!(verify(None, now(), KEY), Err(TokenRefused::Invalid));
}
