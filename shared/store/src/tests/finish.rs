use super::*;
use crate::{Claim, Outcome, OutcomeState, Release, Replayed, State, StoreError};
use domain::Reason;

fn outcome(state: OutcomeState) -> Outcome {
    Outcome { state, detail: None, answer: None, steps: Vec::new(), at: at(7), session: None }
}

fn release() -> Release {
    Release { due: at(50), reason: Reason::HubspotUnavailable, unexpected: false, message: "503".to_owned() }
}

async fn claimed(store: &Store, work: &Work, run: &Run) {
    assert!(matches!(store.claim(work, run, &seed(0)).await.unwrap(), Claim::Won(_)));
}

#[tokio::test]
async fn only_the_run_that_holds_the_work_can_write_it() {
    let Bench { store, .. } = bench().await;
    let (work, other) = (delivery("m1"), run("other", 0));
    claimed(&store, &work, &run("r1", 0)).await;
    let lost = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::LostRun)), "{result:?}");
    lost(store.journal(&work, &other, "post", &done("7")).await);
    lost(store.complete(&work, &other, &outcome(OutcomeState::Done)).await);
    lost(store.release(&work, &other, &release()).await);
    lost(store.delay(&work, &other, at(5)).await);
    lost(store.park(&work, &other, &Reason::ReconnectRequired).await);
    lost(store.journal(&delivery("never claimed"), &other, "post", &done("7")).await);
    store.journal(&work, &run("r1", 0), "post", &done("7")).await.unwrap();
}

#[tokio::test]
async fn an_ended_work_takes_no_more_entries_of_its_run() {
    let Bench { store, .. } = bench().await;
    let (work, run) = (delivery("m1"), run("r1", 0));
    claimed(&store, &work, &run).await;
    store.complete(&work, &run, &outcome(OutcomeState::Done)).await.unwrap();
    assert!(matches!(store.journal(&work, &run, "post", &done("7")).await, Err(StoreError::LostRun)));
    assert!(matches!(store.release(&work, &run, &release()).await, Err(StoreError::LostRun)));
}

#[tokio::test]
async fn an_end_whose_answer_was_lost_is_an_end() {
    let Bench { store, engine } = bench().await;
    let run = run("r1", 0);
    for n in 0..4 {
        let work = delivery(&format!("m{n}"));
        claimed(&store, &work, &run).await;
        engine.lose_the_next_answer();
        match n {
            0 => store.complete(&work, &run, &outcome(OutcomeState::Failed(Reason::Poison))).await.unwrap(),
            1 => store.release(&work, &run, &release()).await.unwrap(),
            2 => store.delay(&work, &run, at(5)).await.unwrap(),
            _ => store.park(&work, &run, &Reason::ReconnectRequired).await.unwrap(),
        }
    }
}

#[tokio::test]
async fn a_journal_keeps_named_steps_for_the_next_run() {
    let Bench { store, .. } = bench().await;
    let (work, first) = (delivery("m1"), run("r1", 0));
    claimed(&store, &work, &first).await;
    let begun = Step { about_to: Some(at(3)), done: None, detail: Some("{\"text\":\"canary-text\"}".to_owned()) };
    store.journal(&work, &first, "post", &begun).await.unwrap();
    store.journal(&work, &first, "note: one/2", &done("55")).await.unwrap();
    store.journal(&work, &first, "ticket", &done("1")).await.unwrap();
    store.journal(&work, &first, "ticket", &done("2")).await.unwrap();
    store.release(&work, &first, &release()).await.unwrap();
    let Claim::Won(won) = store.claim(&work, &run("r2", 60), &seed(0)).await.unwrap() else { panic!("not won") };
    assert_eq!(won.journal.len(), 3);
    assert_eq!(won.journal["post"], begun);
    assert_eq!(won.journal["note: one/2"], done("55"));
    assert_eq!(won.journal["ticket"], done("2"), "a later entry replaces the earlier one");
}

