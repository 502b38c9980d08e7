"""The business summary: one paragraph, five answers, and no word that a product owner would have to look up."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.business_summary import business_summary
from textdrift.findings.cost_table import CostTable
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.gating import judge_gate
from textdrift.findings.playbook import playbook_for, team_playbook_from
from textdrift.findings.priced_change import Cost, PricedChange
from textdrift.findings.process import Action
from textdrift.performance.assessing import Performance
from textdrift.performance.challenging import challenge
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


def told(
    *findings,
    verdict="drift",
    passed=False,
    severity="warning",
    plays=None,
    settings=None,
    causes=(),
    segments=(),
    **more,
):
    kinds = tuple(dict.fromkeys(f.kind for f in findings if f.drifted))
    diagnosis = Diagnosis(
        kinds=kinds, ambiguous=(), causes=tuple(causes), terms=(), segments=tuple(segments), documents=()
    )  # fmt: skip
    team = None if settings is None else team_playbook_from(settings)
    if plays is None:
        plays = playbook_for(diagnosis, severity, findings, cost=more.get("cost"), settings=team)
    return business_summary(
        verdict, findings, passed=passed, severity=severity, plays=plays, diagnosis=diagnosis, **more
    )


def cause(name, share=None, *, sentence="", direction="up", **shares):
    parts = [{"kind": kind, "share": part, "low": 0.0, "high": 1.0} for kind, part in shares.items()]
    return {
        "cause": name, "kind": "quality", "share_explained": share, "explained": parts, "share_of_rows": 0.1,
        "direction": direction, "sentence": sentence,
    }  # fmt: skip


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
        "certain: if nothing had changed, an alarm like it would come up at most about once in 1,000 checks. It costs "
        "about EUR 3,100 to EUR 7,400 more for every 200,000 texts. The check was not passed. Next, the model owner "
        "has the system adjusted with recent examples."
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
        (
            1e-9,
            "almost certain: if nothing had changed, an alarm like it would come up at most about once in 1,000 checks",
        ),
        (0.001, "almost certain"),
        (0.0015, "an alarm like it would come up at most about once in 670 checks"),
        (
            0.01,
            "very likely real: if nothing had changed, an alarm like it would come up at most about once in 100 checks",
        ),
        (0.05, "likely real: if nothing had changed, an alarm like it would come up at most about once in 20 checks"),
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
        (performance(0.88, 0.81, -0.1, -0.04), "81 are right, before 88: very likely fewer, by about 4 to 10 in 100."),
        (performance(0.81, 0.88, 0.04, 0.1), "88 are right, before 81: very likely more, by about 4 to 10 in 100."),
        (performance(0.88, 0.81, -0.14, -0.001), "before 88: very likely fewer, by up to 14 in 100."),
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


FELL = performance(0.9, 0.8, -0.12, -0.08)
QUIET = finding("lexical", drifted=False)


@pytest.mark.parametrize("verdict", ["no_drift", "inconclusive"])
def test_answers_that_are_wrong_more_often_are_told_though_no_test_looked_at_them(verdict):
    text = told(QUIET, verdict=verdict, passed=True, severity=None, performance=FELL)
    assert "the system is right less often than before, and that was not among the tests that decide." in text
    assert text.endswith("put how often the system is right among the tests that decide.")
    assert "Nothing that matters changed" not in text
    assert "Nothing needs to be done" not in text
    assert not UNPLAIN.findall(text)


@pytest.mark.parametrize(
    ("findings", "measured"),
    [
        ([QUIET, finding("performance", -0.01, drifted=False)], FELL),  # a test that decides looked, and let it pass
        ([QUIET], performance(0.9, 0.89, -0.03, 0.01)),
        ([QUIET], performance(0.8, 0.9, 0.08, 0.12)),
        ([QUIET], performance(None, None, None, None)),
    ],
)
def test_without_a_sure_and_unseen_fall_quiet_windows_stay_quiet(findings, measured):
    text = told(*findings, verdict="no_drift", passed=True, severity=None, performance=measured)
    assert text.startswith("Nothing that matters changed between")
    assert text.endswith("Nothing needs to be done.")


EVERY_TEXT = [finding("lexical", 0.9), finding("semantic", 0.9), finding("quality", 0.08, cause="escaped")]


@pytest.mark.parametrize(
    ("fault", "opening"),
    [
        (
            cause("escaped", 0.95, lexical=0.95, semantic=0.93),
            "texts arrive with web code in them, which by itself explains the other words and the other topics.",
        ),
        (
            cause("escaped", 0.6),
            "texts arrive with web code in them, which by itself explains most of the other words and the other topics",
        ),
        (
            cause("escaped", 0.95, lexical=0.95, semantic=0.2),
            "texts arrive with web code in them, which by itself explains the other words; besides, the texts are",
        ),
        (
            cause("escaped", 0.2, lexical=0.2),
            "the texts are about other things, people use other words and texts arrive with web code in them.",
        ),
    ],
)
def test_what_a_fault_explains_is_no_fact_about_people_and_the_fault_stands_first(fault, opening):
    text = told(*EVERY_TEXT, causes=[fault])
    assert text.startswith(f"Compared with before, {opening}")
    assert ("people use other words" in text) == (fault["share_explained"] < 0.5)


def test_a_fault_that_went_away_explains_too():
    text = told(*EVERY_TEXT, causes=[cause("escaped", 0.95, direction="down")])
    assert text.startswith("Compared with before, a fault in the data became rarer, which by itself explains ")


LABELS_RENAMED = "Column 'label' (the label) spells 'neg' as 'NEG' in 40.0 % of the rows."


@pytest.mark.parametrize("price", [None, cost(3100, 7400)])
def test_no_answer_is_called_wrong_before_the_names_agree(price):
    kinds = ["performance", "label", "concept", "prediction"]
    findings = [*(finding(kind, -0.9 if kind == "performance" else 0.9) for kind in kinds), finding("quality", 0.06)]
    for sentence in (LABELS_RENAMED, LABELS_RENAMED.replace("label", "prediction")):
        text = told(*findings, causes=[cause("schema", sentence=sentence)], performance=FELL, cost=price)
        assert text.startswith("Compared with before, the names of the categories are written in another way")
        assert "cannot be judged until these names are the same as before" in text
        assert "wrong more often" not in text
        assert "are right" not in text
        assert "EUR" not in text
        assert ("the mix of categories changed" in text) == ("(the prediction)" in sentence)
        assert ("the answers changed" in text) == ("(the label)" in sentence)
        assert "has the data repaired" in text


def test_a_new_value_of_a_label_is_no_other_name():
    sentence = "Column 'label' (the label) holds 'spam' in 40.0 % of the rows, a new value."
    text = told(finding("label"), finding("quality"), causes=[cause("schema", sentence=sentence)])
    assert "the mix of categories changed" in text


GERMANY = {"column": "country", "value": "DE", "kind": "lexical", "effect": 0.4, "p_value": 0.001}
FREE = {**GERMANY, "column": "plan", "value": "free", "within": {"column": "country", "value": "DE"}}


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        (GERMANY, "people use other words (mostly where country is 'DE')"),
        (FREE, "people use other words (mostly where plan is 'free' and country is 'DE')"),
        ({**GERMANY, "column": "topic", "value": "tea, soap"}, "people use other words (mostly in one topic)"),
        ({**GERMANY, "value": "ann@example.org"}, "(mostly where the first segment of the report lies)"),
        ({**GERMANY, "kind": "semantic"}, "people use other words. "),
    ],
)
def test_the_segment_that_changed_most_is_named_beside_what_changed_there(segment, words):
    assert words in told(finding("lexical"), segments=[segment, {**GERMANY, "value": "Peru", "effect": 0.2}])


def test_where_all_values_of_a_column_changed_alike_none_is_named():
    assert "mostly" not in told(finding("lexical"), segments=[GERMANY, {**GERMANY, "value": "Peru", "effect": 0.35}])
    assert "mostly" in told(finding("lexical"), segments=[GERMANY, {**FREE, "effect": 0.35}])


def test_the_segment_of_what_a_fault_explains_stands_with_the_fault():
    text = told(*EVERY_TEXT, causes=[cause("escaped", 0.95)], segments=[GERMANY])
    assert "explains the other words and the other topics (mostly where country is 'DE')" in text


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Rows without a time rose from 0 % to 9.0 %.", "the time is missing in some rows"),
        ("No row came for 3 days, 12.0 % of the time covered.", "no rows came for a while"),
        ("2.0 % of the rows lie 30 days after all others.", "some rows have a time far from all others"),
        ("9.0 % of the rows have one and the same time.", "many rows have one and the same time"),
        ("9.9 % of the rows are older than the end of the reference, and the others begin after it.", "data came late"),
    ],
)
def test_what_is_wrong_with_the_times_is_told_as_it_is(sentence, words):
    row = cause("late", sentence=sentence)
    of_times = finding("quality", cause="late")
    evidence = (Evidence(name="causes", rows=(row,)),)
    told_of = told(replace(of_times, result=replace(of_times.result, evidence=evidence)), causes=[row])
    assert words in told_of
    assert not UNPLAIN.findall(told_of)


def test_new_languages_are_looked_into_before_anything_is_repaired():
    text = told(finding("quality", cause="language"), causes=[cause("language", 0.9)])
    assert "Next, the product owner finds out whether these are new customers or texts from a wrong source" in text
    assert "repaired" not in text


@pytest.mark.parametrize(
    ("lost", "n", "decided", "after"),
    [
        (40, 200, "The check was not passed: the candidate is right less often", "keep the system in use"),
        (0, 20, "The check could not tell.", "have more recent texts labelled"),
    ],
)
def test_a_challenger_is_told_and_no_cost_is_made_up(lost, n, decided, after):
    labels = np.zeros(n, dtype=int)
    candidate = labels.copy()
    candidate[:lost] = 1
    gate = judge_gate("no_drift", [], challenge=challenge(labels, labels, candidate, np.arange(n)))
    said = business_summary("no_drift", (), passed=gate.passed, severity=None, gate=gate)
    assert decided in said
    assert after in said
    assert "cost rose" not in said


def test_a_verdict_on_labels_alone_says_that_the_texts_were_judged_before():
    said = business_summary("no_drift", (), passed=True, severity=None, labels_alone=True)
    assert said.startswith("This looks only at the right answers that came later; the texts themselves were judged")
    assert "judged before" not in business_summary("no_drift", (), passed=True, severity=None)
