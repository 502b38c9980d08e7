"""The same number reads the same everywhere: sizes, intervals, causes, counts, the gate, and names of any length."""

import re

import pytest

from textdrift.findings.phrases import named_size
from textdrift.reports.as_html import as_html
from textdrift.reports.as_markdown import as_markdown
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.kind_summary import kind_summaries, too_few_to_tell
from textdrift.reports.wording import effect_size, ends_told, size_told, threshold_size

WINDOW = {"rows": 850, "rows_used": 850, "documents": 691, "start": None, "end": None, "name": "week 1"}
LONG = "warehouse_export_" * 12


def finding(test, kind, effect="share_of_rows", **more):
    size = {"name": effect, "value": 0.0, "low": 0.0, "high": 0.05, "material_from": 0.05}
    return {
        "test": test, "kind": kind, "drifted": False, "material": False, "supporting": False, "statistic": 0.0,
        "p_value": 1.0, "adjusted_p_value": 1.0, "conclusive": True, "severity": None, "effect": size,
        "detectable": {"value": 0.04, "power": 0.8}, "n_documents": [691, 691], "sentence": "Nothing moved.",
        "notes": [], "evidence": [], **more,
    }  # fmt: skip


def report(*findings, **more):
    found = {"kinds": [], "ambiguous": [], "causes": [], "terms": [], "segments": [], "documents": []}
    return {
        "schema": "textdrift.report/1", "verdict": "no_drift", "passed": True, "severity": None, "summary": "No drift.",
        "reference": WINDOW, "current": WINDOW, "diagnosis": found | more.pop("diagnosis", {}),
        "findings": list(findings), "settings": {}, "versions": {}, "seed": 0, "seconds": {"total": 1.0}, "notes": [],
        **more,
    }  # fmt: skip


def told(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page.replace("\\[", "[").replace("\\]", "]")).split())


BLIND = finding("quality.length", "quality", conclusive=False, detectable={"value": 0.148, "power": 0.8})
SEES = finding("quality.missing", "quality", n_documents=[850, 850])


@pytest.mark.parametrize("render", [as_terminal, as_markdown, as_html])
def test_the_smallest_change_that_shows_is_that_of_the_weakest_test_on_every_page(render):
    page = told(render(report(SEES, BLIND)))
    assert "14.8 %" in page
    assert "not enough rows to tell" in page
    assert "texts cut short" in page


def test_a_card_holds_the_numbers_of_one_test():
    moved = finding("quality.encoding", "quality", drifted=True, detectable={"value": 0.0178, "power": 0.8})
    page = told(as_html(report(moved, BLIND, verdict="drift", diagnosis={"kinds": ["quality"]})))
    assert "would have shown from 1.8 % adjusted p" in page
    assert "texts cut short" not in page
    quiet = told(as_html(report(SEES, BLIND)))
    assert "would have shown from 14.8 % (texts cut short) adjusted p" in quiet


def test_a_number_is_rounded_once():
    assert threshold_size(0.0625006, "share_of_rows") == "6.3 %"
    assert threshold_size(0.0625006, "largest_share_change") == named_size("largest_share_change", 0.0625006)


def test_a_kind_is_unsure_where_one_of_its_tests_was_blind_and_listed_as_such():
    summaries = kind_summaries(report(SEES, BLIND))
    assert [s.state for s in summaries] == ["unsure"]
    assert too_few_to_tell(summaries) == list(summaries)


@pytest.mark.parametrize(("n", "words"), [(850, "share of rows moved"), (691, "share of distinct texts moved")])
def test_a_share_says_whether_it_counts_rows_or_distinct_texts(n, words):
    page = as_terminal(report(finding("columns.categorical", "label", "total_variation", n_documents=[n, n])))
    assert words in page


@pytest.mark.parametrize("render", [as_terminal, as_markdown, as_html])
def test_a_size_that_cannot_be_told_says_why(render):
    effect = {"name": "unknown", "value": 0.0, "low": 0.0, "high": 0.0, "material_from": None}
    sentence = "Not tested: no row of the current window has a label."
    page = told(render(report(finding("l.t", "label", effect=None, sentence=sentence) | {"effect": effect})))
    assert "cannot be told" in page
    assert "no row of the current window has a label" in page
    assert "[0, 0]" not in page


