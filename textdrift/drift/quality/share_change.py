"""ShareChange: one mark in two windows, from counts to a result that names its cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.errors import SettingsError
from textdrift.stats.contingency import (
    detectable_share_difference,
    hypergeometric_exact_p,
    share_difference_interval,
)
from textdrift.windows.auditing import Audit
from textdrift.windows.numbers_in_words import percentage

__all__ = [
    "ShareChange",
    "cause_evidence",
    "change_among_texts",
    "check_level",
    "exact_result",
    "rows_of_each_cluster",
    "rows_of_each_text",
    "share_of_rows",
]


_ROUNDING = 1e-6
"""Sums of thirds fall short of a whole document by less."""


@dataclass(frozen=True, slots=True)
class ShareChange:
    """How many of the reference's ``n`` and the current window's ``m`` rows or documents carry a mark."""

    k1: int
    n: int
    k2: int
    m: int

    @property
    def reference_share(self) -> float:
        """Share of the reference; 0 where it has no rows."""
        return self.k1 / self.n if self.n else 0.0

    @property
    def current_share(self) -> float:
        """Share of the current window; 0 where it has no rows."""
        return self.k2 / self.m if self.m else 0.0

    @property
    def change(self) -> float:
        """Signed change, current minus reference; 0 where a window has no rows and so says nothing."""
        return self.current_share - self.reference_share if self.n and self.m else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the signed change."""
        return share_difference_interval(self.k1, self.n, self.k2, self.m)

    @property
    def two_sided_p(self) -> float:
        """Exact p-value of a change in either direction."""
        return float(hypergeometric_exact_p(self.k1, self.k1 + self.k2, self.n, self.n + self.m))

    def detectable(self, level: float, direction: Literal["either", "up", "down"] = "either") -> float:
        """Smallest change that these windows show at ``level`` with power 0.8."""
        return detectable_share_difference(self.reference_share, self.n, self.m, level, direction=direction)


def rows_of_each_text(reference: Audit, current: Audit) -> NDArray[np.int64]:
    """Return how many rows of each window hold each text, shape (n_texts, 2): (reference, current).

    A text that stands for none ("N/A") has no rows here: its copies are a matter of placeholders.

    The documents of the reference come first, in their order, then those that only the current window holds.
    """
    return _speaking_rows_of_each(_texts_numbered(reference, current), reference, current)


def rows_of_each_cluster(reference: Audit, current: Audit) -> NDArray[np.int64]:
    """Return how many rows of each window hold a text of each cluster of near-copies, shape (n_clusters, 2).

    Without clusters every text is one of its own, as in ``rows_of_each_text``.
    """
    return _speaking_rows_of_each(_clusters_numbered(reference, current), reference, current)


def change_among_texts(
    reference: Audit, reference_marks: NDArray[np.bool_], current: Audit, current_marks: NDArray[np.bool_]
) -> ShareChange:
    """Return how many texts of each window carry a mark, near-copies as one, a text of both shared out by its rows.

    A large window meets a popular text once as a document, and so does a small one: among distinct texts the popular
    ones weigh more in the small window, and two windows of one stream differ. Shared out by its rows, a text of both
    windows counts as one document in all, and its mean share is the same whichever text it is. Of near-copies, those of
    a window carry the mark by the share of their rows that do. Sums are rounded down, which keeps equal windows equal.
    """
    numbers = _clusters_numbered(reference, current)
    rows = _summed_by(numbers, reference.documents.sizes, current.documents.sizes)
    marks = (
        np.bincount(number, audit.documents.sizes * marked, minlength=len(rows))
        for number, audit, marked in zip(numbers, (reference, current), (reference_marks, current_marks), strict=True)
    )
    total = rows.sum(axis=1)
    k1, k2 = (int(np.floor((marked / total).sum() + _ROUNDING)) for marked in marks)
    n, m = (int(held) for held in np.floor((rows / total[:, None]).sum(axis=0) + _ROUNDING))
    return ShareChange(k1, n, k2, m)


_Numbers = tuple[NDArray[np.int64], NDArray[np.int64]]