#[tokio::test]
async fn the_last_entries_are_written_with_the_end() {
    let Bench { store, engine } = bench().await;
    let (work, run) = (delivery("m1"), run("r1", 0));
    claimed(&store, &work, &run).await;
    store.journal(&work, &run, "answer", &done("0")).await.unwrap();
    engine.forget_calls();
    let steps = vec![("post".to_owned(), done("1")), ("note".to_owned(), done("2")), ("post".to_owned(), done("3"))];
    let end = Outcome {
        steps,
        session: Some(session_id("s1")),
        detail: Some("posted".to_owned()),
        ..outcome(OutcomeState::Done)
    };
    store.complete(&work, &run, &end).await.unwrap();
    assert_eq!(engine.calls(), ["UpdateItem"]);
    let row = store.delivery(&org(), &DedupKey::from_stored("m1")).await.unwrap().unwrap();
    let ids: Vec<_> = row.journal.iter().map(|(name, step)| (name.as_str(), step.done.as_deref().unwrap())).collect();
    assert_eq!(ids, [("answer", "0"), ("note", "2"), ("post", "3")]);
    assert_eq!((row.state, row.session, row.updated_at), (State::Done, Some(session_id("s1")), at(7)));
}

#[tokio::test]
async fn a_replay_frees_what_has_ended_and_keeps_the_journal() {
    let Bench { store, .. } = bench().await;
    let key = DedupKey::from_stored("m1");
    let (work, first) = (delivery("m1"), run("r1", 0));
    assert_eq!(store.replay(&org(), &key, at(1)).await.unwrap(), Replayed::NotFound);
    claimed(&store, &work, &first).await;
    assert_eq!(store.replay(&org(), &key, at(1)).await.unwrap(), Replayed::Running);
    store.journal(&work, &first, "post", &done("7")).await.unwrap();
    store.complete(&work, &first, &outcome(OutcomeState::Failed(Reason::Poison))).await.unwrap();

    assert_eq!(store.replay(&org(), &key, at(10)).await.unwrap(), Replayed::Yes);
    let row = store.delivery(&org(), &key).await.unwrap().unwrap();
    assert_eq!((row.state, row.attempts), (State::Retrying, 0));
    let Claim::Won(won) = store.claim(&work, &run("r2", 11), &seed(0)).await.unwrap() else { panic!("not won") };
    assert_eq!((won.attempts, won.unexpected, won.replayed), (1, 0, true));
    assert_eq!(won.journal["post"], done("7"));
    assert_eq!(store.replay(&org(), &key, at(12)).await.unwrap(), Replayed::Running);
    assert_eq!(store.replay(&org(), &key, at(111)).await.unwrap(), Replayed::Yes, "its run never ended");
}

#[tokio::test]
async fn a_replay_frees_parked_and_retrying_work_but_not_delayed_or_forgotten_work() {
    let Bench { store, .. } = bench().await;
    let first = run("r1", 0);
    for name in ["parked", "retrying", "delayed", "skipped"] {
        let work = delivery(name);
        claimed(&store, &work, &first).await;
        match name {
            "parked" => store.park(&work, &first, &Reason::ReconnectRequired).await.unwrap(),
            "retrying" => store.release(&work, &first, &release()).await.unwrap(),
            "delayed" => store.delay(&work, &first, at(5)).await.unwrap(),
            _ => store.complete(&work, &first, &outcome(OutcomeState::Skipped(Reason::NotEnabled))).await.unwrap(),
        }
        let expected = if name == "delayed" { Replayed::Running } else { Replayed::Yes };
        assert_eq!(store.replay(&org(), &DedupKey::from_stored(name), at(1)).await.unwrap(), expected, "{name}");
    }
    let late = store.replay(&org(), &DedupKey::from_stored("skipped"), at(86_400)).await.unwrap();
    assert_eq!(late, Replayed::NotFound, "its retention is over");
}
