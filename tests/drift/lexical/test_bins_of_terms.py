from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.lexical.terms import term_tests
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.vocabulary import Vocabulary
from textdrift.tokens.token_counts import BinnedCounts


def windows(holders: np.ndarray, sizes: np.ndarray, n: int) -> tuple[BinnedCounts, BinnedCounts]:
    terms = tuple(f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(holders.shape[1]))
    first, second = (
        BinnedCounts(sparse.csr_matrix(holders[side]), sparse.csr_matrix(holders[side]), sizes[side], terms)
        for side in (slice(n), slice(n, None))
    )
    return first, second


@pytest.mark.parametrize("n_bins_of_term", [1, 2, 3, 10])
def test_a_term_of_few_heavy_bins_is_seldom_significant_where_windows_are_uneven(n_bins_of_term: int) -> None:
    # 60 copies of a text in each of its bins, which are dealt out to 253 and 19 bins at random.
    rng = np.random.default_rng(n_bins_of_term)
    sizes = np.full(272, 80)
    p_values = []
    for _ in range(40):
        holders = np.zeros((272, 50), dtype=np.int64)
        for term in range(50):
            holders[rng.choice(272, size=n_bins_of_term, replace=False), term] = 60
        p_values.append(term_tests(*windows(holders, sizes, 253)).p_values)
    p_values = np.concatenate(p_values)
    for level in (0.05, 0.01, 0.001):
        share = float((p_values <= level).mean())
        assert share <= level + 3 * np.sqrt(level * (1 - level) / len(p_values)), level


def test_a_word_that_moved_does_not_look_overdispersed() -> None:
    rng = np.random.default_rng(0)
    sizes = np.full(256, 100)
    share = np.repeat([0.02, 0.10], 128)
    holders = np.stack([rng.binomial(100, share), rng.binomial(100, 0.05, size=256)], axis=1)
    tests = term_tests(*windows(holders, sizes, 128))
    assert tests.inflation[0] < 1.4
    row = tests.rows(np.array([0]))[0]
    half = (row["current_high"] - row["current_low"]) / 2
    assert half == pytest.approx(1.96 * np.sqrt(0.1 * 0.9 / 12_800), rel=0.25)


def test_words_of_dependent_bins_are_judged_by_the_splits_of_the_bins() -> None:
    rng = np.random.default_rng(1)
    sizes = np.full(256, 40)
    holders = rng.binomial(40, 0.05, size=(256, 300))
    holders[128:, 7] = rng.binomial(40, 0.11, size=128)
    result = TokenFrequency(n_permutations=499).compare(*windows(holders, sizes, 128), rng=rng)
    assert [row["term"] for row in result.table("terms")] == ["wah"]
    assert result.table("terms")[0]["p_value"] == pytest.approx(1 / 500)


@pytest.mark.slow
def test_no_word_is_named_in_bins_of_copies() -> None:
    rng = np.random.default_rng(2)
    named = 0
    for _ in range(200):
        sizes = 5 + rng.geometric(0.02, size=160)
        holders = np.minimum(rng.binomial(sizes[:, None], 0.03, size=(160, 120)), sizes[:, None])
        viral = rng.random((160, 120)) < 0.02
        holders = np.where(viral, sizes[:, None] * 3 // 4, holders)
        result = TokenFrequency(n_permutations=99).compare(*windows(holders, sizes, 120), rng=rng)
        named += bool(result.table("terms"))
    assert named <= 20  # binomial(200, 0.05): P(X > 20) = 0.002


@pytest.mark.slow
def test_new_words_of_uneven_bins_hold_their_level_and_are_found() -> None:
    rng = np.random.default_rng(3)
    alarms, found = 0, 0
    for _ in range(150):
        sizes = rng.poisson(12, size=160)
        chance = 1 / np.arange(2, 1502) ** 1.1
        holders = rng.binomial(sizes[:, None], np.minimum(chance, 0.5)[None])
        test = Vocabulary(n_permutations=99)
        alarms += test.compare(*windows(holders, sizes, 80), rng=rng).p_value <= 0.05
        extra = np.zeros((160, 90), dtype=np.int64)
        for word in range(90):
            extra[rng.integers(80, 160), word] = 1
        planted = np.hstack([holders, np.minimum(extra, sizes[:, None])])
        found += test.compare(*windows(planted, sizes, 80), rng=rng).p_value <= 0.05
    assert alarms <= 16  # binomial(150, 0.05): P(X > 16) = 0.002
    assert found >= 75  # half; without taking the sizes of splits out it is a few
