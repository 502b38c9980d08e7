"""What one template makes is stated for its size, where nothing in the reference came near it."""

from __future__ import annotations

import numpy as np
import pytest

from textdrift.drift.quality.one_event import event_reach, one_event


def event(before: int, now: int, *others: tuple[int, int], n: int = 500, m: int = 500, least_share: float = 0.03):
    return one_event(np.array([(before, now), *others]), n, m, least_share=least_share)


def test_an_event_is_measured_against_itself_and_the_largest_of_the_reference():
    found = event(1, 60, (4, 0), (0, 20))
    assert (found.rows.k1, found.rows.k2) == (1, 60)
    assert found.rows.change == pytest.approx(0.118)
    assert found.largest_before == pytest.approx(0.008)


def test_one_below_the_bar_or_with_a_tenth_of_it_in_the_reference_is_none():
    assert event(0, 14) is None
    assert event(0, 15) is not None
    assert event(0, 60, (6, 0)) is not None
    assert event(0, 60, (7, 0)) is None
    assert event(7, 60) is None


def test_the_tenth_is_one_of_shares():
    assert event(0, 60, (24, 0), n=2000) is not None
    assert event(0, 60, (25, 0), n=2000) is None


def test_what_rows_drawn_one_by_one_could_bring_is_none():
    assert event(0, 3, n=50, m=50) is None
    assert event(0, 30, n=10, m=100) is None  # the reference is too small to have shown it
    assert event(0, 8, n=5000, m=100) is not None


@pytest.mark.parametrize(("n", "m"), [(0, 100), (100, 0)])
def test_an_empty_window_holds_no_event(n, m):
    assert event(0, 50, n=n, m=m) is None
    assert one_event(np.zeros((0, 2), dtype=np.int64), 100, 100, least_share=0.03) is None


def test_the_reach_is_what_shows_four_times_in_five():
    rng = np.random.default_rng(0)
    for m in (500, 2000):
        shown = rng.binomial(m, event_reach(0.03, m), size=20_000) >= 0.03 * m
        assert shown.mean() == pytest.approx(0.8, abs=0.03)


def test_events_that_are_often_small_are_seldom_called_one():
    # Sizes with a thin tail, six a window: the largest of one window is hardly ever ten times the other's.
    rng = np.random.default_rng(1)
    called = 0
    for _ in range(2000):
        sizes = 5 + rng.geometric(0.1, size=(2, 6))
        counts = np.concatenate([np.column_stack([sizes[0], 0 * sizes[0]]), np.column_stack([0 * sizes[1], sizes[1]])])
        called += one_event(counts, 500, 500, least_share=0.03) is not None
    assert called == 0


def test_an_event_that_comes_at_random_stands_alone_in_a_quarter_of_the_pairs_at_most():
    rng = np.random.default_rng(2)
    for expected in (0.3, np.log(2.0), 2.0):
        before, now = rng.poisson(expected, size=(2, 2000))
        called = [
            one_event(np.array([[25 * min(b, 1), 0], [0, 25 * min(c, 1)]]), 500, 500, least_share=0.03) is not None
            for b, c in zip(before, now, strict=True)
        ]
        assert np.mean(called) == pytest.approx(np.exp(-expected) * (1 - np.exp(-expected)), abs=0.03)
        assert np.mean(called) <= 0.25 + 3 * np.sqrt(0.25 * 0.75 / 2000)
