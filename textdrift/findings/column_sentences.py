"""What the tests of features found, each in a sentence, and how a column moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite

from textdrift.drift.contract import DriftResult, Effect
from textdrift.findings.finding import Finding
from textdrift.findings.phrases import change_words, listed, percent, points, quoted

__all__ = ["COLUMN_SENTENCES", "column_of", "columns_sentence", "direction_of", "strongest_columns", "way_of"]

_SHOWN = 3
_A_STEP = 0.1  # of the distance of the quartiles: a median that moved by less did not go anywhere
_WIDER = 1.2


def column_of(result: DriftResult) -> str | None:
    """Return the column that a result speaks of; ``None`` where it speaks of none, or of several."""
    return next((str(row["column"]) for row in result.table("column")), None)


def way_of(result: DriftResult) -> str:
    """Say which way a column of numbers moved: higher, lower, wider, narrower, or another shape.

    The median decides where it moved by a tenth of the distance of the quartiles, else that distance does. A column of
    names has ``other shares``.
    """
    known = _quantiles(result)
    if not known:
        return "other shares"
    # Quartered, so that the distance of the farthest floats is one.
    (low, low_now), (middle, middle_now), (high, high_now) = (
        [0.25 * value for value in known[name]] for name in ("25 %", "median", "75 %")
    )
    before, now = high - low, high_now - low_now
    if abs(middle_now - middle) > _A_STEP * max(before, now):
        return "higher" if middle_now > middle else "lower"
    if max(before, now) >= _WIDER * min(before, now):
        return "wider" if now > before else "narrower"
    return "another shape"


def direction_of(result: DriftResult) -> str:
    """Say in a few words how a column moved: its median, its middle half, or the name that moved most.

    >>> from textdrift.drift.contract import Evidence
    >>> def moved(**quantiles):
    ...     rows = tuple({"name": name, "reference": a, "current": b} for name, (a, b) in quantiles.items())
    ...     return DriftResult(test="columns.numeric", kind="features", statistic=1.0, p_value=0.1, effects=(),
    ...                        n_documents=(9, 9), evidence=(Evidence(name="quantiles", rows=rows),))
    >>> direction_of(moved(**{"25 %": (1.0, 2.0), "median": (2.0, 3.5), "75 %": (3.0, 5.0)}))
    'higher, its median went from 2 to 3.5'
    """
    known, way = _quantiles(result), way_of(result)
    if known:
        if way in {"higher", "lower"}:
            return f"{way}, its median went from {_number(known['median'][0])} to {_number(known['median'][1])}"
        halves = [f"{_number(known['25 %'][side])} to {_number(known['75 %'][side])}" for side in (0, 1)]
        return f"{way}, its middle half was {halves[0]} and is {halves[1]}"
    rows = result.table("categories")
    return f"most of all {quoted(rows[0]['value'])} from {change_words(rows[0])}" if rows else "with other shares"


def strongest_columns(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings of features that moved, the largest change in units of what matters first."""
    moved = [f for f in findings if f.drifted and f.kind == "features" and column_of(f.result) is not None]
    return sorted(moved, key=lambda f: (-f.strength, f.result.p_value))


def columns_sentence(findings: Sequence[Finding]) -> str:
    """Say in one sentence which features moved; empty where no single one did.

    How the strongest moved is said of it alone: another one may have no median, or may have gone the other way.
    """
    moved = strongest_columns(findings)
    if not moved:
        return ""
    others = [f"{quoted(column_of(f.result))} ({points(f.effect.value)})" for f in moved[1 : _SHOWN + 1]]
    if len(moved) > _SHOWN + 1:
        others.append(f"{len(moved) - _SHOWN - 1} more")
    also = f"; {listed(others)} moved too" if others else ""
    return f"{moved[0].sentence.removesuffix('.')}{also}."


def _quantiles(result: DriftResult) -> dict[str, tuple[float, float]]:
    rows = {str(row["name"]): (float(row["reference"]), float(row["current"])) for row in result.table("quantiles")}
    return rows if {"25 %", "median", "75 %"} <= rows.keys() else {}


def _number(value: float) -> str:
    return f"{value:.4g}" if isfinite(value) else "–"


def _one_column(result: DriftResult, effect: Effect, drifted: bool) -> str:
    name = quoted(column_of(result) or "")
    if not drifted:
        return f"Column {name} did not move beyond chance, or only by little."
    return f"Column {name} moved by {points(effect.value)}: {direction_of(result)}."


def _together(result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted:
        return "The columns together, and how they go along, did not change beyond chance, or only by little."
    rows = result.table("pairs")
    if effect.name == "correlation_change" and rows:
        row = rows[0]
        pair = f"{quoted(row['first'])} and {quoted(row['second'])}"
        return (
            f"The columns go along in another way: the correlation of {pair} went from {float(row['reference']):.2f} "
            f"to {float(row['current']):.2f}."
        )
    return f"The columns moved together, by {effect.value:.2f} standard deviations."


def _unseen(result: DriftResult, effect: Effect, drifted: bool) -> str:
    rows = result.table("unseen_values")
    if not drifted:
        return "No more values than chance brings are new, or beyond what the reference holds; or only a few are."
    named = [f"{quoted(row['value'])} in {quoted(row['column'])} ({percent(float(row['share']))})" for row in rows]
    told = f": {listed(named[:_SHOWN])}" if named else ""
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    share = percent(effect.value)
    return f"Values come that the reference does not hold, in {share} of the rows beyond chance{told}{more}."


COLUMN_SENTENCES: Mapping[str, Callable[[DriftResult, Effect, bool], str]] = {
    "columns.numeric": _one_column,
    "columns.joint": _together,
    "columns.categorical.features": _one_column,
    "columns.unseen": _unseen,
}
"""By test, and by kind where a test has several."""
