"""Late labels on the stream: each window is judged once more when enough of them are there, also after a restart."""

import datetime as dt
import json
import os
import re
import stat
import time
from pathlib import Path

import live_streams
import pytest
from live_streams import lines_of, never, runs

from textdrift.errors import SettingsError
from textdrift.watching import watch_job
from textdrift.watching.labels import LateLabels

LABELS = "labels: {path: '-', join: id, label: label}\n"
COLUMNS = "{text: text, id: id, time: timestamp, prediction: prediction, label: label}"
STREAM = "{source: in.jsonl, rows: 100}"


def bare(rows):
    return [{key: value for key, value in row.items() if key != "label"} | {"prediction": row["label"]} for row in rows]


def labels_of(rows):
    return [{"id": row["id"], "label": row["label"]} for row in rows]


def made(job, stream=STREAM, more=""):
    return job(stream, LABELS + more, columns=COLUMNS, tests="{lexical: {}, columns: {}}")


def watched(config):
    told = []
    found = list(watch_job(config, stop=never, follow=False, tell=told.append))
    return [(one.window, one.result and one.result.stage) for one in found], told


def write(rows, how="w"):
    with Path("in.jsonl").open(how, encoding="utf-8") as file:
        file.write(lines_of(rows))


def test_a_window_is_judged_once_more_when_enough_labels_have_come(job, rows):
    given = rows(100)
    write([*bare(given), *labels_of(given)])
    found, told = watched(made(job))
    assert found == [("2024-05-06T10:00:00Z", "inputs"), ("2024-05-06T10:00:00Z", "labelled")]
    assert told == []
    assert [stage for _, stage, _ in runs()] == ["inputs", "labelled"]
    assert not list(Path("reports").rglob("rows.parquet"))
    assert not Path("reports/late-labels.jsonl").exists()


def test_half_of_the_labels_are_enough_and_fewer_are_not(job, rows):
    given = rows(100)
    write([*bare(given), *labels_of(given[:49])])
    config = made(job)
    assert [stage for _, stage in watched(config)[0]] == ["inputs"]
    write(labels_of(given[49:50]), "a")
    assert [stage for _, stage in watched(config)[0]] == ["labelled"]


def test_labels_that_come_before_their_window_closes_count(job, rows):
    given = rows(100)
    write([each for row in given for each in (*bare([row]), *labels_of([row]))])
    assert [stage for _, stage in watched(made(job))[0]] == ["inputs", "labelled"]


def test_labels_of_a_restart_find_the_windows_before_it(job, rows):
    given = rows(200)
    write(bare(given))
    config = made(job)
    watched(config)
    write(labels_of(given[:30]), "a")
    watched(config)
    write(labels_of(given[150:30:-1]), "a")
    assert sorted(watched(config)[0]) == [
        ("2024-05-06T10:00:00Z", "labelled"), ("2024-05-06T10:01:40Z", "labelled")
    ]  # fmt: skip


def test_unknown_ids_and_odd_labels_do_no_harm(job, rows):
    given = rows(100)
    odd = [{"id": "nobody", "label": "good"}, {"id": None, "label": "good"}, {"id": "s1", "label": None},
           {"id": 7, "label": 1}, {"id": {"a": 1}, "label": ["x"]}]  # fmt: skip
    write([*bare(given), *odd, *labels_of(given)])
    assert [stage for _, stage in watched(made(job))[0]] == ["inputs", "labelled"]


def test_labels_after_the_second_judgement_are_passed_over(job, rows):
    given = rows(100)
    write([*bare(given), *labels_of(given), *labels_of(given)])
    assert [stage for _, stage in watched(made(job))[0]] == ["inputs", "labelled"]


def test_labels_that_wait_for_nothing_take_no_memory_without_end(job, rows):
    config = made(job, "{source: in.jsonl, rows: 50, max_waiting: 60}")
    write([*({"id": f"x{i}", "label": "good"} for i in range(500)), *bare(rows(50))])
    found, told = watched(config)
    assert [stage for _, stage in found] == ["inputs"]
    assert "more than 60 labels wait for rows that did not come; the oldest are given up" in told
    late = LateLabels(config, 0.5, 60, lambda _: True)
    assert len(late._waiting) <= 60
    assert len(Path("reports/late-labels.jsonl").read_text(encoding="utf-8").splitlines()) <= 60


