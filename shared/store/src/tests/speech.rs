use super::*;
use crate::{AiChange, AiChanged};
use domain::AiState::{Active, HandedOff, Paused};

fn change(to: domain::AiState, occurred_s: Option<i64>) -> AiChange {
    AiChange { to, occurred_at: occurred_s.map(at) }
}

#[tokio::test]
async fn epochs_rise_with_what_changes_whether_the_ai_speaks_and_only_then() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    // What is wanted, whether it changes anything, and the AI's and the handoff's epoch then.
    let steps = [
        (Active, false, 0, 1),
        (HandedOff, true, 1, 1),
        (HandedOff, false, 1, 1),
        (Paused, true, 2, 1),
        (Active, true, 3, 2),
        (Paused, true, 4, 2),
        (Active, true, 5, 3),
    ];
    for (to, changes, ai_epoch, handoff_epoch) in steps {
        let changed = store.change_ai(&org(), &id, &change(to, None)).await.unwrap();
        let (session, did) = match changed {
            AiChanged::Yes(session) => (session, true),
            AiChanged::Already(session) => (session, false),
            other => panic!("{other:?}"),
        };
        assert_eq!(did, changes, "{to:?}");
        assert_eq!(
            (session.ai, session.ai_epoch, session.handoff_epoch, session.lifecycle_epoch),
            (to, ai_epoch, handoff_epoch, 0)
        );
        assert_eq!(store.session(&org(), &id).await.unwrap(), Some(session));
    }
}

#[tokio::test]
async fn an_older_change_of_ownership_is_stale() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    assert!(matches!(store.change_ai(&org(), &id, &change(HandedOff, Some(10))).await.unwrap(), AiChanged::Yes(_)));
    match store.change_ai(&org(), &id, &change(Active, Some(9))).await.unwrap() {
        AiChanged::Stale(session) => assert_eq!((session.ai, session.ownership_changed_at), (HandedOff, Some(at(10)))),
        other => panic!("{other:?}"),
    }
    assert!(matches!(store.change_ai(&org(), &id, &change(HandedOff, Some(9))).await.unwrap(), AiChanged::Already(_)));
    assert!(matches!(store.change_ai(&org(), &id, &change(Active, Some(11))).await.unwrap(), AiChanged::Yes(_)));
    assert!(
        matches!(store.change_ai(&org(), &id, &change(HandedOff, None)).await.unwrap(), AiChanged::Yes(_)),
        "ours is never stale"
    );
}

#[tokio::test]
async fn a_newer_change_that_changes_nothing_makes_what_was_between_stale() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    store.change_ai(&org(), &id, &change(HandedOff, Some(10))).await.unwrap();
    match store.change_ai(&org(), &id, &change(HandedOff, Some(20))).await.unwrap() {
        AiChanged::Already(session) => assert_eq!((session.ownership_changed_at, session.ai_epoch), (Some(at(20)), 1)),
        other => panic!("{other:?}"),
    }
    assert!(matches!(store.change_ai(&org(), &id, &change(Active, Some(15))).await.unwrap(), AiChanged::Stale(_)));
}

#[tokio::test]
async fn an_unknown_session_is_not_made_up() {
    let Bench { store, .. } = bench().await;
    let id = session_id("unknown");
    assert_eq!(store.change_ai(&org(), &id, &change(HandedOff, None)).await.unwrap(), AiChanged::NotFound);
    assert_eq!(store.session(&org(), &id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_silence_the_ai_exactly_one_does() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    let changes = (0..16).map(|_| {
        let (store, id) = (store.clone(), id.clone());
        tokio::spawn(async move { store.change_ai(&org(), &id, &change(HandedOff, None)).await.unwrap() })
    });
    let mut did = 0;
    for changed in changes.collect::<Vec<_>>() {
        did += i32::from(matches!(changed.await.unwrap(), AiChanged::Yes(_)));
    }
    assert_eq!(did, 1);
    assert_eq!(store.session(&org(), &id).await.unwrap().unwrap().ai_epoch, 1);
}
