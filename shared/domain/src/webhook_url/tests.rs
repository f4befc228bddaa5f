use super::{UrlError, UrlKey, sign, verify};
use crate::OrgId;
use proptest::prelude::*;

fn org(id: &str) -> OrgId {
    OrgId::parse(id).unwrap()
}

fn key(id: &str, secret: &str) -> UrlKey {
    UrlKey::new(id, secret)
}

#[test]
fn every_url_that_is_not_ours_is_refused() {
    let keys = [key("k2", "new secret"), key("k1", "old secret")];
    let good = sign(&org("org_1"), "n0nce", &keys[1]);
    let mac = good.rsplit('.').next().unwrap().to_owned();
    let check = |rule: &str, of: &str, text: &str, expected: Result<&str, UrlError>| {
        assert_eq!(verify(&org(of), text, &keys), expected.map(str::to_owned), "{rule}");
    };
    check("signed for the organization", "org_1", &good, Ok("n0nce"));
    check("by the newer key", "org_1", &sign(&org("org_1"), "n0nce", &keys[0]), Ok("n0nce"));
    check("copied from a different organization", "org_2", &good, Err(UrlError));
    check("another nonce", "org_1", &format!("k1.other.{mac}"), Err(UrlError));
    check("another key's id", "org_1", &format!("k2.n0nce.{mac}"), Err(UrlError));
    check("an unknown key", "org_1", &format!("k9.n0nce.{mac}"), Err(UrlError));
    check("no MAC", "org_1", "k1.n0nce.", Err(UrlError));
    check("a shortened MAC", "org_1", &format!("k1.n0nce.{}", &mac[..40]), Err(UrlError));
    check("no base64", "org_1", "k1.n0nce.!!!", Err(UrlError));
    check("padding", "org_1", &format!("{good}="), Err(UrlError));
    check("one more part", "org_1", &format!("{good}.x"), Err(UrlError));
    check("too few parts", "org_1", "k1.n0nce", Err(UrlError));
    check("nothing", "org_1", "", Err(UrlError));
    check("no nonce", "org_1", &sign(&org("org_1"), "", &keys[0]), Err(UrlError));
    assert!(verify(&org("org_1"), &good, &[]).is_err());
}

#[test]
fn an_organization_cannot_borrow_from_anothers_nonce() {
    let keys = [key("k1", "secret")];
    let for_ab = sign(&org("a:b"), "c", &keys[0]);
    let forged = for_ab.replacen(".c.", ".b:c.", 1);
    assert_eq!(verify(&org("a:b"), &for_ab, &keys).as_deref(), Ok("c"));
    assert_eq!(verify(&org("a"), &forged, &keys), Err(UrlError));
}

#[test]
fn two_keys_of_one_id_both_verify() {
    let keys = [key("k1", "one"), key("k1", "two")];
    assert!(verify(&org("o"), &sign(&org("o"), "n", &keys[1]), &keys).is_ok());
}

/// The MAC was computed with Python's `hmac` over `webhook-url:v1:org_1:n`: URLs that are in use must stay valid.
#[test]
fn the_mac_is_hmac_sha256_of_the_documented_text() {
    assert_eq!(sign(&org("org_1"), "n", &key("k1", "secret")), "k1.n.bjDsmyVI_lYl3eG3Bry-qCpVy5ngQzgWCz1G2yTACYE");
}

#[test]
fn the_secret_does_not_reach_a_log() {
    assert_eq!(format!("{:?}", key("k1", "canary")), "UrlKey { id: \"k1\", .. }");
}

proptest! {
    #[test]
    fn what_is_signed_verifies(id in "[A-Za-z0-9_-]{1,40}", nonce in "[A-Za-z0-9_-]{1,40}", secret in prop::collection::vec(any::<u8>(), 16..64)) {
        let keys = [UrlKey::new("k1", secret)];
        prop_assert_eq!(verify(&org(&id), &sign(&org(&id), &nonce, &keys[0]), &keys), Ok(nonce));
    }

    #[test]
    fn no_changed_byte_verifies(at in 0_usize..200, to in "[A-Za-z0-9_.-]") {
        let keys = [key("k1", "secret")];
        let good = sign(&org("org_1"), "nonce", &keys[0]);
        let at = at % good.len();
        let mut changed = good.clone();
        changed.replace_range(at..=at, &to);
        prop_assume!(changed != good);
        prop_assert_eq!(verify(&org("org_1"), &changed, &keys), Err(UrlError));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = verify(&org("org_1"), &text, &[key("k1", "secret")]);
    }
}
