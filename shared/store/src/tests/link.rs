use super::*;
use crate::{AiChange, Begin, Linked, ThreadLink};
use domain::{AiState, TicketId};

fn created(id: &str) -> Session {
    Session {
        portal: Some(portal()),
        thread: Some(thread("t1")),
        ..Session::new(org(), session_id(id), Channel::Web, at(1))
    }
}

async fn begin(store: &Store, run: &Run) -> Begin {
    store.begin_session(&org(), &portal(), &thread("t1"), run).await.unwrap()
}

#[tokio::test]
async fn one_run_creates_a_threads_session() {
    let Bench { store, .. } = bench().await;
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap(), None);
    assert_eq!(begin(&store, &run("r1", 0)).await, Begin::Won { begun_before: None });
    assert_eq!(begin(&store, &run("r2", 99)).await, Begin::Busy { until: at(100) });
    assert_eq!(begin(&store, &run("r1", 5)).await, Begin::Won { begun_before: Some(at(0)) }, "the same run again");
    let link = ThreadLink { org: org(), session: None, begun_at: Some(at(0)), previous: None };
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap(), Some(link));

    assert_eq!(store.link_session(&created("s1"), &run("r1", 5)).await.unwrap(), Linked::Yes);
    assert_eq!(begin(&store, &run("r3", 5000)).await, Begin::Linked(session_id("s1")));
    assert_eq!(store.session(&org(), &session_id("s1")).await.unwrap(), Some(created("s1")));
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap().unwrap().session, Some(session_id("s1")));
}

#[tokio::test]
async fn a_run_that_never_ended_or_died_with_its_boot_gives_way() {
    let Bench { store, .. } = bench().await;
    begin(&store, &run("r1", 0)).await;
    assert_eq!(begin(&store, &run("r2", 100)).await, Begin::Won { begun_before: Some(at(0)) });
    assert_eq!(
        begin(&store, &run("r3", 250)).await,
        Begin::Won { begun_before: Some(at(0)) },
        "the first of all is the one to look from"
    );
    assert_eq!(store.link_session(&created("s1"), &run("r2", 100)).await.unwrap(), Linked::LostRun);
    assert_eq!(store.session(&org(), &session_id("s1")).await.unwrap(), None);

    let (before, after) = (store.clone().with_boot("b1".to_owned()), store.clone().with_boot("b2".to_owned()));
    let second = thread("t2");
    before.begin_session(&org(), &portal(), &second, &run("r4", 0)).await.unwrap();
    let again = before.begin_session(&org(), &portal(), &second, &run("r5", 1)).await.unwrap();
    assert!(matches!(again, Begin::Busy { .. }));
    let again = after.begin_session(&org(), &portal(), &second, &run("r5", 1)).await.unwrap();
    assert_eq!(again, Begin::Won { begun_before: Some(at(0)) });
}

