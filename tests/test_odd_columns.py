"""compare() goes on where columns of the current window are gone, empty or named otherwise, and says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textdrift
from textdrift.errors import SettingsError
from textdrift.windows.simulating import sample_pair

ROLES = {
    "label": "label",
    "prediction": "prediction",
    "probabilities": {"negative": "p_negative", "neutral": "p_neutral", "positive": "p_positive"},
    "time": "timestamp",
    "id": "id",
    "segments": ["channel"],
    "tests": {"lexical": {}, "columns": {}, "quality": {}},
}


@pytest.fixture(scope="module")
def windows() -> tuple[pd.DataFrame, pd.DataFrame]:
    pair = sample_pair(300, 300, seed=3)
    return pair.reference.to_pandas(), pair.current.to_pandas()


def compared(reference: object, current: object, **changes: object) -> textdrift.DriftReport:
    return textdrift.compare(reference, current, **{**ROLES, **changes})


def sentence(report: textdrift.DriftReport, test: str) -> str:
    return next(finding.sentence for finding in report.findings if finding.result.test == test)


@pytest.mark.parametrize(
    ("column", "left_out"),
    [
        ("label", ["columns.accuracy", "quality.loop", "quality.giveaways", "lexical.label_words"]),
        ("prediction", ["columns.accuracy", "quality.loop"]),
        ("p_neutral", []),
        ("timestamp", ["quality.late"]),
        ("id", []),
        ("channel", ["lexical.segments"]),
    ],
)
def test_a_renamed_column_is_a_finding_and_what_needs_it_is_left_out(windows, column, left_out):
    report = compared(windows[0], windows[1].rename(columns={column: f"{column}_new"}))
    assert report.verdict == "drift"
    assert report.diagnosis.kinds == ("quality",)
    cause = report.diagnosis.causes[0]
    assert (cause["cause"], cause["kind"], cause["share_of_rows"]) == ("schema", "quality", 1.0)
    assert f"'{column}'" in cause["sentence"]
    assert f"the new column '{column}_new' may be it" in cause["sentence"]
    assert any(f"no column '{column}'" in note for note in report.run.notes)
    for test in left_out:
        assert sentence(report, test).startswith(f"Not tested: the current window has no column '{column}'")
    for test in ("lexical.token_frequency", "quality.missing"):
        assert not sentence(report, test).startswith("Not tested")
    assert f"&#39;{column}&#39;" in report.to_html()
    assert report.to_dict()["settings"]["roles"]["text"] == "text"


def test_without_current_labels_the_accuracy_is_still_estimated_from_those_of_the_reference(windows):
    report = compared(windows[0], windows[1].drop(columns="label"), labels_to_ask=10)
    assert report.performance is not None
    assert report.performance.measured is None
    assert report.performance.estimated is not None
    assert "uncalibrated" not in report.performance.estimated.flags
    assert report.labels_to_ask is not None
    assert len(report.labels_to_ask.rows) == 10


def test_rows_that_lack_probabilities_are_counted_and_left_out(windows):
    current = windows[1].copy()
    current.loc[:59, "p_neutral"] = np.nan
    current.loc[30:, "label"] = None  # labels come late
    report = compared(windows[0], current, labels_to_ask=10, cost={"matrix": {"negative": {"positive": 2}}})
    assert report.diagnosis.kinds == ("quality",)
    assert report.diagnosis.causes[0]["cause"] == "schema"
    assert "The probabilities are null in" in report.diagnosis.causes[0]["sentence"]
    assert any(note.startswith("60 of 300 current rows lack probabilities") for note in report.run.notes)
    estimated = report.performance.estimated
    assert any("lack a prediction or probabilities" in note for note in estimated.notes)
    complete = compared(windows[0], windows[1].iloc[60:]).performance.estimated
    assert estimated.accuracy.value == pytest.approx(complete.accuracy.value, abs=0.01)
    assert len(report.labels_to_ask.rows) == 10
    assert report.cost is not None


def test_a_window_beside_itself_leaked_nothing(windows):
    report = compared(windows[0], windows[0], id=None)
    assert sentence(report, "quality.leakage") == (
        "Both windows hold the very same texts: they are one window, and no leak was looked for."
    )
    assert report.verdict != "drift"


def test_renamed_labels_are_told_as_renamed_and_repaired_before_anything_else(windows):
    codes = {"negative": "0", "neutral": "1", "positive": "2"}
    report = compared(windows[0], windows[1].assign(label=windows[1]["label"].map(codes)), probabilities=None)
    assert report.diagnosis.causes[0]["sentence"].startswith("Column 'label' (the label) names all of its values")
    assert len([cause for cause in report.diagnosis.causes if cause["cause"] == "schema"]) == 1
    assert "perhaps the same ones renamed" in sentence(report, "columns.categorical")
    assert report.playbook[0].cause == "schema"


def test_one_group_in_a_window_is_said_to_count_once(windows):
    report = compared(windows[0].assign(author="a"), windows[1].assign(author="a"), group="author")
    for name in ("reference", "current"):
        assert any(
            note.startswith(f"All 300 {name} rows are of one group, which counts once") for note in report.run.notes
        )
    assert "tests of meaning" not in " ".join(report.run.notes)
    assert "1 of the reference" in report.summary or "1 reference" in report.summary


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("label", "300 of 300 current rows have no label; what needs labels had nothing to compare."),
        ("id", "No current row has an id: rows were told apart by their texts alone."),
        ("timestamp", "No current row has a time: whether loads came late or twice could not be seen."),
    ],
)
def test_a_column_without_any_value_is_noted(windows, column, told):
    assert told in compared(windows[0], windows[1].assign(**{column: None})).run.notes
    assert told not in compared(*windows).run.notes


def test_a_window_without_any_probability_is_no_error(windows):
    report = compared(windows[0], windows[1].assign(p_neutral=None), labels_to_ask=5)
    assert report.performance.measured is not None
    assert report.performance.estimated is None
    assert report.diagnosis.causes[0]["sentence"].startswith("The probabilities are null in 100 %")
    before = compared(windows[0].assign(p_neutral=None), windows[1])
    assert "uncalibrated" in before.performance.estimated.flags


@pytest.mark.parametrize("render", ["to_json", "to_html", "to_markdown", "to_junit", "to_csv"])
def test_a_report_onto_a_folder_or_without_permission_says_what_to_do(windows, tmp_path, monkeypatch, render):
    write = getattr(compared(*windows), render)
    with pytest.raises(SettingsError, match=r"cannot be written: it is a folder; name a file in it"):
        write(tmp_path)

    def refuse(*_arguments, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)  # for root no folder is without permission
    with pytest.raises(SettingsError, match=r"report.out' cannot be written: Permission denied; name another file"):
        write(tmp_path / "report.out")
    assert list(tmp_path.iterdir()) == []
