"""A segment is named where it carries the drift, and only then."""

import pytest

from textdrift.drift.contract import DriftResult, Effect
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.leading_segment import leading_segment, where_words

DE = {"column": "country", "value": "DE", "kind": "lexical", "effect": 0.3}
FREE = {**DE, "column": "plan", "value": "free", "within": {"column": "country", "value": "DE"}}


def led(kind, *segments, findings=()):
    diagnosis = Diagnosis(kinds=(kind,), ambiguous=(), causes=(), terms=(), segments=segments, documents=())
    return leading_segment(kind, diagnosis, findings)


def accuracy_fell(by):
    effect = Effect(name="accuracy_change", value=-by, low=-1.0, high=0.0, detectable=0.01)
    result = DriftResult(
        test="concept.performance", kind="performance", statistic=9.0, p_value=0.001, effects=(effect,),
        n_documents=(500, 500),
    )  # fmt: skip
    return Finding(
        result=result, supporting=False, adjusted_p_value=0.001, effect=effect, material_from=0.05, drifted=True,
        conclusive=True, sentence="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("others", "leads"),
    [
        ([], True),
        ([{**DE, "value": "FR", "effect": 0.19}], True),
        ([{**DE, "value": "FR", "effect": 0.21}], False),
        ([{**DE, "value": "FR", "kind": "label"}], True),
        ([{**FREE, "effect": 0.29}], True),  # a part of it, or another way to say it
    ],
)
def test_a_segment_leads_where_no_other_value_of_its_column_moved_nearly_as_far(others, leads):
    assert led("lexical", DE, *others) == (DE if leads else None)


@pytest.mark.parametrize(("whole", "leads"), [(0.1, True), (0.25, False)])
def test_a_fall_of_accuracy_everywhere_is_led_by_no_segment(whole, leads):
    segment = {**DE, "kind": "performance"}
    assert led("performance", segment, findings=[accuracy_fell(whole)]) == (segment if leads else None)


def test_the_segment_is_the_first_of_its_kind():
    label = {**DE, "value": "FR", "kind": "label"}
    assert led("label", DE, label) == label
    assert led("semantic", DE, label) is None


@pytest.mark.parametrize("value", ["ann@example.org", "ann\uff20example.org", "ann%40example.org", "0151 23456789"])
def test_a_value_that_may_name_a_person_stands_in_no_play(value):
    assert where_words({**DE, "value": value}) == "where the first segment of the report lies"
