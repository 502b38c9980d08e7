"""Which labels are the negative and which the positive ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["label_poles"]

_NEGATIVE = frozenset({"negative", "neg", "bad", "very negative", "unhappy", "dissatisfied"})
_POSITIVE = frozenset({"positive", "pos", "good", "very positive", "happy", "satisfied"})
_NEITHER = frozenset({"neutral", "neu", "mixed"})
_MOST_RATINGS = 11


def label_poles(names: Sequence[str | None]) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Return the columns of the negative and of the positive labels, or ``None`` where they are not known.

    Known are names such as ``negative``, ``positive`` and ``neutral`` in any case, and ratings: at most 11 numbers no
    further apart than 10, negative below their middle. Each side must have a label, and no label may be unknown, but
    for the unnamed rest.

    >>> [side.tolist() for side in label_poles(("Negative", "neutral", "Positive"))]
    [[0], [2]]
    >>> [side.tolist() for side in label_poles(("1", "2", "3", "4", "5"))]
    [[0, 1], [3, 4]]
    >>> label_poles(("politics", "sports"))
    """
    known = [None if name is None else name.strip().lower().replace("_", " ") for name in names]
    told = [name for name in known if name is not None]
    numbers = [_number(name) for name in told]
    if told and all(map(math.isfinite, numbers)) and max(numbers) - min(numbers) < _MOST_RATINGS:
        middle = (max(numbers) + min(numbers)) / 2
        score = np.array([0.0 if name is None else np.sign(_number(name) - middle) for name in known])
    elif set(told) <= _NEGATIVE | _POSITIVE | _NEITHER:
        score = np.array([float(name in _POSITIVE) - float(name in _NEGATIVE) for name in known])
    else:
        return None
    negative, positive = np.flatnonzero(score < 0), np.flatnonzero(score > 0)
    return (negative, positive) if negative.size and positive.size else None


def _number(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return math.nan
