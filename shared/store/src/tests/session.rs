use super::*;
use crate::{CloseRequest, Taken, ThreadLink};
use domain::{AiState, ContactId, Lifecycle, Sentiment, SessionStatus, TicketId};

#[tokio::test]
async fn a_new_session_may_speak_and_its_first_handoff_is_the_first() {
    let Bench { store, .. } = bench().await;
    assert_eq!(store.session(&org(), &session_id("s1")).await.unwrap(), None);
    let session = a_session(&store, "s1").await;
    assert_eq!((session.ai, session.lifecycle), (AiState::Active, Lifecycle::Open));
    assert_eq!((session.lifecycle_epoch, session.ai_epoch, session.handoff_epoch), (0, 0, 1));
    assert_eq!(store.session(&org(), &session_id("s1")).await.unwrap(), Some(session));
}

#[tokio::test]
async fn a_session_is_read_as_it_was_written() {
    let Bench { store, .. } = bench().await;
    let whole = Session {
        portal: Some(portal()),
        thread: Some(thread("t1")),
        ticket: Some(TicketId::parse("41").unwrap()),
        contact: Some(ContactId::parse("6001").unwrap()),
        ai: AiState::Paused,
        lifecycle: Lifecycle::Resolved,
        lifecycle_epoch: 3,
        ai_epoch: 5,
        handoff_epoch: 7,
        assist_mode: Some(false),
        ownership_changed_at: Some(at(1)),
        own_assignment_at: Some(at(2) + SignedDuration::from_nanos(1)),
        human_replied_at: Some(at(3)),
        answers: (494_000, 4),
        close_request: Some(CloseRequest {
            closes_at: at(15),
            summary: Some("canary-summary".to_owned()),
            sentiment: Some(Sentiment::Happy),
            status: SessionStatus::ClosedUnresolved,
        }),
        ..Session::new(org(), session_id("s1"), Channel::Email, at(0))
    };
    assert_eq!(store.ensure_session(&whole).await.unwrap(), whole);
    assert_eq!(store.session(&org(), &whole.id).await.unwrap(), Some(whole));
}

#[tokio::test]
async fn ensuring_a_session_never_overwrites_it() {
    let Bench { store, .. } = bench().await;
    let first = a_session(&store, "s1").await;
    let again = Session { ai: AiState::Paused, ..Session::new(org(), session_id("s1"), Channel::Email, at(9)) };
    assert_eq!(store.ensure_session(&again).await.unwrap(), first);
    let with_thread = Session { portal: Some(portal()), thread: Some(thread("t1")), ..again };
    assert_eq!(store.ensure_session(&with_thread).await.unwrap(), first);
    assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap(), None);
}

#[tokio::test]
async fn ensuring_a_session_links_its_thread_unless_that_has_another() {
    let Bench { store, .. } = bench().await;
    for id in ["s1", "s2"] {
        let session = Session {
            portal: Some(portal()),
            thread: Some(thread("t1")),
            ..Session::new(org(), session_id(id), Channel::Web, at(0))
        };
        assert_eq!(store.ensure_session(&session).await.unwrap(), session);
        assert_eq!(store.session(&org(), &session.id).await.unwrap(), Some(session));
        let link = ThreadLink { org: org(), session: Some(session_id("s1")), begun_at: None, previous: None };
        assert_eq!(store.link_of_thread(&portal(), &thread("t1")).await.unwrap(), Some(link));
    }
}

#[tokio::test]
async fn the_later_answer_of_a_person_counts_whichever_is_told_first() {
    let Bench { store, .. } = bench().await;
    let id = a_session(&store, "s1").await.id;
    for (told_s, known_s) in [(5, 5), (3, 5), (9, 9)] {
        store.human_replied(&org(), &id, at(told_s)).await.unwrap();
        store.own_assignment(&org(), &id, at(told_s + 100)).await.unwrap();
        let session = store.session(&org(), &id).await.unwrap().unwrap();
        assert_eq!(session.human_replied_at, Some(at(known_s)));
        assert_eq!(session.own_assignment_at, Some(at(known_s + 100)));
    }
    store.human_replied(&org(), &session_id("unknown"), at(1)).await.unwrap();
    assert_eq!(store.session(&org(), &session_id("unknown")).await.unwrap(), None);
}

#[tokio::test]
async fn a_ticket_and_its_session_know_each_other() {
    let Bench { store, .. } = bench().await;
    let (ticket, contact) = (TicketId::parse("41").unwrap(), ContactId::parse("6001").unwrap());
    let id = a_session(&store, "s1").await.id;
    assert_eq!(store.session_of_ticket(&portal(), &ticket).await.unwrap(), None);
    store.link_ticket(&org(), &id, &portal(), &ticket, Some(&contact)).await.unwrap();
    store.link_ticket(&org(), &id, &portal(), &ticket, None).await.unwrap();
    let session = store.session(&org(), &id).await.unwrap().unwrap();
    assert_eq!((session.ticket, session.contact), (Some(ticket.clone()), Some(contact)));
    assert_eq!(store.session_of_ticket(&portal(), &ticket).await.unwrap(), Some((org(), id)));

    let next = a_session(&store, "s2").await.id;
    store.link_ticket(&org(), &next, &portal(), &ticket, None).await.unwrap();
    assert_eq!(
        store.session_of_ticket(&portal(), &ticket).await.unwrap(),
        Some((org(), next)),
        "the latest session has it"
    );
    let gone = store.link_ticket(&org(), &session_id("unknown"), &portal(), &ticket, None).await;
    assert!(matches!(gone, Err(crate::StoreError::Corrupt { .. })), "{gone:?}");
    assert_eq!(store.session(&org(), &session_id("unknown")).await.unwrap(), None);
}

#[tokio::test]
async fn opencx_calls_are_counted_by_organization_and_minute() {
    let Bench { store, engine } = bench().await;
    let other = OrgId::parse("org_2").unwrap();
    let begin = at(20);
    for _ in 0..3 {
        assert_eq!(store.take_opencx_call(&org(), 3, begin).await.unwrap(), Taken::Yes);
    }
    engine.forget_calls();
    assert_eq!(store.take_opencx_call(&org(), 3, begin).await.unwrap(), Taken::Wait(Duration::from_secs(40)));
    assert_eq!(engine.calls(), ["UpdateItem"]);
    let half = begin + SignedDuration::from_millis(39_500);
    assert_eq!(store.take_opencx_call(&org(), 3, half).await.unwrap(), Taken::Wait(Duration::from_millis(500)));
    assert_eq!(store.take_opencx_call(&other, 3, begin).await.unwrap(), Taken::Yes);
    assert_eq!(store.take_opencx_call(&org(), 3, at(60)).await.unwrap(), Taken::Yes);
    assert_eq!(store.take_opencx_call(&org(), 4, begin).await.unwrap(), Taken::Yes, "a raised limit counts at once");
    assert_eq!(
        store.take_opencx_call(&other, 0, at(120)).await.unwrap(),
        Taken::Yes,
        "a limit of 0 would wait for ever"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_opencx_calls_never_exceed_the_limit() {
    let Bench { store, .. } = bench().await;
    let calls = (0..40).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.take_opencx_call(&org(), 25, at(1)).await.unwrap() })
    });
    let mut taken = 0;
    for call in calls.collect::<Vec<_>>() {
        taken += i32::from(call.await.unwrap() == Taken::Yes);
    }
    assert_eq!(taken, 25);
}
