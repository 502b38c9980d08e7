"""A job on a stream: each window is judged once, each story told once, and nothing that is odd ends the watch."""

import datetime as dt
import json
import threading
import time
from pathlib import Path

import live_streams
import pyarrow.parquet as pq
import pytest
from live_streams import BEGIN, judged, lines_of, never, runs, states

from textdrift.errors import HistoryError, MissingSourceError, SettingsError
from textdrift.job.silencing import acknowledge_alarm
from textdrift.watching import watch_job
from textdrift.watching.checkpoints import Position
from textdrift.watching.stream_rows import StreamRow

FILE = "{source: in.jsonl, rows: 50}"
BY_SECONDS = "{source: in.jsonl, seconds: 50}"


def write(rows, path="in.jsonl"):
    Path(path).write_text(lines_of(rows), encoding="utf-8")


def watched(config, **options):
    told = []
    found = list(watch_job(config, stop=never, follow=False, tell=told.append, **options))
    return found, told


def names(found):
    return [one.window for one in found]


class Given:
    """Rows, and ``None``, in an order of the test's own; keeps nothing, as a pipe."""

    name, keeps_rows = "given", False

    def __init__(self, given, on_idle=lambda: None):
        self.given, self.on_idle, self.acknowledged = given, on_idle, []

    def begin(self, position, judged):
        pass

    def rows(self, stop):
        for values in self.given:
            if stop():
                return
            if values is None:
                self.on_idle()
            yield None if values is None else StreamRow(values, live_streams.BEGIN)

    def judged(self, places):
        self.acknowledged += places

    def here(self):
        return None, ""

    def seal_at(self, place):
        return ""

    def troubles(self):
        return []


class Clock:
    def __init__(self):
        self.now = BEGIN + dt.timedelta(days=1)

    def __call__(self):
        return self.now

    def pass_seconds(self, seconds):
        self.now += dt.timedelta(seconds=seconds)


def test_windows_by_count_are_judged_and_the_last_short_one_at_the_end(job, rows):
    write(rows(130))
    found, told = watched(job(FILE))
    assert [one.n_rows for one in found] == [50, 50, 30]
    assert names(found) == ["2024-05-06T10:00:00Z", "2024-05-06T10:00:50Z", "2024-05-06T10:01:40Z"]
    assert told == []
    folders = sorted(path.name for path in Path("reports").iterdir())
    assert folders == ["2024-05-06T10-00-00Z", "2024-05-06T10-00-50Z", "2024-05-06T10-01-40Z"]


def test_a_second_watch_goes_on_where_the_first_ended(job, rows):
    write(rows(100))
    config = job(FILE)
    watched(config)
    assert watched(config) == ([], [])
    write(rows(160))
    found, _ = watched(config)
    assert [one.n_rows for one in found] == [50, 10]
    assert len(judged()) == 4


def test_a_watch_that_goes_on_ends_with_the_rows_of_one_that_was_never_stopped(job, rows, tmp_path):
    write(rows(150, drifts_at=100))
    watched(job(BY_SECONDS))
    whole = judged()
    Path("drift.db").unlink()
    Path("in.jsonl").unlink()
    for n in (70, 120, 150):
        write(rows(150, drifts_at=100)[:n])
        stop = iter([False] * 100_000)
        for _ in watch_job(job(BY_SECONDS), stop=lambda stop=stop: next(stop, None) is not False, follow=False):
            pass
    assert judged()[0][0] == whole[0][0]
    assert sum(n for _, _, n, _ in judged()) == 150


def test_the_same_rows_of_a_pipe_are_passed_over_when_they_come_again(job, rows):
    config = job("{source: '-', rows: 50}")
    first, _ = watched(config, source=Given(rows(100)))
    again, _ = watched(config, source=Given(rows(100)))
    assert names(first) == names(again)
    assert [one.result.was_stored for one in again] == [True, True]
    assert len(judged()) == 2


def test_other_rows_of_the_same_second_are_never_taken_for_judged(job, rows):
    config = job("{source: '-', rows: 50}")
    watched(config, source=Given(rows(50)))
    other = [row | {"timestamp": BEGIN.isoformat()} for row in rows(150)[50:]]
    found, _ = watched(config, source=Given(other))
    assert names(found) == ["2024-05-06T10:00:00Z-0002", "2024-05-06T10:00:00Z-0003"]
    assert sum(n for *_, n, _ in judged()) == 150


