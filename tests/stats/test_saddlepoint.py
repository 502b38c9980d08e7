import numpy as np
import pytest
from scipy import stats

from textdrift.stats.saddlepoint import saddlepoint_z


def exact_tail(weights, probabilities, observed):
    """P(sum >= observed) over all outcomes, those that equal it counted half."""
    n = len(weights)
    outcomes = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    chance = np.where(outcomes == 1, probabilities, 1 - probabilities).prod(axis=1)
    total = (outcomes - probabilities) @ weights
    return chance[total > observed + 1e-9].sum() + chance[np.abs(total - observed) <= 1e-9].sum() / 2


@pytest.mark.parametrize("seed", range(6))
def test_tails_agree_with_all_outcomes_written_out(seed):
    rng = np.random.default_rng(seed)
    weights, p = rng.uniform(-1, 1, 14), rng.uniform(0.02, 0.6, 14)
    outcomes = (rng.random((400, 14)) < p).astype(int)
    for observed in np.quantile((outcomes - p) @ weights, [0.9, 0.98, 0.995]):
        exact = exact_tail(weights, p, observed)
        assert stats.norm.sf(saddlepoint_z(weights, p, observed)) == pytest.approx(exact, rel=0.35, abs=1e-4)


def test_far_tails_of_a_rare_event_are_right_where_the_normal_is_a_hundred_times_off():
    p = 0.05
    observed = 8 - 40 * p
    exact = (stats.binom.sf(7, 40, p) + stats.binom.sf(8, 40, p)) / 2
    ours = stats.norm.sf(saddlepoint_z(np.ones(40), np.full(40, p), observed))
    normal = stats.norm.sf(observed / np.sqrt(40 * p * (1 - p)))
    assert ours == pytest.approx(exact, rel=0.3)
    assert normal < exact / 30


def test_many_equal_terms_are_normal():
    z = saddlepoint_z(np.ones(10_000), np.full(10_000, 0.5), 100.0)
    assert z == pytest.approx(2.0, abs=0.01)


def test_the_other_side_mirrors():
    rng = np.random.default_rng(7)
    weights, p = rng.normal(size=30), rng.uniform(0.1, 0.9, 30)
    assert saddlepoint_z(-weights, p, -2.5) == pytest.approx(-saddlepoint_z(weights, p, 2.5))


@pytest.mark.parametrize(("observed", "z"), [(0.0, 0.0), (5.0, 40.0), (-5.0, -40.0)])
def test_nothing_and_more_than_can_be_are_finite(observed, z):
    assert saddlepoint_z(np.ones(3), np.full(3, 0.5), observed) == z
