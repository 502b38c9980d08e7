"""JUnit XML: one case per deciding test, in the structure that every reader of results expects."""

from xml.etree import ElementTree as ET

import pytest
from hostile_texts import HOSTILE
from whole_reports import hostile_report, sample, whole_report

from textdrift.reports.as_junit import as_junit
from textdrift.reports.visible_text import visible

# What JUnit's schema allows: element to its attributes (those that must be there are marked) and its children in order.
STRUCTURE = {
    "testsuites": ({"name", "tests!", "failures!", "errors!", "skipped", "time"}, ["testsuite"]),
    "testsuite": (
        {"name!", "tests!", "failures!", "errors!", "skipped", "time"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name!", "value!"}, []),
    "testcase": ({"classname!", "name!", "time"}, ["skipped", "error", "failure", "system-out", "system-err"]),
    "failure": ({"message", "type!"}, []),
    "skipped": ({"message"}, []),
    "system-out": (set(), []),
}


def checked(element):
    attributes, children = STRUCTURE[element.tag]
    names = {name.removesuffix("!") for name in attributes}
    needed = {name.removesuffix("!") for name in attributes if name.endswith("!")}
    assert needed <= set(element.attrib) <= names
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places)
    for child in element:
        checked(child)


def parsed(report):
    root = ET.fromstring(as_junit(report).encode("utf-8"))  # noqa: S314 - we wrote it
    checked(root)
    return root


@pytest.mark.parametrize("name", ["ambiguous", "concept", "drift", "inconclusive", "meaning", "no_drift", "words"])
def test_the_structure_is_that_of_junit_and_the_counts_are_right(name):
    root = parsed(sample(name))
    suite = root.find("testsuite")
    for where in (root, suite):
        assert int(where.get("tests")) == len(suite.findall("testcase"))
        assert int(where.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(where.get("skipped")) == len(suite.findall("testcase/skipped"))
        assert where.get("errors") == "0"
    names = [case.get("name") for case in suite.iter("testcase")]
    assert len(names) == len(set(names)) == sum(not f.get("supporting") for f in sample(name)["findings"])


def test_a_case_fails_where_its_test_drifted_and_says_how_much():
    root = parsed(whole_report())
    failed = {
        case.get("name"): case.find("failure") for case in root.iter("testcase") if case.find("failure") is not None
    }
    assert list(failed) == [
        "lexical.token_frequency",
        "lexical.token_frequency (emoji)",
        "lexical.token_frequency (hashtags)",
        "columns.categorical (label)",
        "embedding.alibi_mmd",
    ]
    failure = failed["columns.categorical (label)"]
    assert failure.get("type") == "label"
    assert failure.get("message").startswith("The labels moved: 'negative' from 35 %")
    assert "share of rows moved: 31.8 % [26.9, 35.8]" in failure.text


def test_a_case_is_skipped_where_these_windows_could_not_tell():
    root = parsed(sample("inconclusive"))
    messages = [skipped.get("message") for skipped in root.iter("skipped")]
    assert len(messages) == len(list(root.iter("testcase"))) == 3
    assert messages[0].startswith(
        "inconclusive: these windows would have shown sizes from 0.311, it matters from 0.05."
    )


def test_supporting_tests_are_no_cases():
    names = [case.get("name") for case in parsed(sample("concept")).iter("testcase")]
    assert "concept.label_given_text" in names
    assert "concept.text_given_label" not in names


def test_each_case_has_the_seconds_of_its_own_test():
    times = {case.get("name"): case.get("time") for case in parsed(sample("words")).iter("testcase")}
    assert times["lexical.token_frequency"] == "0.157"
    assert times["lexical.token_frequency (emoji)"] == "0.098"
    assert times["columns.categorical (label)"] == "0.006"


def test_columns_that_a_test_ran_over_are_cases_of_their_own():
    report = sample("no_drift")
    finding = {**report["findings"][0], "test": "columns.numeric", "kind": "features"}
    report["findings"] = [
        {**finding, "evidence": [{"name": "column", "rows": [{"column": column}]}]}
        for column in ("age", "price", "age")
    ]
    names = [case.get("name") for case in parsed(report).iter("testcase")]
    assert names == ["columns.numeric (age)", "columns.numeric (price)", "columns.numeric (age) 2"]


def test_the_gate_stands_among_the_properties():
    properties = {p.get("name"): p.get("value") for p in parsed(sample("concept")).iter("property")}
    assert properties["verdict"] == "drift"
    assert properties["passed"] == "yes"
    assert properties["outcome"] == "Drift, passed by cost"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_text_comes_back_as_the_text_that_it_is(text):
    root = parsed(hostile_report(text))
    told = [p.get("value") for p in root.iter("property") if p.get("name") == "reference.name"]
    expected = visible(text[:400]).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    assert told[0].startswith(expected[:300])
    assert {element.tag for element in root.iter()} <= set(STRUCTURE)
