"""What the searches for segments found, each in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textdrift.drift.contract import DriftResult, Effect
from textdrift.findings.phrases import listed, points, quoted

__all__ = ["SEGMENT_SENTENCES", "segment_words"]

_SHOWN_SEGMENTS = 3


def segment_words(row: Mapping[str, Any]) -> str:
    """Name a segment, or a pair of them.

    >>> segment_words({"column": "plan", "value": "free", "within": {"column": "country", "value": "Peru"}})
    "plan 'free' within country 'Peru'"
    """
    name = f"{row['column']} {quoted(row['value'])}"
    within = row.get("within")
    return name if within is None else f"{name} within {within['column']} {quoted(within['value'])}"


def _where(result: DriftResult) -> str:
    rows = result.table("segments")
    others = [segment_words(row) for row in rows[1:_SHOWN_SEGMENTS]]
    more = f", then in {listed(others)}" if others else ""
    count = f" ({len(rows)} in all)" if len(rows) > _SHOWN_SEGMENTS else ""
    return f"{segment_words(rows[0])}{more}{count}"


def _looked_at(result: DriftResult) -> str:
    return f"of {result.sizes.get('n_slices', 0):,.0f} segments and pairs of segments"


def _meaning_inside(result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted or not result.table("segments"):
        return f"In none {_looked_at(result)} did the meaning of the texts move beyond chance, or only by little."
    return (
        f"Inside segments the meaning of the texts moved, by {effect.value:.2f} standard deviations at most: "
        f"most in {_where(result)}."
    )


def _words_inside(result: DriftResult, effect: Effect, drifted: bool) -> str:
    rows = result.table("segments")
    if not drifted or not rows:
        return f"In none {_looked_at(result)} did the words change beyond chance, or only by little."
    term = rows[0].get("term")
    which = f" ({quoted(term)})" if term else ""
    most = points(effect.value)
    where = f"most in {_where(result)}{which}"
    return f"Inside segments the words changed, by {most} of the distinct texts at most: {where}."


SEGMENT_SENTENCES: Mapping[str, Callable[[DriftResult, Effect, bool], str]] = {
    "lexical.segments": _words_inside,
    "embedding.segments": _meaning_inside,
}
