"""Messages and the job's sinks: one that left, one that moved, and where a report is found."""

import datetime as dt
from pathlib import Path

import pytest
from listening import Listening

from textdrift.alerts import Observation
from textdrift.history import open_history
from textdrift.job import outbox
from textdrift.job.outbox import deliver_pending, outgoing
from textdrift.job.remembering import _link
from textdrift.job.windows import JobWindow
from textdrift.job_config import JobConfig

NOW = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def job(*urls, **more):
    return JobConfig(name="nightly", reference="r", current="c", history="sqlite:///x.db",
                     alerts=[{"url": url, "timeout": 2} for url in urls], **more)  # fmt: skip


def queued(history, config, *, state=None, drifted=True, day=26):
    seen = Observation(window=f"2026-11-{day}", at=NOW + dt.timedelta(days=day - 26), drifted=drifted)
    going_out = outgoing(config, state, seen, run="run", report={}, link=None)
    history.queue(config.name, going_out.state, going_out.messages)
    return going_out


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.setattr(outbox, "_SECONDS_BETWEEN", ())
    with open_history(f"sqlite:///{tmp_path}/drift.db") as opened:
        yield opened


def test_messages_of_a_sink_that_left_the_job_are_given_up_and_told_once(history):
    queued(history, job("json://gone.example:9/"))
    less = job("json://other.example:9/")
    given_up = "a message is given up: the job no longer names json://gone.example:9 among its alerts"
    delivery = deliver_pending(history, less, clock=lambda: NOW)
    assert (delivery.troubles, delivery.waiting, delivery.arrived) == ((given_up,), (), ())
    assert deliver_pending(history, less, clock=lambda: NOW).troubles == ()
    assert history.pending("nightly", now=LATER) == []
    history.prune("nightly", before=NOW.date() - dt.timedelta(days=30))  # goes, though it never arrived


def test_a_sink_that_changed_its_place_gets_what_waits_and_hears_the_end(history):
    with Listening() as sink:
        here, there = f"json://{sink.address}/", "json://first.example:9/"
        state = queued(history, job(there, here)).state
        moved = job(here)
        delivery = deliver_pending(history, moved, clock=lambda: NOW)
        assert delivery.arrived == (("firing", f"1 json://{sink.address}"),)
        assert [trouble.partition(":")[0] for trouble in delivery.troubles] == ["a message is given up"]
        ended = queued(history, moved, state=state, drifted=False, day=27)
        assert [(message.state, message.sink) for message in ended.messages] == [
            ("resolved", f"1 json://{sink.address}")
        ]


@pytest.mark.parametrize(
    ("report", "stage", "link"),
    [
        ({}, "inputs", "reports/2026-11-26/report.html"),
        ({"url": "https://drift.example.org/r/"}, "inputs", "https://drift.example.org/r/2026-11-26/report.html"),
        ({"url": "https://d.example/r", "formats": ["json"]}, "labelled",
         "https://d.example/r/2026-11-26/labelled/report.json"),
        ({"url": "https://d.example", "folder": "/srv/some reports"}, "inputs",
         "https://d.example/2026-11-26/report.html"),
    ],
)  # fmt: skip
def test_a_link_leads_to_the_web_where_the_job_says_where_its_folder_is(report, stage, link):
    config = job(report=report)
    window = JobWindow("2026-11-26", NOW.date(), config)
    names = ["report.json"] if config.report.formats == ["json"] else ["report.html", "report.json"]
    assert _link(window, tuple(window.folder(stage) / name for name in names)) == link
    assert _link(window, ()) is None


def test_an_address_that_is_none_of_the_web_is_refused():
    for url in ("reports", "ftp://a/b", "https://"):
        with pytest.raises(Exception, match="address of a folder on the web"):
            job(report={"url": url})
    assert Path(job(report={"url": "http://a/b"}).report.folder) == Path("reports")
