"""A Redis server of one's own, from the binary of the system: started for the tests, gone after them."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

_START_SECONDS = 20


def missing():
    """Say why no server can be started here; None where one can."""
    if shutil.which("redis-server") is None:
        return "no redis-server binary: apt install redis-server"
    try:
        import redis  # noqa: F401
    except ImportError:
        return "no package redis: install textdrift with the extra `redis`"
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """One server on a free port of 127.0.0.1, which writes nothing down unless told to, as ``keeping`` says."""

    def __init__(self, *, keeping=False):
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.port, self._keeping = free_port(), keeping
        self._process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--appendonly", "yes" if self._keeping else "no", "--appendfsync", "always"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.02)

    def stop(self, how=signal.SIGTERM):
        """Stop the server that was started here, and no other."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=_START_SECONDS)

    def client(self):
        import redis

        return redis.Redis.from_url(self.url)

    def _answers(self):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", self.port)) != 0:
                return False
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
