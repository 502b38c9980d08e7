"""Labels that come late: judged once, told in the same story, and no trouble for the verdict on the inputs."""

import datetime as dt
import json
import shutil
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from listening import Listening

from textdrift.history import open_history
from textdrift.job import run_job
from textdrift.job.silencing import acknowledge_alarm
from textdrift.job_config import read_job
from textdrift.windows.simulating import sample_pair

NOW = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)
WAIT = 2


def day(i):
    return dt.date(2026, 11, 10 + i)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    pq.write_table(sample_pair(3000, 3000, seed=1).reference, folder / "reference.parquet")
    for i in range(8):
        pq.write_table(sample_pair(2000, 2000, seed=20 + i).reference, folder / f"{day(i)}.parquet")
    return folder


class Nights:
    def __init__(self, folder, sink):
        self.folder, self.sink = folder, sink

    def job(self, more=""):
        (self.folder / "job.yaml").write_text(
            "name: nightly\nreference: reference.parquet\ncurrent: '{{ date }}.parquet'\n"
            "columns: {text: text, id: id, label: label, prediction: prediction}\n"
            "tests: {columns: {}}\nhistory: sqlite:///drift.db\n"
            "report: {folder: reports, formats: [json]}\n"
            f"labels: {{path: 'labels-{{{{ date }}}}.parquet', join: id, wait_days: {WAIT}}}\n"
            f"alerts: [{{url: 'json://{self.sink.address}/drift', on: [firing, resolved, error], timeout: 5}}]\n{more}",
            encoding="utf-8",
        )
        return read_job(self.folder / "job.yaml")

    def answers(self, i, *, drifted=False):
        rows = pq.read_table(f"{day(i)}.parquet").select(["id", "label"])
        if drifted:
            rows = rows.set_column(1, "label", pa.array(["negative"] * rows.num_rows))
        return rows

    def label(self, i, *, drifted=False):
        pq.write_table(self.answers(i, drifted=drifted), f"labels-{day(i)}.parquet")

    def run(self, i):
        return run_job(read_job("job.yaml"), date=day(i), clock=lambda: NOW + dt.timedelta(days=i))

    @property
    def told(self):
        messages = [json.loads(json.loads(request.body)["message"]) for request in self.sink.requests]
        return [(message["state"], message["dedup_key"].removeprefix("nightly/")) for message in messages]


@pytest.fixture
def nights(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))
    for file in made.iterdir():
        shutil.copy(file, tmp_path)
    with Listening() as sink:
        nights = Nights(tmp_path, sink)
        nights.job()
        yield nights


def test_drift_that_labels_show_is_told_once_and_its_end_once_while_the_inputs_stay_quiet(nights):
    for i, drifted in enumerate((False, True, True, False)):
        nights.label(i, drifted=drifted)
    results = [nights.run(i) for i in range(6)]
    assert [result.exit_code for result in results] == [0] * 6
    assert [[(one.window, one.exit_code) for one in result.labelled] for result in results] == [
        [], [], [("2026-11-10", 0)], [("2026-11-11", 1)], [("2026-11-12", 1)], [("2026-11-13", 0)]
    ]  # fmt: skip
    assert nights.told == [("firing", "2026-11-11/labelled/firing"), ("resolved", "2026-11-11/labelled/resolved")]
    message = json.loads(json.loads(nights.sink.requests[0].body)["message"])
    assert (message["window"], message["run"]) == ("2026-11-11", "nightly/2026-11-11/labelled")
    assert message["link"] == "reports/2026-11-11/labelled/report.json"
    assert "label" in message["kinds"]
    quiet = results[2].labelled[0].document
    assert quiet["summary"].startswith("Judged here are the labels alone")
    assert "The inputs of this window were judged before its labels came: No drift." in quiet["notes"]


def test_who_acknowledged_what_labels_showed_hears_its_end_alone(nights):
    for i, drifted in enumerate((True, True, False)):
        nights.label(i, drifted=drifted)
    nights.run(0), nights.run(1), nights.run(2)
    assert acknowledge_alarm(nights.job(), "ann").story == "2026-11-10/labelled"
    nights.run(3), nights.run(4)
    assert [state for state, _ in nights.told] == ["firing", "resolved"]


def test_labels_are_waited_for(nights):
    nights.label(0)
    assert [len(nights.run(i).labelled) for i in range(4)] == [0, 0, 1, 0]


