"""Stories of callers who ask again because the process that worked for them died: an admin's browser, a workflow of HubSpot's,
the OpenCX backend. Each process is killed while a call of its own is under way: HubSpot has done the work, and its answer is
on the way. Stories that return something begin now and end when what holds a dead run's work has passed."""

import time

from crashes import PATIENCE, handoff_of, tickets_of
from organization import ORG, api, ask_consent, come_back, private_app, token_of
from processes import in_background
from tale import check, say, wait_for
from web import call

# A dead run of an action holds its claim for 3.5 s. HubSpot hangs up after 5 s, and calls again later than that.
HUBSPOT_AGAIN_S = 5
# Whoever refreshes a token may take 20 s.
LEASE_S = 20


def save_dies(stack):
    """`connect` dies while HubSpot creates what the bundle needs: the admin presses Save again, and is connected once."""
    services = stack.services
    services.hubspot.fault(method="POST", path="/crm/properties/", delay_ms=4000, times=1)
    dying = in_background(_save, stack)
    wait_for("the property group to be asked for", lambda: _created(services, "groups"), 30, 0.05)
    stack.kill("connect")
    answer = dying(60)
    check(answer.status >= 500, f"the dead save was answered {answer!r}")
    connection = api(stack, "GET", "/api/connection")
    check(connection["state"] == "not_connected" and not connection["live"], f"half connected: {connection}")
    again = _save(stack)
    check(again.status == 200 and again.body["portal_id"] == str(services.portal["portal_id"]), f"the repeat was answered {again!r}")
    made = [c["body"]["name"] for c in _created(services, "tickets") if c["status"] == 201]
    check(sorted(set(made)) == sorted(made) and "opencx_handoff_id" in made, f"created {made}")
    audit = [entry["action"] for entry in api(stack, "GET", "/api/audit")["entries"]]
    check(audit.count("connection.connected") == 1, f"the audit says {audit}")
    say(stack.name, f"connect died while HubSpot created the property group, the browser was answered {answer.status}; saved again: connected, "
                    f"{len(made)} properties and the group created once, one entry in the audit")


def consent_dies(stack):
    """`connect` dies while HubSpot exchanges the code: no half connection is left, and the admin consents again."""
    services = stack.services
    services.hubspot.fault(method="POST", path="/oauth/", delay_ms=4000, times=1)
    back, cookie = ask_consent(stack)
    dying = in_background(come_back, back, cookie)
    wait_for("the code to be exchanged", lambda: services.hubspot.calls("POST", "/oauth/"), 30, 0.05)
    stack.kill("connect")
    answer = dying(60)
    check(answer.status >= 500, f"the dead callback was answered {answer!r}")
    connection = api(stack, "GET", "/api/connection")
    check(connection["state"] == "not_connected", f"half connected: {connection}")
    reloaded = come_back(back, cookie)
    check("expired_state" in reloaded.headers["Location"], f"the reloaded callback sends to {reloaded.headers['Location']}")
    say(stack.name, f"connect died while the code was exchanged, the browser was answered {answer.status}; reloaded: the consent is used up, begin again")


def action_dies(stack):
    """`actions` dies while HubSpot says which conversation is meant: the workflow calls again, and one ticket is opened."""
    services = stack.services
    thread = services.begin(name="Kim Example", email="kim@example.com")
    services.write(thread, "Hello")
    wait_for("the AI's answer", lambda: services.answers(thread), 60)
    stack.quiet()
    session, contact = services.session_of(thread)["session_id"], services.thread(thread)["contact_id"]
    wanted = {"action": "request-handoff", "object": {"type": "contact", "id": contact}, "callback_id": "ap-crash-1-7-0"}
    services.hubspot.fault(method="GET", path="/conversations/", delay_ms=3000, times=1)
    asked = lambda: [c for c in services.hubspot.calls("GET", "/conversations/") if "associatedContactId" in str(c["query"])]  # noqa: E731
    died, again = _killed_action(stack, wanted, "the contact's conversation to be asked for", asked)
    wait_for("the handoff", lambda: tickets_of(services, session), 60)
    wait_for("the comment", lambda: _handoffs(services, thread), 30)
    stack.quiet()
    tickets, comments = tickets_of(services, session), _handoffs(services, thread)
    check(len(tickets) == 1 and len(comments) == 1, f"tickets {tickets}, comments {comments}")
    say(stack.name, f"actions died, the workflow was answered {died}; the same execution twice more: {again}, one ticket {tickets[0]}, one comment")


