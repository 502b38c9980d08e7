from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from textdrift.stats.divergences import jensen_shannon, population_stability_index, total_variation

counts = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=20).filter(
    lambda pairs: sum(a for a, _ in pairs) > 0 and sum(b for _, b in pairs) > 0
)


def shares(pairs) -> tuple[np.ndarray, np.ndarray]:
    p, q = np.array(pairs, dtype=float).T
    return p / p.sum(), q / q.sum()


@given(counts)
def test_jensen_shannon_is_the_square_of_scipys_distance(pairs) -> None:
    p, q = shares(pairs)
    expected = np.nan_to_num(jensenshannon(p, q, base=2)) ** 2
    assert jensen_shannon(p, q) == pytest.approx(expected, abs=1e-12)


@given(counts)
def test_distances_are_symmetric_bounded_and_zero_for_equals(pairs) -> None:
    p, q = shares(pairs)
    for distance in (jensen_shannon, total_variation):
        assert distance(p, q) == pytest.approx(distance(q, p), abs=1e-12)
        assert 0 <= distance(p, q) <= 1 + 1e-12
        assert distance(p, p) == 0


@given(counts)
def test_jensen_shannon_is_at_most_total_variation(pairs) -> None:
    # Lin (1991), theorem 3.
    p, q = shares(pairs)
    assert jensen_shannon(p, q) <= total_variation(p, q) + 1e-12


def test_total_variation_is_the_share_of_rows_that_must_change() -> None:
    assert total_variation(np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.3, 0.2])) == pytest.approx(0.3)


@given(counts)
def test_population_stability_is_symmetric_finite_and_not_negative(pairs) -> None:
    p, q = np.array(pairs).T
    index = population_stability_index(p, q)
    assert np.isfinite(index)
    assert index >= -1e-12
    assert index == pytest.approx(population_stability_index(q, p), rel=1e-9, abs=1e-12)


def test_population_stability_of_a_hand_worked_table() -> None:
    p, q = np.array([60.5, 40.5]) / 101, np.array([50.5, 50.5]) / 101
    expected = sum((b - a) * np.log(b / a) for a, b in zip(p, q, strict=True))
    assert population_stability_index(np.array([60, 40]), np.array([50, 50])) == pytest.approx(expected)


def test_two_samples_of_one_source_exceed_the_usual_band_when_they_are_small() -> None:
    rng = np.random.default_rng(0)
    law = np.full(30, 1 / 30)
    indices = [population_stability_index(rng.multinomial(60, law), rng.multinomial(60, law)) for _ in range(50)]
    assert np.median(indices) > 0.25
