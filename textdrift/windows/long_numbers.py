"""Numbers of two windows as floats of 64 bits, without losing the digits that tell long whole numbers apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["PairedNumbers", "paired_numbers"]

_EXACT = 2**53
_STEPS = 1000  # with fewer different floats between the smallest and the largest value, a distribution is not seen


@dataclass(frozen=True, slots=True)
class PairedNumbers:
    """One column of numbers of two windows.

    Attributes
    ----------
    values:
        (reference, current), each of shape (n_rows,), ``float64``: missing values are NaN, and infinite ones stay.
    subtracted:
        What was taken from every value; 0 but where whole numbers are too long for a float.
    is_rounded:
        Whether values are so long and so near to each other that floats hardly tell them apart.
    """

    values: tuple[NDArray[np.float64], NDArray[np.float64]]
    subtracted: int
    is_rounded: bool


def paired_numbers(reference: pa.Array, current: pa.Array) -> PairedNumbers:
    """Return the numbers of both windows as floats; whole ones beyond 2^53 less the smallest of both windows.

    >>> numbers = paired_numbers(pa.array([2**62 + 1, None]), pa.array([2**62 + 5]))
    >>> numbers.values[0].tolist(), numbers.values[1].tolist(), numbers.subtracted == 2**62 + 1
    ([0.0, nan], [4.0], True)
    """
    sides = (reference, current)
    if all(pa.types.is_integer(side.type) or side.null_count == len(side) for side in sides):
        held = [side for side in sides if side.null_count < len(side)]
        ends = [pc.min_max(side).as_py() for side in held]
        low, high = min((end["min"] for end in ends), default=0), max((end["max"] for end in ends), default=0)
        if max(abs(low), abs(high)) > _EXACT >= high - low:
            first, second = (_less(side, low) for side in sides)
            return PairedNumbers((first, second), low, is_rounded=False)
    first, second = (
        np.asarray(side.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
        for side in sides
    )
    return PairedNumbers((first, second), 0, is_rounded=_is_rounded(first, second))


def _less(values: pa.Array, low: int) -> NDArray[np.float64]:
    if values.null_count == len(values):
        return np.full(len(values), np.nan)
    held = pc.fill_null(values, values.drop_null()[0])
    # Modulo 2^64, so that it holds for numbers with and without a sign.
    numbers = held.to_numpy(zero_copy_only=False).astype(np.uint64) - np.uint64(low % 2**64)
    return np.where(values.is_null().to_numpy(zero_copy_only=False), np.nan, numbers.astype(np.float64))


def _is_rounded(reference: NDArray[np.float64], current: NDArray[np.float64]) -> bool:
    values = np.concatenate([reference, current])
    values = values[np.isfinite(values)]
    if not len(values):
        return False
    low, high = float(values.min()), float(values.max())
    longest = max(abs(low), abs(high))
    return longest > _EXACT and float(np.spacing(longest)) * _STEPS > high - low