def writing_action_dies(stack):
    """`actions` dies while HubSpot writes the note of a handoff that has no line to wait in: the workflow calls again, one note."""
    services = stack.services
    person = {"name": "Ola Example", "email": "ola@example.com"}
    session = services.opencx.ask("POST", "/_sim/sessions", {"channel": "api", "contact": person})["session_id"]
    payload = handoff_of(session, None, "Ola wants a person")
    payload["session"].update(thread_id=None, contact=person)
    ticket = stack.must_invoke("handoff", payload)["ticket_id"]
    stack.must_invoke("sync", {"org_id": ORG, "session_id": session, "ai": "resumed"})
    before = len(services.ticket(ticket)["notes"])
    wanted = {"action": "request-handoff", "object": {"type": "ticket", "id": ticket}, "callback_id": "ap-crash-2-7-0"}
    services.hubspot.fault(method="POST", path="/crm/objects/", delay_ms=3000, times=1)
    written = lambda: services.ticket(ticket)["notes"][before:]  # noqa: E731
    died, again = _killed_action(stack, wanted, "the note", written)
    notes, tickets = services.ticket(ticket)["notes"][before:], tickets_of(services, session)
    check(len(notes) == 1 and tickets == [ticket], f"notes {notes}, tickets {tickets}")
    say(stack.name, f"actions died after HubSpot had written the note, the workflow was answered {died}; the same execution twice more: {again}, one note")


def context_dies(stack):
    """`context` dies while it refreshes the token that all functions share: who asks next gets the panel, and the grant lives."""
    services = stack.services
    thread = services.begin(name="Lea Example", email="lea@example.com")
    services.write(thread, "Hello")
    wait_for("the AI's answer", lambda: services.answers(thread), 60)
    stack.quiet()
    api(stack, "PUT", "/api/crm", {"use_integration": True})
    _let_the_token_end(stack)
    before, known = _connection(stack), len(services.hubspot.calls("POST", "/oauth/"))
    payload = {"org_id": ORG, "email": "lea@example.com"}
    services.hubspot.fault(method="POST", path="/oauth/", delay_ms=4000, times=1)
    dying = in_background(stack.invoke, "context", payload)
    wait_for("the token to be refreshed", lambda: len(services.hubspot.calls("POST", "/oauth/")) > known, 30, 0.05)
    stack.kill("context")
    answer, error = dying(60)
    check(error, f"the dead invocation answered {answer}")
    asked = time.monotonic()
    answer = stack.must_invoke("context", payload)
    took = time.monotonic() - asked
    check(answer["status"] == "found" and answer["contact"]["email"] == "lea@example.com", f"answered {answer}")
    check(took < LEASE_S + 5, f"the repeat took {took:.1f} s")
    after = _connection(stack)
    check(int(after["token_version"]) == int(before["token_version"]) + 1, f"token versions {before['token_version']}, {after['token_version']}")
    check(api(stack, "GET", "/api/connection")["state"] == "connected", "the grant was given up")
    say(stack.name, f"context died while it refreshed the token; asked again: {answer['status']} after {took:.1f} s, the token is renewed once, the grant lives")


