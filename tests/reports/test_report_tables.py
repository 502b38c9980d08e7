"""Tables of a report: the same columns whatever it holds, as a data frame and as csv that runs nothing."""

import csv
import io
import sys

import numpy as np
import pytest
from hostile_texts import HOSTILE
from whole_reports import hostile_report, sample, whole_report

from textdrift.errors import MissingExtraError, SettingsError
from textdrift.reports.as_csv import as_csv
from textdrift.reports.as_frame import as_frame
from textdrift.reports.report_tables import TABLES, report_table


def rows_of_csv(report, table):
    limit = csv.field_size_limit(1 << 24)  # the steps of a play are one cell
    try:
        return list(csv.DictReader(io.StringIO(as_csv(report, table), newline="")))
    finally:
        csv.field_size_limit(limit)


ASKED = {"row": 12, "judged": "=bad", "guess": 0.4, "probability": 0.01, "reason": "drawn at random", "position": 9}


def asking_report():
    report = whole_report()
    of_column = {"name": "column", "rows": [{"column": "amount", "type": "numeric"}]}
    report["findings"].append(report["findings"][0] | {"kind": "features", "evidence": [of_column]})
    return report | {"labels_to_ask": {"judge": "model", "rows": [ASKED]}}


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_are_the_same_in_a_full_and_in_an_empty_report(table):
    full, empty = as_frame(asking_report(), table), as_frame(sample("no_drift"), table)
    assert list(full.columns) == list(empty.columns)
    assert list(full.dtypes) == list(empty.dtypes)
    assert len(full) > 0


def test_a_finding_is_a_row_with_the_numbers_of_the_report():
    report = whole_report()
    frame = as_frame(report)
    assert len(frame) == len(report["findings"])
    row = frame[frame["test"] == "embedding.alibi_mmd"].iloc[0]
    assert (row["value"], row["low"], row["high"], row["material_from"]) == (0.12, 0.0914, 0.1481, 0.05)
    assert (row["n_reference"], row["detectable"], row["severity"]) == (498, 0.0441, "warning")
    assert list(frame["unit"]).count("emoji") == 1


def test_what_is_not_told_is_missing():
    frame = as_frame(sample("concept"), "findings")
    assert np.isnan(frame.loc[frame["supporting"], "adjusted_p_value"]).all()
    assert as_frame(sample("drift"), "segments")["n_reference"].isna().any() or len(
        sample("drift")["diagnosis"]["segments"]
    )


def test_pairs_of_values_and_explained_kinds_have_columns_of_their_own():
    segments = as_frame(whole_report(), "segments")
    assert list(segments.loc[1, ["column", "value", "within_column", "within_value"]]) == [
        "region",
        "north",
        "channel",
        "chat",
    ]
    causes = as_frame(whole_report(), "causes")
    assert list(causes.loc[0, ["lexical_share", "semantic_low", "remedy"]]) == [0.93, 0.22, "repaired"]


def test_what_to_do_and_what_to_label_are_tables_too():
    report = asking_report()
    plays = as_frame(report, "playbook")
    assert list(plays["title"]) == [play["title"] for play in report["playbook"]]
    assert plays["steps"][0] == " ".join(report["playbook"][0]["steps"])
    asked = as_frame(report, "labels_to_ask")
    assert asked.to_dict("records") == [ASKED]
    assert rows_of_csv(report, "labels_to_ask")[0]["judged"] == "'=bad"
    assert as_frame(report | {"playbook": None, "labels_to_ask": None}, "playbook").empty
    assert as_frame(
        report | {"labels_to_ask": {"judge": "model", "reason": "too few", "rows": []}}, "labels_to_ask"
    ).empty


def test_an_unknown_table_names_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'terms'"):
        report_table(whole_report(), "term")


def test_a_machine_without_pandas_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        as_frame(whole_report())
    assert as_csv(whole_report()).startswith("test,kind,unit,")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_frame_holds_every_text_as_it_is(text):
    report = hostile_report(text)
    assert as_frame(report, "terms")["term"][0] == text
    assert as_frame(report, "segments")["value"][0] == text
    assert as_frame(report, "documents")["text"][0] == text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_a_formula_or_a_row_of_its_own_in_csv(text):
    report = hostile_report(text)
    for name in TABLES:
        table, rows = report_table(report, name), rows_of_csv(report, name)
        assert len(rows) == len(table.rows)
        texts = [row[column] for row in rows for column, sort in table.columns.items() if sort in {"text", "any"}]
        assert not any(cell.lstrip(' "').startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d")) for cell in texts)
        assert not any("\n" in cell or "\r" in cell for cell in texts)


def test_negative_numbers_stay_numbers_in_csv():
    row = next(row for row in rows_of_csv(sample("concept"), "findings") if row["effect"] == "accuracy_change")
    assert float(row["value"]) < 0
