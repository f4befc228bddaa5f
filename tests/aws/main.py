"""The whole suite: two deployments on one emulator, one for each delay engine, and the stories in order."""

import json
import os
import shutil
import signal
import sys
import traceback
from pathlib import Path

import answers
import cargo_lambda
import crashes
import delays
import invoked
import repeats
from emulator import Emulator
from organization import Runner, connect, consent
from processes import in_background
from services import Services
from stack import ROOT, Stack, package
from tale import Failed, say, since_start

# The longest that all of it may take, on a machine that does something else meanwhile.
LIMIT_S = 900


def by_scheduler(stack):
    """EventBridge Scheduler carries the delays; the organization uses a private app; processes die."""
    repeats.save_dies(stack)
    connect(stack)
    thread = answers.first_answer(stack)
    later = [crashes.events_dies(stack)]
    ticket = invoked.handoff(stack, thread)
    invoked.refused(stack)
    invoked.reply(stack, thread)
    invoked.pages(stack)
    answers.duplicate_storm(stack)
    other = answers.first_answer(stack)
    third = answers.first_answer(stack)
    later.append(repeats.sync_dies(stack, answers.first_answer(stack), third, invoked.handoff(stack, third)))
    later.append(crashes.handoff_dies(stack, other))
    later.append(crashes.reply_dies(stack, answers.first_answer(stack)))
    crashes.resolve_dies(stack, thread)
    delays.resolve_and_close(stack, "scheduler", thread, ticket)
    fourth = answers.first_answer(stack)
    later.append(crashes.close_dies(stack, fourth, invoked.handoff(stack, fourth)))
    crashes.webhook_dies(stack)
    delays.email(stack, "scheduler")
    delays.reconciler(stack)
    answers.partial_batch(stack)
    invoked.sync_and_context(stack, thread)
    answers.dead_letter(stack)
    answers.replayed(stack)
    for check_it in later:
        check_it()


def by_sqs(stack, folder, built):
    """Delay queues carry the delays; the organization uses the HubSpot app."""
    repeats.consent_dies(stack)
    consent(stack)
    thread = answers.first_answer(stack)
    ticket = invoked.handoff(stack, thread)
    delays.email(stack, "sqs")
    delays.resolve_and_close(stack, "sqs", thread, ticket)
    invoked.samples(stack)
    invoked.actions(stack)
    repeats.action_dies(stack)
    repeats.writing_action_dies(stack)
    repeats.context_dies(stack)
    cargo_lambda.watch_and_invoke(stack, folder)
    cargo_lambda.the_deployed_binaries(stack, folder, built)


def nothing_was_refused(emulator, stacks):
    """No function asked AWS for anything its role does not let it do."""
    for stack in stacks:
        for function in stack.functions():
            bad = [line for line in stack.log_of(function) if "AccessDenied" in line or "not authorized to perform" in line]
            if bad:
                raise Failed(f"{stack.name}: the role of {function} is too narrow: {bad[0][:600]}")
    denied = [line for line in emulator.process.output().splitlines() if "not authorized to perform" in line]
    if denied:
        raise Failed(f"a role is too narrow: {denied[0][:600]}")
    say("roles", "no call of any function was refused: every role is wide enough, and tests/e2e/template.rs holds them narrow")


def no_secret_was_told(stacks):
    """No function wrote a credential, a key or an address into its log."""
    for stack in stacks:
        portal, services = stack.services.portal, stack.services
        keys = json.loads((stack.runner.folder / "keyring.json").read_text()).values()
        canaries = {portal["access_token"], portal["client_secret"], services.api_key, "ada@example.com"}
        canaries.update(key for key in keys if isinstance(key, str) and len(key) > 20)
        for function in stack.functions():
            told = [line for line in stack.log_of(function) if any(canary in line for canary in canaries)]
            if told:
                raise Failed(f"{stack.name}: {function} wrote a secret into its log, in a line that begins {told[0][:80]}")
    say("logs", "no function wrote a token, a key or an address into its log")


def play(folder, built, program):
    """Starts everything, plays the stories, stops everything. `built` holds the functions, `program` is the local runner."""
    started = []
    try:
        emulator = Emulator(folder)
        started.append(emulator.stop)
        package(emulator, built, folder)
        stacks = []
        for name, engine in (("bridge", "scheduler"), ("delays", "sqs")):
            services = Services(program, f"services of {name}", folder)
            started.append(services.stop)
            runner = Runner(program, folder / f"runner of {name}")
            stacks.append(Stack(emulator, name, services, runner, DelayEngine=engine))
            started.append(stacks[-1].door.close)
            stacks[-1].deploy()
        beside = in_background(by_sqs, stacks[1], folder, built)
        by_scheduler(stacks[0])
        beside()
        nothing_was_refused(emulator, stacks)
        no_secret_was_told(stacks)
    finally:
        for stop in reversed(started):
            stop()


def main():
    folder = ROOT / "target" / "aws-run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    built = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / os.environ["TARGET"] / "debug"
    program = Path(os.environ["OPENCX_HUBSPOT"])

    def too_long(*_):
        raise Failed(f"not finished after {LIMIT_S} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT_S)
    try:
        play(folder, built, program)
    except Exception as error:
        traceback.print_exc()
        say("run", f"FAILED after {since_start():.0f} s: {error}")
        say("run", f"what ministack, the functions and the simulators wrote is in {folder}")
        return 1
    say("run", f"every story ended well, in {since_start():.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
