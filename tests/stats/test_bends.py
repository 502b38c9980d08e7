import numpy as np
import pytest

from textdrift.stats.bends import bends, edges


def test_edges_and_squares_are_those_written_out():
    components = np.random.default_rng(0).normal(size=(50, 3)) * [1.0, 5.0, 0.1]
    ours = bends(components)
    units = np.clip(components / components.std(axis=0), -4, 4)
    expected = np.hstack([np.maximum(units - 1, 0), np.maximum(-units - 1, 0), units**2 / 4])
    np.testing.assert_allclose(ours, 0.3 * (expected - expected.mean(axis=0)), atol=1e-12)


def test_bends_hold_the_edges_first():
    components = np.random.default_rng(3).normal(size=(60, 4))
    np.testing.assert_array_equal(bends(components)[:, :8], edges(components))


def test_the_scale_of_a_component_does_not_matter():
    components = np.random.default_rng(1).normal(size=(80, 2))
    np.testing.assert_allclose(bends(components), bends(components * 1e-6), atol=1e-9)


def test_a_component_without_spread_bends_nothing():
    ours = bends(np.zeros((10, 2)))
    assert ours.shape == (10, 6)
    assert np.abs(ours).max() == pytest.approx(0.0)


def test_one_far_text_cannot_rule_a_column():
    components = np.random.default_rng(2).normal(size=(1000, 1))
    components[0] = 1e6
    assert np.abs(bends(components)).max() < 1.3
