import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.stats.log_odds import shrunken_log_odds


def by_hand(marked, n, others, n_others, prior):
    expected = prior * (marked + others) / (n + n_others)
    a, b = marked + expected, n - marked + prior - expected
    c, d = others + expected, n_others - others + prior - expected
    value = np.log(a / b) - np.log(c / d)
    return value, value / np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def test_it_is_the_log_odds_ratio_with_prior_rows_added():
    value, z = shrunken_log_odds([9, 3], 20, [10, 40], 80, prior=5.0)
    for i, (marked, others) in enumerate([(9, 10), (3, 40)]):
        assert (value[i], z[i]) == pytest.approx(by_hand(marked, 20, others, 80, 5.0), rel=1e-12)


def test_without_a_prior_to_speak_of_it_is_the_plain_ratio():
    value, _ = shrunken_log_odds(30, 100, 20, 100, prior=1e-9)
    assert value == pytest.approx(np.log((30 / 70) / (20 / 80)), rel=1e-6)


@given(st.integers(0, 50), st.integers(0, 200), st.floats(0.1, 100.0))
def test_more_prior_rows_bring_it_closer_to_no_difference(marked, others, prior):
    less, more = (shrunken_log_odds(marked, 50, others, 200, prior=p).value for p in (prior, 3 * prior))
    assert abs(more) <= abs(less) + 1e-9


@given(st.integers(0, 50), st.integers(0, 200))
def test_turning_the_sides_round_turns_the_sign(marked, others):
    one, other = (
        shrunken_log_odds(marked, 50, others, 200, prior=10.0),
        shrunken_log_odds(others, 200, marked, 50, prior=10.0),
    )
    assert one.value == pytest.approx(-other.value, abs=1e-9)
    assert one.z == pytest.approx(-other.z, abs=1e-9)


@pytest.mark.parametrize(("marked", "others"), [(0, 0), (50, 200)])
def test_a_mark_of_no_row_or_of_every_row_says_nothing(marked, others):
    assert shrunken_log_odds(marked, 50, others, 200, prior=10.0) == (0.0, 0.0)
