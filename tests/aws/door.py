"""The public address: it passes requests to the deployed API under the API's own host name, as a domain of one's own does.

HubSpot signs the address it calls, so both PUBLIC_URL and the simulated HubSpot use this one.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from web import Answer, call

# What belongs to one connection, or is made anew.
_HOP = {"connection", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding"}


class _Server(ThreadingHTTPServer):
    # A storm knocks all at once.
    request_queue_size, daemon_threads = 256, True


class Door:
    """Listens before there is an API; `lead_to` opens it."""

    def __init__(self):
        self.open_requests = 0
        self.seen, self._api, self._catching = [], None, None
        door = self

        class Passage(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                answer = door._pass(self.command, self.path, body, self.headers)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in _HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.raw)))
                self.end_headers()
                self.wfile.write(answer.raw)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self._server = _Server(("127.0.0.1", 0), Passage)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def lead_to(self, emulator_url, api_id):
        """From now on requests reach the API `api_id`."""
        self._api = (emulator_url, f"{api_id}.execute-api.localhost")

    def catch(self, holding):
        """The next request whose body holds these bytes is answered 200 and kept instead of passed on."""
        self._catching = (holding, {})
        return self._catching[1]

    def _pass(self, method, path, body, headers):
        url, host = self._api
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        if self._catching and self._catching[0] in (body or b""):
            caught, self._catching = self._catching[1], None
            caught["request"] = (method, path, body, kept)
            return Answer(200, {}, b"{}")
        self.open_requests += 1
        try:
            answer = call(method, url + path, body, {**kept, "Host": host}, timeout=130)
        finally:
            self.open_requests -= 1
        self.seen.append((method, path, answer.status))
        return answer

    def statuses(self, method, prefix):
        """The statuses of the requests so far whose path begins with `prefix`."""
        return [status for seen, path, status in self.seen if seen == method and path.startswith(prefix)]

    def close(self):
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
