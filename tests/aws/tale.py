"""The log of a run, line by line, and how a story waits and checks."""

import threading
import time

_BEGAN = time.monotonic()
_PRINTING = threading.Lock()


class Failed(Exception):
    """Something is not as it should be; its text says what."""


def since_start():
    """Seconds since the run began."""
    return time.monotonic() - _BEGAN


def say(who, text):
    """One line of the log."""
    with _PRINTING:
        for line in str(text).splitlines() or [""]:
            print(f"[{since_start():7.2f} s] {who:<10} | {line}", flush=True)


def check(holds, text):
    """Fails the story unless `holds`."""
    if not holds:
        raise Failed(text)


def wait_for(what, look, seconds=30, every=0.1):
    """The first truthy answer of `look`; fails with `what` when it does not come in time."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise Failed(f"waited {seconds} s in vain for {what}; last seen: {found!r}")
        time.sleep(every)
