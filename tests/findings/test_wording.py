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


def relabelled(label, net, low, high):
    return {"label": label, "net": net, "net_low": low, "net_high": high, "gained": 0.1, "lost": 0.1}


def concept(rows, *, value=0.13, low=0.09, high=0.17):
    return DriftResult(
        test="concept.label_given_text",
        kind="concept",
        statistic=9.0,
        p_value=1e-9,
        effects=(Effect(name="share_relabelled", value=value, low=low, high=high, detectable=0.02),),
        n_documents=(900, 900),
        evidence=(
            Evidence(name="relabelled", rows=tuple(rows)),
            Evidence(name="terms", rows=({"term": "just"}, {"term": "still"})),
        ),
    )


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([relabelled("good", 0.1, 0.08, 0.12), relabelled("bad", -0.1, -0.12, -0.08)], ", mostly from 'bad' to 'good'"),
        (
            [relabelled("good", 0.03, 0.01, 0.05), relabelled("bad", -0.03, -0.05, -0.01)],
            ", more of them from 'bad' to 'good'",
        ),
        ([relabelled("good", -0.03, -0.05, -0.01)], ", more of them away from 'good'"),
        ([relabelled("good", -0.10, -0.12, -0.08)], ", mostly from 'good'"),
        ([relabelled("good", 0.01, -0.01, 0.03), relabelled("bad", -0.01, -0.03, 0.01)], ", in both directions"),
        ([], ""),
    ],
)  # fmt: skip
def test_the_sentence_of_concept_drift_says_how_many_and_which_way(rows, told):
    assert said(concept(rows)) == (
        "The same text now means another label: of 100 comparable texts, about 13 changed label (9 to 17)"
        f"{told}, most clearly those with 'just' and 'still'."
    )


def test_a_share_under_one_in_a_hundred_is_not_rounded_to_none():
    assert "about 5 changed label (under 1 to 10)" in said(concept([], value=0.05, low=0.001, high=0.099))


def test_a_label_of_any_length_is_cut_in_the_sentence_of_concept_drift():
    assert len(said(concept([relabelled(LONG, 0.1, 0.08, 0.12)]))) < 600


@pytest.mark.parametrize(("p", "told"), [(0.9, "answers the same texts as before"), (1e-5, "about 40 got another")])
def test_answers_to_the_same_texts_are_told_apart_from_labels(p, told):
    assert told in said(result("concept.prediction_given_text", "prediction", p=p), drifted=False, supporting=True)
