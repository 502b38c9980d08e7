"""Numbers near the ends of what a float can hold, brought to where sums and squares of them are finite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["moderate", "restored"]

Floats = NDArray[np.float64]

_FAR = 500  # powers of two: a sum of squares of numbers below 2^500 stays below 2^1024


def moderate(*samples: Floats) -> tuple[list[Floats], int]:
    """Return samples times one power of two, so that sums and squares neither overflow nor vanish; and that power.

    Only where the largest absolute value is beyond 2^500 or below 2^-500 is the power other than 0. A power of two
    changes no digit, so order and ties stay, except of values 10^150 times smaller than the largest.

    Parameters
    ----------
    samples:
        Finite values, any shapes.

    Examples
    --------
    >>> (sample,), power = moderate(np.array([1e308, -1e308]))
    >>> bool(np.isfinite(sample.std())), [f"{value:.0e}" for value in restored(sample, power)]
    (True, ['1e+308', '-1e+308'])
    >>> moderate(np.array([3.0, 4.0]))[1]
    0
    """
    largest = max((float(np.abs(sample).max(initial=0.0)) for sample in samples), default=0.0)
    exponent = int(np.frexp(largest)[1])
    power = int(np.clip(exponent, -_FAR, _FAR)) - exponent
    return [np.ldexp(sample, power) if power else sample for sample in samples], power


def restored(values: Floats | float, power: int) -> Floats:
    """Return values in their own unit again; what no float can hold becomes the largest float of its sign.

    >>> restored(np.array([2.0, -2.0]), 0).tolist(), float(restored(2.0**502, -524)) == np.finfo(np.float64).max
    ([2.0, -2.0], True)
    """
    if not power:
        return np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        found = np.ldexp(np.asarray(values, dtype=np.float64), -power)
    most = float(np.finfo(np.float64).max)
    return np.asarray(np.clip(found, -most, most))
