"""A web server of one's own on 127.0.0.1, which keeps what it was sent: started for a test, gone after it."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes


@dataclass
class Listening:
    """Answers with a status and headers; with ``hold`` it takes what it is sent and never answers.

    Without a port it listens at any that is free.
    """

    status: int = 200
    headers: dict = field(default_factory=dict)
    hold: bool = False
    body: bytes = b""
    port: int = 0

    def __enter__(self):
        self.requests, self._released = [], threading.Event()
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                ours.requests.append(Request(self.command, self.path, dict(self.headers), body))
                if ours.hold:
                    ours._released.wait(60)
                    return
                self.send_response(ours.status)
                for name, value in ours.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(ours.body)))
                self.end_headers()
                self.wfile.write(ours.body)

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - names of http.server

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self.port = self._server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
