from __future__ import annotations

import math
import time

import numpy as np
import pytest

from textdrift.errors import SettingsError
from textdrift.stats.vocabulary_growth import (
    FrequencySpectrum,
    expected_types,
    forecast_new_types,
    frequency_spectrum,
    heaps_law,
    index_of_dispersion,
)

# How many words Shakespeare used once, twice, … a hundred times; 846 more he used more often (Efron and Thisted 1976).
SHAKESPEARE = [
    14376, 4343, 2292, 1463, 1043, 837, 638, 519, 430, 364, 305, 259, 242, 223, 187, 181, 179, 130, 127, 128, 104, 105,
    99, 112, 93, 74, 83, 76, 72, 63, 73, 47, 56, 59, 53, 45, 34, 49, 45, 52, 49, 41, 30, 35, 37, 21, 41, 30, 28, 19, 25,
    19, 28, 27, 31, 19, 19, 22, 23, 14, 30, 19, 21, 18, 15, 10, 15, 14, 11, 16, 13, 12, 10, 16, 18, 11, 8, 15, 12, 7,
    13, 12, 11, 8, 10, 11, 7, 12, 9, 8, 4, 7, 6, 7, 10, 10, 15, 7, 7, 5,
]  # fmt: skip
# Species of butterflies that Corbet trapped once, twice, … 24 times (Fisher, Corbet and Williams 1943).
BUTTERFLIES = [118, 74, 44, 24, 29, 22, 20, 19, 20, 15, 12, 14, 6, 12, 6, 9, 9, 6, 10, 10, 11, 5, 3, 3]


def spectrum_of(counts: list[int]) -> FrequencySpectrum:
    return FrequencySpectrum(np.arange(1, len(counts) + 1), np.array(counts))


def documents(n: int, rng: np.random.Generator, *, n_terms: int = 3000) -> np.ndarray:
    """Which of n documents hold which terms, independently, the terms of Zipf's law; shape (n, v), boolean."""
    return rng.random((n, n_terms)) < 1.0 / np.arange(2, n_terms + 2)


def test_expected_types_are_the_mean_over_all_parts() -> None:
    held = np.array([[1, 0, 0, 1, 0], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]], dtype=bool)
    from itertools import combinations

    for k in range(5):
        seen = [held[list(part)].any(axis=0).sum() for part in combinations(range(4), k)]
        assert expected_types(held.sum(axis=0), 4, k) == pytest.approx(np.mean(seen), abs=1e-12)


def test_expected_types_are_the_mean_of_random_parts() -> None:
    rng = np.random.default_rng(0)
    held = documents(200, rng)
    for k in (3, 40, 150):
        seen = [held[rng.permutation(200)[:k]].any(axis=0).sum() for _ in range(400)]
        expected = float(expected_types(held.sum(axis=0), 200, k))
        assert abs(np.mean(seen) - expected) < 4 * np.std(seen) / 20


def test_expected_types_keep_their_digits_in_a_huge_window() -> None:
    # A term of one document is in a part of k of N documents with chance k / N.
    n_documents, k = 10**9, 10**7
    np.testing.assert_allclose(expected_types(np.ones(1000, dtype=int), n_documents, k), 10.0, rtol=1e-9)
    exact = 1.0 - math.exp(math.fsum(math.log1p(-k / (n_documents - j)) for j in range(17)))
    np.testing.assert_allclose(expected_types([17], n_documents, k), exact, rtol=1e-9)


def test_expected_types_grow_from_none_to_all_and_ever_more_slowly() -> None:
    rng = np.random.default_rng(1)
    frequency = documents(300, rng).sum(axis=0)
    types = expected_types(frequency, 300, np.arange(301))
    assert types[0] == 0.0
    assert types[1] == pytest.approx(frequency.sum() / 300)
    assert types[-1] == pytest.approx(np.count_nonzero(frequency))
    steps = np.diff(types)
    assert (steps > 0).all()
    assert (np.diff(steps) < 1e-9).all()