def sync_dies(stack, thread, other, ticket):
    """Two runs of `sync` die at once: HubSpot has just created one's contact, and written the other's property."""
    services = stack.services
    api(stack, "PATCH", "/api/settings", {"create_properties": True})
    first, second = (services.session_of(one)["session_id"] for one in (thread, other))
    person = {"name": "Max Example", "email": "max@example.com"}
    payloads = [
        {"org_id": ORG, "session_id": first, "contact": person},
        {"org_id": ORG, "session_id": second, "custom_data": {"plan": "pro"}},
    ]
    services.hubspot.fault(method="POST", path="/crm/objects/", delay_ms=6000, times=1)
    services.hubspot.fault(method="PATCH", path="/crm/objects/", delay_ms=6000, times=1)
    dying = [in_background(stack.invoke, "sync", payload) for payload in payloads]
    wait_for("the contact to be created", lambda: _posted_contact(services, person["email"]), 30, 0.05)
    wait_for("the property to be written", lambda: _patched(services, ticket, "plan"), 30, 0.05)
    stack.kill("sync")
    for died in dying:
        answer, error = died(60)
        check(error, f"the dead invocation answered {answer}")
    told = [stack.invoke("sync", payload) for payload in payloads]
    check(all(error and answer["errorType"] == "Busy" for answer, error in told), f"repeats while the claims hold: {told}")
    say(stack.name, f"two runs of sync died with HubSpot's answers on the way; a repeat is told: {told[0][0]['errorMessage']!r}")

    def later():
        def synced(payload):
            answer, error = stack.invoke("sync", payload)
            check(not error or answer["errorType"] == "Busy", f"sync failed: {answer}")
            return None if error else answer

        linked, pushed = (wait_for("the sync after the crash", lambda: synced(p), PATIENCE, 2) for p in payloads)  # noqa: B023
        there = [c for c in services.hubspot.ask("GET", "/_sim/contacts") if person["email"] in str(c)]
        check(len(there) == 1 and linked["contact_id"] in str(there), f"{linked}, contacts {there}")
        properties = services.ticket(ticket)["properties"]
        check(pushed["properties_pushed"] == ["plan"] and properties["plan"] == "pro", f"{pushed}, {properties}")
        made = [c for c in _created(services, "tickets") if c["body"]["name"] == "plan" and c["status"] == 201]
        check(len(made) == 1, f"the property was created {len(made)} times")
        again = [stack.must_invoke("sync", payload) for payload in payloads]
        check(again == [linked, pushed], f"a further repeat answers {again}")
        say(stack.name, f"sync died in the middle: the repeats answer contact {linked['contact_id']} ({linked['contact']}), the only one of that "
                        f"address, and pushed {pushed['properties_pushed']}, a property created once")

    return later


def _killed_action(stack, wanted, what, under_way):
    """The status that the workflow got from the run that died, and the results of the same execution later."""
    run = lambda: call("POST", f"{stack.services.hubspot.url}/_sim/workflows", wanted)  # noqa: E731
    known, began = len(under_way()), time.monotonic()
    dying = in_background(run)
    wait_for(what, lambda: len(under_way()) > known, 30, 0.05)
    stack.kill("actions")
    died = dying(60)
    check(died.status >= 500, f"the dead action was answered {died!r}")
    time.sleep(max(0, began + HUBSPOT_AGAIN_S - time.monotonic()))
    answers = [run() for _ in range(2)]
    results = [again.body["outputFields"]["opencx_result"] for again in answers]
    check(results == ["done", "done"], f"the repeats were answered {answers}")
    return died.status, results


def _save(stack):
    return call("PUT", f"{stack.door.url}/api/connection/private-app", private_app(stack), {"Authorization": f"Bearer {token_of(stack)}"})


def _created(services, what):
    return [c for c in services.hubspot.calls("POST", "/crm/properties/") if c["path"].endswith(f"/{what}")]


def _handoffs(services, thread):
    return [text for text in services.comments(thread) if "handoff" in text]


def _posted_contact(services, email):
    return [c for c in services.hubspot.calls("POST", "/crm/objects/") if c["path"].endswith("/contacts") and email in str(c["body"])]


def _patched(services, ticket, name):
    return [c for c in services.hubspot.calls("PATCH", "/crm/objects/") if c["path"].endswith(f"/{ticket}") and name in str(c["body"])]


def _connection(stack):
    return next(row for row in stack.rows(f"ORG#{ORG}") if row["sk"] == "CONNECTION")


def _let_the_token_end(stack):
    """As if half an hour had passed. Processes that know the token from before are gone by then, too."""
    row = _connection(stack)
    stack.emulator.kill(f"{stack.name}-context")
    past = "2020-01-01T00:00:00" + row["token_expires_at"][19:]
    stack.table.update_item(
        TableName=stack.outputs["TableName"], Key={"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}},
        UpdateExpression="SET token_expires_at = :past", ExpressionAttributeValues={":past": {"S": past}},
    )
