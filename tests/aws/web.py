"""JSON over HTTP, to loopback addresses."""

import json
import urllib.error
import urllib.request



class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


# No proxy, and a redirect is an answer like any other.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


class Answer:
    """A status, headers and a body that is JSON where it can be read as such."""

    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw
        try:
            self.body = json.loads(raw) if raw else None
        except ValueError:
            self.body = raw.decode("utf-8", "replace")

    def __repr__(self):
        return f"{self.status} {self.body!r}"


def call(method, url, body=None, headers=None, timeout=60):
    """Sends `body` (JSON unless it is bytes) and returns the answer, whatever its status."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
    if data is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    try:
        with _DIRECT.open(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())
