"""Whole numbers too long for a float are compared less the smallest of both windows."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.windows.long_numbers import paired_numbers


@pytest.mark.parametrize(
    ("low", "kinds"),
    [
        (2**62, (pa.int64(), pa.int64())),
        (-(2**63), (pa.int64(), pa.int64())),
        (2**64 - 400, (pa.uint64(), pa.uint64())),
        (2**63 - 100, (pa.int64(), pa.uint64())),
    ],
)
def test_neighbours_stay_apart_however_long_they_are(low, kinds):
    reference = pa.array([low, None, low + 1], kinds[0])
    current = pa.array([low + 200, low + 350], kinds[1])
    numbers = paired_numbers(reference, current)
    assert (numbers.subtracted, numbers.is_rounded) == (low, False)
    assert numbers.values[0].tolist()[::2] == [0.0, 1.0]
    assert np.isnan(numbers.values[0][1])
    assert numbers.values[1].tolist() == [200.0, 350.0]


def test_numbers_that_fit_are_as_they_were():
    numbers = paired_numbers(pa.array([3, None]), pa.array([2**53]))
    assert (numbers.subtracted, numbers.values[0][0], numbers.values[1].tolist()) == (0, 3.0, [2.0**53])
    mixed = paired_numbers(pa.array([3]), pa.array([0.5, float("inf")]))
    assert mixed.values[1].tolist() == [0.5, float("inf")]
    assert paired_numbers(pa.nulls(2, pa.float64()), pa.nulls(1)).values[0].tolist() == pytest.approx(
        [np.nan, np.nan], nan_ok=True
    )


def test_a_window_without_values_takes_nothing_away_from_the_other():
    numbers = paired_numbers(pa.nulls(2, pa.large_string()), pa.array([2**60, 2**60 + 3]))
    assert np.isnan(numbers.values[0]).all()
    assert numbers.values[1].tolist() == [0.0, 3.0]


def test_floats_that_lost_their_digits_are_told():
    long = np.array([2**70 + i for i in range(100)], dtype=np.float64)
    assert paired_numbers(pa.array(long), pa.array(long)).is_rounded
    spread = np.array([float(i) * 2**70 for i in range(100)])
    assert not paired_numbers(pa.array(spread), pa.array(spread)).is_rounded
    far = paired_numbers(pa.array([0, 2**62]), pa.array([5]))
    assert (far.subtracted, far.is_rounded) == (0, False)