def _speaking_rows_of_each(numbers: _Numbers, reference: Audit, current: Audit) -> NDArray[np.int64]:
    reference_rows, current_rows = (
        np.where(audit.is_placeholder, 0, audit.documents.sizes) for audit in (reference, current)
    )
    return _summed_by(numbers, reference_rows, current_rows).astype(np.int64)


def _summed_by(numbers: _Numbers, reference: NDArray[Any], current: NDArray[Any]) -> NDArray[Any]:
    """Return the sums of values of documents that share a number, shape (n_numbers, 2): (reference, current).

    ``numbers`` are those of the documents of each window, see ``_clusters_numbered``.
    """
    n_numbers = 1 + max(int(number.max(initial=-1)) for number in numbers)
    columns = [
        np.bincount(number, values, minlength=n_numbers)
        for number, values in zip(numbers, (reference, current), strict=True)
    ]
    return np.column_stack(columns)


def _texts_numbered(reference: Audit, current: Audit) -> _Numbers:
    """Return a number of each document, the same where the texts are equal."""
    n_reference = len(reference.documents)
    position = pc.index_in(current.documents.texts, value_set=reference.documents.texts)
    known = np.array(pc.fill_null(position, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    new = known < 0
    known[new] = n_reference + np.arange(np.count_nonzero(new))
    return np.arange(n_reference), known


def _clusters_numbered(reference: Audit, current: Audit) -> _Numbers:
    """Return a number of each document of either window, the same where the texts are near-copies."""
    if reference.clusters is None or current.clusters is None:
        return _texts_numbered(reference, current)
    clusters = np.concatenate([reference.clusters, current.clusters])
    _, number = np.unique(clusters, return_inverse=True)
    return number[: len(reference.clusters)], number[len(reference.clusters) :]


def check_level(level: float) -> None:
    """Refuse a level that is no probability."""
    if not 0.0 < level < 1.0:
        raise SettingsError(f"level={level!r}, and a significance level lies between 0 and 1: try 0.05")


def share_of_rows(change: float, interval: tuple[float, float], detectable: float) -> Effect:
    """Return the absolute size of a signed change; an interval across zero begins at zero."""
    low, high = interval
    nearest = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
    return Effect(
        name="share_of_rows",
        value=abs(change),
        low=min(nearest, abs(change)),
        high=max(abs(low), abs(high), abs(change)),
        detectable=detectable,
    )


def cause_evidence(cause: str, subject: str, change: float, shares: tuple[float, float], unit: str) -> Evidence:
    """Return the table ``causes``: one row, or none when nothing changed.

    ``subject`` begins the sentence, ``shares`` are those of the reference and of the current window, and ``unit`` says
    of what: rows, or distinct texts.
    """
    if change == 0.0:
        return Evidence(name="causes", rows=())
    direction, verb = ("up", "rose") if change > 0.0 else ("down", "fell")
    before, after = shares
    sentence = f"{subject} {verb} from {percentage(before)} to {percentage(after)} of {unit}."
    row = {"cause": cause, "share_of_rows": abs(change), "direction": direction, "sentence": sentence}
    return Evidence(name="causes", rows=(row,))


def exact_result(
    mark: ShareChange,
    *,
    n_documents: tuple[int, int],
    test: str,
    cause: str,
    subject: str,
    unit: str,
    level: float,
    measure: str,
) -> DriftResult:
    """Return the two-sided exact test of one mark.

    Null hypothesis: rows (or documents) of both windows carry the mark with the same probability.
    """
    shares = (mark.reference_share, mark.current_share)
    return DriftResult(
        test=test,
        kind="quality",
        statistic=abs(mark.change),
        p_value=mark.two_sided_p,
        effects=(share_of_rows(mark.change, mark.interval, mark.detectable(level)),),
        n_documents=n_documents,
        evidence=(
            cause_evidence(cause, subject, mark.change, shares, unit),
            Evidence(name="measures", rows=({"measure": measure, "reference": shares[0], "current": shares[1]},)),
        ),
    )
