"""DriftReport: strings that can be read, digits that repeat, files that are whole or an error that names the folder."""

import dataclasses
import inspect
import os

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.errors import SettingsError
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.report_files import FORMATS, made_folder
from textdrift.reports.run_record import RunRecord, WindowSummary

LONG = "x" * 2000


def report(summary="All is well.", value=0.25):
    window = WindowSummary(name="week", rows=9, rows_used=9, documents=9, start=None, end=None)
    effect = Effect(name="total_variation", value=value, low=0.0, high=1.0, detectable=0.1)
    result = DriftResult(
        test="columns.categorical",
        kind="label",
        statistic=1.0,
        p_value=0.5,
        effects=(effect,),
        n_documents=(9, 9),
        evidence=(
            Evidence(name="categories", rows=({"value": LONG, LONG: 1},)),
            Evidence(name="documents", rows=({"window": "current", "row": 1, "text": LONG},)),
        ),
        notes=(LONG,),
    )
    finding = Finding(
        result=result,
        supporting=False,
        adjusted_p_value=0.5,
        effect=effect,
        material_from=0.05,
        drifted=False,
        conclusive=True,
        sentence="Nothing.",
    )
    diagnosis = Diagnosis(
        kinds=(),
        ambiguous=(),
        causes=(),
        terms=({"term": LONG},),
        segments=({"value": LONG},),
        documents=({"window": "current", "row": 1, "text": LONG},),
    )
    run = RunRecord(reference=window, current=window, settings={}, versions={}, seed=0, seconds={})
    return DriftReport(verdict="no_drift", summary=summary, findings=(finding,), diagnosis=diagnosis, run=run)


def quiet_report():
    made = report()
    bare = dataclasses.replace(made.diagnosis, terms=(), segments=(), documents=())
    return dataclasses.replace(made, findings=(), diagnosis=bare)


def test_strings_of_the_data_are_cut_and_texts_shown_on_purpose_are_not():
    document = report().to_dict()
    cut = "x" * 499 + "…"
    categories, documents = document["findings"][0]["evidence"]
    assert categories["rows"] == [{"value": cut, cut: 1}]
    assert documents["rows"][0]["text"] == LONG
    assert document["findings"][0]["notes"] == [cut]
    assert document["diagnosis"]["terms"] == [{"term": cut}]
    assert document["diagnosis"]["segments"] == [{"value": cut}]
    assert document["diagnosis"]["documents"][0]["text"] == LONG


def test_the_seventh_digit_is_not_told():
    first, second = (report(value=value).to_dict() for value in (0.12345678, 0.12345682))
    assert first == second
    assert first["findings"][0]["effect"]["value"] == 0.123457


def test_str_shows_what_a_terminal_would_obey():
    assert str(report(summary="red \x1b[31m\nnext")) == "red \\x1b[31m\nnext"


@pytest.mark.parametrize("folder", ["file/x", "file", "zero\0byte"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path, folder):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match="the report needs a folder it can write to"):
        report().write(tmp_path / folder)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "report.json").mkdir()
    with pytest.raises(SettingsError, match=r"report.json' cannot be written: it is a folder; name a file"):
        report().write(tmp_path, ["json"])


def test_a_file_name_that_no_system_takes_leaves_nothing_behind(tmp_path):
    for name in ("x" * 300, "a\0b"):
        with pytest.raises(SettingsError, match="cannot be written"):
            report().to_json(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_permission_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # for root no folder is without permission
    with pytest.raises(SettingsError, match="Permission denied"):
        made_folder(tmp_path)


@pytest.mark.parametrize("name", ["markdown", "html", "json", "junit", "csv"])
def test_a_missing_folder_is_named_by_every_writer(tmp_path, name):
    made = quiet_report()
    with pytest.raises(SettingsError, match=r"there is no folder .*nodir'; make it"):
        getattr(made, f"to_{name}")(tmp_path / "nodir" / "x")
    assert not (tmp_path / "nodir").exists()


def test_every_format_has_a_file_and_each_holds_what_its_own_method_gives(tmp_path):
    made = quiet_report()
    written = dict(zip(FORMATS, made.write(tmp_path, FORMATS), strict=True))
    assert len({path.name for path in written.values()}) == len(FORMATS)
    for name, path in written.items():
        method = {"md": "markdown"}.get(name, name)
        assert path.read_text("utf-8") == getattr(made, f"to_{method}")()


FORMS = ("json", "html", "markdown", "junit", "sagemaker", "evidently", "whylogs", "csv")


@pytest.mark.parametrize("form", FORMS)
def test_with_a_path_the_path_comes_back_and_not_the_whole_text(tmp_path, form):
    method = getattr(quiet_report(), f"to_{form}")
    target = tmp_path / "told"
    assert method(str(target)) == method(target) == target
    assert method() == target.read_text("utf-8")


def test_every_method_with_a_path_is_held_to_that():
    takes = {name for name, method in inspect.getmembers(DriftReport, inspect.isfunction) if takes_path(method)}
    assert takes == {f"to_{form}" for form in FORMS}


def takes_path(method):
    return "path" in inspect.signature(method).parameters
