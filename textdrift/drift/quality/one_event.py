"""One event: a single template that fills much of the current window, and the reference knew none like it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.share_change import ShareChange, share_of_rows
from textdrift.stats.contingency import hypergeometric_at_least

__all__ = ["OneEvent", "event_reach", "one_event"]

_TIMES_LARGER = 10
_BEYOND_CHANCE = 1e-4
_QUANTILE_80 = 0.8416212335729143
_A_FACT = "What one template makes may have come at one stroke: it is stated for its size and has no p-value."


@dataclass(frozen=True, slots=True, kw_only=True)
class OneEvent:
    """The template that fills most of the current window.

    Attributes
    ----------
    rows:
        Its rows in each window.
    largest_before:
        The largest share of the reference that any one template fills.
    least_share:
        The share of the current window from which one counts.
    """

    rows: ShareChange
    largest_before: float
    least_share: float

    def stated(
        self, test: str, cause: str, sentence: str, n_documents: tuple[int, int], *evidence: Evidence
    ) -> DriftResult:
        """Return the result of a test that states this event as a fact."""
        row = {"cause": cause, "share_of_rows": self.rows.change, "direction": "up", "sentence": sentence}
        reach = event_reach(self.least_share, self.rows.m)
        return DriftResult(
            test=test,
            kind="quality",
            statistic=self.rows.change,
            p_value=1.0,
            has_p_value=False,
            effects=(share_of_rows(self.rows.change, self.rows.interval, reach),),
            n_documents=n_documents,
            evidence=(Evidence(name="causes", rows=(row,)), *evidence),
            notes=(_A_FACT,),
        )


def one_event(counts: NDArray[np.int64], n: int, m: int, *, least_share: float) -> OneEvent | None:
    """Return what fills a large share of the current window alone, or ``None``.

    Rows of one template may have come at one stroke. One event falls into one of two windows whatever happens, so no
    p-value can call it a change: where events are exchangeable, it is m / (n + m) at least. What is left is a fact: one
    template fills so much, and nothing in the reference filled a tenth of that. Left out is what rows drawn one by one
    could bring, with probability 1e-4 over all templates (Bonferroni), as in small windows.

    How often an honest stream brings such an event cannot be known from two windows. Where L are expected in a window
    (Poisson), the reference holds none and the current window one or more with probability exp(-L) (1 - exp(-L)), a
    quarter at most; that is the price of seeing any. Where both windows hold events whose sizes have a tail like k^-a,
    the largest are ten times apart, the current one ahead, with probability 1 / (1 + 10^a) at most.

    Parameters
    ----------
    counts:
        Shape (k, 2), (reference, current): rows of each template.
    n, m:
        All rows of each window.
    least_share:
        The share of the current window from which it counts.

    Examples
    --------
    >>> found = one_event(np.array([[0, 60], [4, 0], [1, 1]]), 500, 500, least_share=0.1)
    >>> found.rows.change, found.largest_before
    (0.12, 0.008)
    >>> one_event(np.array([[0, 60], [8, 0]]), 500, 500, least_share=0.1) is None
    True
    """
    if not (len(counts) and n and m):
        return None
    place = int(counts[:, 1].argmax())
    before, now = (int(rows) for rows in counts[place])
    largest = int(counts[:, 0].max())
    if now < least_share * m or _TIMES_LARGER * largest * m > now * n:
        return None
    if len(counts) * float(hypergeometric_at_least(now, before + now, m, n + m)) > _BEYOND_CHANCE:
        return None
    return OneEvent(rows=ShareChange(before, n, now, m), largest_before=largest / n, least_share=least_share)


def event_reach(least_share: float, m: int) -> float:
    """Return the share that one event must have of what is sent, to fill ``least_share`` of m rows with power 0.8.

    >>> round(event_reach(0.03, 500), 3)
    0.036
    """
    return least_share + _QUANTILE_80 * sqrt(least_share * (1.0 - least_share) / m) if m else float("inf")
