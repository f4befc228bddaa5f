"""Stories of answers: from the webhook through the queue and events onto the thread, once."""

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

from organization import ORG, api
from tale import check, say, wait_for
from web import call


def first_answer(stack):
    """A customer writes, the AI answers. Returns the thread."""
    services = stack.services
    thread = services.begin()
    message = services.write(thread, "Where is my order?")
    wait_for("the AI's answer", lambda: services.answers(thread), 60)
    check(services.answers(thread) == ["You said: Where is my order?"], f"other answers: {services.answers(thread)}")
    row = wait_for("the delivery's end", lambda: done(stack, message), 10)
    check(stack.door.statuses("POST", "/webhooks/")[-1] == 200, "the webhook was not answered 200")
    say(stack.name, f"webhook 200 -> queue -> events -> answer on the thread; delivery `{row['state']}`")
    return thread


def done(stack, message):
    """The row of a message's delivery once it is done."""
    row = stack.delivery(message)
    return row if row and row["state"] == "done" else None


def duplicate_storm(stack):
    """HubSpot's one delivery arrives fifty times at once, and later ten times more: one answer."""
    services, door = stack.services, stack.door
    thread = services.begin(name="Bob Example", email="bob@example.com")
    stack.quiet()
    caught = door.catch(b"conversation.newMessage")
    message = services.write(thread, "Is anybody there?")
    method, path, body, headers = wait_for("HubSpot's delivery", lambda: caught.get("request"), 10)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: call(method, door.url + path, body, headers, timeout=120), range(50)))
    statuses = [answer.status for answer in answers]
    check(statuses == [200] * 50, f"answered {statuses}")
    say(stack.name, "50 posts of one event at once, each answered 200")
    wait_for("the AI's answer", lambda: services.answers(thread), 60)
    stack.quiet()

    # SQS forgets ids after five minutes. What it would then let through comes with ids of its own.
    stored = json.loads(stack.delivery(message)["body"])
    for _ in range(10):
        stack.sqs.send_message(
            QueueUrl=stack.outputs["EventsQueueUrl"], MessageBody=json.dumps({"schema": 1, "message": stored}),
            MessageGroupId=f"{services.portal['portal_id']}:thread:{thread}", MessageDeduplicationId=uuid.uuid4().hex,
        )
    stack.quiet()
    said = [m["text"] for m in services.session_of(thread)["messages"] if m["sender"] == "contact"]
    check(services.answers(thread) == ["You said: Is anybody there?"], f"answers: {services.answers(thread)}")
    check(said == ["Is anybody there?"], f"OpenCX heard {said}")
    say(stack.name, "and 10 more past the queue's memory: one answer, OpenCX heard the customer once")


def partial_batch(stack):
    """In one batch two messages are done and one cannot be read: only that one comes back."""
    services, mapping = stack.services, pause(stack, BatchSize=10)
    threads = [services.begin(name=name, email=f"{name}@example.com") for name in ("Carl", "Dora")]
    for thread in threads:
        services.write(thread, "One of a batch")
    stack.sqs.send_message(
        QueueUrl=stack.outputs["EventsQueueUrl"], MessageBody="not what webhook writes", MessageGroupId="unreadable",
        MessageDeduplicationId="unreadable",
    )
    wait_for("all of the batch", lambda: stack.waiting("EventsQueue") >= stack.set_aside + 5, 20)
    stack.lambdas.update_event_source_mapping(UUID=mapping, Enabled=True)
    for thread in threads:
        wait_for("an answer", lambda: services.answers(thread), 60)  # noqa: B023 - asked within the loop
    stack.set_aside += 1
    stack.quiet()
    check(stack.waiting("EventsQueue") == stack.set_aside, "the unreadable message is gone")
    batches = re.findall(rf"{stack.name}-events processed (\d+) SQS messages .*\((\d+) partial failures\)", stack.emulator.process.output())
    check(any(int(size) > 1 and failed == "1" for size, failed in batches), f"no batch came back in part: {batches}")
    say(stack.name, f"of batches of {[int(size) for size, _ in batches]} messages one came back alone; it is hidden in the queue")
    stack.lambdas.update_event_source_mapping(UUID=mapping, BatchSize=1)


def dead_letter(stack):
    """OpenCX is out of reach until the last receive: the event is recorded as failed, and people hear of it."""
    services, url = stack.services, stack.outputs["EventsQueueUrl"]
    policy = json.loads(stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"])
    thread = services.begin(name="Eve Example", email="eve@example.com")
    stack.quiet()
    stack.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps({**policy, "maxReceiveCount": 2})})
    for method in ("GET", "POST"):
        services.opencx.fault(method=method, path="/", status=503, times=1000)
    message = services.write(thread, "Does anybody hear me?")
    say(stack.name, "OpenCX answers 503; the queue gives up after 2 receives")

    def failed():
        row = stack.delivery(message)
        return row if row and row["state"] == "failed" else None

    row = wait_for("the row to fail", failed, 120, 0.5)
    services.opencx.ask("DELETE", "/_sim/faults")
    stack.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    wait_for("an empty dead-letter queue", lambda: stack.waiting("EventsDeadLetterQueue") == 0, 30)
    comment = wait_for("the comment for people", lambda: services.comments(thread), 60)
    check(len(comment) == 1 and not services.answers(thread), f"{comment}, {services.answers(thread)}")
    say(stack.name, f"dead letter -> row `{row['state']}`, reason `{row.get('reason')}`; on the thread: {comment[0][:90]!r}")


def replayed(stack):
    """The dead letter above, replayed by an admin: the customer is heard after all."""
    found = api(stack, "GET", "/api/deliveries?state=failed")["deliveries"]
    check(len(found) == 1, f"failed deliveries: {found}")
    api(stack, "POST", f"/api/deliveries/{found[0]['id']}/replay")
    wait_for("the replay's end", lambda: not api(stack, "GET", "/api/deliveries?state=failed")["deliveries"], 60, 0.5)
    say(stack.name, f"{ORG}'s admin replayed the failed delivery: it is no longer failed")


def pause(stack, **more):
    """From now on nobody takes what waits in the events queue. Returns the id of the mapping to enable again."""
    arn = stack.sqs.get_queue_attributes(QueueUrl=stack.outputs["EventsQueueUrl"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    found = stack.lambdas.list_event_source_mappings(FunctionName=f"{stack.name}-events")["EventSourceMappings"]
    mapping = next(mapping["UUID"] for mapping in found if mapping["EventSourceArn"] == arn)
    stack.lambdas.update_event_source_mapping(UUID=mapping, Enabled=False, **more)
    wait_for("the mapping to pause", lambda: stack.lambdas.get_event_source_mapping(UUID=mapping)["State"] == "Disabled", 20)
    return mapping
