"""The business summary: one paragraph, five answers, and no word that a product owner would have to look up."""

import itertools
import re

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.business_summary import business_summary
from textdrift.findings.cost_table import CostTable
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.playbook import playbook_for, team_playbook_from
from textdrift.findings.priced_change import Cost, PricedChange
from textdrift.findings.process import Action
from textdrift.performance.assessing import Performance
from textdrift.performance.measuring import MeasuredPerformance
from textdrift.performance.performance_row import Figure, PerformanceRow
from textdrift.reports.wording import CAUSES, KINDS
from textdrift.stats.valued_shares import MeanInterval

FORBIDDEN = (
    "p-value", "p value", "p", "alpha", "null", "hypothesis", "significant", "significance", "statistic",
    "statistical", "permutation", "bonferroni", "holm", "multiplicity", "confidence", "interval", "effect",
    "standard deviation", "variance", "distribution", "divergence", "mmd", "embedding", "embeddings", "vector",
    "vectors", "encoder",
    "token", "tokens", "tokenizer", "vocabulary", "lexical", "semantic", "concept", "label", "labels", "prediction",
    "predictions", "probability", "probabilities", "calibrate", "accuracy", "precision", "recall", "f1", "prior",
    "classifier", "reference", "current", "window", "windows", "kind", "kinds", "drift", "drifted", "material",
    "conclusive", "inconclusive", "finding", "findings", "verdict", "quality", "performance", "upstream", "pipeline",
    "schema", "html", "json", "escaped", "mojibake", "std_shift", "total_variation", "none", "nan", "inf",
)  # fmt: skip
UNPLAIN = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, FORBIDDEN))})(?![\w-])", re.IGNORECASE)


def finding(kind, value=0.3, *, p_value=0.001, drifted=True, has_p_value=True, cause=None, direction="up"):
    name = "accuracy_change" if kind == "performance" else "share"
    effect = Effect(name=name, value=value, low=value, high=value, detectable=0.001)
    result = DriftResult(
        test=f"{kind}.test", kind=kind, statistic=9.0, p_value=p_value if has_p_value else 1.0, effects=(effect,),
        n_documents=(4000, 3000), has_p_value=has_p_value,
        evidence=(Evidence(name="causes", rows=({"cause": cause, "direction": direction},)),) if cause else (),
    )  # fmt: skip
    return Finding(
        result=result, supporting=False, adjusted_p_value=p_value if has_p_value else None, effect=effect,
        material_from=0.05, drifted=drifted, conclusive=True, sentence="A std_shift of the embedding (p = 0.01).",
    )  # fmt: skip


def cost(low, high, *, fail_above=None, basis="labels", doubts=(), currency="EUR"):
    interval = MeanInterval((low + high) / 2, low, high)
    priced = PricedChange(
        basis=basis, reference=interval, current=interval, change=interval, at_same_labels=None, cells=(),
        n_documents=(500, 500),
    )  # fmt: skip
    table = CostTable(matrix={"bad": {"good": 5.0}}, volume=200_000, currency=currency, fail_above=fail_above)
    measured, estimated = (priced, None) if basis == "labels" else (None, priced)
    return Cost(table=table, measured=measured, estimated=estimated, doubts=doubts, notes=())


def performance(before, now, low, high):
    row = PerformanceRow(
        metric="accuracy", label=None, reference=Figure(before, before, before), current=Figure(now, now, now),
        change=Figure(None if low is None else (low + high) / 2, low, high), n_documents=(500, 500),
    )  # fmt: skip
    measured = MeasuredPerformance(rows=(row,), label_names=("a",), confusion=(), n_documents=(500, 500), notes=())
    return Performance(rows=(None, None), measured=measured, estimated=None, split=None)


def told(*findings, verdict="drift", passed=False, severity="warning", plays=None, settings=None, **more):
    kinds = tuple(dict.fromkeys(f.kind for f in findings if f.drifted))
    diagnosis = Diagnosis(kinds=kinds, ambiguous=(), causes=(), terms=(), segments=(), documents=())
    team = None if settings is None else team_playbook_from(settings)
    if plays is None:
        plays = playbook_for(diagnosis, severity, findings, cost=more.get("cost"), settings=team)
    return business_summary(verdict, findings, passed=passed, severity=severity, plays=plays, **more)