@pytest.mark.parametrize("fault", ["two answers", "half a file", "another column"])
def test_labels_that_cannot_be_used_are_told_once_and_take_no_verdict_away(nights, fault):
    rows = nights.answers(0)
    if fault == "two answers":
        twice = pa.table({"id": rows.column("id").slice(0, 1), "label": pa.array(["nonsense"])})
        rows = pa.concat_tables([rows, twice.cast(rows.schema)])
    if fault == "another column":
        rows = rows.rename_columns(["id", "labl"])
    path = nights.folder / f"labels-{day(0)}.parquet"
    pq.write_table(rows, path)
    if fault == "half a file":
        path.write_bytes(path.read_bytes()[:-50])
    nights.label(1)
    results = [nights.run(i) for i in range(5)]
    assert [result.exit_code for result in results] == [0] * 5
    assert [[one.window for one in result.labelled] for result in results] == [[], [], [], ["2026-11-11"], []]
    assert results[4].troubles[0].startswith("the labels of window 2026-11-10 are not used: ")
    assert nights.told == [("error", "2026-11-12/labels/failed/error")]
    nights.label(0)
    result = nights.run(5)
    assert [one.window for one in result.labelled] == ["2026-11-10"]
    assert result.troubles == ()
    assert nights.told[1:] == [("recovered", "2026-11-12/labels/failed/recovered")]
    with open_history("sqlite:///drift.db") as history:
        failures = [failure.window for failure in history.failures("nightly")]
    assert failures == ["2026-11-10/labelled"] * 3


def test_few_labels_are_waited_with_and_what_has_come_is_said(nights):
    pq.write_table(nights.answers(0).slice(0, 150), f"labels-{day(0)}.parquet")
    nights.run(0)
    waiting = nights.run(2)
    assert waiting.labelled == ()
    assert waiting.notices[0] == (
        "window 2026-11-10 waits for more labels: 150 of 2,000 rows have one, and labels.least_share asks for 50%; "
        "after 32 days fewer have to do"
    )
    pq.write_table(nights.answers(0).slice(0, 1500), f"labels-{day(0)}.parquet")
    (later,) = nights.run(3).labelled
    assert "Labels had come for 1,500 of 2,000 rows." in later.document["notes"]
    nights.label(1)
    nights.run(1)
    (whole,) = nights.run(4).labelled
    assert not any("Labels had come" in note for note in whole.document["notes"])


def test_a_run_that_is_killed_between_the_two_stages_is_finished_by_the_next(nights, monkeypatch):
    from textdrift.job import remembering

    nights.label(0, drifted=True)
    nights.run(0)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(remembering, "judge_labelled", killed)
        with pytest.raises(KeyboardInterrupt):
            nights.run(2)
    assert nights.told == []
    result = nights.run(2)
    assert (result.was_stored, len(result.labelled)) == (True, 1)
    assert nights.told == [("firing", "2026-11-10/labelled/firing")]
    assert nights.run(2).labelled == ()


def test_the_last_look_takes_what_has_come_and_gives_up_where_nothing_has(nights):
    """No window is judged by compare here: what the judge is asked for is what counts."""
    from textdrift.job.labelling import judge_labelled
    from textdrift.job.windows import job_window

    text = (nights.folder / "job.yaml").read_text(encoding="utf-8").replace(f"{WAIT}}}", f"{WAIT}, give_up_days: 1}}")
    (nights.folder / "job.yaml").write_text(text, encoding="utf-8")
    config = read_job("job.yaml")
    pq.write_table(nights.answers(0).slice(0, 1), f"labels-{day(0)}.parquet")
    asked = []

    class History:
        def runs(self, _, *, until):
            runs = [SimpleNamespace(window=str(day(i)), date=day(i), stage="inputs") for i in range(5)]
            return [run for run in runs if run.date <= until]

        def stored(self, *_):
            return SimpleNamespace(verdict="drift", kinds=("lexical", "semantic"))

    def judge(_, window, stage, *, notes, **__):
        asked.append((window.name, stage, notes))

    window = job_window(config, day(4), clock=lambda: NOW)
    late = judge_labelled(History(), config, window, force=False, alert=False, clock=lambda: NOW, judge=judge)
    assert asked == []  # the night before looked at the first window for the last time
    assert late.notices == ("no labels came within 3 days for window 2026-11-11: it is given up (labels.give_up_days)",)
    window = job_window(config, day(3), clock=lambda: NOW)
    judge_labelled(History(), config, window, force=False, alert=False, clock=lambda: NOW, judge=judge)
    inputs = "The inputs of this window were judged before its labels came: Drift (words, meaning)."
    assert asked == [("2026-11-10", "labelled", (inputs, "Labels had come for 1 of 2,000 rows."))]
