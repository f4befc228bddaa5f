use super::*;
use crate::{CrmAccess, CrmConnection, Secret, Updated};
use domain::{CrmLabels, OwnerId, RepName, StageLabel};
use std::collections::BTreeMap;

fn own(token: &str) -> CrmConnection {
    let access = CrmAccess::Own(Secret::new(token.to_owned()));
    CrmConnection { org: org(), portal: portal(), access, labels: None, connected_at: at(0) }
}

fn labels() -> CrmLabels {
    let stage = |label: &str, closed| StageLabel { label: label.to_owned(), closed };
    CrmLabels {
        ticket_stages: BTreeMap::from([("4".to_owned(), stage("Closed", true))]),
        deal_stages: BTreeMap::from([("won".to_owned(), stage("Won", true))]),
        owners: BTreeMap::from([(
            OwnerId::parse("8").unwrap(),
            RepName { name: Some("canary-rep".to_owned()), email: None },
        )]),
        currency: Some("EUR".to_owned()),
        missing_scopes: vec![],
        learned_at: at(1),
    }
}

#[tokio::test]
async fn a_crm_connection_is_read_as_it_was_saved_sealed_and_prints_no_secret() {
    let Bench { store, engine } = bench().await;
    assert!(store.crm_connection(&org()).await.unwrap().is_none());
    let saved = CrmConnection { labels: Some(labels()), ..own("canary-token") };
    store.save_crm_connection(&saved, at(1)).await.unwrap();
    let read = store.crm_connection(&org()).await.unwrap().unwrap();
    assert!(matches!(&read.access, CrmAccess::Own(token) if token.expose() == "canary-token"));
    assert_eq!((&read.portal, &read.labels, read.connected_at), (&saved.portal, &saved.labels, at(0)));
    assert!(!format!("{read:?}").contains("canary"));
    let raw = items::raw(&engine, "ORG#org_1", "CRM").await;
    assert!(!format!("{raw:?}").contains("canary-token"));
}

#[tokio::test]
async fn the_integrations_own_connection_takes_the_place_of_a_token() {
    let Bench { store, engine } = bench().await;
    store.save_crm_connection(&own("canary-token"), at(1)).await.unwrap();
    let shared = CrmConnection { access: CrmAccess::Integration, ..own("") };
    store.save_crm_connection(&shared, at(2)).await.unwrap();
    let read = store.crm_connection(&org()).await.unwrap().unwrap();
    assert!(matches!(read.access, CrmAccess::Integration));
    let raw = items::raw(&engine, "ORG#org_1", "CRM").await;
    assert!(!format!("{raw:?}").contains("crm_access_token"));
}

#[tokio::test]
async fn labels_are_kept_for_the_portal_they_belong_to() {
    let Bench { store, .. } = bench().await;
    assert_eq!(store.keep_crm_labels(&org(), &portal(), &labels()).await.unwrap(), Updated::NotConnected);
    store.save_crm_connection(&own("t"), at(1)).await.unwrap();
    let other = PortalId::parse("1").unwrap();
    assert_eq!(store.keep_crm_labels(&org(), &other, &labels()).await.unwrap(), Updated::Changed);
    assert_eq!(store.keep_crm_labels(&org(), &portal(), &labels()).await.unwrap(), Updated::Yes);
    assert_eq!(store.crm_connection(&org()).await.unwrap().unwrap().labels, Some(labels()));
}

#[tokio::test]
async fn a_forgotten_crm_connection_is_gone() {
    let Bench { store, .. } = bench().await;
    store.delete_crm_connection(&org()).await.unwrap();
    store.save_crm_connection(&own("t"), at(1)).await.unwrap();
    store.delete_crm_connection(&org()).await.unwrap();
    assert!(store.crm_connection(&org()).await.unwrap().is_none());
}
