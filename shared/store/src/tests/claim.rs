use super::*;
use crate::{Claim, Outcome, OutcomeState, Release, StoreError, Won};
use domain::Reason;

fn won(claim: Claim) -> Won {
    match claim {
        Claim::Won(won) => won,
        other => panic!("not won: {other:?}"),
    }
}

fn outcome(state: OutcomeState) -> Outcome {
    Outcome {
        state,
        detail: Some("as planned".to_owned()),
        answer: Some("{\"a\":1}".to_owned()),
        steps: Vec::new(),
        at: at(7),
        session: None,
    }
}

#[tokio::test]
async fn a_first_claim_is_won_in_one_call() {
    let Bench { store, engine } = bench().await;
    let won = won(store.claim(&delivery("m1"), &run("r1", 1), &seed(0)).await.unwrap());
    assert_eq!((won.attempts, won.unexpected, won.delayed_before, won.replayed), (1, 0, false, false));
    assert_eq!(won.created_at, at(0));
    assert!(won.journal.is_empty() && won.body.unwrap().contains("canary-body"));
    assert_eq!(engine.calls(), ["UpdateItem"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_concurrent_claims_exactly_one_is_won() {
    let Bench { store, .. } = bench().await;
    for round in 0..3 {
        let work = delivery(&format!("m{round}"));
        let claims = (0..64).map(|n| {
            let (store, work) = (store.clone(), work.clone());
            tokio::spawn(async move { store.claim(&work, &run(&format!("r{n}"), 1), &seed(0)).await.unwrap() })
        });
        let mut won = 0;
        for claim in claims.collect::<Vec<_>>() {
            match claim.await.unwrap() {
                Claim::Won(_) => won += 1,
                Claim::Busy { until } => assert_eq!(until, at(101)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test]
async fn a_claim_is_busy_until_its_deadline_and_free_from_then_on() {
    let Bench { store, .. } = bench().await;
    let work = delivery("m1");
    won(store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
    let early = store.claim(&work, &run("r2", 99), &seed(0)).await.unwrap();
    assert!(matches!(early, Claim::Busy { until } if until == at(100)), "{early:?}");
    let late = won(store.claim(&work, &run("r3", 100), &seed(0)).await.unwrap());
    assert_eq!((late.attempts, late.unexpected), (2, 1), "a run that never ended is unexpected");
    let lost = store.complete(&work, &run("r1", 0), &outcome(OutcomeState::Done)).await;
    assert!(matches!(lost, Err(StoreError::LostRun)));
}

#[tokio::test]
async fn claims_of_a_dead_boot_are_free_at_once_and_those_of_this_boot_are_not() {
    let Bench { store, .. } = bench().await;
    let (before, after) = (store.clone().with_boot("b1".to_owned()), store.clone().with_boot("b2".to_owned()));
    let work = delivery("m1");
    won(before.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
    assert!(matches!(before.claim(&work, &run("r2", 1), &seed(0)).await.unwrap(), Claim::Busy { .. }));
    let taken = won(after.claim(&work, &run("r3", 1), &seed(0)).await.unwrap());
    assert_eq!((taken.attempts, taken.unexpected), (2, 1));
    assert!(matches!(after.claim(&work, &run("r4", 2), &seed(0)).await.unwrap(), Claim::Busy { .. }));
    assert!(
        matches!(store.claim(&work, &run("r5", 2), &seed(0)).await.unwrap(), Claim::Busy { .. }),
        "without boot only time counts"
    );
}

#[tokio::test]
async fn a_delayed_work_waits_for_its_time() {
    let Bench { store, .. } = bench().await;
    let work = delivery("m1");
    won(store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
    store.delay(&work, &run("r1", 0), at(5)).await.unwrap();
    let early = store.claim(&work, &run("r2", 4), &seed(0)).await.unwrap();
    assert!(matches!(early, Claim::Delayed { until } if until == at(5)), "{early:?}");
    let due = won(store.claim(&work, &run("r3", 5), &seed(0)).await.unwrap());
    assert_eq!((due.attempts, due.unexpected, due.delayed_before), (2, 0, true));
}

#[tokio::test]
async fn a_released_work_is_free_and_counts_what_was_unexpected() {
    let Bench { store, .. } = bench().await;
    let work = delivery("m1");
    for (n, unexpected) in [(1, false), (2, true), (3, true)] {
        let run = run(&format!("r{n}"), 0);
        won(store.claim(&work, &run, &seed(0)).await.unwrap());
        let release =
            Release { due: at(50), reason: Reason::HubspotUnavailable, unexpected, message: "503".to_owned() };
        store.release(&work, &run, &release).await.unwrap();
    }
    let fourth = won(store.claim(&work, &run("r4", 1), &seed(0)).await.unwrap());
    assert_eq!((fourth.attempts, fourth.unexpected), (4, 2));
    let fifth = won(store.claim(&work, &run("r5", 200), &seed(0)).await.unwrap());
    assert_eq!((fifth.attempts, fifth.unexpected), (5, 3), "and the run that vanished");
}

#[tokio::test]
async fn a_parked_work_stays_parked() {
    let Bench { store, .. } = bench().await;
    let work = delivery("m1");
    won(store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
    store.park(&work, &run("r1", 0), &Reason::ReconnectRequired).await.unwrap();
    assert!(matches!(store.claim(&work, &run("r2", 5000), &seed(0)).await.unwrap(), Claim::Parked));
}

#[tokio::test]
async fn a_finished_work_tells_its_outcome() {
    let Bench { store, .. } = bench().await;
    for state in [
        OutcomeState::Done,
        OutcomeState::Skipped(Reason::NotEnabled),
        OutcomeState::Failed(Reason::MissingScope("tickets".to_owned())),
    ] {
        let work = request(&format!("{state:?}"));
        won(store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
        let end =
            Outcome { session: Some(session_id("s1")), steps: vec![("post".to_owned(), done("7"))], ..outcome(state) };
        store.complete(&work, &run("r1", 0), &end).await.unwrap();
        match store.claim(&work, &run("r2", 5000), &seed(0)).await.unwrap() {
            Claim::Done(told) => assert_eq!(told, end),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_finished_work_whose_retention_is_over_is_forgotten_even_before_it_is_deleted() {
    let Bench { store, .. } = bench().await;
    let work = request("q1");
    won(store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
    store.journal(&work, &run("r1", 0), "post", &done("7")).await.unwrap();
    store.complete(&work, &run("r1", 0), &outcome(OutcomeState::Done)).await.unwrap();
    let day_s = 86_400;
    assert!(matches!(store.claim(&work, &run("r2", day_s - 1), &seed(day_s - 1)).await.unwrap(), Claim::Done(_)));
    let anew = won(store.claim(&work, &run("r3", day_s), &seed(day_s)).await.unwrap());
    assert_eq!((anew.attempts, anew.journal.len(), anew.created_at), (1, 0, at(day_s)));
    assert!(
        matches!(store.claim(&work, &run("r4", day_s + 1), &seed(day_s)).await.unwrap(), Claim::Busy { until } if until == at(day_s + 100))
    );
}

#[tokio::test]
async fn a_handoff_is_never_forgotten() {
    let Bench { store, .. } = bench().await;
    let work = Work::Handoff { org: org(), session: session_id("s1"), n: 1 };
    won(store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
    store.complete(&work, &run("r1", 0), &outcome(OutcomeState::Done)).await.unwrap();
    assert!(matches!(store.claim(&work, &run("r2", 86_400 * 400), &seed(0)).await.unwrap(), Claim::Done(_)));
    let next = Work::Handoff { org: org(), session: session_id("s1"), n: 2 };
    won(store.claim(&next, &run("r3", 0), &seed(0)).await.unwrap());
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_still_won_once() {
    let Bench { store, engine } = bench().await;
    engine.lose_the_next_answer();
    let won = won(store.claim(&delivery("m1"), &run("r1", 0), &seed(0)).await.unwrap());
    assert_eq!((won.attempts, won.unexpected), (1, 0));
}

#[tokio::test]
async fn later_claims_keep_what_the_first_one_brought() {
    let Bench { store, .. } = bench().await;
    let work = delivery("m1");
    won(store.claim(&work, &run("r1", 0), &seed(0)).await.unwrap());
    store.delay(&work, &run("r1", 0), at(5)).await.unwrap();
    let bare = Seed {
        created_at: at(9),
        body: None,
        index: Index::default(),
        retention: Duration::from_secs(1),
        label: String::new(),
    };
    let won = won(store.claim(&work, &run("r2", 9), &bare).await.unwrap());
    assert!(won.body.unwrap().contains("canary-body"));
    assert_eq!(won.created_at, at(0));
    let row = store.delivery(&org(), &DedupKey::from_stored("m1")).await.unwrap().unwrap();
    assert_eq!((row.label.as_str(), row.thread), ("conversation.newMessage", Some(thread("t1"))));
}

#[tokio::test]
async fn an_unreachable_table_is_worth_another_try_and_a_refusal_says_so() {
    let Bench { store, engine } = bench().await;
    for (status, code, passing) in
        [(500, "InternalServerError", true), (400, "ThrottlingException", true), (400, "AccessDeniedException", false)]
    {
        engine.refuse_the_next_call(status, code);
        let error = store.claim(&delivery("m1"), &run("r1", 0), &seed(0)).await.unwrap_err();
        assert_eq!(matches!(error, StoreError::Unavailable { .. }), passing, "{error:?}");
        assert!(matches!(error.retry(), domain::Retry::Later { .. }));
    }
}
