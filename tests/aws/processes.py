"""Processes this run started, each ended by its own id, and what they wrote."""

import os
import signal
import subprocess
import threading
from pathlib import Path

from tale import say


class Process:
    """A child whose output goes to a file; it is ended with `stop`."""

    def __init__(self, name, command, log, env, cwd=None):
        self.name, self.log = name, Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.log.open("wb")
        self.child = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=self._file, stderr=subprocess.STDOUT
        )
        say("run", f"{name} is process {self.child.pid}, its output is in {self.log}")

    def alive(self):
        """Whether it still runs."""
        return self.child.poll() is None

    def output(self):
        """All it wrote so far."""
        return self.log.read_text("utf-8", "replace")

    def children(self):
        """The ids of its direct children."""
        return [pid for pid, parent in _parents().items() if parent == self.child.pid]

    def stop_all(self):
        """Ends it and everything that it started, last first."""
        tree, parents = [self.child.pid], _parents()
        for pid in tree:
            tree += [child for child, parent in parents.items() if parent == pid]
        for pid in reversed(tree):
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self._file.close()

    def stop(self):
        """Ends it and the children it left behind."""
        left = self.children()
        if self.alive():
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for pid in left:
            if _parents().get(pid) in (1, self.child.pid) and _command(pid).endswith("bootstrap"):
                os.kill(pid, signal.SIGKILL)
        self._file.close()


def environment(pid):
    """The environment a process was started with."""
    try:
        raw = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (entry.partition(b"=") for entry in raw.split(b"\0") if entry)
    return {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, _, value in pairs}


def in_background(work, *arguments):
    """Runs `work` in a thread; its result or exception is returned by calling what this returns."""
    box = {}

    def run():
        try:
            box["result"] = work(*arguments)
        except BaseException as error:  # noqa: BLE001 - handed to whoever asks for the result
            box["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result(timeout=None):
        thread.join(timeout)
        if "error" in box:
            raise box["error"]
        return box.get("result")

    return result


def _parents():
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            found[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    return found


def _command(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
    except OSError:
        return ""
