"""Stories of invocations: what the OpenCX backend and HubSpot's workflows call."""

import json

from crashes import handoff_of, tickets_of
from emulator import ACCOUNT, REGION
from organization import ORG, api
from stack import ROOT
from tale import check, say, wait_for
from web import call


def handoff(stack, thread):
    """Asked twice, one ticket with contact and comment. Returns it."""
    services = stack.services
    session = services.session_of(thread)["session_id"]
    payload = handoff_of(session, thread, "Wants a refund")
    answers = [stack.must_invoke("handoff", payload) for _ in range(2)]
    check(answers[0]["ticket_id"] == answers[1]["ticket_id"], f"two answers: {answers}")
    check(tickets_of(services, session) == [answers[0]["ticket_id"]], f"tickets: {tickets_of(services, session)}")
    check(sum("handoff" in text for text in services.comments(thread)) == 1, f"comments: {services.comments(thread)}")
    say(stack.name, f"handoff, invoked twice: ticket {answers[0]['ticket_id']} ({answers[0]['ticket']}), one comment")
    return answers[0]["ticket_id"]


def refused(stack):
    """What cannot be done is a function error of a kind that the caller can act on."""
    answer, error = stack.invoke("handoff", {"org_id": ORG})
    check(error == "Unhandled" and answer["errorType"] == "InvalidRequest", f"{error}: {answer}")
    say(stack.name, f"handoff without a session: {answer['errorType']}, {answer['errorMessage']!r}")
    answer, error = stack.invoke("resolve", {"org_id": "nobody", "session_id": "s", "status": "open"})
    check(error == "Unhandled" and answer["errorType"] == "NotConnected", f"{error}: {answer}")
    say(stack.name, f"resolve for an organization nobody connected: {answer['errorType']}")


def reply(stack, thread):
    """An agent in OpenCX answers in HubSpot, once, however often OpenCX asks."""
    services = stack.services
    session = services.session_of(thread)["session_id"]
    message = {"id": "m-agent-1", "text": "I am on it.", "sender": "agent", "agent": {"name": "Grace", "email": "grace@example.com"}}
    for _ in range(2):
        answer = stack.must_invoke("reply", {"org_id": ORG, "session_id": session, "message": message})
    said = [text for text in services.answers(thread) if "I am on it." in text]
    check(len(said) == 1, f"answers: {services.answers(thread)}")
    say(stack.name, f"reply, invoked twice: on the thread once, as {answer['posted_as']}")


def sync_and_context(stack, thread):
    """Contact and custom data into HubSpot, and the CRM panel out of it."""
    session = stack.services.session_of(thread)["session_id"]
    payload = {"org_id": ORG, "session_id": session, "contact": {"name": "Ada Example", "email": "ada@example.com"}, "custom_data": {"plan": "pro"}}
    answer = stack.must_invoke("sync", payload)
    say(stack.name, f"sync: contact {answer['contact']}, pushed {answer['properties_pushed']}")
    # The panel has a connection of its own.
    payload = {"org_id": ORG, "email": "ada@example.com"}
    answer = stack.must_invoke("context", payload)
    check(answer["status"] == "not_connected" and answer["contact"] is None, f"answered {answer}")
    api(stack, "PUT", "/api/crm", {"use_integration": True})
    answer = stack.must_invoke("context", payload)
    check(answer["status"] == "found" and answer["contact"]["email"] == "ada@example.com", f"answered {answer}")
    say(stack.name, f"context: first not_connected, then {answer['status']}, with {len(answer['tickets'])} tickets")


def actions(stack):
    """A workflow pauses the AI and lets it go on: HubSpot's signature is checked over the public address."""
    services = stack.services
    thread = services.begin(name="Joe Example", email="joe@example.com")
    services.write(thread, "Hello")
    wait_for("the AI's answer", lambda: services.answers(thread), 60)
    for action, answers in (("pause-ai", 1), ("resume-ai", 2)):
        said = services.hubspot.ask("POST", "/_sim/workflows", {"action": action, "object": {"type": "conversation", "id": thread}})
        check(said["outputFields"]["opencx_result"] == "done", f"{action} was answered {said}")
        services.write(thread, f"After {action}")
        if answers == 2:
            wait_for("the AI to go on", lambda: len(services.answers(thread)) == 2, 60)
        else:
            stack.quiet()
            check(len(services.answers(thread)) == 1, "the AI spoke while it was paused")
        say(stack.name, f"workflow action {action}: {said['outputFields']['opencx_result']}, and the AI {'speaks again' if answers == 2 else 'is silent'}")
    unsigned = call("POST", f"{stack.door.url}/actions/hubspot/pause-ai", {"callbackId": "x"})
    check(unsigned.status == 401, f"an unsigned action was answered {unsigned!r}")
    say(stack.name, "an action without HubSpot's signature: 401")


def pages(stack):
    """The console page and the health check, by the routes of the template."""
    # Under any host name the emulator answers this path itself, so the request goes to the function as the API would send it.
    event = json.loads((ROOT / "infra" / "aws" / "events" / "connect.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/health"
    health = stack.must_invoke("connect", event)
    check(health["statusCode"] == 200 and json.loads(health["body"])["status"] == "ok", f"health: {health}")
    page = call("GET", f"{stack.door.url}/")
    check(page.status == 200 and "html" in page.headers.get("Content-Type", ""), f"the console: {page.status}")
    check(call("GET", f"{stack.door.url}/api/connection").status == 401, "the API answers without a token")
    say(stack.name, f"GET /health: {health['body']}; GET /: {len(page.raw)} bytes of {page.headers.get('Content-Type')}")


def samples(stack):
    """Every sample event of `sam local` is one that its function understands."""
    expected = {
        "webhook": lambda answer, error: answer["statusCode"] == 401,
        "actions": lambda answer, error: answer["statusCode"] == 401,
        "connect": lambda answer, error: answer["statusCode"] == 401,
        "context": lambda answer, error: answer["status"] == "not_connected",
        "events": lambda answer, error: answer == {"batchItemFailures": []},
        "events-dead-letter": lambda answer, error: answer == {"batchItemFailures": []},
        "events-reconcile": lambda answer, error: "woken" in answer,
    }
    refused = lambda answer, error: error and answer["errorType"] == "NotConnected"  # noqa: E731
    for file in sorted((ROOT / "infra" / "aws" / "events").glob("*.json")):
        ours = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{stack.name}-"
        text = file.read_text().replace("arn:aws:sqs:eu-central-1:123456789012:opencx-hubspot-dev-", ours)
        answer, error = stack.invoke(file.stem.split("-")[0], json.loads(text))
        check(expected.get(file.stem, refused)(answer, error), f"{file.name} was answered {error}: {answer}")
        told = f"{answer['errorType']} (no such organization)" if error else str(answer)[:110]
        say(stack.name, f"sample {file.name}: {told}")