def test_expected_types_have_the_shape_of_the_sizes() -> None:
    assert expected_types([2, 1], 4, 2).shape == ()
    assert expected_types([2, 1], 4, [[1, 2], [3, 4]]).shape == (2, 2)
    assert expected_types([], 4, [1, 4]).tolist() == [0.0, 0.0]
    assert expected_types([0, 0], 4, [1, 4]).tolist() == [0.0, 0.0]


def test_growth_by_a_power_has_that_exponent() -> None:
    # Chances falling as rank ** -(1 / beta) make a vocabulary of n ** beta types.
    beta = 0.5
    chance = np.minimum(1.0, 1.0 / np.arange(1, 400_001) ** (1 / beta))
    rng = np.random.default_rng(2)
    frequency = rng.binomial(20_000, chance)
    law = heaps_law(frequency, 20_000)
    assert law.exponent == pytest.approx(beta, abs=0.04)
    grown = expected_types(frequency, 20_000, [2_000, 8_000])
    np.testing.assert_allclose(law.types([2_000, 8_000]), grown, rtol=0.02)


def test_windows_of_two_sizes_grow_alike_over_the_same_sizes_only() -> None:
    rng = np.random.default_rng(3)
    held = documents(1200, rng)
    small, large = held[:200].sum(axis=0), held[200:].sum(axis=0)
    exponent = heaps_law(small, 200).exponent
    assert heaps_law(large, 1000, largest=200).exponent == pytest.approx(exponent, abs=0.02)
    assert heaps_law(large, 1000).exponent < exponent - 0.1


def test_a_law_needs_terms_and_two_documents() -> None:
    for frequency, n_documents in (([], 50), ([1, 1, 1], 1), ([], 0)):
        assert math.isnan(heaps_law(frequency, n_documents).exponent)
    assert heaps_law([1, 1, 1], 1).scale == 3.0
    assert heaps_law([2, 2], 2).exponent == pytest.approx(0.0, abs=1e-12)


def test_growth_is_not_known_beyond_the_window() -> None:
    with pytest.raises(SettingsError, match="largest=60, but the window has 50 documents"):
        heaps_law([1, 2], 50, largest=60)


def test_shakespeare_would_bring_as_many_new_words_as_was_published() -> None:
    # 11,430 ± 178 (Efron and Thisted 1976). Their sum knew the 846 words used more than a hundred times, each of which
    # adds or takes one; the error counts them all.
    forecast = forecast_new_types(spectrum_of(SHAKESPEARE), 1.0)
    assert sum(SHAKESPEARE) + 846 == 31_534
    assert forecast.expected == pytest.approx(11_430, abs=2 * math.sqrt(846))
    assert math.hypot(forecast.standard_error, math.sqrt(846)) == pytest.approx(178, abs=0.5)


def test_butterflies_come_as_published() -> None:
    # Efron and Hastie 2016, Computer Age Statistical Inference, table 6.3.
    published = [0, 11.10, 20.96, 29.79, 37.79, 45.2, 52.1, 58.9, 65.6, 71.6, 75.0]
    forecasts = [forecast_new_types(spectrum_of(BUTTERFLIES), step / 10).expected for step in range(11)]
    np.testing.assert_allclose(forecasts, published, atol=0.051)


@pytest.mark.parametrize("t", [0.3, 1.0, 2.0])
def test_forecasts_are_right_and_so_is_their_error(t: float) -> None:
    rng = np.random.default_rng(4)
    n, chance = 400, 1.0 / np.arange(2, 20_002)
    misses = []
    for _ in range(200):
        seen, coming = rng.binomial(n, chance), rng.binomial(round(t * n), chance)
        forecast = forecast_new_types(frequency_spectrum(seen), t)
        new = np.count_nonzero((seen == 0) & (coming > 0))
        misses.append((new - forecast.expected) / forecast.forecast_error)
    assert abs(np.mean(misses)) < 0.35
    assert 0.75 < np.std(misses) < 1.2


