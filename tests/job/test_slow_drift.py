"""The slow-drift detector of a job: one pool and one state in the history, a step for each new window."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from judged_runs import run

from textdrift.drift.slow_drift import SlowDriftState
from textdrift.history import open_history
from textdrift.job import run_job
from textdrift.job.slow_drift import NO_STEP, SlowStep, slow_step
from textdrift.job.windows import JobWindow
from textdrift.job_config import read_job

START = dt.date(2026, 1, 1)
THINGS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "dlmnrst"]


def night(rng, n, share=0.0):
    words = rng.choice(THINGS, size=(n, 6))
    texts = [" ".join(row) for row in words]
    return [f"{text} vrimp zonkel" if rng.random() < share else text for text in texts]


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(3)
    pq.write_table(pa.table({"text": night(rng, 300)}), "reference.parquet")
    (tmp_path / "job.yaml").write_text(
        "name: slow\nreference: reference.parquet\ncurrent: '{{ date }}.parquet'\n"
        "encoder: {model: hashing, dimension: 8}\ntests: {lexical: {}, embedding: {engine: native}}\n"
        "budget: {false_alarms_per_year: 2, windows_per_year: 365}\nhistory: sqlite:///drift.db\nslow_drift: true\n",
        encoding="utf-8",
    )
    return read_job(tmp_path / "job.yaml")


def window(job, i, texts):
    date = START + dt.timedelta(days=i)
    pq.write_table(pa.table({"text": texts}), f"{date}.parquet")
    return JobWindow(date.isoformat(), date, job.at(date))


def stepped(history, at):
    step = slow_step(history, at)
    history.record(run(job="slow", window=at.name, date=at.date), slow_drift=step.state, profile=step.pool,
                   is_pool=step.state is not None)  # fmt: skip
    return step


def test_one_pool_is_kept_and_it_grows(job):
    rng = np.random.default_rng(4)
    with open_history("sqlite:///drift.db") as history:
        for i in range(4):
            stepped(history, window(job, i, night(rng, 80)))
        assert len(list(history.profiles("slow"))) == 1
        state = SlowDriftState.from_dict(history.slow_drift("slow"))
        assert (state.windows, state.units_in_pool, state.last_window) == (4, 320, "2026-01-04")
        assert len(state.first_p_values) == 3


def test_a_window_that_was_seen_or_is_older_changes_nothing(job):
    rng = np.random.default_rng(5)
    with open_history("sqlite:///drift.db") as history:
        late = window(job, 5, night(rng, 80))
        stepped(history, late)
        again, older = slow_step(history, late), slow_step(history, window(job, 2, night(rng, 80)))
        assert again.state == history.slow_drift("slow")
        assert (older.state, older.pool) == (None, None)
        assert "took no step" in older.notes[0]


def test_meaning_is_looked_at_too_where_the_reference_is_fixed(job):
    rng = np.random.default_rng(6)
    with open_history("sqlite:///drift.db") as history:
        stepped(history, window(job, 0, night(rng, 80)))
        from textdrift.job.slow_drift import _stored_pool

        assert _stored_pool(history, "slow").sums is not None


def test_it_alarms_once_words_creep_in_and_the_pool_begins_anew(job):
    rng = np.random.default_rng(7)
    alarms = []
    with open_history("sqlite:///drift.db") as history:
        for i in range(44):
            step = stepped(history, window(job, i, night(rng, 100, share=0.15 if i >= 30 else 0.0)))
            if step.alarm:
                alarms.append(i)
                assert step.pool is None
                assert "moved against all" in step.alarm
    assert alarms
    assert 30 <= alarms[0] < 44


def test_without_the_key_no_step_is_taken(job, tmp_path):
    text = (tmp_path / "job.yaml").read_text(encoding="utf-8").replace("slow_drift: true\n", "")
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    with open_history("sqlite:///drift.db") as history:
        assert slow_step(history, window(read_job(tmp_path / "job.yaml"), 0, ["a text"])) == NO_STEP


def test_a_run_keeps_the_pool_also_when_its_window_is_judged_anew(job):
    rng = np.random.default_rng(8)
    for i in range(3):
        at = window(job, i, night(rng, 80))
        run_job(job, date=at.date)
    run_job(job, date=at.date, force=True)
    with open_history("sqlite:///drift.db") as history:
        state = SlowDriftState.from_dict(history.slow_drift("slow"))
        assert (state.windows, state.units_in_pool) == (3, 240)
        assert len(list(history.profiles("slow"))) == 1


def test_its_alarm_fails_the_gate_and_fires(job, monkeypatch):
    rng = np.random.default_rng(9)
    at = window(job, 0, night(rng, 80))
    monkeypatch.setattr("textdrift.job.remembering.slow_step", lambda *_, **__: SlowStep(alarm="Slow drift: it moved."))
    result = run_job(job, date=at.date)
    assert (result.exit_code, result.document["verdict"]) == (1, "inconclusive")
    assert result.document["gate"]["reasons"] == ["Slow drift: it moved."]
    with open_history("sqlite:///drift.db") as history:
        assert history.alert_state("slow")["machine"]["status"] == "firing"
