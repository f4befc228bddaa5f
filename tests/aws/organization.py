"""An organization, connected as its admin does it: through the console's API, behind the deployed API Gateway."""

import base64
import json
import os
import subprocess

from tale import check, say
from web import call

ORG = "acme"


class Runner:
    """`opencx-hubspot` with a data folder of its own: its keyring is the deployment's, so its `token` command speaks for the OpenCX backend."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.run("token", "--org", ORG, "--role", "owner")

    def run(self, *arguments):
        """What a command printed; a command that fails fails the story."""
        command = [str(self.binary), *arguments, "--data-dir", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"]}, check=False)
        check(done.returncode == 0, f"{' '.join(arguments[:1])} failed: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def secret(self, portal):
        """The deployment's secret with this folder's keys, as DEPLOY.md describes it."""
        keyring = json.loads((self.folder / "keyring.json").read_text())

        def key(name):
            raw = base64.urlsafe_b64decode(keyring[name] + "=" * (-len(keyring[name]) % 4))
            return {"id": "k1", "key": base64.b64encode(raw).decode()}

        return {
            "keyring": [key("seal")], "url_keys": [key("url")], "admin_keys": [{**key("token"), "alg": "HS256"}],
            "hubspot_client_id": portal["client_id"], "hubspot_client_secrets": [portal["client_secret"]],
        }


def consent(stack):
    """Connects by OAuth: the browser goes to HubSpot's consent page and comes back with a code; HubSpot's app sends to the one URL of all portals."""
    portal, services, door = stack.services.portal, stack.services, stack.door.url
    back, _ = ask_consent(stack)
    elsewhere = call("GET", back)
    check("wrong_browser" in elsewhere.headers["Location"], f"another browser got {elsewhere.headers['Location']}")
    told = come_back(*ask_consent(stack))
    check(told.headers["Location"].endswith("/#result=connected"), f"the callback sends the browser to {told.headers['Location']}")
    settings = {"enabled": True, "ai_user": portal["ai_user"], "opencx_api_key": services.api_key}
    api(stack, "PATCH", "/api/settings", settings)
    hook = {"url": f"{door}/webhooks/hubspot", "client_secret": portal["client_secret"], "version": "v3"}
    services.hubspot.ask("PUT", "/_sim/webhook", hook)
    say(stack.name, f"{ORG} consented to the HubSpot app and is live; another browser with the same code was turned away")


def ask_consent(stack):
    """The admin consents. Returns the address that HubSpot sends the browser back to, and the browser's cookie."""
    door = stack.door.url
    began = call("POST", f"{door}/api/oauth/start", {}, {"Authorization": f"Bearer {token_of(stack)}"})
    check(began.status == 200 and "HttpOnly" in began.headers["Set-Cookie"], f"no consent: {began!r}")
    asked = call("GET", began.body["authorize_url"])
    back = asked.headers["Location"]
    check(asked.status == 302 and back.startswith(f"{door}/oauth/callback?"), f"HubSpot sends the browser to {back}")
    return back, began.headers["Set-Cookie"].partition(";")[0]


def come_back(address, cookie):
    """The browser follows HubSpot's redirect."""
    return call("GET", address, headers={"Cookie": cookie})


def private_app(stack):
    """The form of a private app's token, filled in."""
    portal = stack.services.portal
    return {"access_token": portal["access_token"], "default_user_id": portal["ai_user"], "opencx_api_key": stack.services.api_key}


def connect(stack):
    """Connects by a private app's token, goes live, and hands HubSpot the signed URL."""
    portal, services = stack.services.portal, stack.services
    check(call("GET", f"{stack.door.url}/api/connection").status == 401, "the API answers without a token")
    connection = api(stack, "PUT", "/api/connection/private-app", private_app(stack))
    check(connection["portal_id"] == str(portal["portal_id"]), f"another portal: {connection}")
    api(stack, "PATCH", "/api/settings", {"enabled": True})
    connection = api(stack, "GET", "/api/connection")
    check(connection["live"] and connection["state"] in ("connected", "action_recommended"), f"not live: {connection}")
    url = connection["webhook_url"]
    check(url.startswith(f"{stack.door.url}/webhooks/hubspot/{ORG}/"), "the signed URL leads elsewhere")
    services.hubspot.ask("PUT", "/_sim/webhook", {"url": url, "client_secret": portal["client_secret"]})
    say(stack.name, f"{ORG} is connected to the portal {connection['portal_id']} by the console's API, and live")


def api(stack, method, path, body=None):
    """One call of the console's API, through the deployed API; anything but 2xx fails the story."""
    answer = call(method, f"{stack.door.url}{path}", body, {"Authorization": f"Bearer {token_of(stack)}"})
    check(200 <= answer.status < 300, f"{method} {path} was answered {answer!r}")
    return answer.body


def token_of(stack):
    """A token as the OpenCX backend gives it to an owner."""
    return stack.runner.run("token", "--org", ORG, "--role", "owner")
