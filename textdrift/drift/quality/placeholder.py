"""Placeholder: the question whether more, or fewer, rows hold a text that stands for none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.blocks import change_p_value
from textdrift.drift.quality.share_change import (
    ShareChange,
    cause_evidence,
    check_level,
    share_of_rows,
)
from textdrift.errors import SettingsError
from textdrift.windows.auditing import Audit
from textdrift.windows.placeholders import PLACEHOLDER_FORMS

__all__ = ["Placeholder"]

_APART = 10
"""Rows: placeholders at most this far from each other may be of one burst."""

_MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The share of rows whose text is there and says nothing: "N/A", "[deleted]", "test", "Dear {{name}}".

    What counts is told by ``placeholder_forms``. Rows count, copies too, as with missing texts: ``Copies`` leaves these
    rows to this test. Two null hypotheses: rows of both windows are placeholders with the same probability; or
    placeholders come in bursts (one person trying out a form), and these are exchangeable. A burst is a run of
    placeholders at most ten rows from each other, so the rows should stand in the order in which they came. The larger
    of the two p-values counts, see ``change_p_value``. Fisher's exact test alone calls any burst a change; this one
    keeps its level when the reference shows bursts as large: with twenty bursts a window; with ten it alarms in 0.06
    where 0.05 is promised. Where they are so rare that the reference shows none, a burst is a change. Nor does it find
    a burst that the reference had and that ended.

    One short text that fills many rows and is on no list is found by ``Copies``.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.
    n_permutations:
        Of the full round, where the reference holds a burst.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from textdrift.windows.auditing import audit
    >>> from textdrift.windows.duplicates import distinct_documents
    >>> from textdrift.windows.window import Roles, Window
    >>> def audited(texts):
    ...     window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    ...     return audit(window, distinct_documents(window))
    >>> reference = audited([f"cup {i}" for i in range(100)])
    >>> current = audited([f"cup {i}" if i % 10 else "N/A" for i in range(100)])
    >>> result = Placeholder().compare(reference, current, rng=np.random.default_rng(0))
    >>> result.table("causes")[0]["sentence"], round(result.p_value, 4)
    ('Rows whose text stands for none rose from 0 % to 10.0 % of all rows.', 0.0015)
    """

    level: float = 0.05
    n_permutations: int = 999

    def __post_init__(self) -> None:
        """Refuse a level that is no probability, and a test without permutations."""
        check_level(self.level)
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations={self.n_permutations!r}, and at least 1 is needed: try 999")

    def compare(self, reference: Audit, current: Audit, *, rng: np.random.Generator) -> DriftResult:
        """Compare two audits; permutations, where some are needed, are drawn from ``rng``."""
        n, m = reference.n_rows, current.n_rows
        before, after = _runs(reference), _runs(current)
        runs = np.concatenate([np.column_stack([before, 0 * before]), np.column_stack([0 * after, after])])
        marked = ShareChange(int(before.sum()), n, int(after.sum()), m)
        shares = (marked.reference_share, marked.current_share)
        return DriftResult(
            test="quality.placeholder",
            kind="quality",
            statistic=abs(marked.change),
            p_value=change_p_value(runs, n, m, n_permutations=self.n_permutations, rng=rng),
            effects=(share_of_rows(marked.change, marked.interval, marked.detectable(self.level)),),
            n_documents=(n, m),
            evidence=(
                cause_evidence("placeholder", "Rows whose text stands for none", marked.change, shares, "all rows"),
                Evidence(
                    name="measures",
                    rows=({"measure": "share_placeholders", "reference": shares[0], "current": shares[1]},),
                ),
                Evidence(name="placeholders", rows=_forms(reference, current)),
            ),
        )


def _runs(audit: Audit) -> NDArray[np.int64]:
    """Return the rows of each run of placeholders, in the order of the rows."""
    of_row = audit.documents.document_of_row
    rows = np.flatnonzero(of_row >= 0)
    rows = rows[audit.is_placeholder[of_row[rows]]]
    starts = np.flatnonzero(np.diff(rows, prepend=-_APART - 1) > _APART)
    return np.diff(starts, append=len(rows))


def _forms(reference: Audit, current: Audit) -> tuple[dict[str, Any], ...]:
    """Return the rows of each form of placeholder, those that grew most first, and some of them to look at."""
    held = []
    for form, name in enumerate(PLACEHOLDER_FORMS):
        before, after = (
            int(audit.documents.sizes[audit.placeholder_form == form].sum()) for audit in (reference, current)
        )
        if before or after:
            first = np.sort(current.documents.first_rows[current.placeholder_form == form])[:_MOST_ROWS]
            row = {"form": name, "reference_rows": before, "current_rows": after, "rows": first.tolist()}
            held.append((before / max(reference.n_rows, 1) - after / max(current.n_rows, 1), row))
    return tuple(row for _, row in sorted(held, key=lambda pair: pair[0]))
