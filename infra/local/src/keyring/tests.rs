use super::*;
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_secrets_are_made_once_and_only_their_owner_reads_them() {
    let folder = crate::folder::scratch("keyring");
    let path = folder.join("keyring.json");
    let made = LocalKeyring::open(&path).unwrap();
    let read = LocalKeyring::open(&path).unwrap();
    assert_eq!(made.token_key().unwrap(), read.token_key().unwrap());
    assert_eq!((made.nonce(), made.client_secret()), (read.nonce(), read.client_secret()));
    assert_eq!((&made.seal, &made.url), (&read.seal, &read.url));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn two_folders_have_different_secrets() {
    let (one, other) = (LocalKeyring::generate().unwrap(), LocalKeyring::generate().unwrap());
    assert_ne!(one.seal, other.seal);
    assert_ne!(one.token_key().unwrap(), other.token_key().unwrap());
    assert_ne!(one.nonce(), other.nonce());
    assert_ne!(boot_id().unwrap(), boot_id().unwrap());
}

#[test]
fn a_damaged_keyring_is_never_replaced() {
    let folder = crate::folder::scratch("keyring-damaged");
    let path = folder.join("keyring.json");
    std::fs::write(&path, "{}").unwrap();
    let error = LocalKeyring::open(&path).unwrap_err().to_string();
    assert!(error.starts_with("the keyring "), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_secrets_do_not_show_in_logs() {
    assert_eq!(format!("{:?}", LocalKeyring::generate().unwrap()), "LocalKeyring(..)");
}
