"""template.yaml, deployed to the emulator with the binaries that cargo built, and what a story does with the stack."""

import io
import json
import platform
import re
import subprocess
import zipfile
from pathlib import Path

from door import Door
from emulator import REGION
from tale import check, say, wait_for

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "opencx-hubspot-artifacts"


def function_names():
    """The functions the template has, by their packages."""
    return re.findall(r"CodeUri: functions/(\w+)", (ROOT / "template.yaml").read_text())


def package(emulator, built, folder):
    """Uploads a zip of each function, as `sam package` does. Stripped, because the emulator unpacks one for each process."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for name in function_names():
        stripped = folder / name
        subprocess.run(["strip", "-o", stripped, built / name], check=True)
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, stripped.read_bytes())
        stripped.unlink()
        s3.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=zipped.getvalue())
        say("package", f"{name}.zip, {zipped.tell() // 1024} KB")


def transformed():
    """The template as the emulator can take it. Nothing else is changed."""
    blocks = (ROOT / "template.yaml").read_text().split("\n\n")
    # It knows no alarms over several metrics.
    computed = [b for b in blocks if "Type: AWS::CloudWatch::Alarm" in b and "\n      Metrics:\n" in b]
    text = "\n\n".join(block for block in blocks if block not in computed)
    architecture = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    for before, after in [
        # What `sam package` does.
        (r"CodeUri: functions/(\w+)", rf"CodeUri: s3://{BUCKET}/\1.zip"),
        # No emulation of another CPU.
        (r"Architectures: \[arm64\]", f"Architectures: [{architecture}]"),
        # The public address here is a loopback one, without TLS.
        (re.escape("^(https://[A-Za-z0-9.:-]+)?$"), "^(https?://[A-Za-z0-9.:-]+)?$"),
    ]:
        text, found = re.subn(before, lambda match: match.expand(after), text)
        check(found, f"the template has no `{before}` any more")
    return text


class Stack:
    """One deployment with an address, a secret and its two services."""

    def __init__(self, emulator, name, services, runner, **parameters):
        self.emulator, self.name, self.services, self.runner = emulator, name, services, runner
        # Messages that stories leave hidden in the events queue.
        self.set_aside = 0
        self.door = Door()
        self.parameters = {
            "PublicUrl": self.door.url, "HubSpotApiUrl": services.hubspot.url, "HubSpotAppUrl": services.hubspot.url,
            "OpenCxApiUrl": services.opencx.url, "LogLevel": "info", **parameters,
        }
        self.lambdas, self.sqs = emulator.client("lambda"), emulator.client("sqs")
        self.scheduler, self.table = emulator.client("scheduler"), emulator.client("dynamodb")

    def deploy(self):
        """Creates the stack, fills its secret and opens the door."""
        formation = self.emulator.client("cloudformation")
        # Longer than what fits into the call; `sam deploy` does the same.
        self.emulator.client("s3").put_object(Bucket=BUCKET, Key="template.yaml", Body=transformed().encode())
        formation.create_stack(
            StackName=self.name, TemplateURL=f"{self.emulator.url}/{BUCKET}/template.yaml", Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()],
        )

        def done():
            stack = formation.describe_stacks(StackName=self.name)["Stacks"][0]
            if stack["StackStatus"].endswith(("FAILED", "ROLLBACK_COMPLETE")):
                events = formation.describe_stack_events(StackName=self.name)["StackEvents"]
                bad = [f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason')}" for e in events if "FAILED" in e["ResourceStatus"]]
                check(False, f"the stack is {stack['StackStatus']}: {bad}")
            return stack if stack["StackStatus"] == "CREATE_COMPLETE" else None

        stack = wait_for("the stack", done, 90, 0.3)
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        resources = formation.describe_stack_resources(StackName=self.name)["StackResources"]
        say(self.name, f"deployed: {len(resources)} resources, delays by {self.parameters.get('DelayEngine', 'scheduler')}")
        self.fill_secret()
        self.door.lead_to(self.emulator.url, self.outputs["ApiId"])
        return self

    def fill_secret(self):
        """As DEPLOY.md says: keys of 32 bytes, and what the HubSpot app has."""
        secret = self.runner.secret(self.services.portal)
        self.emulator.client("secretsmanager").put_secret_value(
            SecretId=self.outputs["SecretArn"], SecretString=json.dumps(secret)
        )
        say(self.name, f"the secret is filled: {', '.join(secret)}")

    def functions(self):
        """The functions' packages."""
        return function_names()

    def invoke(self, function, payload):
        """Lambda Invoke, as the OpenCX backend does it: the answer, and the function error if it is one."""
        answer = self.lambdas.invoke(FunctionName=f"{self.name}-{function}", Payload=json.dumps(payload).encode())
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def must_invoke(self, function, payload):
        """The answer; a function error fails the story."""
        answer, error = self.invoke(function, payload)
        check(error is None, f"{function} failed: {answer}")
        return answer

    def kill(self, function):
        """A function's processes die, without a chance to say goodbye."""
        count = self.emulator.kill(f"{self.name}-{function}")
        check(count > 0, f"there is no process of {function} to kill")
        say(self.name, f"killed {count} process(es) of {function} with SIGKILL")

    def waiting(self, queue):
        """How many messages are in a queue of the outputs, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        url = self.outputs.get(f"{queue}Url") or self.sqs.get_queue_url(QueueName=f"{self.name}-{queue}")["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found.get(name, 0)) for name in names)

    def quiet(self, seconds=60):
        """Waits until the events queue holds nothing but what stories left hidden there."""
        wait_for("an empty events queue", lambda: self.waiting("EventsQueue") <= self.set_aside, seconds)

    def schedules(self, prefix):
        """The names of the one-time schedules that are set."""
        listed = self.scheduler.list_schedules(GroupName=self.outputs["ScheduleGroupName"])["Schedules"]
        return [schedule["Name"] for schedule in listed if schedule["Name"].startswith(prefix)]

    def rows(self, prefix):
        """The items of the table whose key begins with `prefix`, as plain values."""
        pages = self.table.get_paginator("scan").paginate(TableName=self.outputs["TableName"], ConsistentRead=True)
        items = (item for page in pages for item in page["Items"])
        plain = ({name: next(iter(value.values())) for name, value in item.items()} for item in items)
        return [item for item in plain if item["pk"].startswith(prefix)]

    def delivery(self, message):
        """The row of a message's delivery, or None."""
        rows = self.rows("DELIVERY#")
        return next((row for row in rows if message in row["pk"]), None)

    def log_of(self, function):
        """What a function logged so far."""
        logs = self.emulator.client("logs")
        group, lines = f"/aws/lambda/{self.name}-{function}", []
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            lines += [event["message"].rstrip() for event in page["events"]]
        return lines
