use super::*;
use crate::{Claim, Delivery, Filter, Outcome, OutcomeState, Overdue, Page, Release, State, StoreError};
use domain::{Reason, TicketId};

const DAY_S: i64 = 86_400;

async fn claimed(store: &Store, work: &Work, started_s: i64, index: Index) {
    let seed = Seed { index, ..seed(started_s) };
    assert!(matches!(store.claim(work, &run("r1", started_s), &seed).await.unwrap(), Claim::Won(_)));
}

fn about_thread(id: &str) -> Index {
    Index { thread: Some((portal(), thread(id))), ..Index::default() }
}

fn finished(state: OutcomeState, session: Option<SessionId>) -> Outcome {
    Outcome { state, detail: None, answer: None, steps: Vec::new(), at: at(7), session }
}

fn names(page: &Page<Delivery>) -> Vec<&str> {
    page.items.iter().map(|row| row.key.as_str()).collect()
}

async fn list(store: &Store, filter: &Filter) -> Vec<String> {
    let page = store.deliveries(&org(), filter, 50, None).await.unwrap();
    assert_eq!(page.cursor, None);
    names(&page).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_log_lists_events_of_all_days_newest_first_page_by_page() {
    let Bench { store, .. } = bench().await;
    for (name, created_s) in [("a", -2 * DAY_S), ("b", -2 * DAY_S), ("c", -DAY_S), ("d", 0), ("e", 1)] {
        claimed(&store, &delivery(name), created_s, Index::default()).await;
    }
    claimed(&store, &request("q1"), 2, Index::default()).await;
    let other = Work::Delivery { org: OrgId::parse("org_2").unwrap(), key: DedupKey::from_stored("x") };
    claimed(&store, &other, 0, Index::default()).await;

    let filter = Filter { to: Some(at(60)), ..Filter::default() };
    for limit in 1..=5 {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.deliveries(&org(), &filter, limit, cursor).await.unwrap();
            assert!(page.items.len() <= limit as usize);
            seen.extend(names(&page).into_iter().map(str::to_owned));
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["e", "d", "c", "b", "a"], "in pages of {limit}");
    }
    let window = Filter { from: Some(at(-DAY_S)), to: Some(at(0)), ..Filter::default() };
    assert_eq!(list(&store, &window).await, ["d", "c"], "both ends are in");
}

#[tokio::test]
async fn a_log_without_an_end_is_refused_because_the_store_has_no_clock() {
    let Bench { store, .. } = bench().await;
    let refused = store.deliveries(&org(), &Filter::default(), 10, None).await;
    assert!(matches!(refused, Err(StoreError::OpenEnded)), "{refused:?}");
}

#[tokio::test]
async fn a_filter_by_state_looks_beyond_the_first_rows() {
    let Bench { store, .. } = bench().await;
    for n in 0..12 {
        let work = delivery(&format!("m{n:02}"));
        claimed(&store, &work, n, Index::default()).await;
        if n % 6 == 0 {
            store.complete(&work, &run("r1", n), &finished(OutcomeState::Failed(Reason::Poison), None)).await.unwrap();
        }
    }
    let filter = Filter { state: Some(State::Failed), to: Some(at(60)), ..Filter::default() };
    assert_eq!(list(&store, &filter).await, ["m06", "m00"]);
    let first = store.deliveries(&org(), &filter, 1, None).await.unwrap();
    assert_eq!(
        (names(&first), first.items[0].reason.clone(), first.items[0].state),
        (vec!["m06"], Some(Reason::Poison), State::Failed)
    );
    let second = store.deliveries(&org(), &filter, 1, first.cursor).await.unwrap();
    assert_eq!(names(&second), ["m00"]);
    assert!(list(&store, &Filter { state: Some(State::Retrying), ..filter }).await.is_empty());
}

