"""A job with a history: judged once, told once a story, and nothing lost when a part of it fails."""

import datetime as dt
import http.server
import json
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textdrift.alerts import Observation
from textdrift.errors import MissingSourceError, SettingsError
from textdrift.history import open_history
from textdrift.job import backfill_job, run_job
from textdrift.job.outbox import outgoing
from textdrift.job.silencing import acknowledge_alarm
from textdrift.job_config import JobConfig, read_job
from textdrift.windows.simulating import sample_pair

DRIFTED = (3, 4)
SPENT = "false_alarms_per_year: 0.1, windows_per_year: 3"
NOW = dt.datetime(2026, 11, 26, 6, 0, tzinfo=dt.UTC)


def day(i):
    return dt.date(2026, 11, 10 + i)


def with_new_words(table):
    texts = [
        f"{text} zonkel vrimp" if row % 4 == 0 else text for row, text in enumerate(table.column("text").to_pylist())
    ]
    return table.set_column(table.column_names.index("text"), "text", pa.array(texts, pa.large_string()))


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nights")
    pq.write_table(sample_pair(300, 300, seed=1).reference, folder / "reference.parquet")
    for i in range(6):
        table = sample_pair(200, 200, seed=20 + i).reference
        pq.write_table(with_new_words(table) if i in DRIFTED else table, folder / f"{day(i)}.parquet")
    return folder


class Receiver:
    """A server on this machine that keeps what it was sent, or refuses."""

    def __init__(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.answer == 200:
                    receiver.messages.append(json.loads(json.loads(body)["message"]))
                self.send_response(receiver.answer)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.answer, self.messages = 200, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"json://127.0.0.1:{self.server.server_address[1]}/drift"

    @property
    def states(self):
        return [(message["state"], message["window"]) for message in self.messages]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver():
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def job(nights, tmp_path, receiver, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))

    def made(more="", tests="{lexical: {}}"):
        (tmp_path / "job.yaml").write_text(
            f"name: nightly\nreference: '{nights}/reference.parquet'\ncurrent: '{nights}/{{{{ date }}}}.parquet'\n"
            f"columns: {{text: text, id: id}}\ntests: {tests}\n"
            "budget: {false_alarms_per_year: 2, windows_per_year: 365}\nhistory: sqlite:///drift.db\n"
            f"report: {{folder: reports, formats: [json]}}\n"
            f"alerts: [{{url: '{receiver.url}', on: [firing, resolved, error], timeout: 2}}]\n{more}",
            encoding="utf-8",
        )
        return read_job(tmp_path / "job.yaml")

    return made


def clock():
    return NOW


def run(config, i, **options):
    return run_job(config, date=day(i), clock=clock, **options)


def test_a_window_is_judged_once_and_its_verdict_kept(job):
    config = job()
    first = run(config, 3)
    second = run(config, 3)
    assert (first.exit_code, first.was_stored) == (1, False)
    assert (second.exit_code, second.was_stored) == (1, True)
    assert second.document == json.loads(first.files[0].read_text(encoding="utf-8"))
    assert first.files == second.files == (Path("reports/2026-11-13/report.json"),)
    with open_history("sqlite:///drift.db") as history:
        assert len(history.runs("nightly")) == 1


def test_forced_it_is_judged_anew_and_still_one_row(job):
    config = job()
    run(config, 0)
    again = run(config, 0, force=True)
    assert not again.was_stored
    with open_history("sqlite:///drift.db") as history:
        assert len(history.runs("nightly")) == 1


def test_a_story_is_told_when_it_begins_and_when_it_ends(job, receiver):
    config = job()
    for i in range(6):
        run(config, i)
    assert receiver.states == [("firing", "2026-11-13"), ("resolved", "2026-11-15")]
    assert receiver.messages[0]["terms"][:2] == ["vrimp", "zonkel"]
    assert receiver.messages[0]["dedup_key"] == "nightly/2026-11-13/firing"


def test_rerunning_sends_nothing(job, receiver):
    config = job()
    run(config, 3)
    run(config, 3)
    run(config, 3, force=True)
    assert receiver.states == [("firing", "2026-11-13")]


def test_two_of_three_windows_are_needed_where_the_policy_says_so(job, receiver):
    config = job("alert_policy: {drifted: 2, of: 3}\n")
    for i in range(5):
        run(config, i)
    assert receiver.states == [("firing", "2026-11-14")]


def test_a_sink_that_fails_keeps_its_message_and_gets_it_later_under_one_key(job, receiver):
    config = job()
    receiver.answer = 500
    result = run(config, 3)
    assert result.exit_code == 1
    assert "is kept, and tried again" in result.troubles[0]
    receiver.answer = 200
    later = run_job(config, date=day(3), clock=lambda: NOW + dt.timedelta(hours=2))
    assert later.was_stored
    assert receiver.states == [("firing", "2026-11-13")]


def test_the_end_of_a_story_never_overtakes_its_beginning(job, receiver):
    config = job()
    receiver.answer = 503
    for i in (3, 5):
        run(config, i)
    receiver.answer = 200
    run_job(config, date=day(5), clock=lambda: NOW + dt.timedelta(hours=2))
    assert [state for state, _ in receiver.states] == ["firing", "resolved"]


