import json
import os

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.relabelled_shares import relabelled_ways
from textdrift.drift.concept.reversal import reversal
from textdrift.tokens.token_counts import TokenCounts

NAMES = ("negative", "positive")
TERMS = ("great", "lovely", "slow", "the")
REPEATS = 200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "large" else 60


def drawn(rng, n=1500, *, sarcasm=0.0, softened=0.0, crossed=0.0, prior=0.0):
    """Texts of known P(positive | text); log-odds of current ones may move, and labels may turn."""
    f = rng.beta(0.6, 0.6, 2 * n).clip(0.02, 0.98)
    current = np.arange(2 * n) >= n
    odds = np.log(f / (1 - f)) + prior * current
    y = rng.random(2 * n) < 1 / (1 + np.exp(-odds))
    plain = y.copy()
    y &= ~(current & plain & (rng.random(2 * n) < sarcasm))
    y |= current & ~plain & (rng.random(2 * n) < softened)
    y ^= current & (rng.random(2 * n) < crossed)
    # Both windows have taught the guess, half of the change each way.
    pooled = 1 / (1 + np.exp(-(np.log(f / (1 - f)) + prior / 2)))
    pooled = pooled * (1 - sarcasm / 2) + (1 - pooled) * softened / 2
    pooled = pooled * (1 - crossed / 2) + (1 - pooled) * crossed / 2
    fit = PooledFit(
        ("positive",), y[:, None].astype(float), pooled[:, None], pooled[:, None], current.astype(float),
        np.full(2 * n, 0.5), pooled[:, None], np.ones(1),
    )  # fmt: skip
    return fit, f[:, None]


def share_of(patterns, rng, **how):
    return np.mean([reversal(*drawn(rng, **how), NAMES).pattern in patterns for _ in range(REPEATS)])


def test_ways_are_the_regression_written_out():
    fit, _ = drawn(np.random.default_rng(0), 60, crossed=0.3)
    y, f, v = fit.label[:, 0], fit.label_probability[:, 0], fit.window_residual
    plain = np.array([[1 - a, a] for a in f])
    f = plain @ np.linalg.solve(plain.T @ plain, plain.T @ y)
    design = np.array([[b * (1 - a), -b * a] for a, b in zip(f, v, strict=True)])
    # Drawn to 0 as if known to be within a half of it, and what that may be wrong by.
    precision = np.mean((y - f) ** 2) / 0.5**2
    gram = np.linalg.inv(design.T @ design + precision * np.eye(2))
    shares = gram @ design.T @ (y - f)
    left = y - f - design @ shares
    ours, covariance = relabelled_ways(fit, 0)
    grown = 1 + shares.sum() / 2
    np.testing.assert_allclose(ours, shares / grown, rtol=1e-8)
    step = 1e-6
    slopes = np.column_stack([((shares + d) / (grown + step / 2) - shares / grown) / step for d in step * np.eye(2)])
    sandwich = gram @ ((design.T * left**2) @ design + (0.5 * precision) ** 2 * np.eye(2)) @ gram
    np.testing.assert_allclose(covariance, slopes @ sandwich @ slopes.T, rtol=1e-4)


def test_gains_and_losses_are_measured_with_honest_errors():
    rng = np.random.default_rng(1)
    found = [relabelled_ways(drawn(rng, sarcasm=0.2)[0], 0) for _ in range(60)]
    shares = np.array([shares for shares, _ in found])
    errors = np.sqrt([np.diag(covariance) for _, covariance in found])
    np.testing.assert_allclose(shares.mean(axis=0), [0.0, 0.2], atol=0.02)
    np.testing.assert_allclose(errors.mean(axis=0), shares.std(axis=0), rtol=0.35)


def test_positive_texts_under_negative_labels_are_called_sarcasm():
    found = reversal(*drawn(np.random.default_rng(2), sarcasm=0.15), NAMES)
    assert (found.change, found.pattern) == ("flip", "sarcasm")
    assert found.p_value <= 0.05
    band = next(row for row in found.bands if row["reads"] == "positive")
    assert band["low"] < 0.14 < band["high"]
    assert found.sentence.startswith("Texts that read positive now carry negative labels: ")
    assert "of 100 clearly positive texts, as sarcasm does" in found.sentence


def test_the_mirror_of_sarcasm_is_told_apart():
    found = reversal(*drawn(np.random.default_rng(3), softened=0.15), NAMES)
    assert found.pattern == "softened"
    assert "sarcasm" not in found.sentence


def test_crossings_both_ways_are_no_sarcasm():
    found = reversal(*drawn(np.random.default_rng(4), crossed=0.15), NAMES)
    assert (found.change, found.pattern) == ("flip", "two_ways")
    assert "both ways" in found.sentence