#[tokio::test]
async fn a_thread_gets_one_session_only() {
    let Bench { store, engine } = bench().await;
    assert_eq!(store.link_session(&created("s1"), &run("r1", 0)).await.unwrap(), Linked::LostRun, "nobody has begun");
    begin(&store, &run("r1", 0)).await;
    engine.lose_the_next_answer();
    assert_eq!(store.link_session(&created("s1"), &run("r1", 0)).await.unwrap(), Linked::Yes);
    assert_eq!(store.link_session(&created("s1"), &run("r1", 0)).await.unwrap(), Linked::Yes, "the same again");
    assert_eq!(store.link_session(&created("s2"), &run("r1", 0)).await.unwrap(), Linked::Other(session_id("s1")));
    assert_eq!(store.session(&org(), &session_id("s2")).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_that_opencx_made_known_first_keeps_its_state_and_gets_the_thread() {
    let Bench { store, .. } = bench().await;
    begin(&store, &run("r1", 0)).await;
    a_session(&store, "s1").await;
    store.change_ai(&org(), &session_id("s1"), &AiChange { to: AiState::HandedOff, occurred_at: None }).await.unwrap();
    let ticket = TicketId::parse("41").unwrap();
    let described = Session { ticket: Some(ticket.clone()), ..created("s1") };
    assert_eq!(store.link_session(&described, &run("r1", 0)).await.unwrap(), Linked::Yes);
    let session = store.session(&org(), &session_id("s1")).await.unwrap().unwrap();
    assert_eq!((session.ai, session.ai_epoch), (AiState::HandedOff, 1));
    assert_eq!((session.thread, session.ticket), (Some(thread("t1")), Some(ticket.clone())));
    assert_eq!(store.session_of_ticket(&portal(), &ticket).await.unwrap(), Some((org(), session_id("s1"))));
}

#[tokio::test]
async fn a_session_of_another_thread_is_not_taken_over() {
    let Bench { store, .. } = bench().await;
    begin(&store, &run("r1", 0)).await;
    let elsewhere = Session { thread: Some(thread("t2")), ..created("s1") };
    store.ensure_session(&elsewhere).await.unwrap();
    let refused = store.link_session(&created("s1"), &run("r1", 0)).await;
    assert!(matches!(refused, Err(crate::StoreError::Corrupt { .. })), "{refused:?}");
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap().unwrap().session, None);
}

#[tokio::test]
async fn a_deleted_thread_is_forgotten_and_can_begin_anew() {
    let Bench { store, .. } = bench().await;
    store.unlink_thread(&portal(), &thread("t1")).await.unwrap();
    begin(&store, &run("r1", 0)).await;
    store.unlink_thread(&portal(), &thread("t1")).await.unwrap();
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap(), None);
    begin(&store, &run("r1", 0)).await;
    store.link_session(&created("s1"), &run("r1", 0)).await.unwrap();
    store.unlink_thread(&portal(), &thread("t1")).await.unwrap();
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap(), None);
    assert_eq!(store.session(&org(), &session_id("s1")).await.unwrap().unwrap().thread, None);
    assert_eq!(begin(&store, &run("r2", 1)).await, Begin::Won { begun_before: None });
}

