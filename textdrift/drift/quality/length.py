"""Length: the question whether texts were cut at a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.quality.share_change import check_level, share_of_rows
from textdrift.stats.contingency import (
    detectable_share_difference,
    hypergeometric_at_least,
    hypergeometric_at_most,
    share_difference_interval,
)
from textdrift.windows.auditing import Audit
from textdrift.windows.numbers_in_words import percentage

__all__ = ["Length"]

Lengths = NDArray[np.int64]

_SHARP = 0.9
_WIDTHS = {"characters": (1, 2), "bytes": (1, 2, 4)}
"""Lengths that one cut leaves: L; L and L - 1 where blanks are trimmed; four where a cut may not split a character."""

_FEWEST = 5
"""A pile of fewer texts, both windows together, cannot stand out; it is left out before looking at which window."""

_NEAR, _FAR = 2, 6
"""Neighbours of a pile: lengths this far from its ends. The very next ones may hold trimmed texts."""


@dataclass(frozen=True, slots=True)
class Length:
    """A pile-up of text lengths at one limit that the reference does not have.

    Null hypothesis: at no length L do all three hold - more of the current texts than of the reference's are exactly L
    long; more are L long than the lengths around it let expect; fewer are longer than L. Each is tested exactly (two
    one-sided Fisher tests and a binomial one), the largest of the three p-values stands for L, and Bonferroni pays for
    having looked at every L, in characters and in bytes of UTF-8. Hence texts that merely became shorter (another
    topic), or two windows that both end at 140 characters, are no truncation: their median lengths are evidence in
    the table ``sizes``.

    The effect is the smaller of the share piled up and the share of longer texts gone. Cost: O(n log n).

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
    >>> texts = [f"{i:03d}" + "x" * (i % 100) for i in range(500)]
    >>> result = Length().compare(audited(texts), audited([t[:60] for t in texts]), rng=np.random.default_rng(0))
    >>> result.table("causes")[0]["sentence"]
    '43.0 % of distinct texts end at 60 characters, 1.0 % in the reference; longer ones went from 42.0 % to 0 %.'
    >>> result.p_value < 1e-6
    True
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: Audit, current: Audit, *, rng: np.random.Generator) -> DriftResult:
        """Compare two audits; an exact test draws nothing from ``rng``."""
        del rng
        lengths = {
            "characters": (np.sort(reference.n_characters), np.sort(current.n_characters)),
            "bytes": (np.sort(reference.n_bytes), np.sort(current.n_bytes)),
        }
        searches = [
            _search(*lengths[unit], unit=unit, width=width) for unit, widths in _WIDTHS.items() for width in widths
        ]
        n_limits = sum(n for _, n in searches)
        limits = [limit for limit, _ in searches if limit is not None]
        sharpest = min(limits, key=lambda limit: (limit.p_value, -limit.size), default=None)
        size = sharpest.size if sharpest else 0.0
        p_value = min(1.0, n_limits * sharpest.p_value) if sharpest else 1.0
        detectable = self._detectable(*lengths["characters"], n_limits)
        return DriftResult(
            test="quality.length",
            kind="quality",
            statistic=size,
            p_value=p_value,
            effects=(_effect(sharpest, detectable),),
            n_documents=(len(reference.documents), len(current.documents)),
            evidence=(
                Evidence(name="causes", rows=_causes(sharpest) if p_value < 1.0 and size > 0.0 else ()),
                Evidence(
                    name="measures",
                    rows=tuple(
                        {"measure": f"median_{unit}", "reference": _median(before), "current": _median(after)}
                        for unit, (before, after) in lengths.items()
                    ),
                ),
            ),
        )

    def _detectable(self, reference: Lengths, current: Lengths, n_limits: int) -> float:
        """Return the share that must be cut at the reference's median length, where its fall is hardest to see."""
        n, m = len(reference), len(current)
        if n_limits == 0:
            return float("inf")
        level = self.level / n_limits
        middle = np.median(reference)
        at, longer = float(np.mean(reference == middle)), float(np.mean(reference > middle))
        return max(
            detectable_share_difference(at, n, m, level, direction="up"),
            detectable_share_difference(longer, n, m, level, direction="down"),
        )


@dataclass(frozen=True, slots=True)
class _Limit:
    """Counts at one limit, (reference, current), and the p-value before Bonferroni."""

    length: int
    width: int
    unit: str
    piled: tuple[int, int]
    exact: tuple[int, int]
    longer: tuple[int, int]
    totals: tuple[int, int]
    p_value: float

    @property
    def size(self) -> float:
        """min(e_L, d_L): the share piled up, or the share of longer texts gone, whichever is less; at least 0."""
        (n, m), (p1, p2), (l1, l2) = self.totals, self.piled, self.longer
        return max(0.0, min(p2 / m - p1 / n, l1 / n - l2 / m))


