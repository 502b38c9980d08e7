"""Window: rows of text with named roles, held as one Arrow table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.windows.source_types import NO_TYPES

__all__ = ["NO_PROBABILITIES", "AbsentColumn", "Roles", "Window", "column_in_words"]

NO_PROBABILITIES: Mapping[str, str] = MappingProxyType({})
"""Of a model that gives none."""

_PARTS_IN_WORDS = {"id": "the id", "segment": "a segment", "probability": "a probability", "feature": "a feature"}


def column_in_words(role: str, name: str) -> str:
    """Return a column as a sentence names it.

    >>> column_in_words("segment", "city")
    "Column 'city' (a segment)"
    """
    return f"Column '{name}' ({_part_in_words(role)})"


def _part_in_words(role: str) -> str:
    return _PARTS_IN_WORDS.get(role, f"the {role}")


@dataclass(frozen=True, slots=True)
class AbsentColumn:
    """A column with a role that the reference has and the current window has not.

    Attributes
    ----------
    role:
        ``label``, ``prediction``, ``probability``, ``time``, ``id``, ``group``, ``segment`` or ``feature``.
    name:
        As the reference has it.
    resembles:
        The new column of the current window whose name is nearest; ``None`` where none is near.
    """

    role: str
    name: str
    resembles: str | None = None

    @property
    def part(self) -> str:
        """What it was, in words."""
        return _part_in_words(self.role)

    @property
    def told(self) -> str:
        """The column as a sentence names it."""
        return column_in_words(self.role, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which column plays which part; ``None`` or empty where a window has no such column.

    ``probabilities`` maps a label to the column that holds its predicted probability. ``group`` is the author, session
    or thread of a row: rows of one group are not independent; a row without a group is a group of its own.
    ``features`` are other columns, of numbers or of names; one that is a segment too is taken as names.
    """

    text: str | None = "text"
    label: str | None = None
    prediction: str | None = None
    probabilities: Mapping[str, str] = field(default_factory=lambda: NO_PROBABILITIES)
    time: str | None = None
    id: str | None = None
    group: str | None = None
    segments: tuple[str, ...] = ()
    embeddings: str | None = None
    features: tuple[str, ...] = ()

    @property
    def vectors(self) -> str | None:
        """The column that vectors are made from: embeddings that came with the rows, or the text."""
        return self.embeddings or self.text

    @property
    def points(self) -> bool:
        """Whether a row can be placed among others: by its text, or by its features where there is nothing else."""
        return self.text is not None or (self.embeddings is None and bool(self.features))

    def has(self, role: str) -> bool:
        """Tell whether a column plays the role.

        >>> Roles(label="label").has("label"), Roles().has("segments"), Roles().has("vectors")
        (True, False, True)
        """
        return bool(getattr(self, role))

    def columns(self) -> tuple[str, ...]:
        """Return every column that has a role, each once, in a fixed order."""
        single = (
            self.text,
            self.label,
            self.prediction,
            *self.probabilities.values(),
            self.time,
            self.id,
            self.group,
            self.embeddings,
        )
        return tuple(dict.fromkeys(c for c in (*single, *self.segments, *self.features) if c is not None))


@dataclass(frozen=True, slots=True)
class Window:
    """One window of rows: an Arrow table, the roles of its columns, a name for people, and the types of the source.

    A ``Window`` that exists has been checked (see ``textdrift.windows.reading``): the columns of its roles are
    there, the text is ``large_string``, labels, predictions, segments and groups are ``large_string`` too (no
    group is blank), probabilities are ``float64`` and sum to one in each row that has all of them, features are
    ``large_string``, ``int64``, ``uint64`` or ``float64`` (no NaN), and at least one row holds a text.

    Null and blank texts stay in the table, so that they can be counted; ``usable`` says which rows hold a text.
    ``source_types`` says in words what each column held in its source, where that had types (a csv file has none).
    ``absent`` lists columns that the window it is compared with has, and this one has not. They play no role in either
    window, but for labels: those of the reference still teach, and none of this window is known.
    """

    table: pa.Table
    roles: Roles
    name: str
    source_types: Mapping[str, str] = field(default_factory=lambda: NO_TYPES)
    absent: tuple[AbsentColumn, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows that were read, with or without a text."""
        return int(self.table.num_rows)

    def column(self, name: str) -> pa.Array:
        """Return one column as a single Arrow array (no copy when it is one chunk)."""
        chunked = self.table.column(name)
        return chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()

    @property
    def texts(self) -> pa.Array:
        """The texts, shape (n_rows,), ``large_string``, nulls included; an error in a window without text."""
        return self.column(str(self.roles.text))

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """What the model said, shape (n_rows, k), in the order of the role; NaN in a row that lacks one of them."""
        columns = [self.column(name).to_numpy(zero_copy_only=False) for name in self.roles.probabilities.values()]
        points = np.column_stack(columns) if columns else np.zeros((self.n_rows, 0))
        lacking = np.isnan(points).any(axis=1)
        return np.where(lacking[:, None], np.nan, points) if lacking.any() else points

    @property
    def usable(self) -> NDArray[Any]:
        """Boolean mask, shape (n_rows,): the text is there and not blank; all true in a window without text."""
        if self.roles.text is None:
            return np.ones(self.n_rows, dtype=bool)
        trimmed = pc.utf8_length(pc.utf8_trim_whitespace(self.texts))
        return np.asarray(
            pc.fill_null(pc.greater(trimmed, 0), fill_value=False).to_numpy(zero_copy_only=False), dtype=bool
        )
