"""The simulated HubSpot and OpenCX: the runner's `simulate`, and what the stories do there and read from it."""

import os
import re

from processes import Process
from tale import Failed, check, wait_for
from web import call


class Simulated:
    """One of the two."""

    def __init__(self, url):
        self.url = url

    def ask(self, method, path, body=None):
        """The answer's JSON; anything but 2xx fails the story."""
        answer = call(method, self.url + path, body)
        check(200 <= answer.status < 300, f"{method} {path} was answered {answer!r}")
        return answer.body

    def calls(self, method, prefix):
        """What the bundle called there so far."""
        made = self.ask("GET", "/_sim/calls")
        return [made for made in made if made["method"] == method and made["path"].startswith(prefix)]

    def fault(self, **fault):
        """The next request that matches goes wrong this way."""
        self.ask("POST", "/_sim/faults", fault)


class Services:
    """Both, in one process."""

    def __init__(self, binary, name, folder):
        command = [str(binary), "simulate", "--hubspot-port", "0", "--opencx-port", "0"]
        self.process = Process(name, command, folder / f"{name}.log", {"PATH": os.environ["PATH"]}, folder)
        try:
            urls = wait_for("the simulators' addresses", self._urls, 20)
        except Failed:
            self.process.stop()
            raise
        self.hubspot, self.opencx = Simulated(urls["HubSpot"]), Simulated(urls["OpenCX"])
        self.portal = self.hubspot.ask("GET", "/_sim/portal")
        self.api_key = self.opencx.ask("GET", "/_sim/portal")["api_key"]

    def _urls(self):
        check(self.process.alive(), f"the simulators ended:\n{self.process.output()}")
        found = dict(re.findall(r"(HubSpot|OpenCX) +(http://\S+)", self.process.output()))
        return found if len(found) == 2 else None

    def begin(self, channel="web", name="Ada Example", email="ada@example.com"):
        """A new conversation; returns its thread."""
        contact = {"name": name, "email": email}
        return self.hubspot.ask("POST", "/_sim/threads", {"channel": channel, "contact": contact})["thread_id"]

    def write(self, thread, text, **more):
        """The customer writes; returns the message's id."""
        body = {"from": "visitor", "text": text, **more}
        return self.hubspot.ask("POST", f"/_sim/threads/{thread}/messages", body)["message_id"]

    def thread(self, thread):
        """The thread as a rep sees it."""
        return self.hubspot.ask("GET", f"/_sim/threads/{thread}")

    def answers(self, thread):
        """What the bundle wrote to the customer there."""
        messages = self.thread(thread)["messages"]
        ours = [m for m in messages if m["type"] == "MESSAGE" and m["direction"] == "OUTGOING" and m["integration_app_id"]]
        return [message["text"] for message in ours]

    def comments(self, thread):
        """The internal comments there."""
        return [message["text"] for message in self.thread(thread)["messages"] if message["type"] == "COMMENT"]

    def session_of(self, thread):
        """The OpenCX session of a thread, or None."""
        for session in self.opencx.ask("GET", "/_sim/sessions"):
            if str(session["custom_data"].get("hubspot_thread_id")) == str(thread):
                return session
        return None

    def ticket(self, ticket):
        """The ticket as a rep sees it."""
        return self.hubspot.ask("GET", f"/_sim/tickets/{ticket}")

    def stop(self):
        """Ends the process."""
        self.process.stop()
