"""Doubt: why the silence of a test is no answer, though its windows were large enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from textdrift.drift.contract import DriftResult, Evidence

__all__ = ["Doubt", "doubt_in", "doubted"]

Why = Literal["spelled_numbers", "two_types", "rounded", "distinct"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the silence of a test is no answer.

    Attributes
    ----------
    why:
        ``spelled_numbers``: numbers that nobody can read without knowing who wrote them; ``two_types``: of one kind in
        one window and of another in the other; ``rounded``: numbers too long for a float; ``distinct``: nearly every
        row has a name of its own.
    reason:
        The same as a sentence, with what to do.
    """

    why: Why
    reason: str

    @property
    def leaves_open(self) -> bool:
        """Whether the column was not read as what it is, so that "no drift" cannot be said of the run."""
        return self.why != "distinct"


def doubted(result: DriftResult, doubt: Doubt | None) -> DriftResult:
    """Return a result whose silence says nothing: it has the doubt as evidence and note, and no size would have shown.

    What the test did find stays: statistic, p-value and sizes are as they were.
    """
    if doubt is None:
        return result
    told = f"{doubt.reason[0].upper()}{doubt.reason[1:]}"
    return replace(
        result,
        notes=result.notes if doubt.reason in result.notes else (*result.notes, told),
        effects=tuple(replace(effect, detectable=inf) for effect in result.effects),
        evidence=(*result.evidence, Evidence(name="doubt", rows=({"why": doubt.why, "reason": doubt.reason},))),
    )


def doubt_in(result: DriftResult) -> Doubt | None:
    """Return the doubt of a result, where it has one.

    >>> from textdrift.drift.contract import Effect
    >>> effect = Effect(name="total_variation", value=0.0, low=0.0, high=0.1, detectable=0.1)
    >>> result = DriftResult(test="columns.categorical", kind="features", statistic=0.0, p_value=1.0,
    ...                      effects=(effect,), n_documents=(90, 90))
    >>> doubt = Doubt("distinct", "Every row has a name of its own.")
    >>> doubt_in(result), doubt_in(doubted(result, doubt)) == doubt
    (None, True)
    """
    return next((Doubt(row["why"], row["reason"]) for row in result.table("doubt")), None)
