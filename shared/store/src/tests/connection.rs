use super::*;
use crate::{Auth, Connection, PortalProperties, Saved, SealError, Secret, StoreError, Updated};
use domain::{AppId, Settings};

pub(super) fn connection(org: &str, portal: &str) -> Connection {
    Connection {
        org: OrgId::parse(org).unwrap(),
        portal: PortalId::parse(portal).unwrap(),
        apps: vec![AppId::parse("33").unwrap(), AppId::parse("44").unwrap()],
        access_token: Secret::new("canary-token".to_owned()),
        client_secret: None,
        opencx_api_key: Secret::new("canary-key".to_owned()),
        auth: Auth::PrivateApp,
        settings: Settings { enabled: true, ..Settings::default() },
        nonce: "n1".to_owned(),
        properties: PortalProperties::Unknown,
        version: 0,
        connected_at: at(0),
        grant: crate::Grant::default(),
        milestones: crate::Milestones::default(),
        custom_channel: None,
    }
}

async fn stored(store: &Store, org: &str) -> Connection {
    store.connection(&OrgId::parse(org).unwrap()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_connection_is_read_as_it_was_saved_and_prints_no_secret() {
    let Bench { store, .. } = bench().await;
    assert!(store.connection(&org()).await.unwrap().is_none());
    let saved = Connection {
        client_secret: Some(Secret::new("canary-client".to_owned())),
        auth: Auth::OAuth,
        properties: PortalProperties::Refused("no scope".to_owned()),
        ..connection("org_1", "9001")
    };
    assert_eq!(store.save_connection(&saved, at(1)).await.unwrap(), Saved::Done);
    let read = stored(&store, "org_1").await;
    assert_eq!((&read.org, &read.portal, &read.apps, read.auth), (&saved.org, &saved.portal, &saved.apps, saved.auth));
    assert_eq!(
        (&read.nonce, &read.properties, read.connected_at),
        (&saved.nonce, &saved.properties, saved.connected_at)
    );
    assert_eq!((read.version, read.settings.enabled), (1, true));
    assert_eq!(read.access_token.expose(), "canary-token");
    assert_eq!(read.opencx_api_key.expose(), "canary-key");
    assert_eq!(read.client_secret.as_ref().unwrap().expose(), "canary-client");
    assert!(!format!("{read:?}").contains("canary"));
    assert_eq!(store.org_of_portal(&portal()).await.unwrap(), Some(org()));
}

#[tokio::test]
async fn secrets_are_sealed_at_rest_and_open_with_the_old_key_while_keys_rotate() {
    let Bench { store, engine } = bench().await;
    store.save_connection(&connection("org_1", "9001"), at(1)).await.unwrap();
    let raw = items::raw(&engine, "ORG#org_1", "CONNECTION").await;
    assert!(!format!("{raw:?}").contains("canary"));

    let rotating = Keyring::new(("k2".to_owned(), [2; 32]), vec![("k1".to_owned(), [1; 32])]);
    let rotating = Store::new(engine.client(), "bridge", Arc::new(rotating));
    let read = stored(&rotating, "org_1").await;
    assert_eq!(read.access_token.expose(), "canary-token");
    rotating.save_connection(&read, at(2)).await.unwrap();
    let rotated = Store::new(engine.client(), "bridge", keyring(2));
    assert_eq!(stored(&rotated, "org_1").await.opencx_api_key.expose(), "canary-key");
    let error = store.connection(&org()).await.unwrap_err();
    assert!(matches!(error, StoreError::Seal(SealError::UnknownKey(ref key)) if key == "k2"), "{error:?}");
}

#[tokio::test]
async fn a_token_that_was_copied_to_another_organization_does_not_open() {
    let Bench { store, engine } = bench().await;
    store.save_connection(&connection("org_1", "9001"), at(1)).await.unwrap();
    store.save_connection(&connection("org_2", "9002"), at(1)).await.unwrap();
    let stolen = items::raw(&engine, "ORG#org_1", "CONNECTION").await["access_token"].clone();
    items::plant(&engine, "ORG#org_2", "CONNECTION", "access_token", stolen).await;
    let error = store.connection(&OrgId::parse("org_2").unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::Seal(SealError::Refused)), "{error:?}");
}

#[tokio::test]
async fn a_portal_belongs_to_one_organization() {
    let Bench { store, .. } = bench().await;
    assert_eq!(store.org_of_portal(&portal()).await.unwrap(), None);
    assert_eq!(store.save_connection(&connection("org_1", "9001"), at(1)).await.unwrap(), Saved::Done);
    assert_eq!(
        store.save_connection(&connection("org_1", "9001"), at(2)).await.unwrap(),
        Saved::Done,
        "the same pair again"
    );
    assert_eq!(stored(&store, "org_1").await.version, 2);
    let taken = store.save_connection(&connection("org_2", "9001"), at(3)).await.unwrap();
    assert_eq!(taken, Saved::PortalTaken { by: org() });
    assert!(store.connection(&OrgId::parse("org_2").unwrap()).await.unwrap().is_none());
    assert_eq!(store.org_of_portal(&portal()).await.unwrap(), Some(org()));
}

#[tokio::test]
async fn an_organization_that_changes_its_portal_gives_the_former_one_free() {
    let Bench { store, .. } = bench().await;
    store.save_connection(&connection("org_1", "9001"), at(1)).await.unwrap();
    assert_eq!(store.save_connection(&connection("org_1", "9002"), at(2)).await.unwrap(), Saved::Done);
    assert_eq!(store.org_of_portal(&portal()).await.unwrap(), None);
    assert_eq!(stored(&store, "org_1").await.portal.as_str(), "9002");
    assert_eq!(store.save_connection(&connection("org_2", "9001"), at(3)).await.unwrap(), Saved::Done);
    let taken = store.save_connection(&connection("org_1", "9001"), at(4)).await.unwrap();
    assert_eq!(taken, Saved::PortalTaken { by: OrgId::parse("org_2").unwrap() });
    assert_eq!(stored(&store, "org_1").await.portal.as_str(), "9002");
}

#[tokio::test]
async fn two_admins_who_save_from_the_same_settings_do_not_overwrite_each_other() {
    let Bench { store, .. } = bench().await;
    let off = Settings::default();
    assert_eq!(store.update_settings(&org(), 1, &off, at(1)).await.unwrap(), Updated::NotConnected);
    store.save_connection(&connection("org_1", "9001"), at(1)).await.unwrap();
    assert_eq!(store.update_settings(&org(), 1, &off, at(2)).await.unwrap(), Updated::Yes);
    assert_eq!(store.update_settings(&org(), 1, &off, at(3)).await.unwrap(), Updated::Changed);
    let read = stored(&store, "org_1").await;
    assert_eq!((read.version, read.settings.enabled), (2, false));
}

#[tokio::test]
async fn a_webhook_url_is_rotated_once_and_properties_are_recorded_for_the_portal_they_are_in() {
    let Bench { store, .. } = bench().await;
    assert_eq!(store.rotate_nonce(&org(), "n1", "n2", at(1)).await.unwrap(), Updated::NotConnected);
    store.save_connection(&connection("org_1", "9001"), at(1)).await.unwrap();
    assert_eq!(store.rotate_nonce(&org(), "n1", "n2", at(2)).await.unwrap(), Updated::Yes);
    assert_eq!(store.rotate_nonce(&org(), "n1", "n3", at(2)).await.unwrap(), Updated::Changed);
    let other = PortalId::parse("9002").unwrap();
    assert_eq!(store.set_properties(&org(), &other, &PortalProperties::Ready).await.unwrap(), Updated::Changed);
    assert_eq!(
        store.set_properties(&org(), &portal(), &PortalProperties::Refused("why".to_owned())).await.unwrap(),
        Updated::Yes
    );
    assert_eq!(stored(&store, "org_1").await.properties, PortalProperties::Refused("why".to_owned()));
    assert_eq!(store.set_properties(&org(), &portal(), &PortalProperties::Ready).await.unwrap(), Updated::Yes);
    let read = stored(&store, "org_1").await;
    assert_eq!((read.nonce.as_str(), read.properties, read.version), ("n2", PortalProperties::Ready, 2));
}
