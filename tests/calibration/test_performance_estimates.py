"""Do intervals of accuracy and cost hold the truth in 95 of 100 windows: no drift, other texts, rare dear mistakes."""

import os

import numpy as np
import pytest
from scipy.special import expit, softmax

from textdrift.findings.cost_table import CostTable
from textdrift.findings.costing import price
from textdrift.performance.estimating import estimate_accuracy
from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.valued_shares import difference_interval, mean_interval

REPEATS = 60 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300
TABLES = 20 * REPEATS


def covers_95(hits):
    return np.mean(hits) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / len(hits))


def scored(labels, probabilities):
    n, k = probabilities.shape
    return ScoredRows(
        label_names=tuple("abc"[:k]),
        labels=labels,
        predictions=probabilities.argmax(axis=1),
        probabilities=probabilities,
        documents=np.arange(n),
        rows=np.arange(n),
    )


def drawn(rng, n, k, *, temperature, moved=0.0, spread=1.0, distorted=0.0):
    """Draw labels from a true score; the model knows a distorted one, with the wrong temperature and a bias."""
    score = 2 * spread * rng.normal(size=(n, k)) + np.array([0.4 + moved, 0.0, -0.3])[:k]
    truth = softmax(score, axis=1)
    labels = (rng.random(n)[:, None] > truth.cumsum(axis=1)).sum(axis=1).clip(0, k - 1)
    said = softmax(temperature * score + distorted * np.sin(score) + np.array([0.3, -0.2, 0.0])[:k], axis=1)
    return scored(labels, said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("k", "n", "m", "temperature", "shift"),
    [
        (2, 60, 300, 2.0, {}),
        (2, 300, 300, 2.0, {}),
        (2, 1000, 500, 0.5, {}),
        (3, 60, 1000, 2.0, {}),
        (3, 300, 300, 2.0, {}),
        (2, 1000, 1000, 2.0, {"moved": 1.5, "spread": 0.6}),
        (3, 1000, 1000, 0.5, {"moved": 1.5, "spread": 0.6}),
    ],
)
def test_the_interval_of_the_estimated_accuracy_holds_the_measured_one(k, n, m, temperature, shift):
    rng = np.random.default_rng([1, k, n, m])
    hits, errors = [], []
    for _ in range(REPEATS):
        reference = drawn(rng, n, k, temperature=temperature)
        current = drawn(rng, m, k, temperature=temperature, **shift)
        accuracy = estimate_accuracy(reference, current, std_shift=None, rng=rng).accuracy
        measured = (current.labels == current.predictions).mean()
        hits.append(accuracy.low <= measured <= accuracy.high)
        errors.append(accuracy.value - measured)
    assert covers_95(hits)
    assert abs(np.mean(errors)) <= 0.01


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3])
def test_it_holds_without_drift_where_scales_and_biases_cannot_mend_the_probabilities(k):
    rng = np.random.default_rng([2, k])
    hits = []
    for _ in range(REPEATS):
        reference, current = (drawn(rng, n, k, temperature=1.0, distorted=1.5) for n in (500, 2000))
        accuracy = estimate_accuracy(reference, current, std_shift=None, rng=rng).accuracy
        hits.append(accuracy.low <= (current.labels == current.predictions).mean() <= accuracy.high)
    assert covers_95(hits)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "before", "after", "n", "m"),
    [
        ([100, 1], [0.003, 0.1], [0.003, 0.1], 300, 300),
        ([100, 1], [0.003, 0.1], [0.02, 0.1], 300, 300),
        ([100, 1], [0.003, 0.1], [0.005, 0.12], 1000, 300),
        ([50], [0.01], [0.01], 300, 300),
        ([1, -0.2], [0.2, 0.8], [0.25, 0.75], 300, 300),
        ([1, -1], [0.5, 0.5], [0.45, 0.55], 300, 280),
        ([200, -1], [0.004, 0.6], [0.008, 0.6], 300, 300),
        ([1, 2, 3, 4, 5, 6], [0.01] * 6, [0.01] * 6, 300, 300),
        ([5, 1], [0.05, 0.2], [0.1, 0.2], 40, 40),
    ],
)
def test_the_interval_of_a_measured_cost_holds_the_true_change(values, before, after, n, m):
    rng = np.random.default_rng([3, n, m, len(values)])
    values = np.array(values, dtype=float)
    truth = values @ (np.array(after) - before)
    tables = [
        rng.multinomial(size, [*shares, max(0.0, 1 - sum(shares))], TABLES)[:, :-1]
        for size, shares in ((n, before), (m, after))
    ]
    hits = []
    for first, second in zip(*tables, strict=True):
        change = difference_interval(mean_interval(values, first, n), mean_interval(values, second, m))
        hits.append(change.low - 1e-12 <= truth <= change.high + 1e-12)
    assert covers_95(hits)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "shares"),
    [
        ([100], [0.005]),
        ([100], [0.0012]),
        ([-100], [0.005]),
        ([100, 20], [0.002, 0.004]),
        ([100, 1], [0.005, 0.1]),
        ([100, -1], [0.005, 0.8]),
        ([1, 2, 3, 4, 5, 6], [0.003] * 6),
    ],
)
@pytest.mark.parametrize(("n", "m"), [(200, 8000), (8000, 200), (500, 10_000)])
def test_neither_end_of_the_change_is_missed_too_often_where_one_window_is_small(values, shares, n, m):
    rng = np.random.default_rng([6, n, m, len(values)])
    tables = [rng.multinomial(size, [*shares, 1 - sum(shares)], TABLES)[:, :-1] for size in (n, m)]
    changes = [
        difference_interval(mean_interval(values, first, n), mean_interval(values, second, m))
        for first, second in zip(*tables, strict=True)
    ]
    most = 0.025 + 3 * np.sqrt(0.025 * 0.975 / TABLES)
    assert np.mean([change.high < -1e-12 for change in changes]) <= most
    assert np.mean([change.low > 1e-12 for change in changes]) <= most


def rare(rng, n, *, moved, lean):
    """Draw two classes of which the first is rare; the model boasts."""
    score = 2 * rng.normal(size=n) + moved + lean
    said = expit(2 * score + 0.3)
    return scored((rng.random(n) < expit(score)).astype(int), np.column_stack([1 - said, said]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "moved", "lean"), [(300, 0.0, 3.0), (300, -1.0, 3.0), (1000, -1.0, 3.0), (1000, 0.0, 0.0)]
)
def test_the_interval_of_an_estimated_cost_holds_the_true_change(n, moved, lean):
    rng = np.random.default_rng([4, n])
    table = CostTable(matrix={"a": {"b": 100.0}, "b": {"a": 1.0}}, volume=1)
    values = table.values(("a", "b"))
    many = [rare(np.random.default_rng(5), 400_000, moved=shift, lean=lean) for shift in (0.0, moved)]
    truth = np.diff([values[rows.labels, rows.predictions].mean() for rows in many])[0]
    hits = {"labels": [], "estimate": []}
    for _ in range(REPEATS):
        reference, current = rare(rng, n, moved=0.0, lean=lean), rare(rng, n, moved=moved, lean=lean)
        cost = price(table, reference, current, estimate_accuracy(reference, current, std_shift=None, rng=rng))
        for change in (cost.measured, cost.estimated):
            hits[change.basis].append(change.change.low <= truth <= change.change.high)
    assert covers_95(hits["labels"])
    assert covers_95(hits["estimate"])
