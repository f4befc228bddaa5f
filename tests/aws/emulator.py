"""ministack, the emulator of AWS: started with roles enforced, and looked into.

What it does not do as AWS does is in tests/aws/README.md; tests/e2e/template.rs holds those parts of the template instead.
"""

import os
import signal
import socket
import sys
import time

import boto3
from botocore.config import Config

from processes import Process, environment
from tale import Failed, check, say, wait_for
from web import call

REGION = "eu-central-1"
ACCOUNT = "000000000000"

# What is corrected before it starts: its scheduler looks every 10 s only; it takes every schedule for one of the group `default`
# when it asks whether a role may touch it; and it wants a right of their own for the batch calls of SQS, which on AWS have none.
_START = """
import json
import ministack.core.iam_actions as iam_actions
import ministack.services.scheduler as scheduler

scheduler._SCHEDULE_TICK_INTERVAL = 0.5
resource_of, action_of = iam_actions.extract_resource_arn, iam_actions.extract_iam_action

def resource_in_its_group(service, method, path, headers, body, query_params, *more):
    arn = resource_of(service, method, path, headers, body, query_params, *more)
    if service != "scheduler" or ":schedule/default/" not in arn:
        return arn
    given = query_params.get("groupName") or (json.loads(body).get("GroupName") if body else None) or "default"
    return arn.replace("/default/", f"/{given[0] if isinstance(given, list) else given}/")

def action_of_one(service, *more):
    action = action_of(service, *more)
    return action.removesuffix("Batch") if action and service == "sqs" else action

iam_actions.extract_resource_arn, iam_actions.extract_iam_action = resource_in_its_group, action_of_one
from ministack.app import main
main()
"""


class Emulator:
    """A running ministack."""

    def __init__(self, folder):
        port = free_port()
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        # The functions inherit this environment: it holds nothing but what they get on AWS, and where AWS is.
        env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"), "STATE_DIR": str(folder / "state"), "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL": self.url, "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
            # Every function acts as its role, and may do what the template lets it.
            "AUTH": "true",
            # Neither of these keeps to BIND_HOST.
            "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
        }
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        self.process = Process("ministack", [sys.executable, "-c", _START], folder / "ministack.log", env, folder)
        began = time.monotonic()
        try:
            wait_for("ministack's health", self._healthy, 60)
        except Failed:
            self.process.stop()
            raise
        say("emulator", f"ministack answers at {self.url} after {time.monotonic() - began:.1f} s; roles are enforced")

    def _healthy(self):
        check(self.process.alive(), f"ministack ended:\n{self.process.output()[-2000:]}")
        try:
            return call("GET", f"{self.url}/_ministack/health", timeout=2).status == 200
        except OSError:
            return False

    def client(self, service):
        """A client with the account's own rights."""
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=ACCOUNT, aws_secret_access_key="none",
            config=Config(retries={"max_attempts": 1}, read_timeout=130, parameter_validation=True),
        )

    def environments(self, function):
        """The processes of a function that Lambda keeps warm."""
        named = (pid for pid in self.process.children() if environment(pid).get("AWS_LAMBDA_FUNCTION_NAME") == function)
        return sorted(named)

    def kill(self, function, how=signal.SIGKILL):
        """Ends every process of a function at once, as a host that dies does. Returns how many there were."""
        pids = self.environments(function)
        for pid in pids:
            os.kill(pid, how)
        return len(pids)

    def stop(self):
        """Ends it and the functions."""
        self.process.stop()


def free_port():
    """One that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