#[tokio::test]
async fn a_filter_by_reason_finds_its_own_and_says_exactly_where_the_list_ends() {
    let Bench { store, .. } = bench().await;
    for n in 0..12 {
        let work = delivery(&format!("m{n:02}"));
        claimed(&store, &work, n, Index::default()).await;
        let state = match n % 4 {
            0 => OutcomeState::Failed(Reason::OpencxUnavailable),
            1 => OutcomeState::Failed(Reason::MissingScope("files".to_owned())),
            2 => OutcomeState::Skipped(Reason::OwnMessage),
            _ => OutcomeState::Done,
        };
        store.complete(&work, &run("r1", n), &finished(state, None)).await.unwrap();
    }
    let by = |reason| Filter { reason: Some(reason), to: Some(at(60)), ..Filter::default() };
    assert_eq!(list(&store, &by(Reason::OpencxUnavailable)).await, ["m08", "m04", "m00"]);
    assert_eq!(list(&store, &by(Reason::MissingScope("files".to_owned()))).await, ["m09", "m05", "m01"]);
    assert!(list(&store, &by(Reason::MissingScope("tickets".to_owned()))).await.is_empty());
    let failed = Filter { state: Some(State::Failed), ..by(Reason::OwnMessage) };
    assert!(list(&store, &failed).await.is_empty(), "both have to fit");
    let first = store.deliveries(&org(), &by(Reason::OwnMessage), 2, None).await.unwrap();
    assert_eq!(names(&first), ["m10", "m06"]);
    let second = store.deliveries(&org(), &by(Reason::OwnMessage), 1, first.cursor).await.unwrap();
    assert_eq!((names(&second), second.cursor.is_none()), (vec!["m02"], true), "no empty page follows");
}

#[tokio::test]
async fn a_rare_reason_in_a_long_log_is_found_over_several_pages() {
    let Bench { store, .. } = bench().await;
    for n in 0..1_101 {
        claimed(&store, &delivery(&format!("m{n}")), n, Index::default()).await;
    }
    store
        .complete(&delivery("m0"), &run("r1", 0), &finished(OutcomeState::Failed(Reason::Poison), None))
        .await
        .unwrap();
    let filter = Filter { reason: Some(Reason::Poison), to: Some(at(2_000)), ..Filter::default() };
    let first = store.deliveries(&org(), &filter, 10, None).await.unwrap();
    assert!(first.items.is_empty() && first.cursor.is_some(), "it has looked at enough");
    let second = store.deliveries(&org(), &filter, 10, first.cursor).await.unwrap();
    assert_eq!((names(&second), second.cursor.is_none()), (vec!["m0"], true));
}

#[tokio::test]
async fn parked_events_are_found_without_knowing_when() {
    let Bench { store, .. } = bench().await;
    for name in ["a", "b", "c"] {
        claimed(&store, &delivery(name), 0, Index::default()).await;
        if name != "b" {
            store.park(&delivery(name), &run("r1", 0), &Reason::ReconnectRequired).await.unwrap();
        }
    }
    let filter = Filter { state: Some(State::Parked), ..Filter::default() };
    assert_eq!(list(&store, &filter).await, ["c", "a"]);
    store.replay(&org(), &DedupKey::from_stored("a"), at(1)).await.unwrap();
    assert_eq!(list(&store, &filter).await, ["c"]);
}

#[tokio::test]
async fn the_story_of_a_thread_a_ticket_and_a_session_has_requests_and_handoffs_too() {
    let Bench { store, .. } = bench().await;
    let (ticket, session) = (TicketId::parse("41").unwrap(), session_id("s1"));
    let handoff = Work::Handoff { org: org(), session: session.clone(), n: 1 };
    claimed(&store, &delivery("m1"), 0, about_thread("t1")).await;
    claimed(&store, &delivery("other"), 1, about_thread("t2")).await;
    claimed(&store, &handoff, 2, Index { session: Some(session.clone()), ..about_thread("t1") }).await;
    claimed(&store, &request("q1"), 3, Index { ticket: Some(ticket.clone()), ..Index::default() }).await;
    claimed(&store, &request("q2"), 4, Index { session: Some(session.clone()), ..Index::default() }).await;
    claimed(&store, &request("late"), 5, Index::default()).await;
    store
        .complete(&request("late"), &run("r1", 5), &finished(OutcomeState::Done, Some(session.clone())))
        .await
        .unwrap();

    let by_thread = Filter { thread: Some((portal(), thread("t1"))), ..Filter::default() };
    assert_eq!(list(&store, &by_thread).await, ["handoff:s1:1", "m1"]);
    let by_ticket = Filter { ticket: Some(ticket.clone()), ..Filter::default() };
    assert_eq!(list(&store, &by_ticket).await, ["request:reply:q1"]);
    let by_session = Filter { session: Some(session.clone()), ..Filter::default() };
    assert_eq!(
        list(&store, &by_session).await,
        ["request:reply:late", "request:reply:q2"],
        "its objects are not known yet"
    );

    store
        .ensure_session(&Session {
            portal: Some(portal()),
            thread: Some(thread("t1")),
            ..Session::new(org(), session.clone(), Channel::Web, at(0))
        })
        .await
        .unwrap();
    store.link_ticket(&org(), &session, &portal(), &ticket, None).await.unwrap();
    let whole = ["request:reply:late", "request:reply:q2", "request:reply:q1", "handoff:s1:1", "m1"];
    assert_eq!(list(&store, &by_session).await, whole);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.deliveries(&org(), &by_session, 2, cursor).await.unwrap();
        seen.extend(names(&page).into_iter().map(str::to_owned));
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, whole);
    for name in whole {
        let found = store.delivery(&org(), &DedupKey::from_stored(name)).await.unwrap().unwrap();
        assert_eq!((found.key.as_str(), found.work.to_string().as_str()), (name, name));
    }
}

