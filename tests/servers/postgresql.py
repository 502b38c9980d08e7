"""A PostgreSQL server of one's own, from the binaries of the system: started for the tests, gone after them."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "opens/the door?"  # noqa: S105 - of a server that lives as long as the tests
_NAMES = itertools.count(1)
_START_SECONDS = 60


def binaries():
    """Return the folder of initdb and postgres, the newest there is; None where there is none."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True
    )
    found = shutil.which("initdb")
    folders += [Path(found).resolve().parent] if found else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def missing():
    """Say why no server can be started here; None where one can."""
    if binaries() is None:
        return "no PostgreSQL binaries: apt install postgresql"
    if os.getuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "PostgreSQL refuses to run as root, and there is no user postgres"
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgresqlServer:
    """One cluster on a free port of 127.0.0.1, with a socket in its own folder."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.port = free_port()
        # PostgreSQL does not run as root.
        self._user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self._user:
            shutil.chown(self.folder, "postgres", "postgres")
        self._process = None
        self._log = None

    def __enter__(self):
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        data, access = self.folder / "data", ["--auth-local=trust", "--auth-host=scram-sha-256"]
        secret = f"--pwfile={self.folder / 'password'}"
        command = [binaries() / "initdb", "-D", data, "-U", "tester", "-E", "UTF8", "--no-sync", *access, secret]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **self._user)
        self.start()
        return self

    def start(self):
        quick = ["fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40"]
        options = [f"unix_socket_directories={self.folder}", "listen_addresses=127.0.0.1", f"port={self.port}", *quick]
        command = [binaries() / "postgres", "-D", self.folder / "data"]
        self._log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [*command, *itertools.chain.from_iterable(("-c", option) for option in options)],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            **self._user,
        )
        deadline = time.monotonic() + _START_SECONDS
        ready = [binaries() / "pg_isready", "-h", self.folder, "-p", str(self.port), "-q"]
        while subprocess.run(ready, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)

    def stop(self, how=signal.SIGINT):
        """Stop the server that was started here, and no other; SIGINT breaks off what is connected."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=_START_SECONDS)
        if self._log is not None:
            self._log.close()

    def __exit__(self, *_):
        self.stop(signal.SIGQUIT)  # without writing down what is thrown away
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, statement):
        """Run one statement of an administrator."""
        import psycopg

        options = {"host": str(self.folder), "port": self.port, "user": "tester", "dbname": "postgres"}
        with contextlib.closing(psycopg.connect(**options, autocommit=True)) as connection:
            connection.execute(statement)

    def new_database(self):
        """Return the URL of a new and empty database, by the socket and without a password."""
        name = f"drift_{next(_NAMES)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name):
        return f"postgresql://tester@/{name}?host={self.folder}&port={self.port}"

    def url_with_password(self, name, password):
        from urllib.parse import quote

        return f"postgresql://tester:{quote(password, safe='')}@127.0.0.1:{self.port}/{name}"
