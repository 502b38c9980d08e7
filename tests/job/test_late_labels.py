"""Labels that come days after their window find their rows, or say why not."""

import datetime as dt
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textdrift.errors import MissingColumnError, WindowError
from textdrift.job.late_labels import due_windows, labelled_rows
from textdrift.job.stages import columns_of_stage, families_of_stage
from textdrift.job.windows import JobWindow
from textdrift.job_config import read_job

DAY = dt.date(2026, 11, 25)


@pytest.fixture
def window(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def made(rows, answers, *, label="label: truth, ", more=""):
        pq.write_table(pa.table(rows), "rows-2026-11-25.parquet")
        if answers is not None:
            pq.write_table(pa.table(answers), "labels.parquet")
        (tmp_path / "job.yaml").write_text(
            "name: nightly\nreference: before.parquet\ncurrent: 'rows-{{ date }}.parquet'\n"
            "columns: {label: label, prediction: guess, id: id}\nhistory: sqlite:///drift.db\n"
            f"labels: {{path: labels.parquet, join: id, {label}wait_days: 5}}\n{more}",
            encoding="utf-8",
        )
        config = read_job(tmp_path / "job.yaml")
        return JobWindow(DAY.isoformat(), DAY, config.at(DAY))

    return made


ROWS = {"id": [1, 2, 3], "text": ["good", "bad", "late"], "guess": ["p", "n", "n"]}


def test_labels_are_joined_by_id_and_missing_ones_are_null(window):
    found = labelled_rows(window(ROWS, {"id": [3, 1, 9], "truth": ["n", "p", "p"]}))
    assert found.table.column("label").to_pylist() == ["p", None, "n"]
    assert found.n_labels == 2
    assert found.table.column("text").to_pylist() == ROWS["text"]


def test_whole_numbers_that_a_gap_made_floats_still_match(window):
    found = labelled_rows(window(ROWS, {"id": [1.0, None, 2.0], "truth": ["p", "n", "n"]}))
    assert found.table.column("label").to_pylist() == ["p", "n", None]


@pytest.mark.parametrize("answers", [None, {"id": [7, 8], "truth": ["p", "n"]}, {"id": [1], "truth": [None]}])
def test_a_window_waits_while_no_label_has_come(window, answers):
    if answers is not None and answers["truth"] == [None]:
        answers = {"id": [1], "truth": pa.array([None], pa.string())}
    assert labelled_rows(window(ROWS, answers)) is None


def test_the_same_label_twice_does_no_harm_and_two_labels_do(window):
    twice = labelled_rows(window(ROWS, {"id": [1, 1], "truth": ["p", "p"]}))
    assert twice.n_labels == 1
    with pytest.raises(WindowError, match="ids '1' have two different labels"):
        labelled_rows(window(ROWS, {"id": [1, 1], "truth": ["p", "n"]}))


def test_an_id_of_two_rows_is_refused(window):
    with pytest.raises(WindowError, match="ids '1' stand in several rows of the window"):
        labelled_rows(window({**ROWS, "id": [1, 1, 3]}, {"id": [1], "truth": ["p"]}))


def test_a_missing_column_names_the_nearest(window):
    with pytest.raises(MissingColumnError, match="did you mean 'truths'"):
        labelled_rows(window(ROWS, {"id": [1], "truths": ["p"]}))


def test_the_name_of_the_label_column_is_that_of_the_rows_without_another(window):
    found = labelled_rows(window(ROWS, {"id": [2], "label": ["n"]}, label=""))
    assert found.table.column("label").to_pylist() == [None, "n", None]


def test_concept_drift_waits_for_the_labels_and_the_inputs_do_not(window):
    config = window(ROWS, None, more="tests: {lexical: {}, concept: {}, columns: {}}\n").config
    assert list(families_of_stage(config, "inputs")) == ["lexical", "columns"]
    assert list(families_of_stage(config, "labelled")) == ["concept", "columns"]
    assert (columns_of_stage(config, "inputs").label, columns_of_stage(config, "labelled").label) == (None, "label")


class Judged:
    """A history that has judged these nights, counted from one day on, the first of them with labels too."""

    def __init__(self, nights, *, labelled=()):
        self.nights = [*((night, "inputs") for night in nights), *((night, "labelled") for night in labelled)]

    def runs(self, _, *, until):
        return [
            SimpleNamespace(window=str(night(i)), date=night(i), stage=stage)
            for i, stage in self.nights
            if night(i) <= until
        ]


def night(i):
    return dt.date(2026, 11, 1) + dt.timedelta(days=i)


def due(window, nights, as_of, *, labelled=()):
    config = window(ROWS, None, label="label: truth, give_up_days: 3, ").config
    found = due_windows(Judged(nights, labelled=labelled), config, night(as_of))
    return [((one.date - night(0)).days, one.is_last) for one in found]


def test_a_window_is_looked_at_from_its_wait_on_until_it_is_given_up(window):
    assert due(window, range(11), 10) == [(2, True), (3, False), (4, False), (5, False)]
    assert due(window, range(11), 10, labelled=(3, 5)) == [(2, True), (4, False)]
    assert due(window, range(5), 4) == []


def test_a_window_that_missed_nights_would_have_given_up_is_looked_at_once_more(window):
    nights = [*range(7), 12]  # the machine was down for five nights
    assert due(window, nights, 12) == [(0, True), (1, True), (2, True), (3, True), (4, True), (5, False), (6, False)]
    assert due(window, [*nights, 13], 13) == [(5, True), (6, False)]


def test_labels_of_a_part_of_one_source_are_joined_to_its_rows_alone(window):
    job = window(
        {**ROWS, "at": ["2026-11-24", "2026-11-25", "2026-11-25T12:00"]}, {"id": [1, 2, 3], "truth": list("pnp")}
    )
    columns = job.config.columns.model_copy(update={"time": "at"})
    bounded = {"path": "rows-2026-11-25.parquet", "start": "2026-11-25", "end": "2026-11-26"}
    config = job.config.model_copy(update={"current": bounded, "columns": columns})
    assert labelled_rows(JobWindow(job.name, job.date, config)).table.column("label").to_pylist() == ["n", "p"]
