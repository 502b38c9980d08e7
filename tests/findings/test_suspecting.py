"""What a drift of concept points at is asked about more often; the estimate stays fair and needs fewer labels."""

import math

import numpy as np
import pandas as pd
import pytest

import textdrift
from textdrift import comparing
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.finding import Finding
from textdrift.findings.suspecting import suspected_documents
from textdrift.performance.answered_labels import CHANGED, estimate_from_answers
from textdrift.performance.asking import ask_for_labels
from textdrift.performance.labels_to_ask import LOOKS_CHANGED

N = 3000
WORD = "battery"
ROLES = {
    "label": "label",
    "prediction": "prediction",
    "probabilities": {"good": "p_good", "bad": "p_bad"},
    "embeddings": "vector",
    "tests": {"concept": {}},
    "seed": 1,
}


def window(rng, *, flipped=0.0, n=N):
    """A calibrated model, words that say nothing, and one in 12 of 100 texts whose labels may have turned."""
    points = rng.normal(size=(n, 4))
    good = 1 / (1 + np.exp(-4 * points[:, 0]))
    holds = rng.random(n) < 0.12
    filler = rng.integers(60, size=(n, 6))
    turned = holds & (rng.random(n) < flipped)
    return pd.DataFrame(
        {
            "text": [
                " ".join([WORD] * bool(held) + [f"w{word}" for word in row] + [f"row{i}"])
                for i, (held, row) in enumerate(zip(holds, filler, strict=True))
            ],
            "label": np.where((rng.random(n) < good) ^ turned, "good", "bad"),
            "prediction": np.where(good > 0.5, "good", "bad"),
            "p_good": good,
            "p_bad": 1 - good,
            "vector": list(points),
            "region": np.where(holds, "north", "south"),
            "channel": np.where(points[:, 3] > 0, "web", "app"),
        }
    )


def asked_with(flipped, **roles):
    """What compare() hands to ask_for_labels, and the current window with all its labels."""
    rng = np.random.default_rng(5)
    reference, current = window(rng), window(rng, flipped=flipped)
    late = current.assign(label=current.label.where(rng.random(N) < 0.35, None))
    seen = {}

    def caught(pair, rows, *, n_ask, rng, suspected):
        seen.update(pair=pair, rows=rows, suspected=suspected)
        return ask_for_labels(pair, rows, n_ask=n_ask, rng=rng, suspected=suspected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "ask_for_labels", caught)
        report = textdrift.compare(reference, late, **ROLES, labels_to_ask=200, **roles)
    return {**seen, "current": current, "report": report.to_dict()}


@pytest.fixture(scope="module")
def changed():
    return asked_with(0.6)


def test_texts_with_a_word_that_changed_label_are_suspected_and_no_others(changed):
    holds = changed["current"].text.str.startswith(WORD).to_numpy()
    shares = changed["suspected"].of_document
    assert 0.4 < shares[holds].min() == shares[holds].max() < 0.8
    assert shares[~holds].max() == 0.0
    reasons = {row["reason"] for row in changed["report"]["labels_to_ask"]["rows"]}
    assert LOOKS_CHANGED in reasons


def test_nothing_is_suspected_where_nothing_drifted():
    seen = asked_with(0.0)
    assert seen["report"]["diagnosis"]["kinds"] == []
    assert seen["suspected"] is None


def test_suspected_texts_are_asked_more_often_and_the_estimate_stays_fair(changed):
    # The same windows, other draws: the error rate is hit on average, and no interval misses it more often than it may.
    current = changed["current"]
    truth = float((current.label != current.prediction).mean())
    holds = current.text.str.startswith(WORD).to_numpy()
    draws, share = 40, {}
    for name, suspected in (("plain", None), ("suspected", changed["suspected"])):
        values, missed, of_word = [], 0, []
        for seed in range(draws):
            asked = ask_for_labels(
                changed["pair"], changed["rows"], n_ask=150, rng=np.random.default_rng(seed), suspected=suspected
            )
            answers = {
                int(place): current.label[row] for place, row in zip(asked.plan.positions, asked.rows, strict=True)
            }
            estimate = estimate_from_answers(asked.plan, answers, level=0.2)
            running = estimate.running
            missed += bool(((running.low > truth) | (running.high < truth)).any())
            values.append(estimate.error_rate[0])
            of_word.append(holds[asked.rows].mean())
        assert np.mean(values) == pytest.approx(truth, abs=3.5 * np.std(values) / math.sqrt(draws))
        assert missed <= 0.2 * draws + 3 * math.sqrt(0.2 * 0.8 * draws)
        share[name] = np.mean(of_word)
    assert share["suspected"] > 1.3 * share["plain"]