#[tokio::test]
async fn another_organizations_rows_are_never_listed() {
    let Bench { store, .. } = bench().await;
    claimed(&store, &delivery("m1"), 0, about_thread("t1")).await;
    let other = OrgId::parse("org_2").unwrap();
    let filter = Filter { thread: Some((portal(), thread("t1"))), ..Filter::default() };
    assert!(store.deliveries(&other, &filter, 10, None).await.unwrap().items.is_empty());
    assert!(store.delivery(&other, &DedupKey::from_stored("m1")).await.unwrap().is_none());
    let due = store.due_deliveries_of_thread(&other, &portal(), &thread("t1"), at(5000)).await.unwrap();
    assert!(due.is_empty());
}

#[tokio::test]
async fn due_deliveries_of_a_thread_come_oldest_first() {
    let Bench { store, .. } = bench().await;
    for (name, created_s, until_s) in [("c", 3, 8), ("a", 1, 6), ("b", 2, 7), ("later", 4, 99)] {
        claimed(&store, &delivery(name), created_s, about_thread("t1")).await;
        store.delay(&delivery(name), &run("r1", created_s), at(until_s)).await.unwrap();
    }
    claimed(&store, &delivery("running"), 0, about_thread("t1")).await;
    claimed(&store, &delivery("elsewhere"), 0, about_thread("t2")).await;
    store.delay(&delivery("elsewhere"), &run("r1", 0), at(1)).await.unwrap();
    let due = |now_s| {
        let store = store.clone();
        async move {
            let due = store.due_deliveries_of_thread(&org(), &portal(), &thread("t1"), at(now_s)).await.unwrap();
            due.iter().map(|key| key.as_str().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(due(8).await, ["a", "b", "c"]);
    assert_eq!(due(6).await, ["a"]);
    assert!(due(5).await.is_empty());
}

#[tokio::test]
async fn overdue_is_what_should_have_ended_and_nothing_else() {
    let Bench { store, .. } = bench().await;
    for (n, name) in ["running", "delayed", "retrying", "done", "parked"].into_iter().enumerate() {
        let work = delivery(name);
        let run = run("r1", i64::try_from(n).unwrap());
        claimed(&store, &work, i64::try_from(n).unwrap(), Index::default()).await;
        match name {
            "delayed" => store.delay(&work, &run, at(20)).await.unwrap(),
            "retrying" => {
                let release = Release {
                    due: at(10),
                    reason: Reason::HubspotUnavailable,
                    unexpected: false,
                    message: String::new(),
                };
                store.release(&work, &run, &release).await.unwrap();
            }
            "done" => store.complete(&work, &run, &finished(OutcomeState::Done, None)).await.unwrap(),
            "parked" => store.park(&work, &run, &Reason::ReconnectRequired).await.unwrap(),
            _ => {}
        }
    }
    claimed(&store, &request("q1"), 0, Index::default()).await;
    let overdue = |before_s, limit| {
        let store = store.clone();
        async move {
            let found = store.overdue(at(before_s), limit).await.unwrap();
            let name = |overdue| match overdue {
                Overdue::Delivery { key, .. } => key.to_string(),
                Overdue::Close { session, .. } => session.to_string(),
            };
            found.into_iter().map(name).collect::<Vec<_>>()
        }
    };
    assert!(overdue(10, 10).await.is_empty());
    assert_eq!(overdue(11, 10).await, ["retrying"]);
    assert_eq!(overdue(5000, 10).await, ["retrying", "delayed", "running"], "the longest overdue first");
    assert_eq!(overdue(5000, 2).await, ["retrying", "delayed"]);
}
