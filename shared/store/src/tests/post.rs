use super::*;
use crate::{AboutToPost, AiChange, Claim, PostGuard, PostRight};
use domain::{AiState, MessageId, OpenCxMessageId};

fn message(id: &str) -> OpenCxMessageId {
    OpenCxMessageId::parse(id).unwrap()
}

fn guard(session: &Session) -> PostGuard {
    PostGuard {
        org: session.org.clone(),
        session: session.id.clone(),
        ai_epoch: session.ai_epoch,
        require_active: true,
        count_answer: true,
        own_assignment: true,
    }
}

async fn claimed(store: &Store, work: &Work, run: &Run) {
    assert!(matches!(store.claim(work, run, &seed(0)).await.unwrap(), Claim::Won(_)));
}

/// Posts message `id` at `now_s` as the run `r1` of `work`, guarded by `session` where given.
async fn post(store: &Store, work: &Work, id: Option<&str>, session: Option<&Session>, now_s: i64) -> PostRight {
    let (org, run, id) = (org(), run("r1", 0), id.map(message));
    let step = Step { about_to: Some(at(now_s)), ..Step::default() };
    let answer = Step { detail: Some("{}".to_owned()), ..Step::default() };
    let about = AboutToPost {
        work,
        run: &run,
        step: ("post", &step),
        more_steps: &[("answer", &answer)],
        posted: id.as_ref().map(|id| (&org, id)),
        session: session.map(guard),
        delivery_check: None,
        now: at(now_s),
    };
    store.about_to_post(&about).await.unwrap()
}

async fn journal_len(store: &Store, key: &str) -> usize {
    store.delivery(&org(), &DedupKey::from_stored(key)).await.unwrap().unwrap().journal.len()
}

#[tokio::test]
async fn a_granted_post_is_journaled_taken_counted_and_expected_to_assign_in_one_call() {
    let Bench { store, engine } = bench().await;
    let session = a_session(&store, "s1").await;
    claimed(&store, &delivery("m1"), &run("r1", 0)).await;
    engine.forget_calls();
    assert!(matches!(post(&store, &delivery("m1"), Some("o1"), Some(&session), 3).await, PostRight::Granted));
    assert_eq!(engine.calls(), ["TransactWriteItems"]);
    let row = store.delivery(&org(), &DedupKey::from_stored("m1")).await.unwrap().unwrap();
    assert_eq!(row.journal["post"].about_to, Some(at(3)));
    assert_eq!(row.journal["answer"].detail.as_deref(), Some("{}"));
    let session = store.session(&org(), &session.id).await.unwrap().unwrap();
    assert_eq!((session.own_assignment_at, session.ai_epoch), (Some(at(3)), 0));
    assert_eq!((session.answers_in_hour(at(3)), session.answers_in_hour(at(3600))), (1, 0));
}

#[tokio::test]
async fn answers_are_counted_by_the_hour() {
    let Bench { store, .. } = bench().await;
    let session = a_session(&store, "s1").await;
    claimed(&store, &delivery("m1"), &run("r1", 0)).await;
    for now_s in [0, 10, 3599, 3600, 7300, 7301] {
        assert!(matches!(post(&store, &delivery("m1"), None, Some(&session), now_s).await, PostRight::Granted));
        let counted = store.session(&org(), &session.id).await.unwrap().unwrap().answers_in_hour(at(now_s));
        let expected = if now_s == 3599 { 3 } else { 1 + u32::from(now_s == 10 || now_s == 7301) };
        assert_eq!(counted, expected, "at {now_s}");
    }
}

#[tokio::test]
async fn a_run_that_lost_its_work_may_not_post_and_changes_nothing() {
    let Bench { store, .. } = bench().await;
    let session = a_session(&store, "s1").await;
    claimed(&store, &delivery("m1"), &run("other", 0)).await;
    assert!(matches!(post(&store, &delivery("m1"), Some("o1"), Some(&session), 3).await, PostRight::LostRun));
    assert_eq!(journal_len(&store, "m1").await, 0);
    assert_eq!(store.session(&org(), &session.id).await.unwrap().unwrap(), session);
    claimed(&store, &delivery("m2"), &run("r1", 0)).await;
    assert!(
        matches!(post(&store, &delivery("m2"), Some("o1"), None, 3).await, PostRight::Granted),
        "the message is still free"
    );
}