COSTS = [
    None, cost(3100, 7400), cost(-3100, 7400), cost(-7400, -3100), cost(3100, 7400, fail_above=100),
    cost(-10, 7400, fail_above=9000), cost(0, 0), cost(3100, 7400, basis="estimate"),
    cost(3100, 7400, basis="estimate", doubts=("a guess",)), cost(0.01, 0.02, currency=""),
]  # fmt: skip
MEASURED = [
    None,
    performance(0.9, 0.8, -0.12, -0.08),
    performance(0.9, 0.9, -0.01, 0.01),
    performance(None, None, None, None),
]


@pytest.mark.parametrize("verdict", ["drift", "no_drift", "inconclusive"])
@pytest.mark.parametrize("severity", ["info", "warning", "critical"])
def test_no_paragraph_holds_a_technical_word(verdict, severity):
    every = [finding(kind, -0.3 if kind == "performance" else 0.3) for kind in KINDS]
    faults = [[finding("quality", cause=cause)] for cause in CAUSES]
    for findings in (*([one] for one in every), every, *faults, [finding("performance", 0.2)]):
        for price, measured, passed in itertools.product(COSTS, MEASURED, (True, False)):
            quiet = verdict != "drift"
            text = told(
                *findings, verdict=verdict, severity=severity, passed=passed, cost=price, performance=measured,
                **({"plays": ()} if quiet else {}),
            )  # fmt: skip
            assert not UNPLAIN.findall(text), text
            assert "\n" not in text
            assert 100 < len(text) < 700
            assert text.endswith(".")
            assert not re.search(r"\.\.|  | ,|\{|\}|_", text), text


def test_a_technical_word_would_be_noticed():
    assert UNPLAIN.findall("The std_shift (p = 0.01) of the embedding is significant: a drift of the labels.")
    assert not UNPLAIN.findall("The labelling lead is kind-hearted.")


def test_it_says_what_changed_how_sure_at_what_cost_what_was_decided_and_what_is_next():
    assert told(finding("lexical", 0.9), finding("performance", -0.1), cost=cost(3100, 7400)) == (
        "Compared with before, the system is wrong more often and people use other words. Each of these is almost "
        "certain: if nothing had changed, an alarm like it would come up at most once in 1,000 checks. It costs about "
        "EUR 3,100 to EUR 7,400 more for every 200,000 texts. The check was not passed. Next, the model owner has the "
        "system adjusted with recent examples."
    )


def test_a_fault_is_told_by_its_cause_and_the_worst_one_speaks():
    told_of = {told(finding("quality", cause=cause)).split(". ")[0] for cause in CAUSES}
    assert len(told_of) == len(CAUSES)
    assert "texts arrive with web code in them." in told(finding("quality", cause="escaped"))
    text = told(finding("quality", 0.2, cause="missing"), finding("quality", 0.9, cause="repeated"))
    assert text.startswith("Compared with before, texts arrive more than once. ")


def test_a_fault_that_became_rarer_is_told_as_such():
    assert "a fault in the data became rarer" in told(finding("quality", cause="escaped", direction="down"))
    assert "the mix of languages changed" in told(finding("quality", cause="language", direction="down"))


def test_a_cost_that_rose_over_quiet_windows_is_watched():
    quiet = finding("lexical", drifted=False)
    text = told(quiet, verdict="no_drift", passed=True, severity=None, cost=cost(190, 1300))
    assert text.endswith("Nothing needs to be done now; see whether the cost stays.")


def test_three_changes_are_named_and_the_worst_first():
    text = told(*(finding(kind) for kind in ("lexical", "semantic", "label", "concept")))
    assert text.startswith("Compared with before, what used to be one category now counts as another, ")
    assert ", among other things. " in text


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (1e-9, "almost certain: if nothing had changed, an alarm like it would come up at most once in 1,000 checks"),
        (0.001, "almost certain"),
        (0.01, "very likely real: if nothing had changed, an alarm like it would come up at most once in 100 checks"),
        (0.05, "likely real: if nothing had changed, an alarm like it would come up at most once in 20 checks"),
        (0.9, "This may well be chance."),
    ],
)
def test_how_sure_is_told_as_how_often_chance_would_do_it(p_value, words):
    assert words in told(finding("lexical", p_value=p_value))


