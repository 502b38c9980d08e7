"""Giveaways: a word that tells the label nearly always is named; topics and flipped words are not."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy import sparse, stats

from textdrift.drift.contract import DriftTest
from textdrift.drift.quality.giveaways import Giveaways, LabelledWords, _binomial_at_least
from textdrift.errors import SettingsError
from textdrift.tokens.token_counts import TokenCounts

LEVEL = 0.05 / 80
NAMES = ("negative", "neutral", "positive")
TERMS = (*(f"w{i:03}" for i in range(120)), "zmark")


def window(n: int, rng: np.random.Generator, *, leaning=None, mark=0.0, mark_purity=1.0, label=2) -> LabelledWords:
    """Documents of words that lean on labels by the odds given, and a mark in a share of those of one label."""
    labels = rng.choice(3, n, p=(0.5, 0.2, 0.3))
    base = np.geomspace(0.3, 0.01, 120)
    odds = np.random.default_rng(0).normal(0, 1.0, (120, 3)) if leaning is None else leaning
    weights = base * np.exp(odds[:, labels].T) / np.exp(odds).mean(axis=1)
    words = rng.random((n, 120)) < np.minimum(weights, 0.9)
    right = rng.random(n) < mark_purity
    marked = (rng.random(n) < mark) & np.where(right, labels == label, True)
    counts = sparse.csr_matrix(np.column_stack([words, marked]).astype(np.int32))
    counts.eliminate_zeros()
    return LabelledWords(TokenCounts(counts, TERMS), np.eye(3)[labels], NAMES)


def compared(reference, current):
    return Giveaways(level=LEVEL).compare(reference, current, rng=np.random.default_rng(0))


def test_the_tail_is_that_of_the_binomial():
    k, n = np.array([0.0, 3.0, 20.0]), np.array([5.0, 10.0, 20.0])
    assert _binomial_at_least(k, n, np.array(0.3)) == pytest.approx(stats.binom.sf(k - 1, n, 0.3))


def test_a_mark_written_with_the_label_is_named_with_its_label_and_share():
    rng = np.random.default_rng(1)
    result = compared(window(1500, rng), window(1500, rng, mark=0.6))
    (row,) = result.table("giveaways")
    assert isinstance(Giveaways(), DriftTest)
    assert result.p_value <= LEVEL
    assert (row["term"], row["label"], row["label_share"]) == ("zmark", "positive", 1.0)
    assert result.effects[0].value == pytest.approx(0.18, abs=0.03)
    assert result.table("causes")[0]["cause"] == "leak"
    assert "'zmark' gives the label away" in result.table("causes")[0]["sentence"]
    assert result.effects[0].detectable < 0.18


def test_a_word_that_told_the_label_before_is_named_no_more():
    rng = np.random.default_rng(2)
    assert compared(window(1500, rng, mark=0.6), window(1500, rng, mark=0.6)).p_value == 1.0
    assert compared(window(1500, rng, mark=0.03), window(1500, rng, mark=0.6)).table("giveaways") == ()


def test_a_new_word_that_leans_as_words_do_is_named_by_no_chance():
    rng = np.random.default_rng(3)
    result = compared(window(1500, rng), window(1500, rng, mark=0.5, mark_purity=0.93, label=0))
    assert result.table("causes") == ()
    assert result.p_value > 0.05


def test_words_whose_labels_flip_are_no_giveaways():
    rng = np.random.default_rng(4)
    leaning = np.random.default_rng(0).normal(0, 1.0, (120, 3))
    assert compared(window(1500, rng), window(1500, rng, leaning=leaning[:, [2, 1, 0]])).p_value > 0.05


def test_two_windows_of_one_source_alarm_no_more_often_than_promised():
    n_pairs = 200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "full" else 40
    rng = np.random.default_rng(5)
    strong = np.random.default_rng(1).normal(0, 2.0, (120, 3))
    p = [compared(window(400, rng, leaning=strong), window(400, rng, leaning=strong)).p_value for _ in range(n_pairs)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / n_pairs)


def test_a_small_reference_cannot_call_the_words_of_a_large_window_giveaways():
    rng = np.random.default_rng(15)
    strong = np.random.default_rng(1).normal(0, 2.5, (120, 3))
    p = [compared(window(80, rng, leaning=strong), window(3000, rng, leaning=strong)).p_value for _ in range(40)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 40)


def test_few_documents_say_nothing():
    rng = np.random.default_rng(6)
    result = compared(window(30, rng), window(30, rng, mark=1.0))
    assert (result.p_value, result.effects[0].detectable) == (1.0, float("inf"))


def test_a_level_that_is_no_probability_is_refused():
    with pytest.raises(SettingsError, match="level=0"):
        Giveaways(level=0)
