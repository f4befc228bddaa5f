use super::*;
use crate::{Auth, CustomChannel, Updated};
use domain::{ChannelAccountId, ChannelId, ContactId, InboxId, PortalId};

fn account(id: &str, portal: PortalId) -> CustomChannel {
    CustomChannel {
        portal,
        channel: ChannelId::parse("1057").unwrap(),
        account: ChannelAccountId::parse(id).unwrap(),
        inbox: InboxId::parse("481939").unwrap(),
    }
}

async fn known(store: &Store, id: &str) -> Session {
    store.ensure_session(&Session::new(org(), session_id(id), Channel::Sms, at(1))).await.unwrap()
}

#[tokio::test]
async fn a_thread_of_our_channel_becomes_the_sessions() {
    let Bench { store, .. } = bench().await;
    let (here, ada) = (account("77", portal()), ContactId::parse("6001").unwrap());
    let session = known(&store, "s1").await;
    for _ in 0..2 {
        assert!(store.adopt_thread(&session, &here, &thread("t1"), Some(&ada)).await.unwrap());
    }
    let after = store.session(&org(), &session_id("s1")).await.unwrap().unwrap();
    assert_eq!((after.thread, after.contact, after.portal), (Some(thread("t1")), Some(ada.clone()), Some(portal())));
    assert_eq!(after.custom_account, Some(here.account));
    let link = store.link_of_thread(&portal(), &thread("t1")).await.unwrap().unwrap();
    assert_eq!(link.session, Some(session_id("s1")));
    assert_eq!(store.sessions_of_contact(&portal(), &ada).await.unwrap(), [(org(), session_id("s1"))]);
    // Another account: the session goes on there, and the former thread is still its own.
    let there = account("78", portal());
    assert!(store.adopt_thread(&session, &there, &thread("t2"), None).await.unwrap());
    let after = store.session(&org(), &session_id("s1")).await.unwrap().unwrap();
    assert_eq!(
        (after.thread, after.contact, after.custom_account),
        (Some(thread("t2")), Some(ada), Some(there.account))
    );
    for id in ["t1", "t2"] {
        let link = store.link_of_thread(&portal(), &thread(id)).await.unwrap().unwrap();
        assert_eq!(link.session, Some(session_id("s1")), "{id}");
    }
}

#[tokio::test]
async fn nobody_loses_a_thread_to_our_channel() {
    let Bench { store, .. } = bench().await;
    let here = account("77", portal());
    let (first, second) = (known(&store, "s1").await, known(&store, "s2").await);
    assert!(store.adopt_thread(&first, &here, &thread("t1"), None).await.unwrap());
    assert!(!store.adopt_thread(&second, &here, &thread("t1"), None).await.unwrap(), "it is another session's");
    assert_eq!(store.session(&org(), &session_id("s2")).await.unwrap().unwrap().thread, None);
    let begun = Session {
        portal: Some(portal()),
        thread: Some(thread("t8")),
        ..Session::new(org(), session_id("s3"), Channel::Web, at(1))
    };
    let begun = store.ensure_session(&begun).await.unwrap();
    assert!(!store.adopt_thread(&begun, &here, &thread("t9"), None).await.unwrap(), "HubSpot's own channel began it");
    assert_eq!(store.link_of_thread(&portal(), &thread("t9")).await.unwrap(), None);
    // A thread of a portal that is no longer connected counts for nothing.
    let elsewhere = PortalId::parse("9002").unwrap();
    let moved = account("79", elsewhere.clone());
    assert!(store.adopt_thread(&begun, &moved, &thread("t9"), None).await.unwrap());
    assert_eq!(store.session(&org(), &session_id("s3")).await.unwrap().unwrap().portal, Some(elsewhere));
}

#[tokio::test]
async fn an_account_belongs_to_a_portal_and_to_oauth() {
    let Bench { store, .. } = bench().await;
    let mut connection = super::connection::connection("org_1", "9001");
    connection.auth = Auth::OAuth;
    store.save_connection(&connection, at(1)).await.unwrap();
    let there = account("77", connection.portal.clone());
    assert_eq!(
        store.set_custom_channel(&org(), &account("1", PortalId::parse("9009").unwrap())).await.unwrap(),
        Updated::Changed
    );
    assert_eq!(store.set_custom_channel(&org(), &there).await.unwrap(), Updated::Yes);
    let mut stored = store.connection(&org()).await.unwrap().unwrap();
    assert_eq!((stored.custom_account(), stored.published_to()), (Some(&there), None), "the setting is off");
    stored.settings.custom_channels = true;
    assert_eq!(stored.published_to(), Some(&there));
    stored.auth = Auth::PrivateApp;
    assert_eq!(stored.published_to(), None, "private apps may not");
    assert_eq!(stored.custom_account(), Some(&there), "what is on the channel is ours all the same");
    stored.auth = Auth::OAuth;
    stored.portal = PortalId::parse("9002").unwrap();
    assert_eq!((stored.custom_account(), stored.published_to()), (None, None), "another portal does not have it");
}
