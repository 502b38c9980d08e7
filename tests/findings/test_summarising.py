"""The summary: three sentences at most, with what a drift did to the model at the end."""

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.cost_table import CostTable
from textdrift.findings.finding import Finding
from textdrift.findings.priced_change import Cost, PricedChange
from textdrift.findings.summarising import summarise
from textdrift.performance.accuracy_split import AccuracySplit, PartOfChange
from textdrift.performance.assessing import Performance
from textdrift.stats.valued_shares import MeanInterval


def finding(kind, *, value=0.3, drifted=True, n_documents=(400, 300), notes=(), sentence=None):
    p_value = 0.0001 if drifted else 1.0
    untested = bool(notes)
    effect = Effect(
        name="share", value=0.0 if untested else value, low=0.1, high=0.5,
        detectable=float("inf") if untested else 0.01,
    )  # fmt: skip
    result = DriftResult(
        test=f"{kind}.test", kind=kind, statistic=0.0 if untested else 9.0, p_value=p_value, effects=(effect,),
        n_documents=n_documents, notes=notes,
        evidence=() if untested else (Evidence(name="sizes", rows=()),),
    )  # fmt: skip
    return Finding(
        result=result, effect=effect, adjusted_p_value=p_value, drifted=drifted,
        conclusive=not untested, supporting=False, material_from=0.05,
        sentence=sentence or f"The {kind} moved.",
    )  # fmt: skip


def performance(*points):
    names = ("harder_texts", "changed_meaning", "unfamiliar_texts")
    parts = tuple(
        PartOfChange(name=name, points=p, error=1.0, low=p - 1, high=p + 1)
        for name, p in zip(names, points, strict=True)
    )
    split = AccuracySplit(
        reference_accuracy=0.8, current_accuracy=0.8 + sum(points) / 100, parts=parts, shared_accuracy=(0.8, 0.7),
        overlap=0.9, n_documents=(400, 300), reason="",
    )  # fmt: skip
    return Performance(rows=(None, None), measured=None, estimated=None, split=split)


def cost(low, high, *, doubts=()):
    interval = MeanInterval((low + high) / 2, low, high)
    priced = PricedChange(
        basis="estimate" if doubts else "labels", reference=interval, current=interval, change=interval,
        at_same_labels=None, cells=(), n_documents=(400, 300),
    )  # fmt: skip
    table = CostTable(matrix={"bad": {"good": 5.0}}, volume=1000, currency="EUR")
    estimated = {"measured": None, "estimated": priced} if doubts else {"measured": priced, "estimated": None}
    return Cost(table=table, doubts=doubts, notes=(), **estimated)


CONCEPT, ACCURACY = finding("concept"), finding("performance", value=-0.1, sentence="Accuracy fell from 80 % to 70 %.")


def told(*findings, ambiguous=(), **more):
    kinds = [f.kind for f in findings if f.drifted]
    return summarise("drift", kinds, ambiguous, findings, **more)


def test_a_fall_of_accuracy_is_told_by_its_largest_part():
    assert told(CONCEPT, ACCURACY, performance=performance(-1, -8, -1)).endswith(
        "Accuracy fell from 80 % to 70 %, mostly on texts that both windows hold."
    )
    assert "mostly because the texts are harder." in told(ACCURACY, performance=performance(-8, -1, -1))
    assert "that the reference hardly holds." in told(ACCURACY, performance=performance(0, 0, -9))


@pytest.mark.parametrize(
    "known",
    [None, performance(-4, -4, -4), performance(1, 8, 1)],
    ids=["nothing", "no part is most", "the other way"],
)
def test_no_cause_is_named_where_none_stands_out(known):
    assert told(ACCURACY, performance=known).endswith("Accuracy fell from 80 % to 70 %.")


def test_a_part_within_chance_is_no_cause():
    parts = performance(-1, -8, -1)
    unsure = tuple(
        PartOfChange(name=p.name, points=p.points, error=9, low=p.points - 18, high=9) for p in parts.split.parts
    )
    split = AccuracySplit(
        reference_accuracy=0.8, current_accuracy=0.7, parts=unsure, shared_accuracy=None, overlap=0.9,
        n_documents=(400, 300), reason="",
    )  # fmt: skip
    known = Performance(rows=(None, None), measured=None, estimated=None, split=split)
    assert told(ACCURACY, performance=known).endswith("to 70 %.")


@pytest.mark.parametrize("ambiguous", [(), (("concept", "label"),)])
@pytest.mark.parametrize("priced", [cost(3000, 9000), cost(-10, 20), cost(3000, 9000, doubts=("it is a guess",))])
def test_the_cost_is_told_and_the_summary_keeps_to_three_sentences(ambiguous, priced):
    text = told(CONCEPT, ACCURACY, ambiguous=ambiguous, performance=performance(-1, -8, -1), cost=priced)
    assert "; cost: " in text
    assert "per window of 1,000 documents" in text
    assert text.count(". ") <= 2
    assert ("cannot tell concept drift from label drift" in text) == bool(ambiguous)


def test_without_drift_nothing_is_said_of_cost():
    quiet = finding("lexical", drifted=False)
    assert "cost" not in summarise("no_drift", [], [], [quiet], cost=cost(3000, 9000))


def test_documents_are_counted_by_the_tests_that_compared_some():
    findings = [
        finding("lexical", drifted=False),
        finding("label", drifted=False, n_documents=(400, 0), notes=("no labels",)),
    ]
    assert summarise("no_drift", [], [], findings).startswith("No drift: 400 reference and 300 current documents")