def test_missing_data_is_told_as_an_error_and_its_end_too(job, receiver):
    config = job()
    with pytest.raises(MissingSourceError):
        run(config, 9)
    with pytest.raises(MissingSourceError):
        run(config, 9)
    run(config, 0)
    assert [state for state, _ in receiver.states] == ["error", "recovered"]
    with open_history("sqlite:///drift.db") as history:
        assert len(history.failures("nightly")) == 2


def test_an_acknowledged_story_sends_its_end_alone(job, receiver):
    config = job()
    run(config, 3)
    state = acknowledge_alarm(config, "ann", clock=clock)
    assert state.acknowledged["by"] == "ann" if isinstance(state.acknowledged, dict) else state.acknowledged
    for i in (4, 5):
        run(config, i)
    assert [state for state, _ in receiver.states] == ["firing", "resolved"]


def test_a_sink_for_graver_drift_hears_of_a_story_once_it_is_as_grave():
    alerts = [{"url": "json://a.example/all"}, {"url": "json://b.example/page", "severity": "critical"}]
    config = JobConfig(name="nightly", reference="r", current="c", history="sqlite:///x.db", alerts=alerts)
    state, told = None, []
    for i, severity in enumerate(["warning", "warning", "critical", "critical", None]):
        seen = Observation(window=str(day(i)), at=NOW + dt.timedelta(days=i), drifted=severity is not None,
                           severity=severity)  # fmt: skip
        going_out = outgoing(config, state, seen, run="run", report=None, link=None)
        state = going_out.state
        told.append([(message.sink[:1], message.state) for message in going_out.messages])
    assert told == [[("1", "firing")], [], [("2", "firing")], [], [("1", "resolved"), ("2", "resolved")]]


def test_a_backfill_judges_in_order_and_sends_nothing(job, receiver):
    done = list(backfill_job(job(), day(2), day(6), clock=clock))
    assert [one.result.exit_code if one.result else one.missing != "" for one in done] == [0, 1, 1, 0, True]
    assert receiver.messages == []


def test_windows_before_the_newest_do_not_move_the_alarm(job, receiver):
    config = job()
    run(config, 5)
    run(config, 3)
    assert receiver.messages == []


def test_each_window_has_its_share_of_the_yearly_budget(job):
    result = run(job(), 0)
    assert result.document["settings"]["alpha"] == pytest.approx(2 / 365, rel=1e-5)
    assert result.document["budget"] == {
        "false_alarms_per_year": 2, "windows_per_year": 365, "slow_drift": False, "labelled": False,
        "alpha": pytest.approx(2 / 365, rel=1e-5),
    }  # fmt: skip


def test_more_windows_than_promised_are_told(job, tmp_path):
    job()
    config = rewritten(tmp_path, "false_alarms_per_year: 2, windows_per_year: 365", SPENT)
    for i in range(4):
        assert not [note for note in run(config, i).document["notes"] if "windows within a year" in note]
    notes = run(config, 4).document["notes"]
    assert any("judged 5 windows within a year" in note for note in notes)


def test_the_gate_names_the_kinds_that_fail(job):
    result = run(job("gate: {fail_on: [concept, quality]}\n"), 3)
    assert (result.exit_code, result.document["verdict"], result.document["passed"]) == (0, "drift", True)


def test_alerts_without_a_history_are_refused(job, tmp_path):
    job()
    with pytest.raises(SettingsError, match="alerts needs a history"):
        run(rewritten(tmp_path, "history: sqlite:///drift.db\n", ""), 0)


def test_metrics_are_those_of_the_newest_window(job, tmp_path):
    config = job(f"metrics: {{textfile: '{tmp_path}/job.prom'}}\n")
    for i in (3, 5, 3):
        run(config, i)
    text = (tmp_path / "job.prom").read_text(encoding="utf-8")
    assert 'textdrift_verdict{job="nightly",verdict="no_drift"} 1.0' in text
    assert 'textdrift_alert_state{job="nightly",state="resolved"} 1.0' in text


def test_labels_that_come_late_are_judged_in_a_row_of_their_own(job, nights, tmp_path):
    rows = pq.read_table(nights / f"{day(0)}.parquet")
    job("labels: {path: 'labels-{{ date }}.parquet', join: id, wait_days: 2}\n", tests="{lexical: {}, columns: {}}")
    config = rewritten(tmp_path, "id: id}", "id: id, label: label, prediction: prediction}")
    assert run(config, 0).document["job"]["stage"] == "inputs"
    assert run(config, 1).labelled == ()
    pq.write_table(rows.select(["id", "label"]), tmp_path / f"labels-{day(0)}.parquet")
    later = run(config, 2).labelled
    assert [(one.window, one.stage) for one in later] == [("2026-11-10", "labelled")]
    assert later[0].document["settings"]["alpha"] == pytest.approx(1 / 365, rel=1e-5)
    assert {finding["kind"] for finding in later[0].document["findings"]} >= {"label"}
    assert later[0].files[0] == Path("reports/2026-11-10/labelled/report.json")
    assert run(config, 2).labelled == ()


def rewritten(tmp_path, old, new):
    """Return the job of the file with a part of it replaced."""
    text = (tmp_path / "job.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "job.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return read_job(tmp_path / "job.yaml")
