"""Coverage of the 95 % intervals of measured performance, and of the parts of a change of accuracy."""

import collections
import os

import numpy as np
import pytest

from textdrift.performance.judged_texts import JudgedTexts
from textdrift.performance.measuring import measure
from textdrift.performance.scored_rows import ScoredRows
from textdrift.performance.splitting import split_accuracy_change

REPEATS = 60 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300
LEAST = 0.95 - 3.2 * np.sqrt(0.05 * 0.95 / REPEATS)
NAMES = ("bad", "fair", "good")


def scored(n, rng, *, moved, temper):
    """Three classes of unequal size; 30 % of the documents have a copy, whose label may be another."""
    logits = rng.normal(size=(n, 3)) * 1.8 + np.array([0.6, 0, -0.6])
    labels = (logits + rng.gumbel(size=(n, 3))).argmax(axis=1)
    said = np.exp(logits * temper + moved)
    said /= said.sum(axis=1, keepdims=True)
    copies = np.flatnonzero(rng.random(n) < 0.3)
    order = np.concatenate([np.arange(n), copies])
    labels = labels[order]
    other = np.flatnonzero((np.arange(len(order)) >= n) & (rng.random(len(order)) < 0.3))
    labels[other] = rng.integers(0, 3, other.size)
    return ScoredRows(
        label_names=NAMES,
        labels=labels,
        predictions=said.argmax(axis=1)[order],
        probabilities=said[order],
        documents=order,
        rows=np.arange(len(order)),
    )


def scored_pair(n, m, rng):
    return scored(n, rng, moved=0.0, temper=1.0), scored(m, rng, moved=np.array([0, 0.4, 0.2]), temper=1.5)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(30, 25), (400, 300)])
def test_measured_intervals_hold_the_true_figure(sizes):
    rng = np.random.default_rng(0)
    truth = {(row.metric, row.label): row for row in measure(*scored_pair(200_000, 200_000, rng)).rows}
    held = collections.defaultdict(list)
    for _ in range(REPEATS):
        for row in measure(*scored_pair(*sizes, rng)).rows:
            true = truth[row.metric, row.label]
            for side in ("reference", "current", "change"):
                figure = getattr(row, side)
                if figure.value is not None:
                    held[row.metric, row.label, side].append(figure.low <= getattr(true, side).value <= figure.high)
    assert len(held) == 3 * len(truth)
    # In windows of 30 the F1 of the smallest of three classes stands on a handful of documents.
    slack = 0.02 if min(sizes) < 100 else 0.0
    assert all(np.mean(hits) >= LEAST - slack for hits in held.values()), {k: np.mean(v) for k, v in held.items()}


def chance(points):
    return 1 / (1 + np.exp(1.2 * points[:, 0] - 1.5))


def tilt(points):
    return 1 / (1 + np.exp(-points[:, 0]))


def judged(n, rng, *, side, cause):
    """Texts of 20 dimensions; a cause is `harder`, `meaning` or `unfamiliar`, or all in one."""
    points = np.empty((0, 20))
    while len(points) < n:
        drawn = rng.normal(size=(4 * n, 20)) / np.sqrt(1 + np.arange(20) / 4)
        if "harder" in cause:
            g = tilt(drawn)
            drawn = drawn[rng.random(4 * n) < (g if side else 1 - g)]
        points = np.concatenate([points, drawn])[:n]
    probability = chance(points) * (0.85 if side and "meaning" in cause else 1.0)
    if side and "unfamiliar" in cause:
        new = rng.random(n) < 0.2
        points[new, 5:8] += 4.0
        probability[new] = 0.5
    return JudgedTexts(points, (rng.random(n) < probability).astype(float))


def true_parts(cause):
    """The three parts in points, from the known densities on a large sample of what both windows are drawn from."""
    points = np.random.default_rng(1).normal(size=(1_000_000, 1))
    g = tilt(points) if "harder" in cause else np.full(len(points), 0.5)
    familiar = 0.8 if "unfamiliar" in cause else 1.0
    before, after = (1 - g) / (1 - g).sum(), g / g.sum()
    shared = before * familiar * after / (before + familiar * after)
    shared /= shared.sum()
    old, now = chance(points), chance(points) * (0.85 if "meaning" in cause else 1.0)
    steps = [before @ old, shared @ old, shared @ now, familiar * (after @ now) + (1 - familiar) * 0.5]
    return 100 * np.diff(steps)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(400, 400), (1500, 300)])
@pytest.mark.parametrize("cause", ["", "harder", "meaning", "unfamiliar", "harder meaning unfamiliar"])
def test_parts_of_a_change_hold_the_truth(sizes, cause):
    rng = np.random.default_rng(2)
    truth = true_parts(cause)
    points, held = [], []
    for _ in range(REPEATS):
        windows = (judged(n, rng, side=side, cause=cause) for side, n in enumerate(sizes))
        split = split_accuracy_change(*windows, rng=rng)
        points.append([part.points for part in split.parts])
        held.append([part.low <= true <= part.high for part, true in zip(split.parts, truth, strict=True)])
    bias = np.abs(np.mean(points, axis=0) - truth)
    assert (bias < 1.0 + 3 * np.std(points, axis=0) / np.sqrt(REPEATS)).all(), bias
    assert (np.mean(held, axis=0) >= LEAST - 0.02).all(), np.mean(held, axis=0)