def test_of_several_changes_the_least_sure_one_counts_by_its_best_test():
    surer = [finding("lexical", p_value=0.001), finding("encoder", has_p_value=False)]
    assert "Each of these is very likely real" in told(*surer, finding("label", p_value=0.01))
    assert "Each of these is almost certain" in told(*surer, *(finding("label", p_value=p) for p in (0.04, 0.001)))


def test_a_fact_is_no_guess():
    assert "This is a fact, not a guess." in told(finding("encoder", has_p_value=False))


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (cost(3100, 7400), "It costs about EUR 3,100 to EUR 7,400 more for every 200,000 texts."),
        (cost(-7400, -3100), "It saves about EUR 3,100 to EUR 7,400 for every 200,000 texts."),
        (cost(-3100, 7400), "not shown: for every 200,000 texts it lies between EUR 3,100 less and EUR 7,400 more."),
        (cost(31, 74, currency=""), "It costs about 31 to 74 more"),
        (cost(31, 74, basis="estimate"), "(estimated, since recent answers were not checked)."),
        (cost(31, 74, basis="estimate", doubts=("a guess",)), "were not checked; do not rely on it)."),
        (None, "What it costs is not known: neither prices nor checked answers were given."),
    ],
)  # fmt: skip
def test_the_cost_is_a_range_of_money(price, words):
    assert words in told(finding("label"), cost=price)


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (performance(0.88, 0.81, -0.1, -0.04), "about 81 are right, before 88: surely fewer, by 4 to 10 in 100."),
        (performance(0.81, 0.88, 0.04, 0.1), "about 88 are right, before 81: surely more, by 4 to 10 in 100."),
        (performance(0.88, 0.87, -0.03, 0.01), "about 87 are right, before 88, a difference that may be chance."),
        (performance(0.88, 0.87, None, None), "about 87 are right, before 88."),
        (performance(0.999, 1.0, -0.01, 0.01), "about 100 are right, before 99.9,"),
        (performance(None, 0.5, None, None), "How often the system is right could not be measured."),
    ],
)  # fmt: skip
def test_without_prices_right_answers_are_counted(measured, words):
    assert words in told(finding("label"), performance=measured)


@pytest.mark.parametrize(
    ("verdict", "passed", "price", "words"),
    [
        ("drift", False, None, "The check was not passed."),
        ("drift", True, cost(1, 5, fail_above=100), "was passed: the cost stays at or under the agreed limit."),
        ("drift", False, cost(500, 900, fail_above=100), "not passed: the cost is surely above the agreed limit."),
        ("drift", False, cost(50, 900, fail_above=100), "The check was not passed. "),
        ("no_drift", True, None, "The check was passed. Nothing needs to be done."),
        ("no_drift", False, cost(500, 900, fail_above=100), "Next, find out why the cost rose although"),
        ("inconclusive", True, None, "The check decided nothing. Next, compare a longer time with more texts."),
    ],
)  # fmt: skip
def test_the_decision_is_that_of_the_report(verdict, passed, price, words):
    drifted = verdict == "drift"
    text = told(
        finding("label", drifted=drifted), verdict=verdict, passed=passed, cost=price,
        severity="warning" if drifted else None,
    )  # fmt: skip
    assert words in text


def test_quiet_windows_are_told_by_their_size():
    quiet = [finding("lexical", drifted=False), finding("label", drifted=False)]
    text = told(*quiet, verdict="no_drift", passed=True, severity=None)
    assert text.startswith("Nothing that matters changed between 4,000 earlier and 3,000 recent texts.")


@pytest.mark.parametrize(("severity", "words"), [("critical", "attention today."), ("info", "There is no hurry.")])
def test_how_pressing_it_is_comes_last(severity, words):
    assert told(finding("concept"), severity=severity).endswith(words)


def test_who_the_team_names_decides():
    named = {"lexical": {"decides": "Ada"}, "label": {"decides": "the desk"}}
    assert "Next, Ada has people go through recent texts" in told(finding("lexical"), settings=named)
    assert "Next, the desk has the system adjusted" in told(finding("label"), settings=named)


def test_every_action_has_its_sentence():
    from typing import get_args

    from textdrift.findings.business_summary import _NEXT

    assert set(_NEXT) == set(get_args(Action))


def test_nothing_of_the_data_stands_in_it():
    secret = finding("label")
    assert "std_shift" in secret.sentence
    assert "bad" not in told(secret, cost=cost(3, 5)).split()
