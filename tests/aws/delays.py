"""Stories of delays: an e-mail waits before the AI is asked, a resolved session's ticket before it closes. For both engines."""

import json
import time
from datetime import datetime, timedelta

from organization import ORG
from tale import check, say, wait_for

# The emulator's scheduler is exact to half a second. AWS's may take up to a minute more (DEPLOY.md).
LATE = 8


def email(stack, engine):
    """The AI is asked 5 s after the e-mail came, not before, and answers once."""
    services = stack.services
    thread = services.begin("email", "Flo Example", "flo@example.com")
    sent = time.monotonic()
    message = services.write(thread, "My parcel is late", subject="Parcel")
    delayed = wait_for("the delivery to wait", lambda: _in(stack, message, "delayed"), 30)
    timers = stack.schedules("return-")
    check(len(timers) == (1 if engine == "scheduler" else 0), f"timers: {timers}")
    carrier = f"the schedule {timers[0]}" if timers else "the delay queue"
    say(stack.name, f"e-mail: delivery `{delayed['state']}`, carried by {carrier}")
    wait_for("the AI's answer", lambda: services.answers(thread), 40, 0.05)
    took = time.monotonic() - sent
    check(5 <= took < 5 + LATE, f"answered after {took:.1f} s")
    wait_for("the delivery's end", lambda: _in(stack, message, "done"), 10)
    check(not stack.schedules("return-"), "the schedule is still there")
    check(len(services.answers(thread)) == 1, f"answers: {services.answers(thread)}")
    say(stack.name, f"e-mail: answered after {took:.1f} s, once; no timer is left")


def resolve_and_close(stack, engine, thread, ticket):
    """15 s after the session was resolved its ticket closes. A session that is opened again keeps its ticket open."""
    session = stack.services.session_of(thread)["session_id"]
    resolve = {"org_id": ORG, "session_id": session, "status": "closed_resolved", "summary": "Refunded", "sentiment": "happy"}
    # Timers of sessions that were opened again have yet to fire.
    known = set(stack.schedules("close-"))
    first = stack.must_invoke("resolve", resolve)
    check(first["closes_at"] and not first["skipped"], f"answered {first}")
    new = set(stack.schedules("close-")) - known
    check(len(new) == (1 if engine == "scheduler" else 0), f"new timers: {new}")
    stack.must_invoke("resolve", {**resolve, "status": "open"})
    # The first timer fires all the same: its epoch is old, so it closes nothing.
    say(stack.name, "resolve, then open again: the first timer has nothing to close")

    asked = time.monotonic()
    answer = stack.must_invoke("resolve", resolve)
    say(stack.name, f"resolve: closes_at {answer['closes_at']}, timers: {stack.schedules('close-') or 'the delay queue'}")
    wait_for("the ticket to close", lambda: _stage(stack, ticket) == "4", 60, 0.1)
    took = time.monotonic() - asked
    check(14 <= took < 15 + LATE, f"closed after {took:.1f} s")
    check(datetime.fromisoformat(answer["closes_at"]).timestamp() <= time.time() + 0.5, "closed before it was due")
    content = stack.services.ticket(ticket)["properties"]["content"]
    check(content.count("Refunded") == 1, f"the summary is in the ticket {content.count('Refunded')} times")
    wait_for("the timers' end", lambda: not stack.schedules("close-"), 30)
    say(stack.name, f"the ticket is in its closed stage after {took:.1f} s, with the summary once")


def reconciler(stack):
    """A timer is lost. The reconciler, started with what the template's schedule sends, finds the row."""
    services, group = stack.services, stack.outputs["ScheduleGroupName"]
    schedule = stack.scheduler.get_schedule(GroupName=group, Name=f"{stack.name}-reconcile")
    check(schedule["Target"]["Arn"].endswith(f":function:{stack.name}-events"), f"it starts {schedule['Target']['Arn']}")
    thread = services.begin("email", "Gus Example", "gus@example.com")
    message = services.write(thread, "Hello?", subject="Hello")
    row = wait_for("the delivery to wait", lambda: _in(stack, message, "delayed"), 30, 0.05)
    for name in stack.schedules("return-"):
        stack.scheduler.delete_schedule(GroupName=group, Name=name)
    # As if ten minutes had passed.
    past = (datetime.fromisoformat(row["due"][:19]) - timedelta(minutes=10)).isoformat() + row["due"][19:]
    stack.table.update_item(
        TableName=stack.outputs["TableName"], Key={"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}},
        UpdateExpression="SET due = :due, gsi3sk = :sort",
        ExpressionAttributeValues={":due": {"S": past}, ":sort": {"S": f"{past}#{row['pk']}"}},
    )
    answer = stack.must_invoke("events", json.loads(schedule["Target"]["Input"]))
    wait_for("the AI's answer", lambda: services.answers(thread), 40)
    say(stack.name, f"a lost timer: the reconciler answered {answer}, the customer is answered")


def _in(stack, message, state):
    row = stack.delivery(message)
    return row if row and row["state"] == state else None


def _stage(stack, ticket):
    return stack.services.ticket(ticket)["properties"]["hs_pipeline_stage"]
