"""Where the numbers of the topics stand on the map: beside each other where their topics lie on top of each other."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["MOST_LABELS", "apart"]

MOST_LABELS = 30
"""More numbers than these cover the texts that they speak of."""

_HIGH, _WIDE, _AROUND = 26, 17, 6  # of a number on the map: its height, the width of a digit, the room beside it
_ROUNDS = 200

Label = tuple[int, int, int]


def apart(labels: Sequence[Label], width: int, height: int) -> Sequence[Label]:
    """Return the first labels (number, x, y) moved until none covers another, each as near to its place as that allows.

    In each round two labels that overlap step back from each other by half of what they share, along the side where
    that is less. The cost is at most 200 rounds of 435 pairs. A label that covers no other stays where it is.

    >>> apart([(1, 100, 100), (2, 100, 100), (3, 300, 50)], 640, 340)
    [(1, 88, 100), (2, 112, 100), (3, 300, 50)]
    """
    kept = labels[:MOST_LABELS]
    wide = [_WIDE * len(str(number)) + _AROUND for number, _, _ in kept]
    places = [[float(x), float(y)] for _, x, y in kept]
    for _ in range(_ROUNDS):
        moved = False
        for one in range(len(kept)):
            for other in range(one + 1, len(kept)):
                moved |= _step_back(places[one], places[other], (wide[one] + wide[other]) / 2)
        for place, half in zip(places, wide, strict=True):
            place[0] = min(max(place[0], half / 2), width - half / 2)
            place[1] = min(max(place[1], _HIGH / 2), height - _HIGH / 2)
        if not moved:
            break
    return [(number, round(x), round(y)) for (number, _, _), (x, y) in zip(kept, places, strict=True)]


def _step_back(one: list[float], other: list[float], wide: float) -> bool:
    """Move two labels off each other, and say whether that was needed."""
    shared = (wide - abs(other[0] - one[0]), _HIGH - abs(other[1] - one[1]))
    if min(shared) <= 0.0:
        return False
    side = 0 if shared[0] < shared[1] else 1
    # A little more than what they share, so that rounding cannot bring them back.
    step = shared[side] / 2 + (1e-3 if shared[side] < 1.0 else 0.0)
    step = -step if other[side] < one[side] else step
    one[side] -= step
    other[side] += step
    return True