def _search(reference: Lengths, current: Lengths, *, unit: str, width: int) -> tuple[_Limit | None, int]:
    """Return the sharpest limit L whose pile is the lengths L - width + 1 to L, and how many limits were looked at."""
    n, m = len(reference), len(current)
    if n == 0 or m == 0:
        return None, 0
    L = np.unique(np.concatenate([reference, current]))
    L = L[width + _FAR <= L]
    piled1, piled2 = (_up_to(lengths, L) - _up_to(lengths, L - width) for lengths in (reference, current))
    looked_at = piled1 + piled2 >= _FEWEST
    L, piled1, piled2 = L[looked_at], piled1[looked_at], piled2[looked_at]
    if L.size == 0:
        return None, 0
    longer1, longer2 = n - _up_to(reference, L), m - _up_to(current, L)
    shortest = L - width + 1
    around = (_up_to(current, L + _FAR) - _up_to(current, L + _NEAR - 1)) + (
        _up_to(current, shortest - _NEAR) - _up_to(current, shortest - _FAR - 1)
    )
    n_neighbours = 2 * (_FAR - _NEAR + 1)
    risen = hypergeometric_at_most(piled1, piled1 + piled2, n, n + m)
    sharp = _binomial_at_least(piled2, piled2 + around, width / (width + n_neighbours))
    fallen = hypergeometric_at_least(longer1, longer1 + longer2, n, n + m)
    p_values = np.maximum(np.maximum(risen, sharp), fallen)
    # A limit is a length that texts have: with none at L itself, the pile belongs to a shorter one.
    p_values = np.where(np.isin(L, current), p_values, 1.0)
    best = int(np.argmin(p_values))
    at = L[best]
    exact1, exact2 = (int(np.count_nonzero(lengths == at)) for lengths in (reference, current))
    limit = _Limit(
        length=int(at),
        width=width,
        unit=unit,
        piled=(int(piled1[best]), int(piled2[best])),
        exact=(exact1, exact2),
        longer=(int(longer1[best]), int(longer2[best])),
        totals=(n, m),
        p_value=float(p_values[best]),
    )
    return limit, int(L.size)


def _up_to(lengths: Lengths, limit: Lengths) -> Lengths:
    """Return how many of the sorted lengths are at most each limit."""
    return np.searchsorted(lengths, limit, side="right")


def _binomial_at_least(k: Lengths, total: Lengths, share: float) -> NDArray[np.float64]:
    """Return P(X >= k) of a binomial count of ``total`` trials; 1 where k is 0."""
    tail = betainc(np.maximum(k, 1), total - np.maximum(k, 1) + 1, share)
    return np.asarray(np.where(k > 0, np.maximum(tail, np.finfo(np.float64).tiny), 1.0), dtype=np.float64)


def _median(lengths: Lengths) -> float | None:
    return float(np.median(lengths)) if len(lengths) else None


def _effect(limit: _Limit | None, detectable: float) -> Effect:
    if limit is None:
        return share_of_rows(0.0, (0.0, 1.0), detectable)
    n, m = limit.totals
    rise = share_difference_interval(limit.piled[0], n, limit.piled[1], m)
    fall = share_difference_interval(limit.longer[1], m, limit.longer[0], n)
    low, high = min(rise[0], fall[0]), min(rise[1], fall[1])
    return share_of_rows(limit.size, (max(low, 0.0), max(high, 0.0)), detectable)


def _causes(limit: _Limit | None) -> tuple[dict[str, Any], ...]:
    if limit is None:
        return ()
    n, m = limit.totals
    shortest = max(0, limit.length - limit.width + 1)
    sharp = limit.exact[1] >= _SHARP * limit.piled[1]
    (before, now), length = (
        (limit.exact, f"{limit.length}") if sharp else (limit.piled, f"{shortest} to {limit.length}")
    )
    sentence = (
        f"{percentage(now / m)} of distinct texts end at {length} {limit.unit}, "
        f"{percentage(before / n)} in the reference; "
        f"longer ones went from {percentage(limit.longer[0] / n)} to {percentage(limit.longer[1] / m)}."
    )
    row = {"cause": "truncated", "share_of_rows": limit.size, "direction": "up", "sentence": sentence}
    return ({**row, "limit": limit.length, "unit": limit.unit},)
