"""What the cells of a text column spell: numbers, numbers as people of one country write them, nothing, or words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Kind", "SpelledCells", "folded_booleans", "numbers_in", "spelled_cells"]

Kind = Literal["null", "missing", "number", "odd number", "other"]
_KINDS: tuple[Kind, ...] = ("null", "missing", "number", "odd number", "other")
_CODES = {kind: code for code, kind in enumerate(_KINDS)}

_MISSING = ("", "-", "--", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "null", "none")
"""How csv files say that a value is missing, in small letters; the cell of no character without quotes is null."""
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(?i:inf|infinity)$"
# A decimal comma, marks between thousands, a currency or percent sign, brackets or another dash for a minus.
_ODD_NUMBER = (
    r"^\(?[+\-−–]?(?:\p{Sc}|[A-Z]{3} )?\s?[+\-−–]?"
    r"(?:[0-9]+|[0-9]{1,3}(?:[.,'’_\s\x{a0}\x{202f}][0-9]{2,3})*[.,'’_\s\x{a0}\x{202f}][0-9]{3})(?:[.,][0-9]+)?"
    r"\s?(?:%|‰|\p{Sc}|[\s\x{a0}][A-Z]{3})?\)?-?$"
)
_TRUE, _FALSE = ("true", "1", "1.0"), ("false", "0", "0.0")


@dataclass(frozen=True, slots=True)
class SpelledCells:
    """What each cell of a text column spells.

    Attributes
    ----------
    column:
        The cells.
    codes:
        Shape (n,): one of null, a way to say that a value is missing, a number, a number spelled otherwise, other text.
    """

    column: pa.Array
    codes: NDArray[np.int8]

    def are(self, *kinds: Kind) -> NDArray[np.bool_]:
        """Return which cells are of one of these kinds, shape (n,)."""
        return np.isin(self.codes, [_CODES[kind] for kind in kinds])

    def count(self, *kinds: Kind) -> int:
        """Return how many cells are of one of these kinds."""
        return int(np.count_nonzero(self.are(*kinds)))

    @property
    def n_values(self) -> int:
        """Cells that hold something."""
        return self.count("number", "odd number", "other")


def spelled_cells(column: pa.Array) -> SpelledCells:
    """Return what each cell of a column of ``large_string`` spells, blanks around it aside.

    A number is spelled plainly as Python and csv files do, ``-12.5`` or ``1e3``; ``1,234.50``, ``54,52``, ``€54`` and
    ``54 %`` are numbers spelled otherwise, which nobody can read without knowing who wrote them.

    Cost: linear where all are numbers, else each distinct cell is looked at once.

    >>> cells = spelled_cells(pa.array([" 1.5", "54,52", "$1,200", "N/A", "free", None], pa.large_string()))
    >>> [_KINDS[code] for code in cells.codes]
    ['number', 'odd number', 'odd number', 'missing', 'other', 'null']
    """
    if _are_all_plain(column):
        codes = np.where(column.is_null().to_numpy(zero_copy_only=False), _CODES["null"], _CODES["number"])
        return SpelledCells(column, codes.astype(np.int8))
    encoded = column.dictionary_encode()
    spelled = pc.utf8_trim_whitespace(encoded.dictionary)
    codes = np.full(len(spelled) + 1, _CODES["other"], dtype=np.int8)
    is_odd, is_number = (_matches(spelled, pattern) for pattern in (_ODD_NUMBER, _NUMBER))
    codes[:-1][is_odd], codes[:-1][is_number] = _CODES["odd number"], _CODES["number"]
    says_missing = pc.is_in(pc.utf8_lower(spelled), value_set=pa.array(_MISSING, spelled.type))
    codes[:-1][says_missing.to_numpy(zero_copy_only=False)] = _CODES["missing"]
    codes[-1] = _CODES["null"]
    places = encoded.indices.fill_null(len(spelled)).to_numpy(zero_copy_only=False)
    return SpelledCells(column, codes[places])


def _are_all_plain(column: pa.Array) -> bool:
    """Whether every cell spells a number that Arrow reads as it stands; it reads "nan" too, which says missing."""
    try:
        numbers = column.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return not pc.any(pc.is_nan(numbers)).as_py()


def _matches(values: pa.Array, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(values, pattern).to_numpy(zero_copy_only=False), dtype=bool)


def numbers_in(cells: SpelledCells) -> pa.Array:
    """Return the numbers that are spelled plainly, ``int64`` where all are whole and ``float64`` otherwise; else null.

    >>> numbers_in(spelled_cells(pa.array(["+7", " 12 ", "NA"], pa.large_string()))).to_pylist()
    [7, 12, None]
    """
    spelled = pc.if_else(pa.array(cells.are("number")), cells.column, pa.scalar(None, cells.column.type))
    spelled = pc.replace_substring_regex(pc.utf8_trim_whitespace(spelled), r"^\+", "")
    for kind in (pa.int64(), pa.uint64()):
        try:
            return spelled.cast(kind)
        except pa.ArrowInvalid:  # a fraction, or more digits
            continue
    return spelled.cast(pa.float64())


def folded_booleans(column: pa.Array) -> pa.Array:
    """Return "True" or "False" for the cells that spell a bool (true, FALSE, 1, 0.0), and null for the others.

    >>> folded_booleans(pa.array(["true", "0", "maybe"], pa.large_string())).to_pylist()
    ['True', 'False', None]
    """
    spelled = pc.utf8_lower(pc.utf8_trim_whitespace(column))
    names = pa.array(["True"] * len(_TRUE) + ["False"] * len(_FALSE), pa.large_string())
    return names.take(pc.index_in(spelled, value_set=pa.array([*_TRUE, *_FALSE], spelled.type)))