#[tokio::test]
async fn a_portal_that_changed_hands_begins_its_threads_anew() {
    let Bench { store, .. } = bench().await;
    begin(&store, &run("r1", 0)).await;
    store.link_session(&created("s1"), &run("r1", 0)).await.unwrap();
    let new = OrgId::parse("org_2").unwrap();
    let begun = store.begin_session(&new, &portal(), &thread("t1"), &run("r2", 1)).await.unwrap();
    assert_eq!(begun, Begin::Won { begun_before: None });
    let link = ThreadLink { org: new.clone(), session: None, begun_at: Some(at(1)), previous: None };
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap(), Some(link));
    assert_eq!(store.link_session(&created("s1"), &run("r1", 0)).await.unwrap(), Linked::LostRun);
    let session = Session { org: new, ..created("s9") };
    assert_eq!(store.link_session(&session, &run("r2", 1)).await.unwrap(), Linked::Yes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_runs_exactly_one_creates_the_session() {
    let Bench { store, .. } = bench().await;
    let runs = (0..32).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { begin(&store, &run(&format!("r{n}"), 0)).await })
    });
    let mut won = 0;
    for begun in runs.collect::<Vec<_>>() {
        won += i32::from(matches!(begun.await.unwrap(), Begin::Won { .. }));
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_thread_begins_anew_once_and_remembers_the_former_session() {
    let Bench { store, .. } = bench().await;
    begin(&store, &run("r1", 0)).await;
    store.link_session(&created("s1"), &run("r1", 0)).await.unwrap();
    store.begin_anew(&org(), &portal(), &thread("t1"), &session_id("other")).await.unwrap();
    assert_eq!(begin(&store, &run("r2", 0)).await, Begin::Linked(session_id("s1")), "another session has it");
    for _ in 0..2 {
        store.begin_anew(&org(), &portal(), &thread("t1"), &session_id("s1")).await.unwrap();
    }
    let link = store.link_of_thread(&portal(), &thread("t1")).await.unwrap().unwrap();
    assert_eq!((link.session, link.previous), (None, Some(session_id("s1"))));
    assert_eq!(begin(&store, &run("r3", 0)).await, Begin::Won { begun_before: None }, "nobody has begun this one");
    store.link_session(&created("s2"), &run("r3", 0)).await.unwrap();
    store.begin_anew(&org(), &portal(), &thread("t1"), &session_id("s1")).await.unwrap();
    assert_eq!(begin(&store, &run("r4", 0)).await, Begin::Linked(session_id("s2")), "a late repeat changes nothing");
    assert!(store.session(&org(), &session_id("s1")).await.unwrap().unwrap().thread.is_some());
}

#[tokio::test]
async fn a_merged_ticket_gives_its_session_to_the_one_that_is_left() {
    let Bench { store, .. } = bench().await;
    let ticket = |id: &str| TicketId::parse(id).unwrap();
    let session = async |id: &str| store.session(&org(), &session_id(id)).await.unwrap().unwrap();
    for (id, linked) in [("s1", "1"), ("s2", "2")] {
        store.ensure_session(&Session::new(org(), session_id(id), Channel::Web, at(1))).await.unwrap();
        store.link_ticket(&org(), &session_id(id), &portal(), &ticket(linked), None).await.unwrap();
    }
    let moved = store.follow_merge(&portal(), &ticket("1"), &ticket("2")).await.unwrap();
    assert_eq!(moved, Some((org(), session_id("s1"))));
    assert_eq!(session("s1").await.ticket, Some(ticket("2")));
    assert_eq!(store.session_of_ticket(&portal(), &ticket("1")).await.unwrap(), None);
    assert_eq!(store.follow_merge(&portal(), &ticket("1"), &ticket("2")).await.unwrap(), None, "told twice");

    // A session that has another ticket by now keeps it.
    store.link_ticket(&org(), &session_id("s1"), &portal(), &ticket("3"), None).await.unwrap();
    assert_eq!(store.unlink_ticket(&portal(), &ticket("2")).await.unwrap(), None);
    assert_eq!(session("s1").await.ticket, Some(ticket("3")));
    assert_eq!(store.unlink_ticket(&portal(), &ticket("3")).await.unwrap(), Some((org(), session_id("s1"))));
    assert_eq!(session("s1").await.ticket, None);
    assert_eq!(store.unlink_ticket(&portal(), &ticket("3")).await.unwrap(), None);
}

#[tokio::test]
async fn a_contacts_sessions_are_found() {
    let Bench { store, .. } = bench().await;
    let ada = domain::ContactId::parse("6001").unwrap();
    begin(&store, &run("r1", 0)).await;
    let first = Session { contact: Some(ada.clone()), ..created("s1") };
    store.link_session(&first, &run("r1", 0)).await.unwrap();
    for id in ["s2", "s3"] {
        store.ensure_session(&Session::new(org(), session_id(id), Channel::Sms, at(1))).await.unwrap();
    }
    store.link_ticket(&org(), &session_id("s2"), &portal(), &TicketId::parse("1").unwrap(), Some(&ada)).await.unwrap();
    store.link_contact(&org(), &session_id("s3"), &portal(), &ada).await.unwrap();
    store.link_contact(&org(), &session_id("gone"), &portal(), &ada).await.unwrap();
    let found = store.sessions_of_contact(&portal(), &ada).await.unwrap();
    assert_eq!(found, ["s1", "s2", "s3"].map(|id| (org(), session_id(id))));
    assert_eq!(store.session(&org(), &session_id("s3")).await.unwrap().unwrap().contact, Some(ada));
}
