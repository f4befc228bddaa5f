"""Stories of processes that die in the middle. Each begins now and ends when what holds a dead run's work has passed:
`later` are the checks for then."""

import os
import signal
import time

from organization import ORG
from processes import in_background
from tale import check, say, wait_for

# A dead run holds its claim for 110 s, and its message is hidden for 150 s.
PATIENCE = 240


def events_dies(stack):
    """`events` dies after OpenCX took the customer's message and before the answer came."""
    services = stack.services
    rule = {"contains": "slowly", "reply": "Here I am, slowly", "delay_ms": 4000}
    services.opencx.ask("POST", "/_sim/script", {"rules": [rule]})
    thread = services.begin(name="Hal Example", email="hal@example.com")
    services.write(thread, "Please answer slowly")
    session = wait_for("OpenCX to take the message", lambda: _heard(services, thread), 60, 0.05)
    stack.kill("events")
    stack.set_aside += 1
    check(not services.answers(thread), "it was answered before the process died")
    say(stack.name, f"session {session['session_id']}: events died while the AI was thinking")

    def later():
        wait_for("the AI's answer after the crash", lambda: services.answers(thread), PATIENCE, 0.5)
        said = [m["text"] for m in services.session_of(thread)["messages"] if m["sender"] == "contact"]
        check(services.answers(thread) == ["Here I am, slowly"], f"answers: {services.answers(thread)}")
        check(said == ["Please answer slowly"], f"OpenCX heard {said}")
        say(stack.name, "events died in the middle: the next run found the answer and posted it; nothing lost, nothing doubled")

    return later


def webhook_dies(stack):
    """`webhook` dies before it answers: HubSpot sends again, and the customer is answered once."""
    services = stack.services
    name = f"{stack.name}-webhook"
    frozen = stack.emulator.environments(name)
    check(frozen, "no process of webhook is warm")
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    thread = services.begin(name="Ida Example", email="ida@example.com")
    before = len(stack.door.statuses("POST", "/webhooks/"))
    services.write(thread, "Anybody home?")
    wait_for("a delivery on its way", lambda: stack.door.open_requests > 0, 20, 0.05)
    stack.kill("webhook")
    wait_for("the AI's answer", lambda: services.answers(thread), 90)
    statuses = stack.door.statuses("POST", "/webhooks/")[before:]
    check(any(status >= 500 for status in statuses) and 200 in statuses, f"the deliveries were answered {statuses}")
    stack.quiet()
    check(services.answers(thread) == ["You said: Anybody home?"], f"answers: {services.answers(thread)}")
    say(stack.name, f"webhook died: HubSpot was answered {statuses}, the customer once")


def handoff_dies(stack, thread):
    """`handoff` dies while HubSpot opens the ticket: the same call, repeated, finds that ticket."""
    services = stack.services
    session = services.session_of(thread)["session_id"]
    services.hubspot.fault(method="POST", path="/crm/", delay_ms=6000, times=1)
    payload = handoff_of(session, thread, "Hal wants a person")
    dying = in_background(stack.invoke, "handoff", payload)
    wait_for("the ticket to be asked for", lambda: [c for c in services.hubspot.calls("POST", "/crm/") if "opencx_handoff_id" in str(c["body"]) and session in str(c["body"])], 30, 0.05)
    stack.kill("handoff")
    answer, error = dying(60)
    check(error, f"the dead invocation answered {answer}")
    again, error = stack.invoke("handoff", payload)
    check(error and again["errorType"] == "Busy", f"a repeat while the claim holds: {again}")
    say(stack.name, f"handoff died while the ticket was opened; a repeat is told: {again['errorMessage']!r}")

    def later():
        def opened():
            answer, error = stack.invoke("handoff", payload)
            check(not error or answer["errorType"] == "Busy", f"handoff failed: {answer}")
            return None if error else answer

        answer = wait_for("the handoff after the crash", opened, PATIENCE, 2)
        tickets = tickets_of(services, session)
        check(tickets == [answer["ticket_id"]], f"tickets {tickets}, answered {answer}")
        comments = [text for text in services.comments(thread) if "handoff" in text]
        check(len(comments) == 1, f"comments: {comments}")
        say(stack.name, f"handoff died in the middle: the repeat answers ticket {answer['ticket_id']}, the only one, with one comment")

    return later


