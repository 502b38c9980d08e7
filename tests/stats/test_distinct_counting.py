from __future__ import annotations

import numpy as np
import pytest

from textdrift.stats.distinct_counting import KEPT, distinct_estimate, smallest_hashes


def hashes(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, size=n, dtype=np.uint64)


def test_few_things_are_counted_exactly() -> None:
    drawn = hashes(700, 0)
    assert distinct_estimate(smallest_hashes(np.repeat(drawn, 3))) == 700
    assert distinct_estimate(smallest_hashes()) == 0


def test_many_things_are_counted_within_the_stated_error() -> None:
    ratios = np.array([distinct_estimate(smallest_hashes(hashes(20_000, seed))) / 20_000 for seed in range(60)])
    assert ratios.mean() == pytest.approx(1.0, abs=3 / np.sqrt(60 * (KEPT - 2)))
    assert ratios.std() == pytest.approx(1 / np.sqrt(KEPT - 2), rel=0.35)


def test_copies_do_not_count() -> None:
    drawn = hashes(5000, 1)
    assert distinct_estimate(smallest_hashes(np.repeat(drawn, 7))) == distinct_estimate(smallest_hashes(drawn))


def test_sketches_of_shards_merge_into_that_of_the_whole_in_any_order() -> None:
    parts = [hashes(3000, seed) for seed in range(5)]
    whole = smallest_hashes(np.concatenate(parts))
    sketches = [smallest_hashes(part) for part in parts]
    np.testing.assert_array_equal(smallest_hashes(*sketches), whole)
    np.testing.assert_array_equal(smallest_hashes(smallest_hashes(*sketches[3:]), *reversed(sketches[:3])), whole)
