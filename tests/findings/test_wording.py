"""Sentences: words of the data quoted and cut, what was not tested said as such."""

import math

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.wording import sentence_of

LONG = "x" * 1_000_000


def result(
    test, kind, *, p=1e-9, statistic=9.0, effect="share", detectable=0.01, value=0.4, rows=(), name="", notes=()
):
    return DriftResult(
        test=test,
        kind=kind,
        statistic=statistic,
        p_value=p,
        effects=(Effect(name=effect, value=value, low=0.0, high=1.0, detectable=detectable),),
        n_documents=(100, 100),
        evidence=(Evidence(name=name, rows=tuple(rows)),) if name else (),
        notes=tuple(notes),
    )


def said(made, *, drifted=True, conclusive=True, supporting=False):
    return sentence_of(made, made.effects[0], drifted=drifted, conclusive=conclusive, supporting=supporting)


SHARES = {"reference_share": 0.0, "current_share": 0.5}


@pytest.mark.parametrize(
    "made",
    [
        result("columns.categorical", "label", name="categories", rows=[{"value": LONG, **SHARES}] * 5),
        result("lexical.token_frequency", "lexical", name="terms", rows=[{"term": LONG, **SHARES}] * 5),
        result("concept.label_given_text", "concept", name="terms", rows=[{"term": LONG, **SHARES}] * 5),
        result("quality.copies", "quality", name="causes", rows=[{"sentence": LONG}]),
    ],
)
def test_a_word_of_any_length_makes_a_sentence_that_can_be_read(made):
    sentence = said(made)
    assert "…" in sentence
    assert len(sentence) < 600


def test_a_word_of_usual_length_stays_whole():
    word = "y" * 60
    made = result("columns.categorical", "label", name="categories", rows=[{"value": word, **SHARES}])
    assert f"'{word}'" in said(made)


@pytest.mark.parametrize("test", ["concept.label_given_text", "concept.text_given_label", "quality.copies", "own.test"])
@pytest.mark.parametrize("supporting", [True, False])
def test_an_unknown_effect_was_not_tested(test, supporting):
    made = result(
        test, "any", p=1.0, statistic=0.0, value=0.0, effect="unknown", detectable=math.inf, notes=["No A.", "No B."]
    )
    assert said(made, drifted=False, conclusive=False, supporting=supporting) == "Not tested: no B."


def test_the_reason_is_the_note_that_gives_one():
    notes = ["only 4 and 9 texts carry a label", "concept drift was not tested"]
    made = result(
        "concept.label_given_text", "concept", p=1.0, statistic=0.0, value=0.0, detectable=math.inf, notes=notes
    )
    assert said(made, drifted=False, conclusive=False) == "Not tested: only 4 and 9 texts carry a label."


def test_a_reason_of_any_length_is_cut():
    made = result("quality.copies", "quality", p=1.0, effect="unknown", detectable=math.inf, notes=[LONG])
    assert len(said(made, drifted=False)) < 300


def test_a_test_that_ran_and_could_not_have_seen_is_not_called_untested():
    made = result(
        "concept.text_given_label", "concept", p=0.7, value=0.0, statistic=0.0, detectable=math.inf, notes=["a sample"]
    )
    assert said(made, drifted=False, supporting=True) == "Within each label the texts stayed (p = 0.7)."
