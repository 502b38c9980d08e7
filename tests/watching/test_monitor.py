"""A monitor in a model server: it takes anything, never waits, never raises, and judges behind the server's back."""

import datetime as dt
import decimal
import logging
import os
import threading
import time

import numpy as np
import pytest
from live_streams import judged

import textdrift
from textdrift.errors import SettingsError
from textdrift.history import open_history
from textdrift.job_config import JobConfig

STREAM = "{source: '-', rows: 100, max_waiting: 5000}"
COLUMNS = "{text: text, id: id, prediction: prediction}"


def feed(monitor, rows):
    for row in rows:
        monitor.update(row["text"], row["label"], id=row["id"])


@pytest.fixture
def config(job):
    return job(STREAM, columns=COLUMNS)


def test_texts_are_judged_window_by_window_and_the_rest_at_the_end(config, rows):
    with textdrift.Monitor(config) as monitor:
        assert (monitor.last, monitor.drift_detected) == (None, False)
        feed(monitor, rows(250))
    assert monitor.last["verdict"] in {"no_drift", "inconclusive"}
    assert sum(n for *_, n, _ in judged()) == 250
    assert (monitor.n_dropped, monitor.failure) == (0, None)


def test_it_takes_a_job_file_as_well(config, rows, tmp_path):
    with textdrift.Monitor(tmp_path / "job.yaml") as monitor:
        feed(monitor, rows(200, drifts_at=0))
    assert monitor.drift_detected
    assert monitor.last["summary"].startswith("Drift in the words")


def test_a_job_that_cannot_be_watched_is_refused_before_the_first_text(job):
    with pytest.raises(SettingsError, match="has no stream"):
        textdrift.Monitor(job(STREAM).model_copy(update={"stream": None}))
    with pytest.raises(SettingsError, match="has no text column"):
        textdrift.Monitor(job(STREAM, columns="{text: null, prediction: prediction}"))
    with pytest.raises(SettingsError, match="takes no late labels"):
        textdrift.Monitor(job(STREAM)).update_label("a", "good")


class Odd:
    def __str__(self):
        raise RuntimeError

    def __eq__(self, other):
        raise RuntimeError

    __hash__ = None


ODD = [
    None, {"a": 1}, ["x"], 5, 1.5, float("nan"), float("inf"), True, b"bytes \xff", "x" * 1_000_000, "\ud800", "", "\0",
    np.float32(1.5), np.int64(3), np.array([1, 2]), np.array("a"), np.datetime64("2024-05-06"), dt.datetime(2024, 5, 6),
    dt.date(2024, 5, 6),
    decimal.Decimal("1.1"), Odd(), object(), (1, "a"), {1, 2}, 2**80, 1 + 2j, lambda: None,
]  # fmt: skip


def test_no_value_is_too_odd(config, rows, caplog):
    given = rows(200)
    with textdrift.Monitor(config) as monitor:
        for odd in ODD:
            monitor.update(odd, odd, id=odd, time=odd, segment=odd, other=odd)
        feed(monitor, given[len(ODD) : 100])
        for odd in ODD:
            monitor.update("a plain text", "positive", **{str(odd)[:9] if not isinstance(odd, Odd) else "odd": odd})
        feed(monitor, given[100:200])
    assert sum(n for *_, n, _ in judged()) == 200 + len(ODD)
    assert monitor.failure is None