def test_far_forecasts_lean_to_a_few_too_few() -> None:
    rng = np.random.default_rng(4)
    n, chance = 400, 1.0 / np.arange(2, 20_002)
    ratios = []
    for _ in range(100):
        seen, coming = rng.binomial(n, chance), rng.binomial(4 * n, chance)
        new = np.count_nonzero((seen == 0) & (coming > 0))
        ratios.append(forecast_new_types(frequency_spectrum(seen), 4.0).expected / new)
    assert 0.9 < np.mean(ratios) < 0.99


def test_terms_that_come_together_make_a_forecast_less_sure_by_as_much() -> None:
    # Every term of one document of its own comes with nine others.
    rng = np.random.default_rng(5)
    n, chance, copies = 400, 1.0 / np.arange(2, 2_002), 10
    misses = []
    for _ in range(300):
        seen, coming = rng.binomial(n, chance), rng.binomial(n // 2, chance)
        once = np.zeros(n)
        np.add.at(once, rng.integers(0, n, np.count_nonzero(seen == 1)), copies)
        forecast = forecast_new_types(
            frequency_spectrum(np.repeat(seen, copies)), 0.5, overdispersion=index_of_dispersion(once)
        )
        new = copies * np.count_nonzero((seen == 0) & (coming > 0))
        misses.append((new - forecast.expected) / forecast.forecast_error)
    assert 0.8 < np.std(misses) < 1.2


def test_more_documents_bring_more_new_types() -> None:
    for counts in (SHAKESPEARE, BUTTERFLIES):
        times = np.linspace(0, 1, 21)
        expected = [forecast_new_types(spectrum_of(counts), t).expected for t in times]
        assert (np.diff(expected) > 0).all()
        errors = [forecast_new_types(spectrum_of(counts), t).standard_error for t in times]
        assert (np.diff(errors) > 0).all()
    expected = [forecast_new_types(spectrum_of(SHAKESPEARE), t).expected for t in (1.0, 1.1, 1.5, 2, 3, 5, 8, 11)]
    assert (np.diff(expected) > 0).all()


def test_smoothing_begins_where_the_plain_sum_ends() -> None:
    plain = forecast_new_types(spectrum_of(SHAKESPEARE), 1.0)
    smoothed = forecast_new_types(spectrum_of(SHAKESPEARE), 1.0 + 1e-9)
    assert abs(smoothed.expected - plain.expected) < plain.standard_error


def test_a_forecast_is_never_negative() -> None:
    # Every term in exactly two documents: the plain sum is −100.
    forecast = forecast_new_types(frequency_spectrum(np.full(100, 2)), 1.0)
    assert forecast.expected == 0.0
    assert forecast.standard_error == pytest.approx(10.0)


@pytest.mark.parametrize("t", [-0.1, 13.0, math.nan])
def test_what_nobody_can_foresee_is_refused(t: float) -> None:
    with pytest.raises(SettingsError, match=r"foresees from 0 up to 12\.1 times"):
        forecast_new_types(spectrum_of(SHAKESPEARE), t)


def test_no_terms_and_one_document_can_be_asked_about() -> None:
    nothing = forecast_new_types(frequency_spectrum([]), 1.0)
    assert (nothing.expected, nothing.standard_error, nothing.forecast_error) == (0.0, 0.0, 0.0)
    one = forecast_new_types(frequency_spectrum([1, 1, 1]), 1.0)
    assert (one.expected, one.standard_error) == (3.0, pytest.approx(math.sqrt(3)))
    assert index_of_dispersion([]) == index_of_dispersion([3]) == index_of_dispersion([0, 0]) == 1.0


def test_counts_of_chance_have_no_overdispersion() -> None:
    assert index_of_dispersion(np.random.default_rng(6).poisson(3.0, 20_000)) == pytest.approx(1.0, abs=0.05)


@pytest.mark.speed
def test_a_million_terms_take_less_than_a_second() -> None:
    frequency = np.minimum((1 / np.random.default_rng(7).random(1_000_000)).astype(np.int64), 10**6)
    started = time.perf_counter()
    heaps_law(frequency, 10**6)
    forecast_new_types(frequency_spectrum(frequency), 3.0)
    assert time.perf_counter() - started < 1.0
