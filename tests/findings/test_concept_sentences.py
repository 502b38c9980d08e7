"""Sentences of concept drift: how many texts, which way, with which words."""

from dataclasses import replace

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.wording import sentence_of


def said(made):
    return sentence_of(made, made.effects[0], drifted=True, conclusive=True, supporting=False)


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
    assert len(said(concept([relabelled("x" * 1_000_000, 0.1, 0.08, 0.12)]))) < 600


@pytest.mark.parametrize(("p", "told"), [(0.9, "answers the same texts as before"), (1e-5, "about 40 got another")])
def test_answers_to_the_same_texts_are_told_apart_from_labels(p, told):
    made = concept([], value=0.4)
    made = replace(made, test="concept.prediction_given_text", kind="prediction", p_value=p)
    assert told in sentence_of(made, made.effects[0], drifted=False, conclusive=True, supporting=True)
