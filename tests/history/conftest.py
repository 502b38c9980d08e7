import os
import subprocess
import sys
import textwrap
from pathlib import Path

import postgresql
import pytest

from textdrift.history import open_history

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server that is ours alone."""
    reason = postgresql.missing()
    if reason:
        pytest.skip(reason)
    with postgresql.PostgresqlServer() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A new and empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/drift.db"
    return request.getfixturevalue("server").new_database()


@pytest.fixture
def history(url):
    with open_history(url) as opened:
        yield opened


@pytest.fixture
def started(tmp_path):
    """Start Python processes that know our test modules; none outlives its test."""
    processes = []

    def start(code, *arguments):
        paths = os.pathsep.join([str(TESTS / "reports"), str(TESTS.parent)])
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def said(started):
    """Run a process to its end and return what it printed; a process that fails is a failed test."""

    def run(code, *arguments):
        process = started(code, *arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    return run
