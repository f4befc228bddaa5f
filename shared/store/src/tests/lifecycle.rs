use super::*;
use crate::{AiChange, CloseRequest, Overdue, Reopened, Resolved};
use domain::{AiState, Lifecycle, SessionStatus};

fn wish(closes_s: i64) -> CloseRequest {
    CloseRequest { closes_at: at(closes_s), summary: None, sentiment: None, status: SessionStatus::ClosedResolved }
}

fn overdue_close(id: &SessionId, lifecycle_epoch: u64) -> Overdue {
    Overdue::Close { org: org(), session: id.clone(), lifecycle_epoch }
}

#[tokio::test]
async fn a_close_that_is_put_off_is_overdue_later_and_only_while_it_is_wanted() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    store.resolve(&org(), &id, &wish(15)).await.unwrap();
    assert!(!store.put_off_close(&org(), &id, 7, at(300)).await.unwrap(), "of another resolve");
    assert_eq!(store.overdue(at(16), 10).await.unwrap(), [overdue_close(&id, 1)]);
    assert!(store.put_off_close(&org(), &id, 1, at(300)).await.unwrap());
    assert_eq!(store.overdue(at(300), 10).await.unwrap(), []);
    assert_eq!(store.overdue(at(301), 10).await.unwrap(), [overdue_close(&id, 1)]);
    let session = store.session(&org(), &id).await.unwrap().unwrap();
    assert_eq!(session.close_request, Some(wish(15)), "what was promised stands");
    assert!(store.close_done(&org(), &id, 1).await.unwrap());
    assert!(!store.put_off_close(&org(), &id, 1, at(900)).await.unwrap());
    assert_eq!(store.overdue(at(9000), 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_resolve_is_done_once_and_its_close_is_overdue_until_it_is_done() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    let Resolved::Now(session) = store.resolve(&org(), &id, &wish(15)).await.unwrap() else { panic!("not resolved") };
    assert_eq!((session.lifecycle, session.close_request.clone()), (Lifecycle::Resolved, Some(wish(15))));
    assert_eq!((session.lifecycle_epoch, session.ai_epoch, session.handoff_epoch), (1, 0, 2));
    assert_eq!(store.resolve(&org(), &id, &wish(99)).await.unwrap(), Resolved::Already(session));

    assert_eq!(store.overdue(at(15), 10).await.unwrap(), []);
    assert_eq!(store.overdue(at(16), 10).await.unwrap(), [overdue_close(&id, 1)]);
    assert!(!store.close_done(&org(), &id, 7).await.unwrap());
    assert_eq!(store.overdue(at(16), 10).await.unwrap().len(), 1);
    assert!(store.close_done(&org(), &id, 1).await.unwrap());
    assert_eq!(store.overdue(at(16), 10).await.unwrap(), []);
    let Resolved::Already(session) = store.resolve(&org(), &id, &wish(99)).await.unwrap() else {
        panic!("resolved twice")
    };
    assert_eq!(session.close_request, None);
}

#[tokio::test]
async fn a_reopened_session_supersedes_its_close() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    let Reopened::Already(session) = store.reopen(&org(), &id).await.unwrap() else { panic!("reopened while open") };
    assert_eq!((session.lifecycle_epoch, session.handoff_epoch), (0, 1));
    store.resolve(&org(), &id, &wish(15)).await.unwrap();
    let Reopened::Now(session) = store.reopen(&org(), &id).await.unwrap() else { panic!("not reopened") };
    assert_eq!((session.lifecycle, session.ai, session.close_request), (Lifecycle::Open, AiState::Active, None));
    assert_eq!((session.lifecycle_epoch, session.ai_epoch, session.handoff_epoch), (2, 0, 3), "the AI was not silent");
    assert_eq!(store.overdue(at(5000), 10).await.unwrap(), []);
    store.resolve(&org(), &id, &wish(60)).await.unwrap();
    assert!(!store.close_done(&org(), &id, 1).await.unwrap(), "the first close fires late");
    assert_eq!(store.overdue(at(5000), 10).await.unwrap(), [overdue_close(&id, 3)]);
}

#[tokio::test]
async fn reopening_lets_a_silent_ai_speak_and_raises_its_epoch() {
    let Bench { store, .. } = bench().await;
    for (id, silent) in [("s1", AiState::HandedOff), ("s2", AiState::Paused)] {
        let id = a_session(&store, id).await.id;
        store.change_ai(&org(), &id, &AiChange { to: silent, occurred_at: None }).await.unwrap();
        store.resolve(&org(), &id, &wish(15)).await.unwrap();
        let Reopened::Now(session) = store.reopen(&org(), &id).await.unwrap() else { panic!("not reopened") };
        assert_eq!(
            (session.ai, session.lifecycle_epoch, session.ai_epoch, session.handoff_epoch),
            (AiState::Active, 2, 2, 3)
        );
    }
}

#[tokio::test]
async fn an_unknown_session_is_neither_resolved_nor_reopened_nor_closed() {
    let Bench { store, .. } = bench().await;
    let id = session_id("unknown");
    assert_eq!(store.resolve(&org(), &id, &wish(15)).await.unwrap(), Resolved::NotFound);
    assert_eq!(store.reopen(&org(), &id).await.unwrap(), Reopened::NotFound);
    assert!(!store.close_done(&org(), &id, 0).await.unwrap());
    assert_eq!(store.session(&org(), &id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_reopen_exactly_one_does() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    store.change_ai(&org(), &id, &AiChange { to: AiState::HandedOff, occurred_at: None }).await.unwrap();
    store.resolve(&org(), &id, &wish(15)).await.unwrap();
    let reopenings = (0..16).map(|_| {
        let (store, id) = (store.clone(), id.clone());
        tokio::spawn(async move { store.reopen(&org(), &id).await.unwrap() })
    });
    let mut did = 0;
    for reopened in reopenings.collect::<Vec<_>>() {
        did += i32::from(matches!(reopened.await.unwrap(), Reopened::Now(_)));
    }
    let session = store.session(&org(), &id).await.unwrap().unwrap();
    assert_eq!((did, session.lifecycle_epoch, session.ai_epoch, session.handoff_epoch), (1, 2, 2, 3));
}
