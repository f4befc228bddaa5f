use super::*;
use crate::{
    AuditEntry, Auth, ConnectionState, Credential, Lease, Milestone, NewGrant, OAuthState, PortalProperties, Refreshed,
    Saved, Secret, Updated,
};
use domain::AppId;

pub(super) fn credential(portal: &str, token: &str) -> Credential {
    Credential {
        auth: Auth::OAuth,
        portal: PortalId::parse(portal).unwrap(),
        app: AppId::parse("5").unwrap(),
        access_token: Secret::new(token.to_owned()),
        refresh_token: Some(Secret::new("canary-refresh".to_owned())),
        expires_at: Some(at(1800)),
        scopes: vec!["tickets".to_owned()],
        portal_name: Some("a.example".to_owned()),
    }
}

pub(super) async fn grant(store: &Store, org: &str, credential: &Credential, kept: Option<&Credential>) -> Saved {
    let org = OrgId::parse(org).unwrap();
    store.draft(&org, "nonce-1", at(0)).await.unwrap();
    let other_apps = [AppId::parse("4").unwrap()];
    let properties = &PortalProperties::Ready;
    let new = NewGrant { org: &org, credential, other_apps: &other_apps, kept, properties, opencx_api_key: None };
    store.grant(&new, at(1)).await.unwrap()
}

pub(super) async fn version(store: &Store) -> u64 {
    store.connection(&org()).await.unwrap().unwrap().grant.token_version
}

fn refreshed(token: &str) -> Refreshed {
    Refreshed {
        access_token: Secret::new(token.to_owned()),
        refresh_token: Secret::new("canary-refresh-2".to_owned()),
        expires_at: at(3600),
    }
}

#[tokio::test]
async fn an_organization_has_settings_and_a_url_before_it_is_connected() {
    let Bench { store, .. } = bench().await;
    let draft = store.draft(&org(), "nonce-1", at(0)).await.unwrap();
    assert_eq!((draft.nonce.as_str(), draft.opencx_api_key_set, draft.version), ("nonce-1", false, 0));
    assert_eq!(store.draft(&org(), "nonce-2", at(1)).await.unwrap().nonce, "nonce-1", "the first stays");
    assert!(store.connection(&org()).await.unwrap().is_none());
    let mut settings = draft.settings;
    settings.retention_days = 7;
    assert_eq!(store.update_settings(&org(), 0, &settings, at(2)).await.unwrap(), Updated::Yes);
    store.save_api_key(&org(), &Secret::new("canary-key".to_owned()), at(3)).await.unwrap();
    assert_eq!(grant(&store, "org_1", &credential("9001", "canary-a"), None).await, Saved::Done);
    let connection = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!((connection.settings.retention_days, connection.nonce.as_str()), (7, "nonce-1"));
    assert_eq!((connection.opencx_api_key.expose().as_str(), connection.apps.len()), ("canary-key", 2));
}

#[tokio::test]
async fn a_grant_is_read_as_it_was_given_and_is_sealed() {
    let Bench { store, engine } = bench().await;
    let kept = Credential { auth: Auth::PrivateApp, refresh_token: None, ..credential("9001", "canary-former") };
    grant(&store, "org_1", &credential("9001", "canary-a"), Some(&kept)).await;
    let raw = items::raw(&engine, "ORG#org_1", "CONNECTION").await;
    assert!(!format!("{raw:?}").contains("canary"));
    let read = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!(
        (read.auth, read.grant.state, read.grant.expires_at),
        (Auth::OAuth, ConnectionState::Connected, Some(at(1800)))
    );
    assert_eq!(read.grant.refresh_token.as_ref().unwrap().expose(), "canary-refresh");
    let former = read.grant.kept.as_ref().unwrap();
    assert_eq!((former.auth, former.access_token.expose().as_str()), (Auth::PrivateApp, "canary-former"));
    assert!(!format!("{read:?}").contains("canary"));
}

#[tokio::test]
async fn of_all_who_see_an_expiry_one_may_refresh() {
    let Bench { store, .. } = bench().await;
    grant(&store, "org_1", &credential("9001", "canary-a"), None).await;
    let version = version(&store).await;
    let take = |holder: &'static str, now: i64| {
        let store = store.clone();
        async move { store.take_refresh(&org(), version, (holder, at(now + 20)), at(now)).await.unwrap() }
    };
    assert_eq!(take("a", 0).await, Lease::Taken { after_crash: false });
    assert_eq!(take("b", 19).await, Lease::Held { until: at(20) });
    assert_eq!(take("b", 20).await, Lease::Taken { after_crash: true });
    // The one who was overtaken gives nothing back that is not its own.
    store.release_refresh(&org(), "a").await.unwrap();
    assert_eq!(take("c", 21).await, Lease::Held { until: at(40) });
    store.release_refresh(&org(), "b").await.unwrap();
    assert_eq!(take("c", 22).await, Lease::Taken { after_crash: false });
    assert!(store.save_refreshed(&org(), version, &refreshed("canary-b"), at(23)).await.unwrap());
    assert!(
        !store.save_refreshed(&org(), version, &refreshed("canary-late"), at(24)).await.unwrap(),
        "newer ones count"
    );
    assert_eq!(take("d", 25).await, Lease::Moved);
    let read = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!((read.access_token.expose().as_str(), read.grant.token_version), ("canary-b", version + 1));
}