def test_eight_threads_at_once_lose_nothing(config, rows):
    given = rows(100)
    with textdrift.Monitor(config) as monitor:
        threads = [threading.Thread(target=feed, args=(monitor, given)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(n for *_, n, _ in judged()) == 800


def test_what_finds_no_place_is_counted_and_told_seldom(job, caplog, monkeypatch):
    monkeypatch.setattr(textdrift.Monitor, "_start", lambda self: None)  # nobody judges
    monitor = textdrift.Monitor(job("{source: '-', rows: 100, max_waiting: 50}", columns=COLUMNS))
    with caplog.at_level(logging.WARNING, "textdrift"):
        for i in range(1050):
            monitor.update(f"text {i}")
    assert monitor.n_dropped == 1000
    assert len(caplog.records) <= 10
    assert "too many wait to be judged" in caplog.records[0].message


def test_after_its_end_texts_are_dropped_and_counted(config, rows):
    monitor = textdrift.Monitor(config)
    feed(monitor, rows(10))
    assert monitor.close()
    feed(monitor, rows(5))
    assert monitor.n_dropped == 5
    assert monitor.close()


def test_a_failure_of_one_window_does_not_end_it(config, rows, monkeypatch, caplog):
    from textdrift.watching import window_judge

    real, n = window_judge.stored_judgement, iter(range(99))

    def faulty(*arguments, **options):
        if next(n) == 0:
            raise MemoryError
        return real(*arguments, **options)

    monkeypatch.setattr(window_judge, "stored_judgement", faulty)
    with textdrift.Monitor(config) as monitor:
        feed(monitor, rows(200))
    assert monitor.last is not None
    assert "could not be judged: MemoryError" in caplog.text
    assert len(judged()) == 1


def test_a_watch_that_falls_is_begun_again(config, rows, monkeypatch, caplog):
    from textdrift.watching import monitor as module
    from textdrift.watching import watching

    monkeypatch.setattr(module, "_FIRST_WAIT", 0.01)
    real, n = watching.watch_with, iter(range(99))

    def faulty(*arguments, **options):
        if next(n) < 2:
            raise RuntimeError("no history yet")
        return real(*arguments, **options)

    monkeypatch.setattr(watching, "watch_with", faulty)
    with textdrift.Monitor(config) as monitor:
        feed(monitor, rows(100))
        until = time.monotonic() + 20
        while monitor.last is None and time.monotonic() < until:  # closing ends the tries
            time.sleep(0.02)
    assert len(judged()) == 1
    assert monitor.failure is None
    assert "no history yet" in caplog.text


def test_another_process_that_watches_is_told_and_taken_over_from(config, rows, monkeypatch, caplog):
    from textdrift.watching import monitor as module

    monkeypatch.setattr(module, "_FIRST_WAIT", 0.05)
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.05)
    with open_history("sqlite:///drift.db") as history, textdrift.Monitor(config) as monitor:
        with history.exclusive("live (stream)"):
            feed(monitor, rows(30))
            time.sleep(0.5)
            assert "another process watches this job" in monitor.failure
            assert monitor.n_dropped == 30
        time.sleep(0.5)
        assert monitor.failure is None
        feed(monitor, rows(100))
    assert sum(n for *_, n, _ in judged()) == 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_process_has_a_monitor_of_its_own(config, rows):
    monitor = textdrift.Monitor(config)
    feed(monitor, rows(10))  # the parent has a thread now, and rows of its own
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            fresh = (len(monitor._waiting), monitor._thread is None, monitor.n_dropped)
            monitor.update("a text of the child")
            os.write(writer, f"{fresh} {monitor._thread.is_alive()}".encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100) == b"(0, True, 0) True"
    for descriptor in (reader, writer):
        os.close(descriptor)
    assert monitor.close()
    assert judged()[0][2] == 10


def test_late_labels_find_their_texts(job, rows):
    config = job(
        STREAM, "labels: {path: '-', join: id, label: label}\n", columns=COLUMNS, tests="{lexical: {}, columns: {}}"
    )
    with textdrift.Monitor(config) as monitor:
        feed(monitor, rows(100))
        for row in rows(100):
            monitor.update_label(row["id"], row["label"])
    assert sorted(stage for _, stage, *_ in judged()) == ["inputs", "labelled"]


def test_its_log_holds_no_secret(config, rows, caplog):
    table = config.model_dump(mode="python", by_alias=True, exclude_unset=True)
    broken = JobConfig(**table | {"history": "postgresql://ann:hunter2hunter2@127.0.0.1:9/drift"})
    monitor = textdrift.Monitor(broken)
    feed(monitor, rows(5))
    time.sleep(1.0)
    assert monitor.close(10)
    assert monitor.failure
    assert monitor.n_dropped == 5
    assert "hunter2" not in caplog.text + monitor.failure


def test_roles_that_were_never_given_are_left_out_and_told_once(job, rows, caplog):
    columns = "{text: text, prediction: prediction, id: id, segments: [channel, app], features: [amount]}"
    config = job("{source: '-', rows: 50}", columns=columns, tests="{lexical: {}, quality: {}}")
    with caplog.at_level(logging.WARNING, "textdrift"), textdrift.Monitor(config) as monitor:
        for i, row in enumerate(rows(100)):
            monitor.update(row["text"], channel="web" if i % 2 else "post")
    schema = [finding for finding in monitor.last["findings"] if finding["test"] == "quality.schema"]
    assert not any(finding["drifted"] for finding in schema)
    never = "rediction 'prediction', id 'id', segments 'app', features 'amount' never came with a text so far, and are"
    assert sum(never in record.message for record in caplog.records) == 1
    assert sum(never in note for note in monitor.last["notes"]) == 1


def test_a_role_that_came_and_then_stays_away_is_a_column_that_is_gone(job, rows):
    columns = "{text: text, segments: [channel]}"
    config = job("{source: '-', rows: 50}", columns=columns, tests="{quality: {}}")
    with textdrift.Monitor(config) as monitor:
        for i, row in enumerate(rows(100)):
            monitor.update(row["text"], **({"channel": "web"} if i < 50 else {}))
    assert not any("never came" in note for note in monitor.last["notes"])
