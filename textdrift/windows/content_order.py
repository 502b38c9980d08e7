"""Rows in the order of what they hold: so that what is drawn of them does not depend on the order they came in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.windows.window import Window

__all__ = ["content_order", "drawn_by_content", "one_row_of_each_by_content"]

Numbers = NDArray[np.int64]


def content_order(windows: tuple[Window, Window], rows: Numbers) -> Numbers:
    """Return the places of ``rows``, sorted by what the rows hold in the columns that have a role.

    A database may give the same rows in another order each time. Rows that hold the same stand in the order they came
    in, those of the reference first; which of them is taken does not matter to any test.

    Parameters
    ----------
    windows:
        (reference, current), with the same roles.
    rows:
        Shape (n,), rows of both windows, those of the current window numbered on from those of the reference.

    Returns
    -------
    Shape (n,), a permutation of 0 … n - 1. Cost: one sort of those rows.

    Examples
    --------
    >>> from textdrift.windows.window import Roles
    >>> def window(texts):
    ...     return Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    >>> content_order((window(["c", "a"]), window(["b", "a"])), np.arange(4)).tolist()
    [1, 3, 2, 0]
    """
    reference, current = windows
    taken = pa.array(rows)
    columns: dict[str, pa.ChunkedArray] = {}
    for name in _sortable(reference, current):
        both = pa.chunked_array([reference.column(name), current.column(name)])
        columns[f"{len(columns)}"] = both.take(taken)
    if not columns or not len(rows):
        return np.arange(len(rows))
    order = pc.sort_indices(pa.table(columns), sort_keys=[(name, "ascending") for name in columns])
    return np.asarray(order.to_numpy(zero_copy_only=False), dtype=np.int64)


def drawn_by_content(windows: tuple[Window, Window], rows: Numbers, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a uniform draw for each of ``rows``, shape (n,): the same for the same rows in any order.

    The draws are independent of which window a row lies in, so where rows are exchangeable they stay so.
    """
    draws = np.empty(len(rows))
    draws[content_order(windows, rows)] = rng.random(len(rows))
    return draws


def one_row_of_each_by_content(
    windows: tuple[Window, Window], rows: Numbers, keys: Numbers, rng: np.random.Generator
) -> Numbers:
    """Return one of the rows of each key, drawn by what the rows hold, ascending.

    Parameters
    ----------
    windows, rows:
        As for `content_order`; rows ascend.
    keys:
        Shape (n,), the group or the document of each row.
    rng:
        Draws among rows that share their key; the others are no question.

    Examples
    --------
    >>> from textdrift.windows.window import Roles
    >>> def window(texts):
    ...     return Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    >>> windows = window(["c", "a", "b"]), window(["b"])
    >>> one_row_of_each_by_content(windows, np.arange(4), np.array([7, 7, 8, 9]), np.random.default_rng(0)).tolist()
    [0, 2, 3]
    """
    _, of_key, held = np.unique(keys, return_inverse=True, return_counts=True)
    contested = np.flatnonzero(held[of_key] > 1)
    if not len(contested):
        return rows
    draws = drawn_by_content(windows, rows[contested], rng)
    order = np.lexsort((draws, of_key[contested]))
    _, first = np.unique(of_key[contested][order], return_index=True)
    kept = np.concatenate([np.flatnonzero(held[of_key] == 1), contested[order[first]]])
    return np.asarray(rows[np.sort(kept)])


def _sortable(reference: Window, current: Window) -> list[str]:
    """Return the columns to sort by: those that tell most rows apart first, and no vectors."""
    roles = reference.roles
    schemas = reference.table.schema, current.table.schema
    first = [name for name in (roles.id, roles.time, roles.text) if name is not None]
    names = dict.fromkeys([*first, *roles.columns()])
    held = [name for name in names if name != roles.embeddings and all(name in schema.names for schema in schemas)]
    return [name for name in held if schemas[0].field(name).type == schemas[1].field(name).type]