@pytest.mark.slow
def test_a_local_change_is_found_with_fewer_labels(changed):
    # Measured: 251 labels on average without the suspicion, 228 with it.
    current, after = changed["current"], {}
    for name, suspected in (("plain", None), ("suspected", changed["suspected"])):
        labels = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            asked = ask_for_labels(changed["pair"], changed["rows"], n_ask=1000, rng=rng, suspected=suspected)
            answers = {
                int(place): current.label[row] for place, row in zip(asked.plan.positions, asked.rows, strict=True)
            }
            estimate = estimate_from_answers(asked.plan, answers)
            assert estimate.settled == CHANGED
            labels.append(estimate.settled_after)
        after[name] = np.mean(labels)
    assert after["suspected"] < after["plain"]


def concept(tables, *, drifted=True):
    effect = Effect(name="share_relabelled", value=0.1, low=0.05, high=0.15, detectable=0.05)
    result = DriftResult(
        test="concept.label_given_text",
        kind="concept",
        statistic=5.0,
        p_value=1e-6,
        effects=(effect,),
        n_documents=(N, N),
        evidence=tuple(Evidence(name=name, rows=rows) for name, rows in tables.items()),
    )
    return Finding(
        result=result,
        supporting=False,
        adjusted_p_value=1e-6,
        effect=effect,
        material_from=0.03,
        drifted=drifted,
        conclusive=True,
        sentence="",
    )


def test_a_label_that_was_lost_is_suspected_by_its_share_and_chance_is_not(changed):
    rows = (
        {"label": "good", "lost": 0.3, "lost_error": 0.05},
        {"label": "bad", "lost": 0.08, "lost_error": 0.05},
    )
    suspected = suspected_documents(changed["pair"], [concept({"relabelled": rows})])
    assert suspected.of_label == {"good": 0.3}
    guess = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]])
    assert suspected.shares(np.arange(3), guess, ("bad", "good")).tolist() == pytest.approx([0.3, 0.0, 0.15])
    assert suspected_documents(changed["pair"], [concept({"relabelled": rows}, drifted=False)]) is None


def test_a_topic_is_known_by_two_of_its_words(changed):
    topic = {"words": ["w1", "w2", "nowhere"], "share_relabelled": None, "net_change": -0.4, "changed": True}
    calm = {**topic, "words": ["w3", "w4"], "changed": False}
    suspected = suspected_documents(changed["pair"], [concept({"concept_topics": (topic, calm)})])
    words = [set(text.split()) for text in changed["current"].text]
    assert suspected.of_document.tolist() == [0.4 if {"w1", "w2"} <= held else 0.0 for held in words]


def test_a_segment_is_suspected_as_far_as_it_changed_more_than_the_others():
    seen = asked_with(0.0, segments=["region", "channel"])
    north = (seen["current"].region == "north").to_numpy()
    rows = [
        {"column": "region", "value": "north", "kind": "concept", "effect": 0.5},
        {"column": "region", "value": "south", "kind": "concept", "effect": 0.1},
        {"column": "region", "value": "south", "kind": "lexical", "effect": 0.9},
    ]
    suspected = suspected_documents(seen["pair"], [concept({})], rows)
    assert suspected.of_document == pytest.approx(np.where(north, 0.4, 0.0))
    only = suspected_documents(seen["pair"], [concept({})], rows[:1])
    assert only.of_document == pytest.approx(np.where(north, 0.5, 0.0))
    web = (seen["current"].channel == "web").to_numpy()
    pair = {**rows[0], "within": {"column": "channel", "value": "web"}}
    topic = {**rows[0], "column": "topic", "value": "w1, w2"}
    both = suspected_documents(seen["pair"], [concept({})], [pair, topic])
    assert both.of_document == pytest.approx(np.where(north & web, 0.5, 0.0))
