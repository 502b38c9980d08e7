"""Values of a column as numbers, the same in both windows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["coded_values"]

Codes = NDArray[np.int64]


def coded_values(reference: pa.Array, current: pa.Array) -> tuple[tuple[str, ...], tuple[Codes, Codes]]:
    """Return the sorted values of both columns, and for each column the value's place among them, -1 for null.

    >>> names, codes = coded_values(pa.array(["b", None]), pa.array(["a", "b"]))
    >>> names, [of_side.tolist() for of_side in codes]
    (('a', 'b'), [[1, -1], [0, 1]])
    """
    encoded = [column.dictionary_encode() for column in (reference, current)]
    found = {value for side in encoded for value in side.dictionary.to_pylist() if value is not None}
    names = tuple(sorted(found))
    place = {name: code for code, name in enumerate(names)}
    codes = []
    for side in encoded:
        lookup = np.array([place.get(value, -1) for value in side.dictionary.to_pylist()] + [-1], dtype=np.int64)
        codes.append(lookup[np.asarray(side.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False))])
    return names, (codes[0], codes[1])
