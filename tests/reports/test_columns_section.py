"""The section of columns takes what the report holds, and shows texts of the data as texts."""

import copy
import json
from pathlib import Path

import jsonschema

from textdrift.reports.as_html import as_html
from textdrift.reports.as_markdown import as_markdown
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.columns_section import columns_of, histogram_bars
from textdrift.reports.report_tables import report_table
from textdrift.reports.schema import report_schema

SAMPLE = json.loads((Path(__file__).parent / "samples" / "drift.json").read_text("utf-8"))
HOSTILE = "<script>alert(1)</script>\x1b[31m @team"


def finding(name, *, drifted, p_value=0.001, **tables):
    base = copy.deepcopy(SAMPLE["findings"][0])
    evidence = [{"name": "column", "rows": [{"column": name, "type": "numeric"}]}]
    evidence += [{"name": table, "rows": rows} for table, rows in tables.items()]
    return base | {
        "test": "columns.numeric", "kind": "features", "drifted": drifted, "p_value": p_value, "sentence": "It moved.",
        "supporting": False, "evidence": evidence, "adjusted_p_value": p_value,
        "effect": {"name": "kolmogorov_smirnov", "value": 0.3, "low": 0.2, "high": 0.4, "material_from": 0.1},
    }  # fmt: skip


def report(*findings, columns=()):
    made = copy.deepcopy(SAMPLE)
    made["findings"] += findings
    made["diagnosis"]["columns"] = list(columns)
    return made


BINS = [{"low": i, "high": i + 1, "reference_share": 0.25, "current_share": s} for i, s in enumerate((0.5, 0.5, 0, 0))]
MOVED = {"column": "b", "type": "numeric", "effect": 0.3, "p_value": 0.001, "direction": "higher", "way": "higher"}


def test_columns_that_moved_come_first_and_others_by_their_p_value():
    shown = columns_of(
        report(
            finding("a", drifted=False, p_value=0.9), finding("c", drifted=False, p_value=0.2),
            finding("b", drifted=True), columns=[MOVED],
        )
    )  # fmt: skip
    assert [column.name for column in shown] == ["b", "c", "a"]


def test_a_report_with_columns_is_valid_and_one_without_has_no_section():
    made = report(finding("b", drifted=True, histogram=BINS), columns=[MOVED])
    jsonschema.validate(made, report_schema())
    assert '<section aria-label="Columns"' in as_html(made)
    assert '<section aria-label="Columns"' not in as_html(SAMPLE)
    assert "### Columns" not in as_markdown(SAMPLE)


def test_names_of_columns_are_texts_and_obeyed_nowhere():
    made = report(finding(HOSTILE, drifted=True, histogram=BINS), columns=[MOVED | {"column": HOSTILE}])
    assert "<script>alert" not in as_html(made)
    assert "\x1b" not in as_terminal(made)
    markdown = as_markdown(made)
    assert "<script>" not in markdown
    assert "@team" not in markdown


def test_a_table_that_does_not_fit_is_not_drawn():
    made = report(finding("b", drifted=True, histogram=[{"low": "a"}], quantiles=[{"name": 1}], missing=[{}]))
    (shown,) = columns_of(made)
    assert (shown.histogram, shown.quantiles, shown.missing) == ((), (), None)
    assert 'class="histogram"' not in as_html(made)


def test_a_histogram_fills_its_halves_and_never_leaves_them():
    bars = histogram_bars(BINS)
    assert max(bar.before for bar in bars) == 25.0
    assert max(bar.now for bar in bars) == 50.0
    assert histogram_bars([]) == []


def test_the_table_of_columns_has_the_same_columns_in_every_report():
    empty, one = report_table(SAMPLE, "columns"), report_table(report(finding("b", drifted=False)), "columns")
    assert list(empty.columns) == list(one.columns)
    assert one.rows[0]["column"] == "b"
    assert one.rows[0]["way"] is None
