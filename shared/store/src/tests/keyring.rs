use super::*;
use crate::SealError;

#[test]
fn a_secret_opens_only_for_its_organization_and_field() {
    let ring = keyring(1);
    let sealed = ring.seal(&org(), "access_token", "canary-token").unwrap();
    assert!(!sealed.contains("canary"));
    assert_eq!(ring.open(&org(), "access_token", &sealed).unwrap().expose(), "canary-token");
    let other = OrgId::parse("org_2").unwrap();
    assert_eq!(ring.open(&other, "access_token", &sealed).unwrap_err(), SealError::Refused);
    assert_eq!(ring.open(&org(), "client_secret", &sealed).unwrap_err(), SealError::Refused);
}

#[test]
fn two_seals_of_one_secret_differ() {
    let ring = keyring(1);
    assert_ne!(ring.seal(&org(), "f", "x").unwrap(), ring.seal(&org(), "f", "x").unwrap());
}

#[test]
fn while_keys_rotate_both_open_and_the_new_one_seals() {
    let old = keyring(1);
    let both = Keyring::new(("k2".to_owned(), [2; 32]), vec![("k1".to_owned(), [1; 32])]);
    let new = keyring(2);
    let before = old.seal(&org(), "f", "x").unwrap();
    let after = both.seal(&org(), "f", "x").unwrap();
    assert_eq!(both.open(&org(), "f", &before).unwrap().expose(), "x");
    assert_eq!(both.open(&org(), "f", &after).unwrap().expose(), "x");
    assert_eq!(new.open(&org(), "f", &after).unwrap().expose(), "x");
    assert_eq!(new.open(&org(), "f", &before).unwrap_err(), SealError::UnknownKey("k1".to_owned()));
}

#[test]
fn a_changed_text_does_not_open() {
    let ring = keyring(1);
    let sealed = ring.seal(&org(), "f", "canary").unwrap();
    let (head, tail) = sealed.split_at(sealed.len() - 1);
    let flipped = format!("{head}{}", if tail == "A" { "Q" } else { "A" });
    for text in ["", "v1.", "v1.k1", "v1.k1.", "v1.k1.AAAA", "v2.k1.AAAA", &sealed[..sealed.len() - 4], &flipped] {
        let error = ring.open(&org(), "f", text).unwrap_err();
        assert!(matches!(error, SealError::Malformed | SealError::Refused), "{text}: {error:?}");
    }
}

#[test]
fn neither_keys_nor_secrets_print_themselves() {
    let ring = Keyring::new(("k2".to_owned(), [0xAB; 32]), Vec::new());
    assert_eq!(format!("{ring:?} {:?}", crate::Secret::new("canary")), "[\"k2\"] [secret]");
}
