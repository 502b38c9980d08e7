"""Encoding: the question whether more, or fewer, texts were decoded with the wrong character set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textdrift.drift.contract import DriftResult
from textdrift.drift.quality.share_change import change_among_texts, check_level, exact_result
from textdrift.windows.auditing import Audit

__all__ = ["Encoding"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """The share of distinct texts whose characters were decoded wrongly, such as "cafÃ©".

    Null hypothesis: distinct texts of both windows are mojibake with the same probability. Two-sided exact test
    (Fisher 1934), linear time. A text that both windows hold counts in each by the share of its rows there.

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
    >>> reference = audited([f"cup {i}" for i in range(50)])
    >>> current = audited([f"cafÃ© {i}" for i in range(50)])
    >>> result = Encoding().compare(reference, current, rng=np.random.default_rng(0))
    >>> result.test, result.effects[0].value, result.p_value < 0.001
    ('quality.encoding', 1.0, True)
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: Audit, current: Audit, *, rng: np.random.Generator) -> DriftResult:
        """Compare two audits; an exact test draws nothing from ``rng``."""
        del rng
        return exact_result(
            change_among_texts(reference, reference.is_mojibake, current, current.is_mojibake),
            n_documents=(len(reference.documents), len(current.documents)),
            test="quality.encoding",
            cause="mojibake",
            subject="Texts decoded with the wrong character set",
            unit="distinct texts",
            level=self.level,
            measure="share_mojibake",
        )
