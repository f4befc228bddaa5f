"""The same functions under cargo-lambda: `cargo lambda watch` plays Lambda, `cargo lambda invoke` and HTTP call it.

One function is built and started by cargo-lambda itself; for the others it only plays Lambda, and the very binaries that are
deployed to the emulator are started beside it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from answers import pause
from crashes import handoff_of, tickets_of
from emulator import ACCOUNT, REGION, free_port
from organization import ORG, token_of
from processes import Process
from stack import ROOT
from tale import check, say, wait_for
from web import call

# The package that cargo-lambda builds itself; tests/aws/run has compiled it the same way before.
BUILT = "resolve"


class Watch:
    """A running `cargo lambda watch`."""

    def __init__(self, stack, folder, name, *arguments, **env):
        self.stack, self.folder, self.port = stack, folder, free_port()
        self.at = ["-A", "127.0.0.1", "-P", str(self.port)]
        command = ["cargo", "lambda", "watch", *self.at, *arguments]
        self.processes = [Process(name, command, folder / f"{name.replace(' ', '-')}.log", {**_env(stack), **env}, ROOT)]
        wait_for(name, self._listens, 30)

    def start(self, function, binary):
        """A function as Lambda would start it, with what the stack gives it."""
        env = {
            "PATH": os.environ["PATH"], **_aws(self.stack), **_given(self.stack, function),
            "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{self.port}/.rt/{function}", "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        }
        self.processes.append(Process(f"{function} beside cargo lambda watch", [str(binary)], self.folder / f"watched-{function}.log", env, ROOT))

    def invoke(self, function, payload):
        """`cargo lambda invoke`: what it printed."""
        said = subprocess.run(
            ["cargo", "lambda", "invoke", function, *self.at, "--data-ascii", json.dumps(payload)],
            env=_env(self.stack), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )
        return said.stdout + said.stderr

    def answer(self, function, payload):
        """The function's answer."""
        said = self.invoke(function, payload)
        try:
            return json.loads(said)
        except ValueError:
            check(False, f"cargo lambda invoke {function} said {said}\n{self.processes[0].output()[-1000:]}")

    def http(self, function, method, path, body=None, headers=None):
        """A request as to the function's URL."""
        return call(method, f"http://127.0.0.1:{self.port}/lambda-url/{function}{path}", body, headers)

    def stop(self):
        """Ends it and what it started."""
        for process in reversed(self.processes):
            process.stop_all()

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def watch_and_invoke(stack, folder):
    """It starts with the environment that the stack gives it, and refuses what it refuses on Lambda."""
    watch = Watch(stack, folder, "cargo lambda watch", "--ignore-changes", "--package", BUILT, "--target", os.environ["TARGET"], **_given(stack, BUILT))
    try:
        said = watch.invoke(BUILT, {"org_id": "nobody", "session_id": "s-1", "status": "open"})
        check("NotConnected" in said, f"cargo lambda invoke said {said}\n{watch.processes[0].output()[-1000:]}")
        say(stack.name, f"cargo lambda watch and invoke: {BUILT} refuses as on Lambda, NotConnected")
    finally:
        watch.stop()


def the_deployed_binaries(stack, folder, built):
    """A conversation from its first message to its close, every step of it under cargo-lambda."""
    watch = Watch(stack, folder, "cargo lambda watch, APIs only", "--only-lambda-apis")
    mapping = pause(stack)
    try:
        for function in stack.functions():
            watch.start(function, built / function)
        _play(stack, watch)
    finally:
        stack.lambdas.update_event_source_mapping(UUID=mapping, Enabled=True)
        watch.stop()