#[tokio::test]
async fn a_message_is_posted_by_one_work_and_again_by_the_same_until_it_is_there() {
    let Bench { store, .. } = bench().await;
    let (first, second) = (request("o1"), delivery("m1"));
    claimed(&store, &first, &run("r1", 0)).await;
    claimed(&store, &second, &run("r1", 0)).await;
    assert!(matches!(post(&store, &first, Some("o1"), None, 3).await, PostRight::Granted));
    match post(&store, &second, Some("o1"), None, 4).await {
        PostRight::PostedAlready { by, message } => assert_eq!((by.as_str(), message), ("request:reply:o1", None)),
        other => panic!("{other:?}"),
    }
    assert_eq!(journal_len(&store, "m1").await, 0);
    assert!(matches!(post(&store, &first, Some("o1"), None, 5).await, PostRight::Granted), "its own later run");
    let there = MessageId::parse("777").unwrap();
    store.posted(&org(), &message("o1"), &there, "2026-11-20T10:00:00Z".parse().unwrap()).await.unwrap();
    for work in [&first, &second] {
        match post(&store, work, Some("o1"), None, 6).await {
            PostRight::PostedAlready { message, .. } => assert_eq!(message, Some(there.clone())),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_a_rep_wrote_is_never_posted_when_opencx_sends_it_back() {
    let Bench { store, .. } = bench().await;
    store
        .posted(&org(), &message("o1"), &MessageId::parse("777").unwrap(), "2026-11-20T10:00:00Z".parse().unwrap())
        .await
        .unwrap();
    store
        .posted(&org(), &message("o1"), &MessageId::parse("888").unwrap(), "2026-11-20T10:00:00Z".parse().unwrap())
        .await
        .unwrap();
    claimed(&store, &request("o1"), &run("r1", 0)).await;
    match post(&store, &request("o1"), Some("o1"), None, 3).await {
        PostRight::PostedAlready { by, message } => {
            assert_eq!((by.as_str(), message.unwrap().as_str()), ("hubspot", "777"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_post_that_was_taken_long_ago_is_free() {
    let Bench { store, .. } = bench().await;
    let (first, second) = (request("o1"), delivery("m1"));
    claimed(&store, &first, &run("r1", 0)).await;
    claimed(&store, &second, &run("r1", 0)).await;
    assert!(matches!(post(&store, &first, Some("o1"), None, 0).await, PostRight::Granted));
    let month_s = 30 * 86_400;
    assert!(matches!(post(&store, &second, Some("o1"), None, month_s - 1).await, PostRight::PostedAlready { .. }));
    assert!(matches!(post(&store, &second, Some("o1"), None, month_s).await, PostRight::Granted));
}

#[tokio::test]
async fn nobody_is_talked_over() {
    let Bench { store, .. } = bench().await;
    let session = a_session(&store, "s1").await;
    claimed(&store, &delivery("m1"), &run("r1", 0)).await;
    let takeover = AiChange { to: AiState::HandedOff, occurred_at: Some(at(2)) };
    store.change_ai(&org(), &session.id, &takeover).await.unwrap();
    match post(&store, &delivery("m1"), Some("o1"), Some(&session), 3).await {
        PostRight::Silenced(now) => assert_eq!((now.ai, now.ai_epoch), (AiState::HandedOff, 1)),
        other => panic!("{other:?}"),
    }
    assert_eq!(journal_len(&store, "m1").await, 0);
    assert!(
        matches!(post(&store, &delivery("m1"), Some("o1"), None, 4).await, PostRight::Granted),
        "the message was not taken"
    );
    let handed_off = store.session(&org(), &session.id).await.unwrap().unwrap();
    assert!(
        matches!(post(&store, &delivery("m1"), None, Some(&handed_off), 5).await, PostRight::Silenced(_)),
        "the epoch is right, the AI silent"
    );
    store.change_ai(&org(), &session.id, &AiChange { to: AiState::Active, occurred_at: None }).await.unwrap();
    assert!(
        matches!(post(&store, &delivery("m1"), None, Some(&session), 6).await, PostRight::Silenced(_)),
        "it speaks again, but the run is of before"
    );
}

#[tokio::test]
async fn a_persons_words_need_no_active_ai_and_count_for_nothing() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    store.change_ai(&org(), &id, &AiChange { to: AiState::HandedOff, occurred_at: None }).await.unwrap();
    let session = store.session(&org(), &id).await.unwrap().unwrap();
    let work = request("o1");
    claimed(&store, &work, &run("r1", 0)).await;
    let (run, step) = (run("r1", 0), Step::default());
    let guard = PostGuard { require_active: false, count_answer: false, own_assignment: false, ..guard(&session) };
    let about = AboutToPost {
        work: &work,
        run: &run,
        step: ("post", &step),
        more_steps: &[],
        posted: None,
        session: Some(guard),
        delivery_check: None,
        now: at(3),
    };
    assert!(matches!(store.about_to_post(&about).await.unwrap(), PostRight::Granted));
    assert_eq!(store.session(&org(), &id).await.unwrap().unwrap(), session);
}

#[tokio::test]
async fn a_grant_whose_answer_was_lost_is_a_grant() {
    let Bench { store, engine } = bench().await;
    let session = a_session(&store, "s1").await;
    claimed(&store, &delivery("m1"), &run("r1", 0)).await;
    engine.lose_the_next_answer();
    assert!(matches!(post(&store, &delivery("m1"), Some("o1"), Some(&session), 3).await, PostRight::Granted));
    assert_eq!(store.session(&org(), &session.id).await.unwrap().unwrap().answers_in_hour(at(3)), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_works_with_one_message_exactly_one_posts() {
    let Bench { store, .. } = bench().await;
    let works: Vec<_> = (0..16).map(|n| delivery(&format!("m{n}"))).collect();
    for work in &works {
        claimed(&store, work, &run("r1", 0)).await;
    }
    let posts = works.into_iter().map(|work| {
        let store = store.clone();
        tokio::spawn(async move { post(&store, &work, Some("o1"), None, 3).await })
    });
    let mut granted = 0;
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            PostRight::Granted => granted += 1,
            PostRight::PostedAlready { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(granted, 1);
}
