import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.stats.divergences import jensen_shannon
from textdrift.stats.shift_parts import jensen_shannon_parts, mean_shift_parts

# bad, good, late, lost, plane
BEFORE = np.array([2, 6, 2, 0, 10]) / 20
AFTER = np.array([4, 2, 8, 1, 9]) / 24
SCORES = np.array([2.5, 7.5, 3.0, 2.8, 5.2])
OTHER_SCORES = np.array([3.0, 7.0, 2.0, 2.8, 5.2])


def test_the_parts_of_the_divergence_are_those_of_shifterator() -> None:
    # JSDivergenceShift(base=2) of shifterator 0.3.0 on the same counts, its shares times its total.
    expected = [
        0.006075466276671376,
        0.04688637925905945,
        0.047807535253381564,
        0.02083333333333333,
        0.00646269048501498,
    ]
    assert jensen_shannon_parts(BEFORE, AFTER) == pytest.approx(expected, abs=1e-14)


def test_the_part_of_a_new_word_is_that_worked_out_by_hand() -> None:
    # p = 0, q = 1/24, so the part is q log2(q / (q / 2)) / 2 = 1/48.
    assert jensen_shannon_parts(BEFORE, AFTER)[3] == pytest.approx(1 / 48, abs=1e-15)


@pytest.mark.parametrize(
    ("current_scores", "expected"),
    [
        # WeightedAvgShift of shifterator 0.3.0 with reference_value=5.4, the mean of the reference.
        (SCORES, [-0.1933333333333333, -0.455, -0.56, -0.10833333333333334, 0.025]),
        (OTHER_SCORES, [-0.11, -0.49666666666666665, -0.8933333333333333, -0.10833333333333336, 0.025]),
    ],
)
def test_the_parts_of_the_mean_are_those_of_shifterator(current_scores, expected) -> None:
    parts = mean_shift_parts(BEFORE, AFTER, SCORES, current_scores)
    assert parts == pytest.approx(expected, abs=1e-14)
    assert parts.sum() == pytest.approx(AFTER @ current_scores - BEFORE @ SCORES, abs=1e-14)


counts = st.lists(st.integers(0, 30), min_size=6, max_size=6).filter(any)


@given(counts, counts)
def test_parts_add_up_to_the_divergence_and_none_is_negative(before, after) -> None:
    p, q = (np.array(side) / sum(side) for side in (before, after))
    parts = jensen_shannon_parts(p, q)
    assert (parts >= 0).all()
    assert parts.sum() == pytest.approx(jensen_shannon(p, q), abs=1e-12)
    assert parts == pytest.approx(jensen_shannon_parts(q, p), abs=1e-15)


@given(counts, counts, st.lists(st.floats(-9, 9), min_size=12, max_size=12))
def test_parts_add_up_to_the_change_of_the_mean(before, after, scores) -> None:
    p, q = (np.array(side) / sum(side) for side in (before, after))
    s, t = np.array(scores[:6]), np.array(scores[6:])
    assert mean_shift_parts(p, q, s, t).sum() == pytest.approx(q @ t - p @ s, abs=1e-12)