@pytest.mark.parametrize(
    ("effect", "shown"),
    [
        ({"name": "share_changed", "value": 0.0015, "low": 0.0, "high": 1.0}, "0.15 %"),
        ({"name": "accuracy_change", "value": -0.02, "low": -1.0, "high": 1.0}, "−2.0 points"),
        ({"name": "share_of_rows", "value": 0.0, "low": 0.0, "high": 0.0}, "0 %"),
        ({"name": "std_shift", "value": 0.0658, "low": -0.01923, "high": 0.095}, "0.066 [−0.019, 0.095]"),
        ({"name": "std_shift", "value": 1.2, "low": 0.0, "high": 2.0}, "1.2 [0, 2]"),
        ({"name": "share_of_rows", "value": 0.1, "low": None, "high": None}, "10.0 %"),
    ],
)
def test_an_interval_is_told_only_where_it_leaves_something_out(effect, shown):
    assert size_told(effect) == shown
    assert ends_told(effect) == ("[" in shown)


@pytest.mark.parametrize("value", [-7.2e-7, 4e-5, 0.0, -0.0])
def test_a_size_that_nobody_could_see_is_none(value):
    assert effect_size(value, "excess_new_terms") == "0 %"


CAUSE = {
    "cause": "repeated", "kind": "quality", "share_explained": 0.999, "share_of_rows": 0.488, "rows_touched": 0.501,
    "rows_touched_before": 0.013, "n_rows_touched": 501, "direction": "up", "remedy": "left out",
    "sentence": "50.1 % of the rows repeat an earlier one.",
    "explained": [{"kind": "lexical", "share": 0.999, "low": 0.98, "high": 1.0}],
}  # fmt: skip


@pytest.mark.parametrize("render", [as_terminal, as_markdown])
def test_a_cause_is_sized_by_the_rows_that_carry_it(render):
    page = told(render(report(SEES, diagnosis={"causes": [CAUSE]})))
    assert "100 % (98 % to 100 %) of the drift of the words goes when its rows are left out" in page
    assert "50 % of the current rows carry it (501 rows), before 1.3 %" in page
    assert "48.8" not in page


def test_the_page_sizes_it_so_too():
    page = told(as_html(report(SEES, diagnosis={"causes": [CAUSE]})))
    assert "of the current rows carry it 50 % ( 501 rows)" in page
    assert "of the rows before 1.3 %" in page


GATE = {"passed": True, "conclusive": True, "fail_on": ["concept"], "reasons": ["One reason."], "challenger": None}


@pytest.mark.parametrize(
    ("verdict", "gate", "heading"),
    [
        ("drift", {}, "Passed by the gate, drift found"),
        ("drift", {"passed": False}, "Drift"),
        ("no_drift", {}, "No drift"),
        ("no_drift", {"passed": False}, "Failed by the gate, no drift found"),
        ("no_drift", {"conclusive": False}, "The gate could not tell, no drift found"),
        ("inconclusive", {"conclusive": False}, "Inconclusive"),
        ("inconclusive", {}, "Passed by the gate, too little to tell drift"),
    ],
)
def test_the_heading_says_how_the_gate_ended(verdict, gate, heading):
    judged = report(SEES, verdict=verdict, gate=GATE | gate, passed=gate.get("passed", True))
    text = as_markdown(judged)
    assert text.splitlines()[0] == f"## {heading}"
    assert text.count("**Gate.**") == 1
    assert as_terminal(judged).startswith(heading.upper())


SEGMENT = {"column": LONG, "value": f"v{LONG}", "kind": "lexical", "effect": 0.2, "p_value": 0.01}
CATEGORIES = {"name": "categories", "rows": [{"value": LONG, "reference_share": 0.2, "current_share": 0.4}]}
NAMED = report(
    finding("columns.categorical", "label", "total_variation", drifted=True, evidence=[CATEGORIES]),
    verdict="drift",
    diagnosis={"kinds": ["label"], "segments": [SEGMENT | {"within": {"column": "plan", "value": LONG}}]},
)


@pytest.mark.parametrize("width", [60, 100])
def test_a_long_name_breaks_no_table_of_a_terminal_and_hides_no_value(width):
    page = as_terminal(NAMED, width=width)
    assert max(map(len, page.splitlines())) <= width
    assert f"v{LONG}"[:12] in page
    assert "within" in page


def test_a_long_name_of_a_page_stands_in_full_and_breaks_into_narrow_lines():
    page = as_html(NAMED)
    assert page.count(f'<bdi class="name">{LONG}</bdi>') >= 2
    assert re.search(r"\.textdrift \.name \{[^}]*max-width: 48ch; overflow-wrap: anywhere", page)
