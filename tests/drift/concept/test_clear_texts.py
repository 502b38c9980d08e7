import os

import numpy as np
import pytest

from textdrift.drift.concept.clear_texts import clear_texts
from textdrift.drift.concept.label_poles import label_poles
from textdrift.drift.concept.pooled_fit import PooledFit

NAMES = ("positive", "negative")
REPEATS = 300 if os.environ.get("TEXTDRIFT_CALIBRATION") == "large" else 100


def drawn(rng, n=1000, *, prior=0.0, sarcasm=0.0):
    """Texts of known P(positive | text); log-odds of current ones may move, and positive labels turn."""
    f = rng.beta(0.6, 0.6, 2 * n).clip(0.02, 0.98)
    current = np.arange(2 * n) >= n
    odds = np.log(f / (1 - f))
    y = rng.random(2 * n) < 1 / (1 + np.exp(-(odds + prior * current)))
    y &= ~(current & (rng.random(2 * n) < sarcasm))
    pooled = 1 / (1 + np.exp(-(odds + prior / 2))) * (1 - sarcasm / 2)
    fit = PooledFit(
        ("positive",), y[:, None].astype(float), pooled[:, None], pooled[:, None], current.astype(float),
        np.full(2 * n, 0.5), pooled[:, None], np.ones(1),
    )  # fmt: skip
    return fit, np.column_stack([f, 1 - f])


def bands_of(fit, guesses, poles=True):
    shares = np.column_stack([fit.label[:, 0], 1 - fit.label[:, 0]])
    return clear_texts(fit, ("negative", "positive"), NAMES, shares, guesses, label_poles(NAMES) if poles else None)


def test_the_share_that_crossed_is_the_overlap_weighted_one_written_out():
    fit, guesses = drawn(np.random.default_rng(0), 100, sarcasm=0.3)
    band = bands_of(fit, guesses)[0]
    inside = [i for i in range(200) if guesses[i, 0] >= 0.7]
    pairs = [(fit.label_probability[i, 0] - fit.label[i, 0], fit.is_current[i] - 0.5) for i in inside]
    assert band.members.sum() == len(inside)
    assert band.crossed == pytest.approx(sum(r * v for r, v in pairs) / sum(v * v for _, v in pairs))
    assert band.error == pytest.approx(sum((r * v) ** 2 for r, v in pairs) ** 0.5 / sum(v * v for _, v in pairs))


def test_without_poles_every_label_is_a_side_and_the_other_one_its_turn():
    bands = bands_of(*drawn(np.random.default_rng(1)), poles=False)
    assert [(band.reads, band.turned) for band in bands] == [("positive", "negative"), ("negative", "positive")]


def test_few_clear_texts_are_no_band():
    fit, guesses = drawn(np.random.default_rng(2), 12)
    assert bands_of(fit, guesses) == []


def test_rows_are_plain_and_count_both_windows():
    fit, guesses = drawn(np.random.default_rng(3))
    row = bands_of(fit, guesses)[0].described(fit.is_current > 0)
    assert row["n_reference"] + row["n_current"] == (guesses[:, 0] >= 0.7).sum()
    assert row["low"] < row["crossed"] < row["high"]


@pytest.mark.slow
@pytest.mark.parametrize("prior", [0.0, -0.7, 0.7])
def test_a_uniform_move_of_log_odds_is_no_crossing(prior):
    # One-sided, at 0.05 in either band: of 200, 20 or more have probability 0.003.
    rng = np.random.default_rng(4)
    p = [band.p_beyond_shift for _ in range(REPEATS) for band in bands_of(*drawn(rng, prior=prior))]
    assert np.mean(np.array(p) <= 0.05) < 0.10


@pytest.mark.slow
def test_labels_that_turn_in_clear_texts_are_beyond_a_uniform_move():
    rng = np.random.default_rng(5)
    p = [bands_of(*drawn(rng, 1500, sarcasm=0.15))[0].p_beyond_shift for _ in range(REPEATS)]
    assert np.mean(np.array(p) <= 0.05) > 0.8
