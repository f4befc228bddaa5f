"""An organization, connected by the runner's own commands: `connect` checks the token, prepares the portal and seals what it stores.

It stores into a folder of this machine. What it stored is then copied into the deployed table, whose secret holds the same keys.
"""

import base64
import json
import os
import sqlite3
import subprocess

from tale import check, say
from web import call

ORG = "acme"


class Runner:
    """`opencx-hubspot` with a data folder of its own."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.run("token", "--org", ORG, "--role", "owner")

    def run(self, *arguments):
        """What a command printed; a command that fails fails the story."""
        command = [str(self.binary), *arguments, "--data-dir", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"]}, check=False)
        check(done.returncode == 0, f"{' '.join(arguments[:1])} failed: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def secret(self, client_secret):
        """The deployment's secret with this folder's keys, as DEPLOY.md describes it."""
        keyring = json.loads((self.folder / "keyring.json").read_text())

        def key(name):
            raw = base64.urlsafe_b64decode(keyring[name] + "=" * (-len(keyring[name]) % 4))
            return {"id": "k1", "key": base64.b64encode(raw).decode()}

        return {
            "keyring": [key("seal")], "url_keys": [key("url")], "admin_keys": [{**key("token"), "alg": "HS256"}],
            "hubspot_client_secrets": [client_secret],
        }

    def items(self):
        """What it stored, as DynamoDB has it."""
        with sqlite3.connect(f"file:{self.folder}/bridge.db?mode=ro", uri=True) as database:
            return [json.loads(item) for (item,) in database.execute('SELECT item_json FROM "opencx-hubspot"')]


def connect(stack):
    """Connects by a private app's token, goes live, and hands HubSpot the signed URL."""
    portal, services = stack.services.portal, stack.services
    said = stack.runner.run(
        "connect", "--org", ORG, "--access-token", portal["access_token"], "--ai-user", portal["ai_user"],
        "--opencx-api-key", services.api_key, "--live", "--hubspot-url", services.hubspot.url, "--public-url", stack.door.url,
    )
    url = next(word for word in said.split() if word.startswith(f"{stack.door.url}/webhooks/hubspot/{ORG}/"))
    for item in stack.runner.items():
        stack.table.put_item(TableName=stack.outputs["TableName"], Item=item)
    services.hubspot.ask("PUT", "/_sim/webhook", {"url": url, "client_secret": portal["client_secret"]})
    say(stack.name, f"{ORG} is connected to the portal {portal['portal_id']} and live")


def api(stack, method, path, body=None):
    """One call of the console's API, through the deployed API; anything but 2xx fails the story."""
    token = stack.runner.run("token", "--org", ORG, "--role", "owner")
    answer = call(method, f"{stack.door.url}{path}", body, {"Authorization": f"Bearer {token}"})
    check(200 <= answer.status < 300, f"{method} {path} was answered {answer!r}")
    return answer.body
