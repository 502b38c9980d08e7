"""The segment in which alike texts got other labels is named, and only that one."""

import os

import numpy as np
import pytest
from scipy.special import expit

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.findings.segment_concept import labels_changed_inside, recalibrated

REPEATS = 200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 1000


def fitted(rng, n=200, m=200, *, base=0.0, own=0.0, grown=0.0, gain=0.0, crossed=0.0, k=1):
    """Texts of one segment, with the guesses f and g that hold for all segments together.

    `own`: how much texts of a kind are labelled otherwise here than elsewhere, in both windows; `grown`: how much more
    common that kind became here.
    """
    points = rng.normal(size=(8 * (n + m), 20))
    kind = points[:, 1:4].sum(axis=1) / np.sqrt(3)
    drawn = rng.random(len(points)) < expit(np.log(m / n) + grown * kind)
    chosen = np.concatenate([np.flatnonzero(~drawn)[:n], np.flatnonzero(drawn)[:m]])
    points, kind = points[chosen], kind[chosen]
    current = np.repeat([0.0, 1.0], [n, m])
    if k == 1:
        f = expit(base + 1.2 * points[:, :1])
        y = (rng.random(n + m) < expit(base + 1.2 * points[:, 0] + own * kind)).astype(float)
        y[(current > 0) & (rng.random(n + m) < gain)] = 1.0
        hit = (current > 0) & (rng.random(n + m) < crossed)
        y[hit] = 1 - y[hit]
        y = y[:, None]
    else:
        odds = points[:, :1] * np.linspace(-1, 1, k) + base * np.arange(k)
        f = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
        y = np.eye(k)[(odds + rng.gumbel(size=odds.shape)).argmax(axis=1)]
    names = tuple("abcdef"[:k])
    return PooledFit(names, y, f, 0 * f, current, np.full(n + m, m / (n + m)), points, np.ones(k))


def changes(fit):
    return labels_changed_inside(recalibrated(fit, np.arange(len(fit.is_current))), fit.label_probability)


def test_guesses_to_scale_have_the_right_mean_and_find_what_is_peculiar():
    fit = fitted(np.random.default_rng(0), 2000, 1000, own=1.0)
    shifted = np.clip(fit.label_probability * 0.3, 0.01, 0.99)
    off = PooledFit(fit.label_names, fit.label, shifted, fit.score, fit.is_current, 0.5 * fit.window_probability,
                    fit.points, fit.inflation)  # fmt: skip
    chosen = np.arange(500, 2500)
    inside = recalibrated(off, chosen)
    assert inside.label_probability.mean() == pytest.approx(fit.label[chosen].mean(), abs=0.002)
    assert inside.window_probability.mean() == pytest.approx(fit.is_current[chosen].mean(), abs=0.002)
    assert len(inside.points) == 2000
    truth = expit(1.2 * inside.points[:, 0] + inside.points[:, 1:4].sum(axis=1) / np.sqrt(3))
    assert np.corrcoef(inside.label_probability[:, 0], truth)[0, 1] > 0.98


@pytest.mark.parametrize("rare", [0.0, 1.0])
def test_a_label_without_variety_is_no_change(rare):
    fit = fitted(np.random.default_rng(1), 40, 40)
    fit.label[:] = rare
    row = changes(fit)
    assert row["p_value"] > 0.3
    assert abs(row["net_change"]) < 0.05


def test_a_one_way_change_is_measured():
    rows = [changes(fitted(np.random.default_rng(seed), 600, 600, gain=0.3)) for seed in range(40)]
    # Half of the texts did not carry the label.
    assert np.mean([row["net_change"] for row in rows]) == pytest.approx(0.15, abs=0.015)
    assert np.mean([row["low"] <= 0.15 <= row["high"] for row in rows]) >= 0.85
    assert np.mean([row["p_value"] < 0.001 for row in rows]) >= 0.9
    assert all(row["effect"] >= abs(row["net_change"]) for row in rows)


def test_texts_that_cross_over_are_seen_though_the_net_is_nothing():
    rows = [changes(fitted(np.random.default_rng(seed), 600, 600, crossed=0.25)) for seed in range(40)]
    assert abs(np.mean([row["net_change"] for row in rows])) < 0.02
    assert np.mean([row["p_value"] < 0.001 for row in rows]) >= 0.85
    assert np.median([row["effect"] for row in rows]) == pytest.approx(0.25, abs=0.07)


@pytest.mark.parametrize(("how", "share"), [({"crossed": 0.6}, 0.6), ({"crossed": 1.0}, 1.0), ({"gain": 1.0}, 0.5)])
def test_changes_of_most_labels_are_measured(how, share):
    rows = [changes(fitted(np.random.default_rng(seed), 300, 300, **how)) for seed in range(20)]
    assert np.mean([row["effect"] for row in rows]) == pytest.approx(share, abs=0.08)
    assert max(row["p_value"] for row in rows) < 1e-3


def test_a_segment_that_always_was_another_is_not_called_changed_when_its_texts_move():
    rng = np.random.default_rng(2)
    p = np.array([changes(fitted(rng, 400, 600, own=1.0, grown=0.7))["p_value"] for _ in range(200)])
    assert (p < 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_without_scale_that_segment_would_be_called_changed():
    rng = np.random.default_rng(2)
    fits = [fitted(rng, 400, 600, own=1.0, grown=0.7) for _ in range(50)]
    p = np.array([labels_changed_inside(fit, fit.label_probability)["p_value"] for fit in fits])
    assert (p < 0.05).mean() > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "m", "how"),
    [
        (30, 30, {}),
        (30, 30, {"base": -2.5}),
        (60, 200, {"base": -3.0}),
        (200, 60, {"base": -3.0}),
        (200, 200, {"own": 0.8, "grown": 0.5}),
        (100, 60, {"k": 5, "base": -0.4}),
    ],
)
def test_p_values_hold_their_level_far_out(n, m, how):
    rng = np.random.default_rng(3)
    rows = [changes(fitted(rng, n, m, **how)) for _ in range(REPEATS)]
    p = np.array([row["p_value"] for row in rows])
    for level in (0.05, 0.01, 0.001):
        assert (p < level).mean() <= level + 3.2 * np.sqrt(level * (1 - level) / REPEATS)
    held = np.mean([row["low"] <= 0 <= row["high"] for row in rows])
    assert held >= 0.95 - 3.2 * np.sqrt(0.05 * 0.95 / REPEATS)
