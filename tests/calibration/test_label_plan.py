"""The interval of the labels to ask: how often it ever misses the rate, and what the guess saves."""

from __future__ import annotations

import os

import numpy as np
import pytest

from textdrift.performance.answered_labels import estimate_from_answers
from textdrift.performance.labels_to_ask import plan_labels

REPEATS = 40 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300
LEVEL = 0.1


def guessed(kind, n, rng):
    """The chance of the second class: AUC about .95, about .85, or the same for all documents."""
    if kind == "useless":
        return np.full(n, 0.65)
    return 1 / (1 + np.exp(-rng.normal(0, 4.0 if kind == "great" else 2.0, n)))


def scenario(name, n, rng):
    """A guess, the judged classes, the labels, and which labels are there already."""
    chance = guessed("useless" if name == "useless guess" else "good", n, rng)
    if name == "sure guess":
        chance = guessed("great", n, rng)
    labels = (rng.random(n) < chance).astype(int)
    known = np.zeros(n, dtype=bool)
    judged = (chance > 0.5).astype(int)
    if name == "all wrong":
        labels = 1 - labels
    elif name == "changed where sure":
        sure = np.argsort(np.abs(chance - 0.5))[-n // 4 :]
        labels[sure] = 1 - labels[sure]
    elif name == "rare errors":
        chance = np.full(n, 0.5)
        labels = np.where(rng.random(n) < 0.02, 1 - judged, judged)
    elif name == "some known":
        known = chance > 0.8  # no fair sample, and no matter
    return np.column_stack([1 - chance, chance]), judged, labels, np.where(known, labels, -1)


def ever_missed(name, n, n_ask, seed, *, suspect=False):
    rng = np.random.default_rng(seed)
    guess, judged, labels, known = scenario(name, n, rng)
    suspected = np.where(np.arange(n) < n // 50, 1.0, 0.0) if suspect else None
    plan = plan_labels(guess, judged, known, n_ask=n_ask, rng=rng, suspected=suspected)
    answers = dict(zip(plan.positions.tolist(), labels[plan.positions].tolist(), strict=True))
    running = estimate_from_answers(plan, answers, level=LEVEL).running
    rate = np.mean(labels != judged)
    # Whoever looks at all times, and stops at the worst of them, sees a miss if there is one.
    return bool(((running.low > rate + 1e-9) | (running.high < rate - 1e-9)).any())


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["good guess", "sure guess", "useless guess", "all wrong", "changed where sure", "rare errors", "some known"],
)
def test_the_interval_hardly_ever_misses_the_rate_at_any_look(name) -> None:
    missed = np.mean([ever_missed(name, 500, 500, seed) for seed in range(REPEATS)])
    assert missed <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / REPEATS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["good guess", "changed where sure"])
def test_two_thousand_looks_at_a_large_window_hardly_ever_miss(name) -> None:
    repeats = max(20, REPEATS // 3)
    missed = np.mean([ever_missed(name, 20_000, 2000, seed, suspect=True) for seed in range(repeats)])
    assert missed <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / repeats)


def widths_and_looks(kind, changed, seed, *, n=4000, n_ask=1200, at=300):
    """Half the width after `at` labels, and the number that settled the question: with the guess, and without."""
    rng = np.random.default_rng(seed)
    chance = guessed(kind, n, rng)
    labels = (rng.random(n) < chance).astype(int)
    labels = np.where(rng.random(n) < changed, 1 - labels, labels)
    judged = (chance > 0.5).astype(int)
    loss = np.where(judged == 1, 1 - chance, chance)
    if kind == "misleading":
        # Sure of the wrong documents: right on average, and nowhere else.
        loss = rng.permutation(loss)
        chance = np.where(judged == 1, 1 - loss, loss)
    # The same rate for every document: then documents are drawn alike, and the guess says nothing of any.
    flat = np.where(judged[:, None] == np.arange(2), 1 - loss.mean(), loss.mean())
    found = []
    for guess in (np.column_stack([1 - chance, chance]), flat):
        plan = plan_labels(guess, judged, np.full(n, -1), n_ask=n_ask, rng=rng)
        answers = dict(zip(plan.positions.tolist(), labels[plan.positions].tolist(), strict=True))
        estimate = estimate_from_answers(plan, answers)
        running = estimate.running
        found.append((running.high[at] - running.low[at], estimate.settled_after or n_ask))
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "changed", "width_ratio", "label_ratio"),
    [("great", 0.05, 0.93, 0.9), ("good", 0.05, 0.98, 0.97), ("misleading", 0.1, 1.2, 1.5)],
)
def test_a_good_guess_saves_labels_and_a_misleading_one_costs_few(kind, changed, width_ratio, label_ratio) -> None:
    runs = np.array([widths_and_looks(kind, changed, seed) for seed in range(max(20, REPEATS // 5))])
    (width, looks), (width_alone, looks_alone) = runs.mean(axis=0)
    assert width / width_alone < width_ratio
    assert looks / looks_alone < label_ratio
