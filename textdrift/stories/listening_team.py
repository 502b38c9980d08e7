"""ListeningTeam: a small web server on this machine that takes messages and serves a runbook, as a team's tools do."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["ListeningTeam"]


class ListeningTeam:
    """Listens on a free port of 127.0.0.1 while it is entered.

    Parameters
    ----------
    runbook:
        What ``GET /runbook`` answers, as Markdown.

    Examples
    --------
    >>> with ListeningTeam("# When words change") as team:
    ...     team.runbook_at(f"http://{team.address}/runbook"), team.heard("team")
    ('# When words change', [])
    """

    def __init__(self, runbook: str) -> None:
        self._runbook = runbook.encode()
        self._posted: list[tuple[str, bytes]] = []
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        posted, runbook = self._posted, self._runbook

        class _Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
                self._answer(b"")

            def do_GET(self) -> None:
                self._answer(runbook)

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/markdown; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: the story tells."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        serve = {"poll_interval": 0.02}
        threading.Thread(target=self._server.serve_forever, kwargs=serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def address(self) -> str:
        """Host and port."""
        if self._server is None:
            return ""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def heard(self, place: str) -> list[Mapping[str, Any]]:
        """Return the messages that were sent to ``/place``, the first one first."""
        found = [body for path, body in self._posted if path.strip("/") == place]
        return [json.loads(json.loads(body)["message"]) for body in found]

    def runbook_at(self, url: str) -> str:
        """Open an address of this server, as somebody does who follows a message's link."""
        from http.client import HTTPConnection
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        try:
            connection.request("GET", parts.path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()
