"""Histograms of two samples share their bins, and lose no value."""

import numpy as np
import pytest

from textdrift.stats.histograms import paired_histogram


def test_every_value_is_in_a_bin_however_far_it_lies():
    rng = np.random.default_rng(0)
    drawn = paired_histogram(np.append(rng.normal(size=500), 1e9), rng.normal(size=300))
    assert len(drawn.edges) == 17
    assert drawn.edges[-1] < 10
    assert drawn.reference.sum() == pytest.approx(1)
    assert drawn.current.sum() == pytest.approx(1)


def test_bins_hold_what_numpy_counts():
    rng = np.random.default_rng(1)
    before, now = rng.random(4000), rng.random(1000) ** 2
    drawn = paired_histogram(before, now)
    counted, _ = np.histogram(before, drawn.edges)
    inside = slice(1, -1)  # the outer bins hold what lies beyond, too
    assert drawn.reference[inside] == pytest.approx(counted[inside] / 4000)


def test_a_few_values_have_a_bin_each():
    drawn = paired_histogram(np.array([0.0, 1.0, 5.0]), np.array([5.0]))
    assert drawn.reference.tolist() == pytest.approx([1 / 3] * 3)
    assert drawn.current.tolist() == [0, 0, 1]
    constant = paired_histogram(np.full(9, 2.0), np.full(3, 2.0))
    assert constant.reference.tolist() == constant.current.tolist() == [1.0]


def test_a_heavy_tail_leaves_its_room_to_the_other_values():
    rng = np.random.default_rng(2)
    drawn = paired_histogram(rng.lognormal(3, 1.5, size=2000), rng.lognormal(3, 1.5, size=2000))
    assert drawn.beyond == (True, True)
    assert drawn.reference.sum() == pytest.approx(1)
    assert np.quantile(rng.lognormal(3, 1.5, size=9999), 0.97) < drawn.edges[-1]
    assert drawn.reference[0] < 0.65  # from the 0.5 % to the 99.5 % quantile, the first bin would hold 3 of 4
    assert drawn.reference[-1] > 0.02
    assert drawn.edges[0] < 1  # the light tail is cut as ever


def test_of_light_tails_hardly_anything_is_cut():
    rng = np.random.default_rng(3)
    drawn = paired_histogram(rng.normal(size=4000), rng.normal(size=4000))
    assert -3.2 < drawn.edges[0] < -2.3
    assert 2.3 < drawn.edges[-1] < 3.2


def test_nothing_lies_beyond_bins_of_single_values():
    assert paired_histogram(np.array([0.0, 1.0]), np.array([5.0])).beyond == (False, False)


def test_the_farthest_floats_have_finite_edges():
    far = np.finfo(np.float64).max
    drawn = paired_histogram(np.array([-far, far]), np.array([far]))
    assert np.isfinite(drawn.edges).all()
    assert (drawn.reference.tolist(), drawn.current.tolist()) == ([0.5, 0.5], [0.0, 1.0])
    many = np.linspace(-1.0, 1.0, 101) * far
    assert paired_histogram(many, many).reference.sum() == pytest.approx(1.0)
