"""The same function under cargo-lambda: `cargo lambda watch` plays Lambda, `cargo lambda invoke` calls it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from emulator import ACCOUNT, REGION
from processes import Process
from stack import ROOT
from tale import check, say, wait_for

# The package that tests/aws/run builds alone, as cargo-lambda does.
FUNCTION = "resolve"


def watch_and_invoke(stack, folder):
    """It starts with the environment that the stack gives it, and refuses what it refuses on Lambda."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    given = stack.lambdas.get_function_configuration(FunctionName=f"{stack.name}-{FUNCTION}")["Environment"]["Variables"]
    env = {
        **os.environ, **given, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": stack.emulator.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "none",
    }
    at = ["-A", "127.0.0.1", "-P", port]
    command = ["cargo", "lambda", "watch", "--ignore-changes", "--package", FUNCTION, *at]
    watch = Process("cargo lambda watch", command, folder / "cargo-lambda-watch.log", env, ROOT)
    try:
        wait_for("cargo lambda watch", lambda: _listens(int(port)), 30)
        payload = {"org_id": "nobody", "session_id": "s-1", "status": "open"}
        said = subprocess.run(
            ["cargo", "lambda", "invoke", FUNCTION, *at, "--data-ascii", json.dumps(payload)],
            env=env, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )
        check("NotConnected" in said.stdout + said.stderr, f"cargo lambda invoke said {said.stdout}{said.stderr}\n{watch.output()[-1000:]}")
        say(stack.name, f"cargo lambda watch and invoke: {FUNCTION} refuses as on Lambda, NotConnected")
    finally:
        watch.stop_all()


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
