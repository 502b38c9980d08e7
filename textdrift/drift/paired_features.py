"""PairedFeature: one feature of two windows, read as one type that both windows together decide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.drift.doubt import Doubt
from textdrift.drift.held_columns import (
    NEARLY_ALL,
    HeldColumn,
    counted,
    first_cell,
    one_alone_holds_text,
    share_of,
    told_cell,
)
from textdrift.windows.column_types import category_column
from textdrift.windows.feature_columns import FeatureType, names_of
from textdrift.windows.long_numbers import paired_numbers
from textdrift.windows.spelled_numbers import Kind, folded_booleans, numbers_in
from textdrift.windows.window import Window

__all__ = ["FeatureSide", "PairedFeature", "paired_feature"]

_HALF = 0.5
_FEW = 0.01
_ENOUGH_ROWS = 20
_AS_NAMES = "if they are names, list the column in tests: columns: categories"
_VALUES: tuple[Kind, ...] = ("number", "odd number", "other")

Held = Literal["numbers", "text", "booleans"]


@dataclass(frozen=True, slots=True)
class FeatureSide:
    """One feature of one window.

    Attributes
    ----------
    values:
        Shape (n_rows,), ``float64`` or ``large_string``, of a ``mixed`` column as its window has it; a missing value is
        null, an infinite number stays.
    held:
        What the window holds, in words; ``None`` where that is no matter of types, or there is no value.
    first_odd:
        Where the types of the windows differ because cells of this one are not what the others are: the first of them,
        and how many there are; else empty.
    """

    values: pa.Array
    held: Held | None = None
    first_odd: str = ""


@dataclass(frozen=True, slots=True)
class PairedFeature:
    """One feature of two windows.

    Attributes
    ----------
    name, type:
        Of the column.
    reference, current:
        Both sides; of the type ``mixed`` each in its own.
    notes:
        What was read as missing, and how long numbers were shortened.
    doubt:
        Why no drift of this column is no answer; ``None`` where it is one.
    """

    name: str
    type: FeatureType
    reference: FeatureSide
    current: FeatureSide
    notes: tuple[str, ...] = ()
    doubt: Doubt | None = None

    @property
    def sides(self) -> tuple[FeatureSide, FeatureSide]:
        """Both windows, (reference, current)."""
        return self.reference, self.current


def paired_feature(reference: Window, current: Window, name: str, *, categories: Collection[str] = ()) -> PairedFeature:
    """Return one feature of both windows, brought to one type.

    A source without types (a csv file) takes the type of the other window. Where neither has types, the column holds
    numbers if nine of ten cells of both windows together spell some; cells that say a value is missing ("NA", "null",
    "-") are missing then, and so, with a note, are the few that spell no number. Numbers that are spelled otherwise
    (decimal commas, marks between thousands, currencies) are not guessed at: a ``doubt`` says so. The windows hold
    ``mixed`` types where their sources say so, or where cells of one window alone, beyond chance (1e-6), spell no
    number. A column that is a segment too, or is among ``categories``, holds names.

    Cost: each distinct cell of a text column is looked at once.

    Examples
    --------
    >>> from textdrift.windows.reading import read_window
    >>> from textdrift.windows.source_types import without_types
    >>> from textdrift.windows.window import Roles
    >>> cells = without_types(pa.table({"age": ["31", "45", "NA"] * 9, "code": ["0007"] * 27}))
    >>> typed = pa.table({"age": [31, 45, None] * 9, "code": ["0007"] * 27})
    >>> windows = [read_window(t, Roles(text=None, features=("age", "code")), name="day") for t in (cells, typed)]
    >>> age, code = (paired_feature(*windows, name) for name in ("age", "code"))
    >>> age.type, age.reference.values.to_pylist()[:3], code.type, code.doubt
    ('numeric', [31.0, 45.0, None], 'categorical', None)
    """
    sides = tuple(HeldColumn.of(window, name, place) for place, window in enumerate((reference, current)))
    if name in categories or name in reference.roles.segments:
        return _of_codes(name, sides, (reference, current))
    kinds = {side.kind for side in sides} - {""}
    if "booleans" in kinds:
        return _of_booleans(name, sides)
    are_spelled = share_of(sides, "number") >= NEARLY_ALL
    if "numbers" in kinds and ("text" in kinds or not are_spelled):
        return _mixed(name, sides)
    if "text" not in kinds:
        if one_alone_holds_text(sides):
            return _mixed(name, sides)
        if are_spelled or not kinds:
            return _of_numbers(name, sides)
    return _of_names(name, sides)


def _of_names(name: str, sides: Sequence[HeldColumn]) -> PairedFeature:
    return replace(_named(name, [side.column for side in sides], "text"), doubt=_doubt_of_names(name, sides))


def _notes_of_missing(name: str, sides: Sequence[HeldColumn]) -> tuple[str, ...]:
    """Say which cells were read as missing because they say so."""
    counts = counted([side if side.kind == "cells" else replace(side, cells=None) for side in sides], "missing")
    if not any(counts):
        return ()
    first = first_cell([side for side in sides if side.kind == "cells"], "missing")
    return (f"{counts[0]} reference and {counts[1]} current cells of '{name}' say that a value is missing: {first}.",)


def _of_numbers(name: str, sides: Sequence[HeldColumn]) -> PairedFeature:
    notes = list(_notes_of_missing(name, sides))
    odd = counted(sides, "odd number", "other")
    if any(odd):
        first = first_cell(sides, "odd number", "other")
        notes.append(
            f"{odd[0]} reference and {odd[1]} current cells of '{name}' spell no plain number and count as missing, "
            f"the first is {first}."
        )
    read = [numbers_in(side.cells) if side.cells is not None else side.column for side in sides]
    numbers = paired_numbers(read[0], read[1])
    if numbers.subtracted:
        notes.append(
            f"The whole numbers of '{name}' are longer than a float holds: they were compared, and are shown, less "
            f"{numbers.subtracted:,}, the smallest of both windows."
        )
    doubt = None
    if any(side.n_values and side.count("odd number") > _FEW * side.n_values for side in sides):
        n_odd = sum(counted(sides, "odd number"))
        first = first_cell(sides, "odd number")
        reason = f"{n_odd} numbers of '{name}' are not spelled plainly, such as {first}; write them as 1234.5"
        doubt = Doubt("spelled_numbers", f"{reason}, since they were left out.")
    elif numbers.is_rounded:
        reason = f"the numbers of '{name}' are so long and so near to each other that floats hardly tell them apart"
        doubt = Doubt("rounded", f"{reason}; give them as 64-bit integers, or less their smallest.")
    reference, current = (
        FeatureSide(pa.array(values, from_pandas=True), "numbers" if np.isfinite(values).any() else None)
        for values in numbers.values
    )
    return PairedFeature(name, "numeric", reference, current, tuple(notes), doubt)


def _named(
    name: str, columns: Sequence[pa.Array], held: Held | None = None, notes: Sequence[str] = ()
) -> PairedFeature:
    reference, current = (
        FeatureSide(column, held if column.null_count < len(column) else None)
        for column in (column.cast(pa.large_string()) for column in columns)
    )
    return PairedFeature(name, "categorical", reference, current, tuple(notes))


def _mixed(name: str, sides: Sequence[HeldColumn]) -> PairedFeature:
    """Return a column whose windows cannot be compared, its missing values known."""
    words: list[Held] = [_held(side) for side in sides]
    told = ["", ""]
    expected = "true or false" if "booleans" in words else "number"
    for side in sides:
        if side.kind == "cells" and words[side.place] == "text" and side.cells is not None:
            odd = side.cells.are("odd number", "other")
            if odd.any():
                count = f"{np.count_nonzero(odd):,} of {side.n_values:,} values there spell no {expected}"
                told[side.place] = f"{told_cell(side, odd)}, and {count}"
    reference, current = (FeatureSide(side.known, words[side.place], told[side.place]) for side in sides)
    first = "".join(f": {cell}" for cell in told if cell)
    reason = f"column '{name}' holds {words[0]} in the reference and {words[1]} in the current window{first}."
    notes = _notes_of_missing(name, sides)
    return PairedFeature(name, "mixed", reference, current, notes, Doubt("two_types", reason))


def _held(side: HeldColumn) -> Held:
    if side.kind == "cells":
        return "numbers" if side.count("number") >= NEARLY_ALL * side.n_values else "text"
    return side.kind or "text"


def _of_booleans(name: str, sides: Sequence[HeldColumn]) -> PairedFeature:
    """Return bools beside bools, or beside what spells them: True and False, 1 and 0 where cells have no type."""
    columns = [side.column for side in sides]
    for side in sides:
        if side.kind == "numbers":
            return _mixed(name, sides)
        if side.kind in ("text", "cells"):
            folded = folded_booleans(side.known)
            n_folded = len(folded) - folded.null_count
            as_text = side.kind == "text" and (n_folded < side.n_values or side.count("number"))
            if as_text or n_folded < _HALF * side.n_values:
                return _mixed(name, sides)
            columns[side.place] = pc.coalesce(folded, side.known)
    return _named(name, columns, "text", _notes_of_missing(name, sides))


def _of_codes(name: str, sides: Sequence[HeldColumn], windows: tuple[Window, Window]) -> PairedFeature:
    """Return a column whose numbers are codes, each spelled as a whole number, whatever it came from.

    A segment is spelled so already.
    """
    columns = [names_of(window, name) for window in windows]
    kinds = {side.kind for side in sides} - {""}
    is_segment = name in windows[0].roles.segments
    if not is_segment and "cells" in kinds and "text" not in kinds and share_of(sides, "number") == 1.0:
        columns = [category_column(pa.chunked_array([column]), name, "label").combine_chunks() for column in columns]
    if not is_segment and "booleans" in kinds:
        folded = [folded_booleans(column) for column in columns]
        if all(after.null_count == before.null_count for before, after in zip(columns, folded, strict=True)):
            columns = folded
    infinite = [_n_infinite(side.column) for side in sides]
    notes = []
    if any(infinite):
        notes.append(
            f"{infinite[0]} reference and {infinite[1]} current values of '{name}' are infinite, and count as missing."
        )
    return _named(name, columns, notes=notes)


def _n_infinite(column: pa.Array) -> int:
    if not pa.types.is_floating(column.type):
        return 0
    return int(pc.sum(pc.is_inf(column)).as_py() or 0)


def _doubt_of_names(name: str, sides: Sequence[HeldColumn]) -> Doubt | None:
    """Say where names are no names: numbers that are spelled otherwise, or a value of its own in nearly every row."""
    held = [side for side in sides if side.n_values]
    if not held:
        return None
    distinct = [pc.count_distinct(side.column).as_py() / side.n_values for side in held]
    if share_of(sides, "number", "odd number") >= NEARLY_ALL:
        if share_of(sides, "number") < NEARLY_ALL:
            first = first_cell(sides, "odd number")
            reason = f"column '{name}' spells numbers in a way that is not read, such as {first}"
            return Doubt("spelled_numbers", f"{reason}; write them as 1234.5, or {_AS_NAMES}.")
        if min(distinct) >= _HALF and min(side.n_values for side in held) >= _ENOUGH_ROWS:
            reason = f"column '{name}' holds text that spells numbers, such as {first_cell(sides, 'number')}"
            return Doubt("spelled_numbers", f"{reason}; cast it to numbers, or {_AS_NAMES}.")
    if min(distinct) >= NEARLY_ALL and min(side.n_values for side in held) >= _ENOUGH_ROWS:
        reason = f"nearly every row has a value of its own in '{name}', such as {first_cell(sides, *_VALUES)}"
        return Doubt("distinct", f"{reason}, and shares of names say nothing of it; leave the column out, or bin it.")
    return None
