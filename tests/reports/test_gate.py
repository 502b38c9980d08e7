"""What the gate decided, told alike in every form of a report."""

from xml.etree import ElementTree as ET

import pytest

from textdrift.reports.as_html import as_html
from textdrift.reports.as_junit import as_junit
from textdrift.reports.as_markdown import as_markdown
from textdrift.reports.as_terminal import as_terminal


def read(junit):
    return ET.fromstring(junit)  # noqa: S314 - we wrote it


WINDOW = {"rows": 90, "rows_used": 90, "documents": 90, "start": None, "end": None, "name": "week 1"}
FINDING = {
    "test": "lexical.vocabulary", "kind": "lexical", "drifted": True, "material": True, "supporting": False,
    "statistic": 4.0, "p_value": 0.001, "adjusted_p_value": 0.002, "conclusive": True, "severity": "warning",
    "effect": {"name": "excess_new_terms", "value": 0.2, "low": 0.1, "high": 0.3, "material_from": 0.03},
    "detectable": {"value": 0.02, "power": 0.8}, "n_documents": [90, 90], "sentence": "New words came.", "notes": [],
    "evidence": [],
}  # fmt: skip
CHALLENGER = {"verdict": "worse", "sentence": "The challenger is worse: accuracy 70.0 % against 80.0 %."}


def report(*, fail_on, passed, reasons=(), challenger=None):
    gate = {"passed": passed, "conclusive": True, "fail_on": fail_on, "reasons": reasons, "challenger": challenger}
    return {
        "schema": "textdrift.report/1", "verdict": "drift", "passed": passed, "severity": "warning", "gate": gate,
        "summary": "Words changed.", "reference": WINDOW, "current": WINDOW | {"name": "week 2"},
        "findings": [FINDING], "settings": {}, "versions": {}, "seed": 0, "seconds": {"total": 1.0}, "notes": [],
        "diagnosis": {"kinds": ["lexical"], "ambiguous": [], "causes": [], "terms": [], "segments": [],
                      "documents": []},
    }  # fmt: skip


@pytest.mark.parametrize("render", [as_terminal, as_markdown, as_html])
def test_a_gate_that_lets_drift_pass_says_which_kinds_it_fails_on(render):
    page = render(report(fail_on=["concept"], passed=True))
    assert "passed by the gate, drift found" in page.lower()
    assert "It fails on drift of these kinds: concept." in page


@pytest.mark.parametrize("render", [as_terminal, as_markdown, as_html])
def test_a_worse_challenger_is_named(render):
    page = render(report(fail_on=["concept"], passed=False, reasons=[CHALLENGER["sentence"]], challenger=CHALLENGER))
    assert page.count("The challenger is worse") == 1
    assert "The gate failed" in page


def test_junit_fails_the_kinds_of_the_gate_alone():
    let_pass = read(as_junit(report(fail_on=["concept"], passed=True)))
    failed = read(as_junit(report(fail_on=["lexical"], passed=False)))
    assert (let_pass.get("failures"), failed.get("failures")) == ("0", "1")
    assert let_pass.find(".//testcase/system-out").text.startswith("New words came.")


@pytest.mark.parametrize(
    ("verdict", "element"), [("worse", "failure"), ("undecided", "skipped"), ("better", "system-out")]
)
def test_the_challenger_is_a_case_of_its_own(verdict, element):
    challenger = CHALLENGER | {"verdict": verdict}
    suites = read(as_junit(report(fail_on=["concept"], passed=verdict != "worse", challenger=challenger)))
    case = suites.find(".//testcase[@name='gate.challenger']")
    assert case.find(element).text == CHALLENGER["sentence"]
    assert suites.get("tests") == "2"
