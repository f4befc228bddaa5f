//! A HubSpot workflow pauses, resumes, sends to the AI, or asks for people.

use crate::family::each_family;
use crate::world::{Differently, ORG, World};
use domain::{Action, ActionCall, ActionObject, ContactId, PortalId, ThreadId, TicketId};
use flows::{ActionOutput, ActionResult};
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn world() -> World {
    World::with(Differently { oauth: true, ..Differently::default() }).await
}

async fn act(world: &World, action: Action, callback: &str, object: ActionObject) -> ActionOutput {
    let portal = PortalId::parse(world.portal["portal_id"].as_str().unwrap()).unwrap();
    let inputs = BTreeMap::from([("reason".to_owned(), "VIP customer".to_owned())]);
    let call = ActionCall { callback_id: callback.to_owned(), portal, object, thread: None, inputs };
    world.take_action(action, call).await
}

fn on_thread(thread: &str) -> ActionObject {
    ActionObject::Thread(ThreadId::parse(thread).unwrap())
}

/// A chat that the AI answered, long enough ago that assignments of ours are over.
async fn chat(world: &World) -> String {
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(60).await;
    thread
}

async fn say_and_wait(world: &World, thread: &str, text: &str) {
    world.say(thread, text).await;
    world.pass(10).await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_ai_stores_what_it_hears_until_it_is_resumed() {
    each_family(async || {
        let world = world().await;
        let thread = chat(&world).await;
        let paused = act(&world, Action::PauseAi, "ap-1", on_thread(&thread)).await;
        assert_eq!(paused.result, ActionResult::Done);
        assert_eq!(paused.session.unwrap().as_str(), world.session().await["session_id"]);
        say_and_wait(&world, &thread, "anybody?").await;
        assert_eq!(world.answers(&thread).await, ["You said: hello"]);
        assert_eq!(world.log().await.last().unwrap(), "skipped paused");
        assert_eq!(world.said().await.last().unwrap(), "contact: anybody?");
        let now = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
        assert_eq!(now["assigned_to"], world.portal["ai_user"]);
        assert_eq!(act(&world, Action::PauseAi, "ap-2", on_thread(&thread)).await.result, ActionResult::Already);

        assert_eq!(act(&world, Action::ResumeAi, "ap-3", on_thread(&thread)).await.result, ActionResult::Done);
        world.pass(5).await;
        say_and_wait(&world, &thread, "and now?").await;
        assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: and now?");
        assert_eq!(act(&world, Action::ResumeAi, "ap-4", on_thread(&thread)).await.result, ActionResult::Already);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_same_execution_again_gets_the_same_answer_and_has_no_effect() {
    each_family(async || {
        let world = world().await;
        let thread = chat(&world).await;
        let first = act(&world, Action::PauseAi, "ap-1", on_thread(&thread)).await;
        act(&world, Action::ResumeAi, "ap-2", on_thread(&thread)).await;
        assert_eq!(act(&world, Action::PauseAi, "ap-1", on_thread(&thread)).await, first);
        world.pass(5).await;
        say_and_wait(&world, &thread, "still there?").await;
        assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: still there?");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sent_to_the_ai_the_unanswered_messages_are_answered_once() {
    each_family(async || {
        let world = world().await;
        let thread = chat(&world).await;
        world.assign(&thread, json!("A-100")).await;
        world.pass(60).await;
        say_and_wait(&world, &thread, "first question").await;
        say_and_wait(&world, &thread, "second question").await;
        assert_eq!(world.answers(&thread).await.len(), 1);
        let sent = act(&world, Action::SendToAi, "ap-1", on_thread(&thread)).await;
        assert_eq!(sent.result, ActionResult::Done);
        act(&world, Action::SendToAi, "ap-1", on_thread(&thread)).await;
        world.pass(10).await;
        // OpenCX had the first question already; the last one is what it is asked.
        assert_eq!(world.answers(&thread).await, ["You said: hello", "You said: second question"]);
        let now = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
        assert_eq!(now["assigned_to"], world.portal["ai_user"]);
        say_and_wait(&world, &thread, "thanks").await;
        assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: thanks");
        // Nothing is unanswered now.
        act(&world, Action::SendToAi, "ap-2", on_thread(&thread)).await;
        world.pass(10).await;
        assert_eq!(world.answers(&thread).await.len(), 3);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_for_its_turn_is_not_sent_to_the_ai_a_second_time() {
    each_family(async || {
        let world = world().await;
        // The e-mail is 2 of its 5 seconds old.
        let thread = world.thread("email").await;
        world.say(&thread, "hello").await;
        world.pass(2).await;
        act(&world, Action::SendToAi, "ap-1", on_thread(&thread)).await;
        world.pass(30).await;
        assert_eq!(world.answers(&thread).await, ["You said: hello"]);
        // A workflow is faster than the event of the message that set it off, and a rule gave the chat to a rep.
        let chat = world.thread("web").await;
        world.quiet_webhooks().await;
        let message = world.say(&chat, "anybody?").await;
        world.assign(&chat, json!("A-100")).await;
        act(&world, Action::SendToAi, "ap-2", on_thread(&chat)).await;
        world.pass(10).await;
        let event = world.new_message(&chat, &message);
        world.post(&world.url, &[], json!([event]).to_string()).await;
        world.pass(30).await;
        assert_eq!(world.answers(&chat).await, ["You said: anybody?"]);
        let told = |session: &Value| session["messages"].as_array().unwrap().len();
        assert_eq!(world.sessions().await.iter().map(told).collect::<Vec<_>>(), [2, 2]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn messages_from_before_the_connection_are_asked_about_once() {
    each_family(async || {
        let world = world().await;
        let thread = world.thread("web").await;
        world.quiet_webhooks().await;
        let first = world.say(&thread, "my order").await;
        world.pass(60).await;
        world.say(&thread, "has not come").await;
        world.pass(600).await;
        act(&world, Action::SendToAi, "ap-1", on_thread(&thread)).await;
        world.pass(10).await;
        world.post(&world.url, &[], json!([world.new_message(&thread, &first)]).to_string()).await;
        world.pass(30).await;
        assert_eq!(world.answers(&thread).await, ["You said: my order\n\nhas not come"]);
        assert_eq!(world.said().await.len(), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_word_of_a_session_that_send_to_ai_begins_decides_on_its_first_answer() {
    for (setting, session) in [(true, false), (false, true)] {
        let settings = json!({ "assist_mode": setting });
        let world = World::with(Differently { oauth: true, settings, ..Differently::default() }).await;
        world.ocx("PUT", "/_sim/defaults", json!({ "assist_mode": session })).await;
        let thread = world.thread("web").await;
        world.quiet_webhooks().await;
        world.say(&thread, "hello").await;
        world.assign(&thread, json!("A-100")).await;
        world.pass(600).await;
        act(&world, Action::SendToAi, "ap-1", on_thread(&thread)).await;
        world.pass(10).await;
        let (answers, drafts) = (world.answers(&thread).await, world.comments(&thread).await);
        let owner = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await["assigned_to"].clone();
        if session {
            assert_eq!((answers.len(), drafts.len(), owner), (0, 1, json!("A-100")), "{drafts:?}");
        } else {
            assert_eq!(
                (answers, drafts.len(), owner),
                (vec!["You said: hello".to_owned()], 0, world.portal["ai_user"].clone())
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn messages_nobody_told_opencx_of_go_along_in_one_question() {
    each_family(async || {
        let world = world().await;
        world.change_settings(|settings| settings.enabled = false).await;
        let thread = world.thread("web").await;
        say_and_wait(&world, &thread, "my order").await;
        say_and_wait(&world, &thread, "has not come").await;
        let early = act(&world, Action::SendToAi, "ap-1", on_thread(&thread)).await;
        assert_eq!(early.result, ActionResult::Failed);
        world.change_settings(|settings| settings.enabled = true).await;
        assert_eq!(act(&world, Action::SendToAi, "ap-2", on_thread(&thread)).await.result, ActionResult::Done);
        world.pass(10).await;
        assert_eq!(world.said().await[0], "contact: my order\n\nhas not come");
        assert_eq!(world.answers(&thread).await.len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_workflow_hands_a_conversation_to_people_by_its_ticket_or_contact() {
    each_family(async || {
        let world = world().await;
        let thread = chat(&world).await;
        let contact =
            world.hs("GET", "/_sim/contacts", Value::Null).await[0]["contact_id"].as_str().unwrap().to_owned();
        let contact = ActionObject::Contact(ContactId::parse(contact).unwrap());
        let asked = act(&world, Action::RequestHandoff, "ap-1", contact.clone()).await;
        assert_eq!(asked.result, ActionResult::Done);
        world.pass(10).await;
        let tickets = world.tickets().await;
        assert_eq!(tickets.len(), 1);
        assert_eq!(world.session().await["handed_off"], true);
        assert!(world.comments(&thread).await[0].contains("VIP customer"));
        let again = act(&world, Action::RequestHandoff, "ap-2", contact).await;
        let ticket = tickets[0]["ticket_id"].as_str().unwrap();
        assert_eq!((again.result, again.ticket.as_ref().unwrap().as_str()), (ActionResult::Already, ticket));
        // By the ticket the conversation is found, too.
        let ticket = ActionObject::Ticket(TicketId::parse(ticket).unwrap());
        assert_eq!(act(&world, Action::SendToAi, "ap-3", ticket).await.result, ActionResult::Done);
        world.pass(10).await;
        assert_eq!(world.tickets().await.len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_handoff_without_a_conversation_goes_to_the_rep_the_workflow_names() {
    each_family(async || {
        let world = world().await;
        let begun = json!({ "channel": { "type": "phone_voice" }, "contact": { "name": "Ada Example" } });
        let session = world.ocx("POST", "/_sim/sessions", begun).await["session_id"].clone();
        let mut ask = world.handoff(session.as_str().unwrap(), None);
        ask["session"]["channel"] = json!("phone_voice");
        let first = world.invoke("handoff", ask).await.unwrap();
        let resumed = json!({ "org_id": ORG, "session_id": session, "ai": "resumed" });
        world.invoke("sync", resumed).await.unwrap();
        let call = ActionCall {
            callback_id: "ap-1".to_owned(),
            portal: PortalId::parse(world.portal["portal_id"].as_str().unwrap()).unwrap(),
            object: ActionObject::Ticket(TicketId::parse(first["ticket_id"].as_str().unwrap()).unwrap()),
            thread: None,
            inputs: BTreeMap::from([("assignee".to_owned(), " A-101 ".to_owned())]),
        };
        let asked = world.take_action(Action::RequestHandoff, call).await;
        assert_eq!(asked.result, ActionResult::Done, "{}", asked.message);
        let tickets = world.tickets().await;
        assert_eq!((tickets.len(), &tickets[0]["properties"]["hubspot_owner_id"]), (1, &json!("81538101")));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_help_desk_ticket_leads_to_its_conversation_before_anybody_has_linked_it() {
    each_family(async || {
        let world = world().await;
        world.quiet_webhooks().await;
        let contact = json!({ "name": "Ada Example", "email": "ada@example.com" });
        let thread = world
            .hs("POST", "/_sim/threads", json!({ "channel": "web", "inbox": "HELP_DESK", "contact": contact }))
            .await;
        let id = thread["thread_id"].as_str().unwrap().to_owned();
        world.say(&id, "hello").await;
        let ticket = ActionObject::Ticket(TicketId::parse(thread["ticket_id"].as_str().unwrap()).unwrap());
        assert_eq!(act(&world, Action::PauseAi, "ap-1", ticket.clone()).await.result, ActionResult::Done);
        world.pass(10).await;
        // The pause holds for a conversation that had no session yet.
        assert_eq!(world.session().await["handed_off"], true);
        assert_eq!(act(&world, Action::SendToAi, "ap-2", ticket).await.result, ActionResult::Done);
        world.pass(10).await;
        assert_eq!(world.answers(&id).await, ["You said: hello"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_workflow_can_branch_on_why_there_is_nothing_to_do() {
    each_family(async || {
        let world = world().await;
        let nowhere = ActionObject::Contact(ContactId::parse("1").unwrap());
        for (callback, action) in
            [("a", Action::PauseAi), ("b", Action::ResumeAi), ("c", Action::SendToAi), ("d", Action::RequestHandoff)]
        {
            assert_eq!(act(&world, action, callback, nowhere.clone()).await.result, ActionResult::NoThread);
        }
        let company = ActionObject::Other { kind: "COMPANY".to_owned() };
        let output = act(&world, Action::PauseAi, "e", company).await.fields();
        assert_eq!((output["opencx_result"].as_str(), output["hs_execution_state"].as_str()), ("no_thread", "SUCCESS"));
        assert_eq!((output["opencx_session_id"].as_str(), output["opencx_ticket_id"].as_str()), ("", ""));

        let call = ActionCall {
            callback_id: "f".to_owned(),
            portal: PortalId::parse("4711").unwrap(),
            object: nowhere.clone(),
            thread: None,
            inputs: BTreeMap::new(),
        };
        assert_eq!(world.take_action(Action::PauseAi, call).await.result, ActionResult::NotConnected);

        let legacy = World::new().await;
        let output = act(&legacy, Action::PauseAi, "g", nowhere).await;
        assert_eq!(output.result, ActionResult::NotConnected);
        assert!(output.message.contains("private app (legacy)"), "{}", output.message);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn hubspot_hears_within_its_five_seconds_even_where_it_is_slow_itself() {
    each_family(async || {
        let world = world().await;
        let thread = chat(&world).await;
        world.hubspot_fault(json!({ "path": "/conversations", "delay_ms": 20_000, "times": 1 })).await;
        let contact =
            world.hs("GET", "/_sim/contacts", Value::Null).await[0]["contact_id"].as_str().unwrap().to_owned();
        let contact = ActionObject::Contact(ContactId::parse(contact).unwrap());
        let began = transport::Clock::now(&*world.clock);
        let output = act(&world, Action::RequestHandoff, "ap-1", contact.clone()).await;
        assert_eq!(output.result, ActionResult::Failed);
        assert!(transport::Clock::now(&*world.clock).duration_since(began).as_secs() < 5);
        // HubSpot calls again with the same id, and is served.
        world.hs("DELETE", "/_sim/faults", Value::Null).await;
        world.pass(10).await;
        assert_eq!(act(&world, Action::RequestHandoff, "ap-1", contact).await.result, ActionResult::Done);
        world.pass(10).await;
        assert_eq!((world.tickets().await.len(), world.comments(&thread).await.len()), (1, 1));
    })
    .await;
}

/// A session of a channel that HubSpot does not have: no line to put it into, so the handoff is opened at once, or begun.
#[tokio::test(start_paused = true)]
async fn a_handoff_that_a_workflow_began_is_finished_when_it_asks_again() {
    let world = world().await;
    let begun = json!({ "channel": "api", "contact": { "name": "Ada Example", "email": "ada@example.com" } });
    let session =
        world.ocx("POST", "/_sim/sessions", begun).await["session_id"].as_str().expect("a session").to_owned();
    world.invoke("handoff", world.handoff(&session, None)).await.unwrap();
    world.invoke("sync", json!({ "org_id": ORG, "session_id": session, "ai": "resumed" })).await.unwrap();
    let notes = async || world.tickets().await[0]["notes"].as_array().unwrap().len();
    let (ticket, before) = (world.tickets().await[0]["ticket_id"].as_str().unwrap().to_owned(), notes().await);
    let ticket = ActionObject::Ticket(TicketId::parse(ticket).unwrap());

    // HubSpot writes the note, but says so too late for its own workflow.
    world.hubspot_fault(json!({ "method": "POST", "path": "/crm/objects", "delay_ms": 20_000, "times": 1 })).await;
    let output = act(&world, Action::RequestHandoff, "ap-1", ticket.clone()).await;
    assert_eq!(output.result, ActionResult::Failed, "{}", output.message);
    world.hs("DELETE", "/_sim/faults", Value::Null).await;
    world.pass(5).await;
    for (callback, expected) in
        [("ap-1", ActionResult::Done), ("ap-1", ActionResult::Done), ("ap-2", ActionResult::Already)]
    {
        assert_eq!(act(&world, Action::RequestHandoff, callback, ticket.clone()).await.result, expected, "{callback}");
    }
    assert_eq!((world.tickets().await.len(), notes().await), (1, before + 1));
    let session = world.session().await;
    assert_eq!(session["handed_off"], true, "{session}");
}

/// Through the door: HubSpot signs, API Gateway's route leads to the function, the workflow reads its output fields.
#[tokio::test(start_paused = true)]
async fn an_execution_that_hubspot_signed_is_taken_at_the_door() {
    each_family(async || {
        let world = world().await;
        let thread = chat(&world).await;
        let execution = |action: &str| json!({ "action": action, "object": { "type": "conversation", "id": thread } });
        let answer = world.hs("POST", "/_sim/workflows", execution("pause-ai")).await;
        let fields = &answer["outputFields"];
        assert_eq!(fields["opencx_result"], "done", "{answer}");
        assert_eq!(fields["opencx_session_id"], world.session().await["session_id"]);
        assert_eq!(fields["hs_execution_state"], "SUCCESS");
        say_and_wait(&world, &thread, "anybody?").await;
        assert_eq!(world.answers(&thread).await.len(), 1, "paused");

        let url = world.url.split("/webhooks").next().unwrap().to_owned() + "/actions/hubspot/resume-ai";
        let (status, problem) = world.post(&url, &[("x-hubspot-signature", &"0".repeat(64))], "{}").await;
        assert_eq!((status, problem["title"].as_str()), (401, Some("Unauthorized")));
    })
    .await;
}