#[tokio::test]
async fn a_reconnect_is_asked_for_only_where_nothing_newer_is_there() {
    let Bench { store, .. } = bench().await;
    grant(&store, "org_1", &credential("9001", "canary-a"), None).await;
    let version = version(&store).await;
    store.take_refresh(&org(), version, ("a", at(20)), at(0)).await.unwrap();
    assert!(!store.require_reconnect(&org(), version, Some("b"), "why").await.unwrap(), "another holds the lease");
    assert!(!store.require_reconnect(&org(), version + 1, Some("a"), "why").await.unwrap());
    assert!(store.require_reconnect(&org(), version, Some("a"), "why").await.unwrap());
    let read = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!(
        (read.grant.state, read.grant.reconnect_reason.as_deref()),
        (ConnectionState::ReconnectRequired, Some("why"))
    );
    grant(&store, "org_1", &credential("9001", "canary-b"), None).await;
    let read = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!((read.grant.state, read.grant.reconnect_reason), (ConnectionState::Connected, None));
}

#[tokio::test]
async fn a_portal_that_was_given_up_can_be_anothers() {
    let Bench { store, .. } = bench().await;
    grant(&store, "org_1", &credential("9001", "canary-a"), None).await;
    assert_eq!(grant(&store, "org_2", &credential("9001", "canary-b"), None).await, Saved::PortalTaken { by: org() });
    assert_eq!(store.disconnect(&org(), &portal(), at(5)).await.unwrap(), Updated::Yes);
    let read = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!((read.grant.state, read.access_token.expose().as_str()), (ConnectionState::Disconnected, ""));
    assert!(read.grant.refresh_token.is_none());
    assert_eq!(grant(&store, "org_2", &credential("9001", "canary-b"), None).await, Saved::Done);
    // The first goes to another portal, and leaves the second's alone.
    assert_eq!(grant(&store, "org_1", &credential("9002", "canary-c"), None).await, Saved::Done);
    assert_eq!(store.org_of_portal(&portal()).await.unwrap().unwrap().as_str(), "org_2");
}

#[tokio::test]
async fn another_portal_waits_for_one_confirmation() {
    let Bench { store, .. } = bench().await;
    grant(&store, "org_1", &credential("9001", "canary-a"), None).await;
    store.keep_pending(&org(), "c1", &credential("9002", "canary-b"), at(0)).await.unwrap();
    let pending = store.connection(&org()).await.unwrap().unwrap().grant.pending.unwrap();
    assert_eq!((pending.portal.as_str(), pending.id.as_str()), ("9002", "c1"));
    assert!(store.take_pending(&org(), "other", at(1)).await.unwrap().is_none());
    assert!(store.take_pending(&org(), "c1", at(601)).await.unwrap().is_none(), "ten minutes are over");
    assert_eq!(store.take_pending(&org(), "c1", at(1)).await.unwrap().unwrap().access_token.expose(), "canary-b");
    assert!(store.take_pending(&org(), "c1", at(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_consent_is_good_once_and_for_ten_minutes() {
    let Bench { store, .. } = bench().await;
    let begun = OAuthState { org: org(), browser: "hash".to_owned(), actor: "owner".to_owned() };
    store.begin_oauth("s1", &begun, at(0)).await.unwrap();
    store.begin_oauth("s2", &begun, at(0)).await.unwrap();
    assert!(store.begin_oauth("s1", &begun, at(1)).await.is_err());
    assert_eq!(store.use_oauth("s1", at(599)).await.unwrap(), Some(begun));
    assert_eq!(store.use_oauth("s1", at(599)).await.unwrap(), None);
    assert_eq!(store.use_oauth("s2", at(600)).await.unwrap(), None);
    assert_eq!(store.use_oauth("s3", at(1)).await.unwrap(), None);
}

#[tokio::test]
async fn what_happened_first_stays() {
    let Bench { store, .. } = bench().await;
    store.record_milestone(&org(), Milestone::Answer, at(1)).await.unwrap();
    assert!(store.connection(&org()).await.unwrap().is_none(), "nothing is created by it");
    grant(&store, "org_1", &credential("9001", "canary-a"), None).await;
    store.record_milestone(&org(), Milestone::Answer, at(2)).await.unwrap();
    store.record_milestone(&org(), Milestone::Answer, at(3)).await.unwrap();
    let milestones = store.connection(&org()).await.unwrap().unwrap().milestones;
    assert_eq!((milestones.at(Milestone::Answer), milestones.at(Milestone::Ticket)), (Some(at(2)), None));
}

#[tokio::test]
async fn audit_entries_are_listed_newest_first_page_by_page() {
    let Bench { store, .. } = bench().await;
    for n in 0..5 {
        let entry = AuditEntry { at: at(n), actor: "admin".to_owned(), action: "a".to_owned(), what: n.to_string() };
        store.add_audit(&org(), &entry, "x").await.unwrap();
    }
    let first = store.audit(&org(), None, 3).await.unwrap();
    let second = store.audit(&org(), first.cursor.as_deref(), 3).await.unwrap();
    let all: Vec<_> = first.entries.iter().chain(&second.entries).map(|entry| entry.what.as_str()).collect();
    assert_eq!((all, second.cursor), (vec!["4", "3", "2", "1", "0"], None));
    assert!(store.audit(&OrgId::parse("org_2").unwrap(), None, 3).await.unwrap().entries.is_empty());
}