def test_a_moved_share_of_labels_is_a_shift_and_no_sarcasm():
    found = reversal(*drawn(np.random.default_rng(5), prior=-0.8), NAMES)
    assert (found.change, found.pattern) == ("shift", None)
    assert "for all texts alike" in found.sentence


def test_nothing_is_said_where_nothing_changed():
    found = reversal(*drawn(np.random.default_rng(6)), NAMES)
    assert (found.change, found.pattern, found.p_value) == ("none", None, 1.0)
    assert "no pattern" in found.sentence


@pytest.mark.parametrize(
    "how", [{}, {"n": 300}, {"crossed": 0.1}, {"crossed": 0.2}, {"prior": -0.6}, {"prior": 0.6}],
    ids=["nothing", "few texts", "a tenth at random", "a fifth at random", "fewer positive", "more positive"],
)  # fmt: skip
@pytest.mark.slow
def test_sarcasm_is_hardly_ever_claimed_where_there_is_none(how):
    # 60 at 0.05: 9 or more (0.15) have probability 0.003.
    assert share_of({"sarcasm", "softened"}, np.random.default_rng(7), **how) < 0.15


@pytest.mark.slow
def test_sarcasm_in_one_of_seven_positive_texts_is_nearly_always_seen():
    assert share_of({"sarcasm"}, np.random.default_rng(8), sarcasm=0.15) > 0.9


def test_words_are_those_that_lean_positive_and_stand_in_crossing_texts():
    rng = np.random.default_rng(9)
    fit, guess = drawn(rng, sarcasm=0.2)
    likely = rng.random(3000) < guess[:, 0]
    held = np.column_stack(
        [likely & (rng.random(3000) < 0.3), likely & (rng.random(3000) < 0.1), ~likely, np.ones(3000, bool)]
    )
    counts = [TokenCounts(sparse.csr_matrix(part.astype(np.int32)), TERMS) for part in (held[:1500], held[1500:])]
    found = reversal(fit, guess, NAMES, counts=tuple(counts))
    assert found.words == ("great", "lovely")
    assert found.sentence.endswith("; most often with 'great', 'lovely'.")


def test_ratings_have_sides_and_topics_have_none():
    rng = np.random.default_rng(10)
    fit, guess = drawn(rng, sarcasm=0.2)
    names = {"positive": "5", "negative": "1"}
    rated = PooledFit(
        ("5",), fit.label, fit.label_probability, fit.score, fit.is_current, fit.window_probability, fit.points,
        fit.inflation,
    )  # fmt: skip
    assert reversal(rated, guess, tuple(sorted(names.values()))).pattern == "sarcasm"
    topical = PooledFit(
        ("sports",), fit.label, fit.label_probability, fit.score, fit.is_current, fit.window_probability, fit.points,
        fit.inflation,
    )  # fmt: skip
    found = reversal(topical, guess, ("politics", "sports"))
    assert (found.change, found.pattern) == ("flip", None)
    assert "texts that clearly read sports" in found.sentence


def test_three_labels_are_joined_to_their_sides():
    rng = np.random.default_rng(11)
    n = 3000
    law = rng.dirichlet([0.3, 0.3, 0.3], size=2 * n).clip(0.01)
    law /= law.sum(axis=1, keepdims=True)
    codes = (law.cumsum(axis=1) < rng.random((2 * n, 1))).sum(axis=1).clip(0, 2)
    current = np.arange(2 * n) >= n
    codes[current & (codes == 2) & (rng.random(2 * n) < 0.2)] = 0
    pooled = law @ np.array([[1, 0, 0], [0, 1, 0], [0.1, 0, 0.9]])
    fit = PooledFit(
        ("negative", "neutral", "positive"), np.eye(3)[codes], pooled, pooled, current.astype(float),
        np.full(2 * n, 0.5), pooled, np.ones(3),
    )  # fmt: skip
    found = reversal(fit, law, fit.label_names)
    assert found.pattern == "sarcasm"
    assert [(row["label"], row["way"]) for row in found.ways if row["p_value"] < 0.001] == [
        ("negative", "gained"),
        ("positive", "lost"),
    ]


def test_windows_without_clear_texts_claim_nothing():
    rng = np.random.default_rng(12)
    fit, guess = drawn(rng, sarcasm=0.3)
    found = reversal(fit, np.full_like(guess, 0.5), NAMES)
    assert (found.pattern, found.bands) == (None, ())


def test_what_is_described_is_plain_json():
    found = reversal(*drawn(np.random.default_rng(13), sarcasm=0.2), NAMES)
    described = found.described()
    assert json.loads(json.dumps(described)) == described
