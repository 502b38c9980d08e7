"""HeldColumn: a feature as one window has it, before both windows are looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.stats.contingency import hypergeometric_at_most
from textdrift.windows.spelled_numbers import Kind, SpelledCells, spelled_cells
from textdrift.windows.window import Window

__all__ = ["NEARLY_ALL", "HeldColumn", "counted", "first_cell", "one_alone_holds_text", "share_of", "told_cell"]

NEARLY_ALL = 0.9
"""From which share of spelled numbers on a column of cells without types holds numbers."""

_HALF = 0.5
_BEYOND_CHANCE = 1e-6
_LONGEST = 40
_WINDOWS = ("the reference", "the current window")


@dataclass(frozen=True, slots=True)
class HeldColumn:
    """A feature of one window.

    Attributes
    ----------
    place:
        0 for the reference, 1 for the current window.
    kind:
        What its source says that it is; ``cells`` of a source without types, and empty where there is no value.
    column:
        Shape (n_rows,), as the window has it.
    cells:
        What a text column spells; ``None`` of numbers, and where there is no value.
    """

    place: int
    kind: Literal["numbers", "text", "booleans", "cells", ""]
    column: pa.Array
    cells: SpelledCells | None

    @classmethod
    def of(cls, window: Window, name: str, place: int) -> HeldColumn:
        """Return one feature of a window."""
        column = window.column(name)
        if column.null_count == len(column):
            return cls(place, "", column, None)
        if not pa.types.is_large_string(column.type):
            return cls(place, "numbers", column, None)
        source = window.source_types.get(name)
        kind: Literal["cells", "booleans", "text"] = (
            "cells" if source is None else "booleans" if source == "booleans" else "text"
        )
        return cls(place, kind, column, spelled_cells(column))

    @property
    def n_values(self) -> int:
        """Rows that hold a value; a cell that says a value is missing holds none."""
        return len(self.column) - self.column.null_count if self.cells is None else self.cells.n_values

    def count(self, *kinds: Kind) -> int:
        """Return how many values are of some kinds; a number of a source with types is one."""
        if self.cells is not None:
            return self.cells.count(*kinds)
        return self.n_values if "number" in kinds else 0

    @property
    def known(self) -> pa.Array:
        """The column, null where cells say that a value is missing."""
        if self.cells is None or self.kind != "cells":
            return self.column
        return pc.if_else(pa.array(self.cells.are("missing")), pa.scalar(None, self.column.type), self.column)


def share_of(sides: Sequence[HeldColumn], *kinds: Kind) -> float:
    """Return which share of the values of both windows together is of some kinds; 0 where there are none."""
    n_values = sum(side.n_values for side in sides)
    return sum(side.count(*kinds) for side in sides) / n_values if n_values else 0.0


def one_alone_holds_text(sides: Sequence[HeldColumn]) -> bool:
    """Whether one window spells numbers and the other does not, beyond what equal windows would by chance."""
    n_values, n_numbers = [side.n_values for side in sides], [side.count("number") for side in sides]
    if not all(n_values):
        return False
    shares = [k / n for k, n in zip(n_numbers, n_values, strict=True)]
    better = int(shares[1] > shares[0])
    worse = shares[1 - better]
    if shares[better] < NEARLY_ALL or worse >= NEARLY_ALL:
        return False
    if worse >= _HALF and share_of(sides, "number") >= NEARLY_ALL:
        return False
    odd = [n - k for k, n in zip(n_numbers, n_values, strict=True)]
    chance = hypergeometric_at_most(odd[better], sum(odd), n_values[better], sum(n_values))
    return float(chance) <= _BEYOND_CHANCE


def told_cell(side: HeldColumn, mask: NDArray[np.bool_]) -> str:
    """Return a cell and its place, as a sentence tells them."""
    row = int(np.flatnonzero(mask)[0])
    value = str(side.column[row].as_py())
    value = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return f"{value!r} in row {row} (counted from 0) of {_WINDOWS[side.place]}"


def first_cell(sides: Sequence[HeldColumn], *kinds: Kind) -> str:
    """Return the first cell of some kinds, of the reference where it has one."""
    side = next(side for side in sides if side.cells is not None and side.count(*kinds))
    return told_cell(side, side.cells.are(*kinds)) if side.cells is not None else ""


def counted(sides: Sequence[HeldColumn], *kinds: Kind) -> tuple[int, int]:
    """Return how many cells of each window are of some kinds."""
    first, second = (0 if side.cells is None else side.cells.count(*kinds) for side in sides)
    return first, second