def reply_dies(stack, thread):
    """`reply` dies while HubSpot takes the agent's message: the same call, repeated, finds it on the thread."""
    services = stack.services
    session, text = services.session_of(thread)["session_id"], "Written by an agent just before the crash"
    services.hubspot.fault(method="POST", path="/conversations/", delay_ms=4000, times=1)
    message = {"id": "m-crash", "text": text, "sender": "agent", "agent": {"name": "Grace", "email": "grace@example.com"}}
    payload = {"org_id": ORG, "session_id": session, "message": message}
    dying = in_background(stack.invoke, "reply", payload)
    wait_for("the message to be sent", lambda: [c for c in services.hubspot.calls("POST", "/conversations/") if text in str(c["body"])], 30, 0.05)
    stack.kill("reply")
    answer, error = dying(60)
    check(error, f"the dead invocation answered {answer}")

    def later():
        def sent():
            answer, error = stack.invoke("reply", payload)
            check(not error or answer["errorType"] == "Busy", f"reply failed: {answer}")
            return None if error else answer

        wait_for("the reply after the crash", sent, PATIENCE, 2)
        said = [found for found in services.answers(thread) if text in found]
        check(len(said) == 1, f"answers: {services.answers(thread)}")
        say(stack.name, "reply died in the middle: the repeat found the message; the customer reads it once")

    return later


def resolve_dies(stack, thread):
    """`resolve` dies before it answers: the repeat sets the timer, and the session is opened again."""
    session = stack.services.session_of(thread)["session_id"]
    payload = {"org_id": ORG, "session_id": session, "status": "closed_resolved"}
    stack.invoke("resolve", {**payload, "status": "open"})
    known = set(stack.schedules("close-"))
    for pid in stack.emulator.environments(f"{stack.name}-resolve"):
        os.kill(pid, signal.SIGSTOP)
    dying = in_background(stack.invoke, "resolve", payload)
    time.sleep(0.3)
    stack.kill("resolve")
    answer, error = dying(60)
    check(error, f"the dead invocation answered {answer}")
    answer = stack.must_invoke("resolve", payload)
    new = set(stack.schedules("close-")) - known
    check(answer["closes_at"] and len(new) == 1, f"{answer}, new timers: {new}")
    stack.must_invoke("resolve", {**payload, "status": "open"})
    say(stack.name, "resolve died: the repeat set one timer")


def close_dies(stack, thread, ticket):
    """`close` dies while HubSpot moves the ticket: Lambda invokes it again, and the ticket is closed once."""
    services = stack.services
    session = services.session_of(thread)["session_id"]
    stack.must_invoke("resolve", {"org_id": ORG, "session_id": session, "status": "closed_resolved", "summary": "All is well"})
    services.hubspot.fault(method="PATCH", path="/crm/", delay_ms=4000, times=1)
    known = len(services.hubspot.calls("PATCH", "/crm/"))
    wait_for("the close to begin", lambda: len(services.hubspot.calls("PATCH", "/crm/")) > known, 60, 0.05)
    stack.kill("close")
    say(stack.name, "close died while the ticket was moved")

    def later():
        closed = lambda: services.ticket(ticket)["properties"]["hs_pipeline_stage"] == "4"  # noqa: E731
        wait_for("the ticket to close after the crash", closed, PATIENCE, 0.5)
        wait_for("no close to be waiting", lambda: not stack.schedules("close-"), 60)
        content = services.ticket(ticket)["properties"]["content"]
        check(content.count("All is well") == 1, f"the summary is in the ticket {content.count('All is well')} times")
        check(stack.waiting("CloseFailureQueue") == 0, "the close was given up")
        say(stack.name, "close died in the middle: the next one found the ticket as it should be; the summary is there once")

    return later


def handoff_of(session, thread, summary):
    """A handoff as the OpenCX backend asks for it."""
    return {
        "org_id": ORG,
        "session": {
            "id": session, "ticket_number": 4521, "channel": "web", "language": "en", "sentiment": "angry", "summary": summary,
            "url": "https://app.example.com/sessions/4521", "contact": {"name": "Ada Example", "email": "ada@example.com"},
            "thread_id": str(thread),
        },
        "reason": {"code": "user_requested_human_assistance", "text": "asked for a person"},
    }


def tickets_of(services, session):
    """The tickets of a session's handoffs."""
    tickets = services.hubspot.ask("GET", "/_sim/tickets")
    return [t["ticket_id"] for t in tickets if t["properties"].get("opencx_session_id") == session]


def _heard(services, thread):
    session = services.session_of(thread)
    return session if session and any(m["sender"] == "contact" for m in session["messages"]) else None