def _play(stack, watch):
    services = stack.services
    thread = services.begin(name="Nia Example", email="nia@example.com")
    stored = _through_the_door(stack, watch, b"conversation.newMessage", lambda: services.write(thread, "Does this work here, too?"), "webhook")
    check(stored.status == 200 and stored.body["accepted"] > 0, f"webhook answered {stored!r}")
    _events(stack, watch, lambda: services.answers(thread))
    check(services.answers(thread) == ["You said: Does this work here, too?"], f"answers: {services.answers(thread)}")
    say(stack.name, "cargo lambda: HubSpot's delivery to webhook by HTTP, 200; the queue's message to events; the customer is answered")

    session = services.session_of(thread)["session_id"]
    asked = {"org_id": ORG, "session_id": session}
    person = {"name": "Nia Example", "email": "nia@example.com"}
    wanted = handoff_of(session, thread, "Nia wants a person")
    wanted["session"]["contact"] = person
    handoff = watch.answer("handoff", wanted)
    check(tickets_of(services, session) == [handoff["ticket_id"]], f"handoff answered {handoff}")
    agent = {"id": "m-watched", "text": "I am here.", "sender": "agent", "agent": {"name": "Grace", "email": "grace@example.com"}}
    reply = watch.answer("reply", {**asked, "message": agent})
    check(reply["posted_as"] == "message" and any("I am here." in text for text in services.answers(thread)), f"reply answered {reply}")
    sync = watch.answer("sync", {**asked, "contact": person})
    check(sync["contact"] in ("unchanged", "linked"), f"sync answered {sync}")
    admin = {"Authorization": f"Bearer {token_of(stack)}"}
    saved = watch.http("connect", "PUT", "/api/crm", {"use_integration": True}, admin)
    check(saved.status == 200 and saved.body["connected"], f"connect answered {saved!r}")
    context = watch.answer("context", {"org_id": ORG, "email": person["email"]})
    check(context["status"] == "found" and context["tickets"], f"context answered {context}")
    say(stack.name, f"cargo lambda invoke: handoff opened ticket {handoff['ticket_id']}, reply posted a {reply['posted_as']}, "
                    f"sync left the contact {sync['contact']}, context found {len(context['tickets'])} ticket")

    wanted = {"action": "resume-ai", "object": {"type": "conversation", "id": thread}}
    taken = _through_the_door(stack, watch, b"callbackId", lambda: services.hubspot.ask("POST", "/_sim/workflows", wanted), "actions")
    check(taken.status == 200 and taken.body["outputFields"]["opencx_result"] == "done", f"actions answered {taken!r}")
    connection = watch.http("connect", "GET", "/api/connection", headers=admin)
    check(connection.status == 200 and connection.body["live"], f"connect answered {connection!r}")
    say(stack.name, "cargo lambda by HTTP: actions took a workflow's signed resume-ai, connect saved a setting and shows the live connection")

    resolve = watch.answer("resolve", {**asked, "status": "closed_resolved"})
    epoch = next(row["lifecycle_epoch"] for row in stack.rows(f"SESSION#{ORG}#{session}"))
    close = watch.answer("close", {**asked, "lifecycle_epoch": int(epoch)})
    stage = services.ticket(handoff["ticket_id"])["properties"]["hs_pipeline_stage"]
    check(close["outcome"] == "closed" and stage == "4", f"close answered {close}, the ticket is in stage {stage}")
    say(stack.name, f"cargo lambda invoke: resolve promised the close for {resolve['closes_at']}, close: {close['outcome']}")


def _through_the_door(stack, watch, holding, cause, function):
    """What HubSpot sends, as it signed it, to the function under cargo-lambda instead."""
    caught = stack.door.catch(holding)
    cause()
    method, path, body, headers = wait_for("HubSpot's call", lambda: caught.get("request"), 20)
    return watch.http(function, method, path, body, headers)


def _events(stack, watch, done):
    """Hands the queue's messages to events, as Lambda's poller does, until `done`."""
    url = stack.outputs["EventsQueueUrl"]

    def step():
        taken = stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])
        if taken:
            arn = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            records = [
                {
                    "messageId": m["MessageId"], "receiptHandle": m["ReceiptHandle"], "body": m["Body"], "attributes": m["Attributes"],
                    "messageAttributes": {}, "md5OfBody": m["MD5OfBody"], "eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": REGION,
                }
                for m in taken
            ]
            answer = watch.answer("events", {"Records": records})
            back = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            for message in taken:
                if message["MessageId"] not in back:
                    stack.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return done()

    wait_for("the events under cargo lambda", step, 60)


def _given(stack, function):
    return stack.lambdas.get_function_configuration(FunctionName=f"{stack.name}-{function}")["Environment"]["Variables"]


def _aws(stack):
    return {"AWS_ENDPOINT_URL": stack.emulator.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "none"}


def _env(stack):
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **_aws(stack)}