def test_windows_whose_labels_do_not_come_are_given_up_and_told(job, rows):
    write(bare(rows(200)))
    _, told = watched(made(job, "{source: in.jsonl, rows: 50, max_waiting: 100}"))
    assert [path.parent.name for path in sorted(Path("reports").rglob("rows.parquet"))] == [
        "2024-05-06T10-01-40Z", "2024-05-06T10-02-30Z"
    ]  # fmt: skip
    assert [sentence[:47] for sentence in told] == [
        "window 2024-05-06T10:00:00Z is no longer kept f", "window 2024-05-06T10:00:50Z is no longer kept f"
    ]  # fmt: skip


def test_labels_are_kept_for_their_owner_alone(job, rows):
    given = rows(100)
    write([*bare(given), *labels_of(given[:5])])
    watched(made(job))
    for path in (Path("reports/late-labels.jsonl"), *Path("reports").rglob("rows.parquet")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_half_a_line_of_the_journal_is_passed_over(job, rows):
    given = rows(100)
    write(bare(given))
    config = made(job)
    watched(config)
    Path("reports/late-labels.jsonl").write_text('["s1", "neutral"]\n["s2", "neu', encoding="utf-8")
    late = LateLabels(config, 0.5, 1000, lambda _: True)
    late.add({"id": "s3", "label": "neutral"})
    lines = Path("reports/late-labels.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)[0] for line in lines] == ["s1", "s3"]


def test_a_window_that_cannot_be_judged_with_its_labels_is_told_and_forgotten(job, rows, monkeypatch):
    from textdrift.errors import WindowError
    from textdrift.watching import window_judge

    real = window_judge.stored_judgement

    def faulty(history, window, stage, **options):
        if stage == "labelled":
            raise WindowError("labels of another world")
        return real(history, window, stage, **options)

    monkeypatch.setattr(window_judge, "stored_judgement", faulty)
    given = rows(100)
    write([*bare(given), *labels_of(given)])
    found = list(watch_job(made(job), stop=never, follow=False))
    assert [one.result is None for one in found] == [False, True]
    assert "labels of another world" in found[1].notes[0]
    assert not list(Path("reports").rglob("rows.parquet"))


def test_labels_on_redis_are_acknowledged_and_outlive_the_watch(redis, job, rows):
    client, given = redis.client(), rows(100)
    for row in [*bare(given), *labels_of(given[:40])]:
        client.xadd("labelled", {"json": json.dumps(row)})
    config = made(job, f"{{source: '{redis.url}', name: labelled, rows: 100}}")

    def until_quiet():
        end = time.monotonic() + 60

        def stop():
            is_done = client.xlen("labelled") and client.xpending("labelled", "textdrift")["pending"] == 0
            return time.monotonic() > end or (is_done and time.monotonic() > end - 57)

        return [one.result.stage for one in watch_job(config, stop=stop)]

    assert until_quiet() == ["inputs"]
    assert client.xpending("labelled", "textdrift")["pending"] == 0
    for row in labels_of(given[40:60]):
        client.xadd("labelled", {"json": json.dumps(row)})
    assert until_quiet() == ["labelled"]


def test_labels_of_a_file_of_their_own_find_their_rows_also_after_a_restart(job, rows):
    given = rows(200)
    config = made(job, "{source: in.jsonl, rows: 100, labels: labels.jsonl}")
    write(bare(given))
    found, told = watched(config)
    assert [stage for _, stage in found] == ["inputs", "inputs"]
    assert told == ["no file 'labels.jsonl' yet; labels are read once it is there"]
    Path("labels.jsonl").write_text(lines_of(labels_of(given[:60])), encoding="utf-8")
    assert watched(config) == ([("2024-05-06T10:00:00Z", "labelled")], [])
    with Path("labels.jsonl").open("a", encoding="utf-8") as file:
        file.write(lines_of([{"id": "s1"}, *labels_of(given[100:160])]))
    assert watched(config) == (
        [("2024-05-06T10:01:40Z", "labelled")], ["labels: 1 rows hold no id and label and were left out"]
    )  # fmt: skip
    assert watched(config) == ([], [])


def test_a_label_that_could_not_be_kept_is_tried_again(job, rows, monkeypatch):
    from textdrift.watching.label_journal import LabelJournal

    given, real, n = rows(100), LabelJournal.add, iter(range(99_999))
    write(bare(given))
    Path("labels.jsonl").write_text(lines_of(labels_of(given[:50])), encoding="utf-8")

    def faulty(journal, key, label):
        if next(n) == 20:
            raise OSError("the disk is full")
        return real(journal, key, label)

    monkeypatch.setattr(LabelJournal, "add", faulty)
    config = made(job, "{source: in.jsonl, rows: 100, labels: labels.jsonl}")
    watched(config)
    assert [stage for _, stage in watched(config)[0]] in ([], ["labelled"])
    assert [stage for _, stage, _ in runs()] == ["inputs", "labelled"]


def test_after_some_days_fewer_labels_do_and_without_any_a_window_is_given_up(job, rows):
    given, now = rows(200), [live_streams.BEGIN]
    write([*bare(given), *labels_of(given[:10])])
    config = job(STREAM, LABELS.replace("label: label", "label: label, wait_days: 2, give_up_days: 3"),
                 columns=COLUMNS, tests="{lexical: {}, columns: {}}")  # fmt: skip
    for days, stages in ((0, ["inputs", "inputs"]), (4, []), (5, ["labelled"]), (6, [])):
        now[0] = live_streams.BEGIN + dt.timedelta(days=days)
        told = []
        late = [os.utime(path, times=(live_streams.BEGIN.timestamp(),) * 2) for path in Path().rglob("rows.parquet")]
        found = watch_job(config, stop=never, follow=False, tell=told.append, clock=lambda: now[0])
        assert [one.result.stage for one in found] == stages, (days, late)
        given_up = ["no labels came within 5 days for window 2024-05-06T10:01:40Z: it is given up"]
        assert told == (given_up if days == 5 else [])
    assert not list(Path("reports").rglob("rows.parquet"))


@pytest.mark.parametrize(("stream", "labels", "said"), [
    ("{source: in.jsonl, rows: 9, labels: labels.jsonl}", "", "stream.labels: say how labels find their rows"),
    ("{source: in.jsonl, rows: 9}", LABELS.replace("'-'", "late.parquet"), "labels.path: of a stream"),
    ("{source: in.jsonl, rows: 9, labels: in.jsonl}", LABELS, "the rows come from there"),
    ("{source: in.jsonl, rows: 9, labels: 'redis://x/0'}", LABELS, "the name of a stream"),
])  # fmt: skip
def test_labels_that_no_watch_would_find_are_refused(job, stream, labels, said):
    with pytest.raises(SettingsError, match=re.escape(said)):
        list(watch_job(job(stream, labels, columns=COLUMNS), stop=never, follow=False))


def test_labels_of_a_second_redis_stream_find_their_rows(redis, job, rows):
    client, given = redis.client(), rows(100)
    for row in bare(given):
        client.xadd("texts-alone", {"json": json.dumps(row)})
    for row in labels_of(given[:70]):
        client.xadd("labels-alone", row)
    config = made(job, f"{{source: '{redis.url}', name: texts-alone, rows: 100, labels: labels-alone}}")
    found, end = [], time.monotonic() + 60
    found.extend(watch_job(config, stop=lambda: len(runs()) == 2 or time.monotonic() > end))
    assert [one.result.stage for one in found] == ["inputs", "labelled"]
    assert client.xpending("labels-alone", "textdrift")["pending"] == 0


def test_without_late_labels_a_row_without_text_is_a_row(job, rows):
    given = rows(100)
    write([*given, {"id": "x", "label": "good", "timestamp": live_streams.BEGIN.isoformat()}])
    found = list(watch_job(job("{source: in.jsonl, rows: 101}"), stop=never, follow=False))
    assert found[0].n_rows == 101