def test_a_sudden_severe_change_is_told_within_one_window(job, rows, receiver):
    write(rows(400, drifts_at=200))
    found, _ = watched(job("{source: in.jsonl, rows: 200}", live_streams.alerts(receiver)))
    assert [one.result.exit_code for one in found] == [0, 1]
    assert states(receiver) == [("firing", "2024-05-06T10:03:20Z")]
    assert found[1].result.document["gate"]["exit_code"] == 1


@pytest.mark.parametrize("kind", ["one template", "many texts"])
def test_thirty_percent_of_a_new_kind_fires_in_the_window_that_it_falls_into(job, rows, kind):
    given = rows(800)
    for i, row in enumerate(given[400:], start=400):
        if i % 10 < 3:
            lure = ["verify", "account", "wire", "deposit", "gift", "card", "unlock"]
            some = " ".join(lure[(i * step) % 7] for step in (1, 2, 3))
            row["text"] = f"your prize number {i * 7919}" if kind == "one template" else f"{row['text']} {some}"
    write(given)
    found, _ = watched(job("{source: in.jsonl, rows: 200}", tests="{lexical: {}, quality: {}}"))
    assert [one.result.exit_code for one in found] == [0, 0, 1, 1]


def test_windows_are_listed_by_their_names(job, rows, capsys):
    from textdrift.cli.app import main

    write(rows(100))
    job(FILE)
    assert main(["watch", "job.yaml", "--once"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "2024-05-06T10:00:00Z", "2024-05-06T10:00:50Z"
    ]  # fmt: skip
    assert main(["history", "job.yaml"]) == 0
    assert capsys.readouterr().out.startswith("2024-05-06T10:00:00Z  no_drift  exit=0")


def test_late_rows_and_left_out_rows_are_told(job, rows):
    given = rows(100)
    given[60]["timestamp"] = given[3]["timestamp"]
    given[70]["timestamp"] = "tomorrow"
    del given[71]["timestamp"]
    write(given)
    found, told = watched(job(BY_SECONDS))
    assert [one.n_rows for one in found] == [50, 48]
    assert found[1].notes == ("1 rows came after their own window had closed, and count in this one",)
    assert len(told) == 1
    assert "a row was left out: column 'timestamp' is the time and holds 'tomorrow'" in told[0]


def test_odd_rows_are_judged_with_the_others(job, rows):
    given = rows(100)
    for i, odd in enumerate([None, {"a": 1}, ["x"], 5, True, "", "\ud800", "x" * 100_000, 1e308]):
        given[i]["text"] = odd
    for i in range(20, 30):
        del given[i]["text"]
    given[40]["more"] = {"nested": [1, {"deep": None}]}
    given[41]["more"] = 7
    given[90]["appears_later"] = "x"
    Path("in.jsonl").write_text(lines_of(given) + "broken\n" + "[1]\n", encoding="utf-8")
    found, told = watched(job(FILE))
    assert [one.n_rows for one in found] == [50, 50]
    assert all(one.result is not None for one in found)
    assert told == ["2 lines hold no JSON object and were left out, the first of them line 101 of those read"]


def test_a_window_that_cannot_be_judged_is_kept_and_told_and_the_watch_goes_on(job, rows, receiver):
    given = rows(150)
    for row in given[50:100]:
        del row["text"]
    write(given)
    config = job(FILE, live_streams.alerts(receiver))
    found, _ = watched(config)
    assert [one.result is None for one in found] == [False, True, False]
    assert "could not be judged" in found[1].notes[0]
    assert states(receiver) == [("error", names(found)[1]), ("recovered", names(found)[2])]
    kept = pq.read_table(f"reports/{names(found)[1].replace(':', '-')}/failed-rows.parquet")
    assert kept.num_rows == 50
    assert len(judged()) == 2


def test_a_fault_of_the_program_in_one_window_does_not_end_the_watch(job, rows, monkeypatch):
    from textdrift.watching import window_judge

    write(rows(150))
    real, n = window_judge.stored_judgement, iter(range(9))

    def faulty(*arguments, **options):
        if next(n) == 1:
            raise ZeroDivisionError
        return real(*arguments, **options)

    monkeypatch.setattr(window_judge, "stored_judgement", faulty)
    found, _ = watched(job(FILE))
    assert [one.result is None for one in found] == [False, True, False]
    assert "ZeroDivisionError" in found[1].notes[0]


def test_while_the_history_cannot_be_written_the_watch_waits_and_loses_nothing(job, rows, monkeypatch):
    from textdrift.watching import troubles, window_judge

    write(rows(150))
    monkeypatch.setattr(troubles, "_FIRST_PAUSE", 0.01)
    real, n = window_judge.stored_judgement, iter(range(99))

    def faulty(*arguments, **options):
        if next(n) in (1, 2, 3):
            raise HistoryError("the disk is full")
        return real(*arguments, **options)

    monkeypatch.setattr(window_judge, "stored_judgement", faulty)
    found, told = watched(job(FILE))
    assert [one.n_rows for one in found] == [50, 50, 50]
    assert told == [
        "the window cannot be stored, so nothing more is read until it can: the disk is full",
        "windows can be stored again",
    ]
    assert len(judged()) == 3


def test_a_reference_that_is_away_is_a_failure_of_its_windows_and_no_outage(job, rows, reference, tmp_path):
    write(rows(100))
    config = job(FILE).model_copy(update={"reference": str(tmp_path / "none.parquet")})
    found, told = watched(config)
    assert [one.result for one in found] == [None, None]
    assert "none.parquet" in found[0].notes[0]
    assert told == []


def test_a_report_folder_that_cannot_be_written_is_waited_for(job, rows, monkeypatch, tmp_path):
    from textdrift.watching import troubles

    write(rows(100))
    monkeypatch.setattr(troubles, "_FIRST_PAUSE", 0.3)
    Path("reports").write_text("in the way", encoding="utf-8")
    threading.Timer(1.0, Path("reports").unlink).start()
    found, told = watched(job(FILE))
    assert [one.result is not None for one in found] == [True, True]
    assert told[0].startswith("the window cannot be stored, so nothing more is read until it can: the report needs a f")


def test_a_silence_is_told_once_and_its_end_too(job, rows, receiver):
    clock = Clock()
    given = [*rows(10), *[None] * 30, *rows(40)[10:], *[None] * 30]
    stream = "{source: '-', rows: 500, silent_after: 60}"
    _, told = watched(
        job(stream, live_streams.alerts(receiver)),
        source=Given(given, on_idle=lambda: clock.pass_seconds(10)),
        clock=clock,
    )
    name = "silent since 2024-05-07T10:00:00Z"
    assert states(receiver) == [
        ("error", name),
        ("recovered", f"after {name}"),
        ("error", "silent since 2024-05-07T10:05:00Z"),
        ("recovered", "2024-05-06T10:00:00Z"),  # what was left is judged when the stream ends
    ]
    assert [sentence.partition(":")[0] for sentence in told][:2] == ["silent since 2024-05-07T10", "rows come again"]


def test_a_silence_that_goes_on_over_a_restart_is_told_once(job, rows, receiver):
    clock = Clock()
    config = job("{source: '-', rows: 500, silent_after: 60}", live_streams.alerts(receiver))
    silent = Given([None] * 30, on_idle=lambda: clock.pass_seconds(10))
    watched(config, source=silent, clock=clock)
    watched(config, source=silent, clock=clock)
    assert [state for state, _ in states(receiver)] == ["error"]
    watched(config, source=Given(rows(1)), clock=clock)
    assert [state for state, _ in states(receiver)][:2] == ["error", "recovered"]


def test_the_end_of_a_silence_is_not_the_end_of_a_failure(job, rows, receiver):
    clock = Clock()
    broken = [{"id": row["id"], "timestamp": row["timestamp"]} for row in rows(50)]
    given = [*broken, *[None] * 30, *rows(60)[50:]]
    watched(
        job("{source: '-', rows: 50, silent_after: 60}", live_streams.alerts(receiver)),
        source=Given(given[:-1], on_idle=lambda: clock.pass_seconds(10)),
        clock=clock,
    )
    assert states(receiver)[0][0] == "error"
    assert len([state for state, _ in states(receiver) if state == "error"]) == 1


def test_silence_closes_a_window_whose_time_is_over(job, rows):
    clock = Clock()
    source = Given([*rows(20), None, None, *rows(90)[80:]], on_idle=lambda: clock.pass_seconds(40))
    found, _ = watched(job("{source: '-', seconds: 50}"), source=source, clock=clock)
    assert [one.n_rows for one in found] == [20, 10]


def test_one_process_at_a_time_watches_a_job(job, rows):
    write(rows(60))
    config = job(FILE)
    first = watch_job(config, stop=never, follow=True)
    next(first)
    with pytest.raises(HistoryError, match="another process is running"):
        next(watch_job(config, stop=never))
    first.close()
    assert watched(config)[0][0].n_rows == 10


def test_an_alarm_is_acknowledged_while_a_watch_goes_on(job, rows):
    write(rows(250, drifts_at=0))
    config = job("{source: in.jsonl, rows: 200}")
    watching = watch_job(config, stop=never, follow=True)
    next(watching)
    assert acknowledge_alarm(config, "ann").acknowledged["by"] == "ann"
    watching.close()


def test_a_watch_ends_after_the_window_in_hand_and_leaves_the_rest(job, rows):
    write(rows(200))
    config, n_judged = job(FILE), []
    n_judged.extend(watch_job(config, stop=lambda: len(n_judged) == 2))
    assert len(judged()) == 2
    assert [one.n_rows for one in watched(config)[0]] == [50, 50]


def test_rows_of_a_pipe_that_are_lost_at_the_end_are_told(job, rows):
    n, told = [], []
    config = job("{source: '-', rows: 50}")
    given = Given([*rows(70), None, None], on_idle=lambda: n.append(1))
    list(watch_job(config, stop=lambda: bool(n), source=given, tell=told.append))
    assert told == ["told to stop: 20 rows of the open window were not judged; they are lost"]


def test_what_cannot_be_watched_is_refused_at_once(job, tmp_path):
    with pytest.raises(MissingSourceError, match="must be there when watching begins"):
        watched(job(FILE))
    config = job(FILE)
    with pytest.raises(SettingsError, match="has no stream to watch"):
        next(watch_job(config.model_copy(update={"stream": None}), stop=never))
    with pytest.raises(SettingsError, match="needs a history"):
        next(watch_job(config.model_copy(update={"history": None}), stop=never))


def test_a_checkpoint_of_another_file_is_not_used(job, rows):
    write(rows(50))
    watched(job(FILE))
    write(
        [row | {"timestamp": (BEGIN + dt.timedelta(hours=1, seconds=i)).isoformat()} for i, row in enumerate(rows(60))],
        "b.jsonl",
    )
    found, _ = watched(job("{source: b.jsonl, rows: 50}"))
    assert [one.n_rows for one in found] == [50, 10]


def test_a_file_without_times_is_never_judged_twice(job, rows):
    given = [{"id": row["id"], "text": row["text"]} for row in rows(130)]
    config = job(FILE, columns="{text: text, id: id}")
    write(given[:60])
    first, _ = watched(config)
    time.sleep(1.1)
    write(given)
    second, _ = watched(config)
    assert [one.n_rows for one in (*first, *second)] == [50, 10, 50, 20]
    assert len({one.window for one in (*first, *second)}) == 4


def test_old_windows_are_forgotten_where_the_job_says_so(job, rows):
    config = job(FILE, "retention: {days: 30}\n")
    write(rows(100))
    watched(config)
    write(rows(150))
    watched(config)
    assert [window for window, *_ in judged()] == ["2024-05-06T10:01:40Z"]


def test_figures_are_written_after_every_window(job, rows):
    write(rows(50))
    watched(job(FILE, "metrics: {textfile: live.prom}\n"))
    assert "textdrift_last_success_timestamp_seconds" in Path("live.prom").read_text(encoding="utf-8")


def test_a_sink_that_is_away_loses_no_window(job, rows):
    write(rows(400, drifts_at=0))
    found, _ = watched(
        job("{source: in.jsonl, rows: 200}", "alerts: [{url: 'json://127.0.0.1:9/drift', on: [firing], timeout: 1}]\n")
    )
    assert [one.result.exit_code for one in found] == [1, 1]
    assert any("is kept, and tried again" in note for note in found[0].notes)


def test_begin_is_told_to_a_source_that_keeps_rows(job):
    assert Position().past([(0, 5)], still_open=[(0, 3)], end=(0, 9)) == Position(resume=(0, 3), judged=((0, 5),))


def test_reports_hold_the_window(job, rows):
    write(rows(50))
    watched(job(FILE))
    document = json.loads(Path("reports/2024-05-06T10-00-00Z/report.json").read_text(encoding="utf-8"))
    assert document["job"]["window"] == "2024-05-06T10:00:00Z"
    assert runs()[0][2]["current"]["rows"] == 50
