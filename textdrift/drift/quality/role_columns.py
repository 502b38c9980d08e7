"""RoleColumns: what the columns that have a role look like in one window, for the test of the schema."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.drift.paired_features import FeatureSide
from textdrift.windows.window import AbsentColumn, Window, column_in_words

__all__ = ["RoleColumn", "RoleColumns", "folded", "role_columns"]

_WITH_VALUES = ("label", "prediction", "segment")
_NO_FEATURES: Mapping[str, FeatureSide] = MappingProxyType({})
_MOST_VALUES = 1000  # of a feature: a column of as many is no list of names that could be spelled otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleColumn:
    """One column that has a role.

    Attributes
    ----------
    role, name:
        ``label``, ``prediction``, ``probability``, ``time``, ``id``, ``group``, ``segment`` or ``feature``; the column.
    source_type:
        What it held in its source, in words; ``None`` where the source has no types, or the column no value. Of a
        feature what it holds beside the other window: both hold the same unless they cannot be compared.
    n_null:
        Rows without a value.
    counts:
        How many rows hold each value, of a label, a prediction, a segment, or a feature of at most 1,000 names; empty
        for other roles.
    first_odd:
        Of a feature that holds another type than in the other window, since its cells say so: the first of those cells,
        and how many there are.
    """

    role: str
    name: str
    source_type: str | None
    n_null: int
    counts: Mapping[str, int]
    first_odd: str = ""

    @property
    def told(self) -> str:
        """The column as a sentence names it."""
        return column_in_words(self.role, self.name)


@dataclass(frozen=True, slots=True)
class RoleColumns:
    """The columns of one window that have a role, its rows independent.

    Attributes
    ----------
    columns:
        In the order of the roles; both windows of a comparison have the same.
    probabilities:
        Shape (n_rows, k); k is 0 without that role, and a row that lacks one of them is NaN.
    n_rows:
        Rows looked at.
    absent:
        Columns that this window alone has not; they are in the columns of neither.
    """

    columns: tuple[RoleColumn, ...]
    probabilities: NDArray[np.float64]
    n_rows: int
    absent: tuple[AbsentColumn, ...] = ()


def role_columns(
    window: Window, rows: NDArray[Any], *, features: Mapping[str, FeatureSide] = _NO_FEATURES
) -> RoleColumns:
    """Return what some rows of a window hold in the columns that have a role; the text is for other tests.

    ``features`` are those of this window, as both windows together hold them.

    >>> from textdrift.windows.reading import read_window
    >>> from textdrift.windows.window import Roles
    >>> table = pa.table({"text": ["good", "bad"], "label": [1, 0]})
    >>> window = read_window(table, Roles(label="label"), name="today")
    >>> column = role_columns(window, np.arange(2)).columns[0]
    >>> column.told, column.source_type, column.counts
    ("Column 'label' (the label)", 'numbers', {'1': 1, '0': 1})
    """
    roles = window.roles
    named = [
        ("label", roles.label),
        ("prediction", roles.prediction),
        *(("probability", column) for column in roles.probabilities.values()),
        ("time", roles.time),
        ("id", roles.id),
        ("group", roles.group),
        *(("segment", column) for column in roles.segments if column not in (roles.label, roles.prediction)),
    ]
    taken = pa.array(rows)
    columns = []
    for role, name in named:
        if name is not None:
            column = window.column(name).take(taken)
            counted = pc.value_counts(column.drop_null()).to_pylist() if role in _WITH_VALUES else []
            columns.append(
                RoleColumn(
                    role=role,
                    name=name,
                    source_type=window.source_types.get(name),
                    n_null=int(column.null_count),
                    counts={row["values"]: row["counts"] for row in counted},
                )
            )
    others = (*roles.segments, *roles.probabilities.values())
    columns += [_feature(name, side, taken) for name, side in features.items() if name not in others]
    return RoleColumns(tuple(columns), window.probabilities[rows], len(rows), window.absent)


def _feature(name: str, side: FeatureSide, rows: pa.Array) -> RoleColumn:
    """Return what a feature holds, its names counted."""
    values = side.values.take(rows)
    counted = []
    if pa.types.is_large_string(values.type) and len(values.unique()) <= _MOST_VALUES:
        counted = pc.value_counts(values.drop_null()).to_pylist()
    return RoleColumn(
        role="feature",
        name=name,
        source_type=side.held,
        n_null=int(values.null_count),
        counts={row["values"]: row["counts"] for row in counted},
        first_odd=side.first_odd,
    )


def folded(value: str) -> str:
    """Return a label without what two spellings of one name differ in: case, width, blanks, joining marks.

    >>> {folded(spelling) for spelling in ("Not sarcastic", "not_sarcastic ", "NOT-SARCASTIC")}
    {'not sarcastic'}
    >>> folded("-1"), folded("+")
    ('-1', '+')
    """
    plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    joined = [
        " " if mark in "_-" and 0 < i < len(plain) - 1 and plain[i - 1].isalpha() and plain[i + 1].isalpha() else mark
        for i, mark in enumerate(plain)
    ]
    return "".join(joined)
