"""Which rows belong to one group: an author, a session, a thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.windows.window import Window

__all__ = ["Groups", "groups_of", "one_row_of_each"]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of the rows of two windows, numbered over both.

    Attributes
    ----------
    reference, current:
        Shapes (n_rows,): the group of each row. A number means the same group in both windows. A row without a group
        has a number of its own.
    """

    reference: NDArray[np.int64]
    current: NDArray[np.int64]

    @property
    def n_groups(self) -> int:
        """Groups in both windows together."""
        return len(np.unique(np.concatenate(self.sides)))

    @property
    def sides(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Both windows, (reference, current)."""
        return self.reference, self.current


def groups_of(reference: Window, current: Window) -> Groups | None:
    """Return the groups of two windows; ``None`` where they have no group column.

    >>> from textdrift.windows.window import Roles
    >>> def window(authors):
    ...     table = pa.table({"text": ["a text"] * len(authors), "author": pa.array(authors, pa.large_string())})
    ...     return Window(table, Roles(group="author"), "window")
    >>> groups = groups_of(window(["ann", "bob", None]), window(["bob", None]))
    >>> groups.reference.tolist(), groups.current.tolist()
    ([0, 1, 2], [1, 3])
    """
    if reference.roles.group is None or current.roles.group is None:
        return None
    columns = pa.chunked_array([reference.column(reference.roles.group), current.column(current.roles.group)])
    encoded = pc.dictionary_encode(columns.combine_chunks())
    groups = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
    alone = groups < 0
    groups[alone] = len(encoded.dictionary) + np.arange(np.count_nonzero(alone))
    return Groups(groups[: reference.n_rows], groups[reference.n_rows :])


def one_row_of_each(groups: NDArray[np.int64], priority: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row of lowest priority of each group, shape (n_groups,), ascending.

    >>> one_row_of_each(np.array([0, 0, 1]), np.array([0.7, 0.1, 0.4])).tolist()
    [1, 2]
    """
    order = np.lexsort((priority, groups))
    _, first = np.unique(groups[order], return_index=True)
    return np.sort(order[first])
