"""AuditedWindows: what is wrong with the rows of two windows, each looked at when first asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.windows.auditing import Audit, audit
from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.paired_documents import PairedDocuments
from textdrift.windows.window import Window

__all__ = ["AuditedWindows"]


class AuditedWindows:
    """The audits of two windows.

    Parameters
    ----------
    windows:
        (reference, current).
    paired:
        Their documents, copies, near-copies and groups.
    seed:
        Draws the row that speaks for a group.
    """

    def __init__(self, windows: tuple[Window, Window], paired: PairedDocuments, *, seed: int) -> None:
        self._windows, self._paired, self._seed = windows, paired, seed

    @cached_property
    def of_every_row(self) -> tuple[Audit, Audit]:
        """What is wrong with the rows of both windows, every row looked at."""
        distinct, clusters = self._paired.distinct, self._paired.clusters_of_distinct
        return audit(self._windows[0], distinct[0], clusters[0]), audit(self._windows[1], distinct[1], clusters[1])

    @cached_property
    def of_groups(self) -> tuple[Audit, Audit]:
        """What is wrong with one row of each group, drawn from its rows in both windows; every row without groups."""
        if self._paired.groups is None:
            return self.of_every_row
        rng = np.random.default_rng([self._seed, 2])
        n = self._windows[0].n_rows
        rows = self._paired.one_row_of_each_group(self._paired.groups, rng)
        return self._audit_of_rows(0, rows[rows < n]), self._audit_of_rows(1, rows[rows >= n] - n)

    def _audit_of_rows(self, side: int, rows: NDArray[Any]) -> Audit:
        window = self._windows[side]
        part = Window(window.table.take(pa.array(rows)), window.roles, window.name)
        documents = distinct_documents(part)
        distinct_of_row = self._paired.distinct[side].document_of_row
        clusters = self._paired.clusters_of_distinct[side][distinct_of_row[rows[documents.first_rows]]]
        # Rows keep their numbers in the window, so that a reader finds them.
        return audit(part, replace(documents, first_rows=rows[documents.first_rows]), clusters)
