"""Missing: the question whether more, or fewer, rows come without a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textdrift.drift.contract import DriftResult
from textdrift.drift.quality.share_change import ShareChange, check_level, exact_result
from textdrift.windows.auditing import Audit

__all__ = ["Missing"]


@dataclass(frozen=True, slots=True)
class Missing:
    """The share of rows whose text is null or blank.

    Null hypothesis: rows of both windows are missing with the same probability. Two-sided exact test (Fisher 1934),
    constant time.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from textdrift.windows.auditing import audit
    >>> from textdrift.windows.duplicates import distinct_documents
    >>> from textdrift.windows.window import Roles, Window
    >>> def audited(texts):
    ...     window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    ...     return audit(window, distinct_documents(window))
    >>> reference = audited([f"text {i}" for i in range(100)])
    >>> current = audited([f"text {i}" if i % 10 else None for i in range(100)])
    >>> result = Missing().compare(reference, current, rng=np.random.default_rng(0))
    >>> result.table("causes")[0]["sentence"], round(result.p_value, 4)
    ('Rows without a text rose from 0 % to 10.0 % of all rows.', 0.0015)
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: Audit, current: Audit, *, rng: np.random.Generator) -> DriftResult:
        """Compare two audits; an exact test draws nothing from ``rng``."""
        del rng
        return exact_result(
            ShareChange(reference.n_missing, reference.n_rows, current.n_missing, current.n_rows),
            n_documents=(reference.n_rows, current.n_rows),
            test="quality.missing",
            cause="missing",
            subject="Rows without a text",
            unit="all rows",
            level=self.level,
            measure="share_missing",
        )
