"""The server as a process of its own: it announces its address, answers, and stops when it is told to."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import judged_runs
import pytest
from whole_reports import sample

from textdrift.dashboard.serving import access_to, listening
from textdrift.errors import SettingsError
from textdrift.history import open_history

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - of a test


@pytest.fixture
def job(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        history.record(judged_runs.run(0, document=sample("drift") | {"passed": False}))
    file = tmp_path / "job.yaml"
    file.write_text(
        f"name: inputs\nreference: a.parquet\ncurrent: b.parquet\nhistory: sqlite:///{tmp_path}/drift.db\n"
        f"report: {{folder: {tmp_path}/reports}}\n"
    )
    return file


@pytest.fixture
def served(job):
    """Start the server with flags and return the process and its address; none outlives its test."""
    processes = []

    def start(*flags, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "textdrift", "serve", str(job), "--port", "0", *flags],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        )
        processes.append(process)
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stderr.read()
        return process, found[0]

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def get(address, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_cleanly(served, job, number):
    process, address = served()
    status, page = get(address)
    assert status == 200
    assert "inputs" in page
    assert get(f"{address}runs/1")[0] == 200
    assert get(address, Host="evil.example")[0] == 403
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert "Error" not in said


def test_a_signal_that_comes_at_once_is_not_lost(served):
    process, _ = served()
    process.terminate()  # it may not have begun to serve
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_it_stops_while_a_reader_holds_a_connection(served):
    process, address = served()
    host, port = address.removeprefix("http://").rstrip("/").rsplit(":", 1)
    with socket.create_connection((host, int(port))) as held:
        held.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")  # and never ends the request
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_token_of_the_environment_is_asked_for(served):
    _, address = served("--host", "0.0.0.0", TEXTDRIFT_TOKEN=TOKEN)  # noqa: S104 - with a token
    address = address.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
    assert get(address)[0] == 401
    assert get(address, Authorization=f"Bearer {TOKEN}")[0] == 200


def test_a_taken_port_is_a_clear_error(job):
    with listening("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "textdrift", "serve", str(job), "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be taken: Address already in use; name another with --port" in done.stderr


def test_others_than_this_machine_need_a_token():
    with listening("0.0.0.0", 0) as listener:  # noqa: S104 - the refusal is tested
        with pytest.raises(SettingsError, match="TEXTDRIFT_TOKEN"):
            access_to(listener, "0.0.0.0", None, ())  # noqa: S104
        with pytest.raises(SettingsError, match="at least 16 characters, got 5"):
            access_to(listener, "0.0.0.0", "short", ())  # noqa: S104
        access = access_to(listener, "0.0.0.0", TOKEN, ["drift.example"])  # noqa: S104
    assert access.knows("drift.example:80")
    assert access.knows("10.0.0.7")
    assert not access.knows("evil.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_the_loopback_needs_none(host):
    with listening(host, 0) as listener:
        access = access_to(listener, host, None, ())
    assert access.token is None
    assert not access.knows("10.0.0.7")
    assert not access.addresses


def test_a_host_that_is_none_is_a_clear_error():
    with pytest.raises(SettingsError, match=r"no-such-host\.invalid"), listening("no-such-host.invalid", 0):
        pass


@pytest.mark.parametrize("name", ["starlette", "uvicorn"])
def test_a_missing_library_names_the_extra(monkeypatch, job, name):
    from textdrift.dashboard.serving import serve
    from textdrift.errors import MissingExtraError

    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    url = f"sqlite:///{job.parent}/drift.db"
    with (
        open_history(url, read_only=True) as history,
        pytest.raises(MissingExtraError, match=rf"{name}.*textdrift\[serve\]"),
    ):
        serve(history, "inputs", port=0, announce=str)
