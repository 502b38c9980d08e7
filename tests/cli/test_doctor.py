"""`textdrift doctor`: the environment and a job's connections, one line each."""

import socket

import pytest

from textdrift.cli import environment_checks
from textdrift.cli.app import main
from textdrift.cli.environment_checks import connection_checks
from textdrift.job_config import JobConfig


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def job(**keys):
    return JobConfig(name="a", reference="r.csv", current="c.csv", tests={"lexical": {}}, **keys)


def test_the_environment_is_told_a_line_a_thing(capsys):
    code = main(["doctor"])
    names = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    assert {"python", "textdrift", "packages", "extra", "device", "cache", "encoder"} <= set(names)
    assert code in {0, 2}


def test_a_package_too_old_is_a_fault(monkeypatch):
    monkeypatch.setattr(environment_checks.metadata, "version", lambda _: "0.0.1")
    faults = [check.told for check in environment_checks._packages() if check.state == "fault"]
    assert any(told.startswith("numpy 0.0.1 is installed, and >=") for told in faults)


def test_a_cache_that_cannot_be_written_is_a_fault(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "file" / "cache"))
    check = environment_checks._cache()
    assert check.state == "fault"
    assert "set TEXTDRIFT_CACHE" in check.told


def test_sinks_are_reached_and_told_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        keys = {"history": f"sqlite:///{tmp_path}/d.db", "alerts": [{"url": f"json://127.0.0.1:{port}/x"}]}
        checks = list(connection_checks(job(**keys)))
        peer, _ = server.accept()
        with peer:
            peer.settimeout(5)
            assert peer.recv(1) == b""
    assert [(check.name, check.state) for check in checks] == [("history", "ok"), ("alerts", "ok"), ("reach", "ok")]


def test_a_machine_that_does_not_answer_is_a_fault(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    checks = list(connection_checks(job(metrics={"push": f"http://ann:hunter2@127.0.0.1:{port}"})))
    assert [check.state for check in checks] == ["fault"]
    assert f"127.0.0.1 does not answer on port {port}" in checks[0].told
    assert "hunter2" not in checks[0].told


def test_a_slip_in_the_job_is_told_first(tmp_path, capsys):
    (tmp_path / "job.yaml").write_text("name: a\nreference: r\ncurent: c\n", encoding="utf-8")
    assert main(["doctor", str(tmp_path / "job.yaml")]) == 2
    assert "did you mean 'current'?" in capsys.readouterr().err
