"""Casing: the question whether capitals or punctuation were stripped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.share_change import cause_evidence, change_among_texts, check_level, share_of_rows
from textdrift.stats.contingency import hypergeometric_at_least
from textdrift.windows.auditing import Audit

__all__ = ["Casing"]


@dataclass(frozen=True, slots=True)
class Casing:
    """The falls of two shares: distinct texts that hold a capital, distinct texts that hold punctuation.

    Null hypothesis: neither share fell from the reference to the current window. The smaller of two one-sided exact
    p-values (Fisher 1934), doubled for having looked twice; linear time. A text that both windows hold counts in each
    by the share of its rows there. Only falls count: a pipeline strips, it does
    not add. The effect is the larger fall, 0 where neither fell.

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
    >>> as_written, stripped = audited([f"Cup {i}." for i in range(50)]), audited([f"cup {i}" for i in range(50)])
    >>> rng = np.random.default_rng(0)
    >>> Casing().compare(as_written, stripped, rng=rng).effects[0].value
    1.0
    >>> Casing().compare(stripped, as_written, rng=rng).p_value
    1.0
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: Audit, current: Audit, *, rng: np.random.Generator) -> DriftResult:
        """Compare two audits; an exact test draws nothing from ``rng``."""
        del rng
        marks = {
            "capitals": change_among_texts(reference, reference.has_capital, current, current.has_capital),
            "punctuation": change_among_texts(reference, reference.has_punctuation, current, current.has_punctuation),
        }
        p_values = [hypergeometric_at_least(c.k1, c.k1 + c.k2, c.n, c.n + c.m).item() for c in marks.values()]
        mark, fallen = min(marks.items(), key=lambda named: named[1].change)
        fall = min(fallen.change, 0.0)
        low, high = fallen.interval
        # A mark that no text of the reference holds cannot fall: the other one states what would have shown.
        reaches = [c.detectable(self.level, "down") for c in marks.values() if c.k1 > 0]
        return DriftResult(
            test="quality.casing",
            kind="quality",
            statistic=abs(fall),
            p_value=min(1.0, 2.0 * min(p_values)),
            effects=(share_of_rows(fall, (min(low, 0.0), min(high, 0.0)), max(reaches, default=float("inf"))),),
            n_documents=(len(reference.documents), len(current.documents)),
            evidence=(
                cause_evidence(
                    "recased",
                    f"Texts with {mark}",
                    fall,
                    (fallen.reference_share, fallen.current_share),
                    "distinct texts",
                ),
                Evidence(
                    name="measures",
                    rows=tuple(
                        {"measure": f"share_with_{name}", "reference": c.reference_share, "current": c.current_share}
                        for name, c in marks.items()
                    ),
                ),
            ),
        )
