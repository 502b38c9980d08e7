"""A history that is away is told once, and its end once, though nobody can read the alert's state meanwhile."""

import datetime as dt
import json

import pytest
from listening import Listening

from textdrift.history import open_history
from textdrift.job import outbox
from textdrift.job.outages import end_outage, outage_file, tell_outage
from textdrift.job.outbox import deliver_pending
from textdrift.job_config import JobConfig

NOW = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)


def clock():
    return NOW


@pytest.fixture
def sink(monkeypatch):
    monkeypatch.setattr(outbox, "_SECONDS_BETWEEN", ())
    with Listening() as server:
        yield server


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def made(*addresses, name="nightly", on=("firing", "error")):
        alerts = [{"url": f"json://u:hunter2hunter2@{address}/", "on": list(on), "timeout": 2} for address in addresses]
        return JobConfig(name=name, reference="r", current="c", history="sqlite:///drift.db", alerts=alerts)

    return made


def told(server):
    messages = [json.loads(json.loads(request.body)["message"]) for request in server.requests]
    return [(message["state"], message["dedup_key"]) for message in messages]


def test_an_outage_is_told_once_and_its_end_once_under_keys_of_its_own(job, sink):
    config = job(sink.address)
    for window in ("2026-11-25", "2026-11-26"):
        outage, troubles = tell_outage(config, window, "hunter2hunter2 did not connect", clock=clock)
        assert (outage.window, troubles) == ("2026-11-25", [])
    story = "nightly/2026-11-25/history/2026-11-26T06:00:00Z"
    assert told(sink) == [("error", f"{story}/error")]
    kept = outage_file(config).read_text(encoding="utf-8")
    assert "hunter2" not in kept + sink.requests[0].body.decode()
    with open_history(config.history) as history:
        assert end_outage(history, config, "2026-11-27")
        assert not end_outage(history, config, "2026-11-27")
        deliver_pending(history, config, clock=clock)
    assert told(sink) == [("error", f"{story}/error"), ("recovered", f"{story}/recovered")]
    assert not outage_file(config).exists()


def test_a_sink_that_refused_is_told_at_the_next_run_and_no_other_again(job, sink):
    with Listening(status=500) as broken:
        config = job(sink.address, broken.address)
        _, troubles = tell_outage(config, "2026-11-25", "away", clock=clock)
        assert "refused the message" in troubles[0]
        broken.status = 200
        broken.requests.clear()
        tell_outage(config, "2026-11-26", "away", clock=clock)
        assert len(told(sink)) == 1
        assert told(broken) == told(sink)  # one key


def test_where_the_file_cannot_be_written_each_run_tells_under_one_key(job, sink, tmp_path):
    (tmp_path / "reports").write_text("in the way", encoding="utf-8")
    config = job(sink.address)
    for _ in range(2):
        tell_outage(config, "2026-11-25", "away", clock=clock)
    assert told(sink) == [("error", "nightly/2026-11-25/history/error")] * 2


def test_who_did_not_ask_for_errors_hears_nothing_and_nothing_is_written(job, sink):
    config = job(sink.address, on=("firing", "resolved"))
    assert tell_outage(config, "2026-11-25", "away", clock=clock) == (None, [])
    assert sink.requests == []
    assert not outage_file(config).exists()


def test_jobs_of_one_folder_and_odd_names_have_files_of_their_own(job):
    files = {outage_file(job(name=name)).name for name in ("a/b", "a-b", "a b", "../a")}
    assert len(files) == 4
    assert all("/" not in name and name.endswith(".history-outage.json") for name in files)


def test_a_damaged_file_is_told_again(job, sink):
    config = job(sink.address)
    tell_outage(config, "2026-11-25", "away", clock=clock)
    outage_file(config).write_text('{"window": ', encoding="utf-8")
    tell_outage(config, "2026-11-25", "away", clock=clock)
    assert len(told(sink)) == 2
