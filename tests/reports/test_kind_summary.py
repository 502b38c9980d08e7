import pytest

from textdrift.reports.kind_summary import kind_summaries


def finding(kind, *, p=0.5, value=0.01, drifted=False, conclusive=True, supporting=False):
    return {
        "test": f"{kind}.test",
        "kind": kind,
        "drifted": drifted,
        "material": value >= 0.05,
        "p_value": p,
        "adjusted_p_value": None if supporting else p,
        "conclusive": conclusive,
        "supporting": supporting,
        "effect": {"name": "total_variation", "value": value, "low": value, "high": value, "material_from": 0.05},
    }


def report(*findings, kinds=(), ambiguous=()):
    diagnosis = {"kinds": list(kinds), "ambiguous": [list(group) for group in ambiguous]}
    return {"diagnosis": diagnosis, "findings": list(findings), "settings": {"alpha": 0.05}}


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (finding("label", p=0.001, value=0.2, drifted=True), "drift"),
        (finding("label", p=0.001, value=0.01), "small"),
        (finding("label", p=0.001, value=0.2), "explained"),
        (finding("label", p=0.5, value=0.2), "none"),
        (finding("label", p=0.5, conclusive=False), "unsure"),
    ],
)
def test_the_state_says_why_a_kind_is_named_or_not(given, state):
    kinds = ["label"] if given["drifted"] else []
    assert [summary.state for summary in kind_summaries(report(given, kinds=kinds))] == [state]


def test_kinds_that_drifted_come_first_strongest_first():
    summaries = kind_summaries(
        report(
            finding("semantic"),
            finding("label", p=0.01, value=0.1, drifted=True),
            finding("lexical", p=0.001, value=0.2, drifted=True),
            kinds=["lexical", "label"],
        )
    )
    assert [summary.kind for summary in summaries] == ["lexical", "label", "semantic"]


def test_the_finding_that_drifted_speaks_for_its_kind():
    weak, strong = finding("quality", p=0.2, value=0.9), finding("quality", p=0.001, value=0.1, drifted=True)
    assert kind_summaries(report(weak, strong, kinds=["quality"]))[0].finding is strong


def test_a_supporting_finding_never_speaks_for_a_kind():
    assert kind_summaries(report(finding("concept", p=0.001, value=0.9, supporting=True))) == []


def test_both_kinds_that_cannot_be_told_apart_are_shown():
    summaries = kind_summaries(
        report(
            finding("label", p=0.001, value=0.2, drifted=True),
            finding("concept", p=0.001, value=0.2),
            kinds=["label"],
            ambiguous=[["label", "concept"]],
        )
    )
    assert [(s.kind, s.state) for s in summaries] == [("label", "drift"), ("concept", "ambiguous")]


def of_unit(found, unit):
    return {**found, "evidence": [{"name": "unit", "rows": [{"unit": unit}]}]}


def test_each_unit_speaks_for_itself_and_what_did_not_drift_comes_last():
    summaries = kind_summaries(
        report(
            of_unit(finding("lexical", p=0.9), "emoji"),
            of_unit(finding("lexical", p=0.001, value=0.3, drifted=True), "hashtags"),
            finding("lexical", p=0.001, value=0.1, drifted=True),
            finding("label", p=0.001, value=0.1, drifted=True),
            finding("semantic"),
            kinds=["lexical", "label"],
        )
    )
    assert [(s.words, s.state) for s in summaries] == [
        ("words", "drift"),
        ("hashtags", "drift"),
        ("labels", "drift"),
        ("meaning", "none"),
        ("emoji", "none"),
    ]


def test_words_that_did_not_move_are_not_said_to_because_hashtags_did():
    tags = of_unit(finding("lexical", p=0.001, value=0.3, drifted=True), "hashtags")
    summaries = kind_summaries(report(finding("lexical", p=0.9), tags, kinds=["lexical"]))
    assert [(s.words, s.state) for s in summaries] == [("hashtags", "drift"), ("words", "none")]


def test_of_a_kind_that_is_open_the_test_that_saw_least_speaks():
    sees = finding("quality", p=0.2, value=0.04) | {"test": "quality.copies", "detectable": {"value": 0.06}}
    blind = finding("quality", p=1.0, conclusive=False) | {"test": "quality.length", "detectable": {"value": 0.4}}
    (summary,) = kind_summaries(report(sees, blind))
    assert (summary.state, summary.finding, summary.look.detectable) == ("unsure", blind, 0.4)


def test_of_a_kind_that_drifted_the_strongest_test_speaks_however_little_another_saw():
    moved = finding("quality", p=0.001, value=0.1, drifted=True) | {"detectable": {"value": 0.02}}
    blind = finding("quality", p=1.0, conclusive=False) | {"test": "quality.length", "detectable": {"value": 0.4}}
    (summary,) = kind_summaries(report(moved, blind, kinds=["quality"]))
    assert summary.finding is moved
