"""The words that every renderer shares for verdicts, kinds of drift, causes and effects, and sizes in their units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from textdrift.reports.numerals import plain, points, share
from textdrift.reports.own_words import own_words
from textdrift.reports.visible_text import visible

__all__ = [
    "LABELS_ALONE",
    "bare_size",
    "cause_words",
    "effect_size",
    "effect_unit",
    "effect_words",
    "ends_told",
    "is_told",
    "kind_words",
    "pattern_words",
    "remedy_words",
    "segment_size",
    "size_told",
    "threshold_size",
    "verdict_words",
]

LABELS_ALONE = (
    "Judged here are the labels alone, which came later: concept, accuracy and cost. What came in was judged apart."
)
"""Said first of a report of a job's labelled stage: that its labels did not drift says nothing of the inputs."""

VERDICTS: Mapping[str, str] = {"drift": "Drift", "no_drift": "No drift", "inconclusive": "Inconclusive"}

KINDS: Mapping[str, str] = {
    "lexical": "words",
    "semantic": "meaning",
    "label": "labels",
    "prediction": "predictions",
    "concept": "label for the same text",
    "performance": "accuracy",
    "quality": "data quality",
    "features": "other columns",
    "encoder": "encoder of the texts",
}

CAUSES: Mapping[str, str] = {
    "missing": "missing texts",
    "repeated": "repeated texts",
    "truncated": "texts cut short",
    "recased": "capitals or punctuation stripped",
    "mojibake": "garbled characters",
    "escaped": "escaped markup",
    "placeholder": "placeholder texts",
    "language": "another language",
    "schema": "another schema",
    "template": "a new template",
    "late": "late rows",
    "encoder": "another encoder",
    "leak": "the label leaks into the text",
    "loop": "the model's own output comes back",
}

# How the rows of a cause were treated to see how much of the drift goes with it.
REMEDIES: Mapping[str, str] = {
    "repaired": " when its rows are repaired",
    "left out": " when its rows are left out",
    "cut alike": " when both windows are cut alike",
    "levelled": " when its share is the same in both windows",
}

# How the average of the texts moved, see ``directions_table``.
PATTERNS: Mapping[str, str] = {
    "one direction": "The average text moved along one direction in which the texts differ much.",
    "few directions": "The average text moved along a few directions in which the texts differ much.",
    "many weak directions": "The average text moved a little along many directions; no single one explains it.",
    "spread": "The texts became more or less alike, more than their average moved.",
}

# What an effect measures, and its unit: a "share" of rows (3.2 %), "points" between two shares (3.2 points),
# "signed" points where the direction matters (+3.2 points), or a "plain" number. Rows or distinct texts are counted.
EFFECTS: Mapping[str, tuple[str, str]] = {
    "accuracy_change": ("change of accuracy", "signed"),
    "blind_share_change": ("change of the share of words not read", "signed"),
    "excess_new_terms": ("new words beyond chance", "share"),
    "excess_vanished_terms": ("vanished words beyond chance", "share"),
    "correlation_change": ("largest change of a correlation", "plain"),
    "excess_unseen": ("rows with values not seen before, beyond chance", "share"),
    "kolmogorov_smirnov": ("share of rows moved", "share"),
    "js_excess": ("change of style beyond chance, in bits", "plain"),
    "net_relabelled": ("net share of texts relabelled", "share"),
    "leaning_share_change": ("largest change of a label's share of the words", "points"),
    "largest_share_change": ("largest change of one word's share", "points"),
    "share_change_in_segment": ("largest change of one word's share inside a segment", "points"),
    "share_of_rows": ("share of {counted} touched", "share"),
    "share_relabelled": ("share of texts relabelled", "share"),
    "score_shift_unexplained": ("shift that moved labels do not explain", "plain"),
    "std_shift": ("shift in standard deviations", "plain"),
    "std_shift_in_segment": ("shift inside a segment, in standard deviations", "plain"),
    "std_shift_within_labels": ("shift within the labels, in standard deviations", "plain"),
    "total_variation": ("share of {counted} moved", "share"),
}

# A test that found nothing to compare names no effect.
_NO_EFFECT = "unknown"

# Sizes are estimates: a hundredth of a percent, and a thousandth of a standard deviation, is all that they can tell.
_DECIMALS_OF_SHARES, _DECIMALS = 4, 3
_ONE_PERCENT = 0.01

_ENDS = ("low", "high")

# Segments are judged by a change of shares for these kinds.
SEGMENTS_IN_POINTS = frozenset({"lexical", "label", "prediction", "features", "concept", "performance"})


def verdict_words(verdict: str) -> str:
    """Return the verdict as a person would say it.

    >>> verdict_words("no_drift")
    'No drift'
    """
    return VERDICTS.get(verdict, _spelled_out(verdict))


def kind_words(kind: str) -> str:
    """Return what a kind of drift is about, in everyday words.

    >>> kind_words("semantic")
    'meaning'
    """
    return own_words(KINDS[kind]) if kind in KINDS else _spelled_out(kind)


def cause_words(cause: str, column: object = None) -> str:
    """Return a cause in everyday words; ``column`` is the one whose values are missing, where it is not the texts.

    >>> cause_words("truncated"), cause_words("missing", "amount")
    ('texts cut short', 'missing values')
    """
    return "missing values" if column and cause == "missing" else CAUSES.get(cause, _spelled_out(cause))


def effect_words(name: str, counted: str = "rows") -> str:
    """Return what an effect measures, in everyday words; a name not known here is spelled out.

    >>> effect_words("std_shift"), effect_words("total_variation", "distinct texts")
    ('shift in standard deviations', 'share of distinct texts moved')
    >>> effect_words("excess_new_types")
    'excess new types'
    """
    if name == _NO_EFFECT:
        return "size"
    return own_words(EFFECTS[name][0].replace("{counted}", counted)) if name in EFFECTS else _spelled_out(name)


def pattern_words(pattern: object) -> str:
    """Return how the average of the texts moved as a sentence; a pattern not known here stays as it is.

    >>> pattern_words("spread")
    'The texts became more or less alike, more than their average moved.'
    """
    return PATTERNS.get(str(pattern), visible(pattern))


def remedy_words(remedy: object) -> str:
    """Return when the drift of a cause goes, to be said after that it does; empty where that is not known.

    >>> remedy_words("repaired"), remedy_words(None)
    (' when its rows are repaired', '')
    """
    return REMEDIES.get(str(remedy), "")


def effect_unit(name: str) -> str:
    """Return the unit of an effect: ``share`` of rows, ``points``, ``signed`` points, or a ``plain`` number.

    >>> effect_unit("accuracy_change"), effect_unit("std_shift"), effect_unit("a_new_share")
    ('signed', 'plain', 'share')
    """
    return EFFECTS[name][1] if name in EFFECTS else "share" if "share" in name.split("_") else "plain"


def effect_size(value: float | None, name: str) -> str:
    """Return a size in the unit of the effect of that name; a size that is not finite is a dash.

    >>> effect_size(0.123, "total_variation"), effect_size(-0.07, "accuracy_change"), effect_size(0.123, "std_shift")
    ('12.3 %', '−7.0 points', '0.123')
    """
    return _in_unit(value, name, signed=True)


def bare_size(value: float | None, name: str) -> str:
    """Return a size without its unit, for the ends of an interval that stands beside a size with one.

    >>> bare_size(-0.07, "accuracy_change"), bare_size(0.123, "total_variation")
    ('−7.0', '12.3')
    """
    return effect_size(value, name).removesuffix(" points").removesuffix(" %")


def is_told(effect: Mapping[str, Any]) -> bool:
    """Whether an effect has a size: a test that found nothing to compare has none.

    >>> is_told({"name": "unknown", "value": 0.0}), is_told({"name": "std_shift", "value": 0.0})
    (False, True)
    """
    return effect.get("name") != _NO_EFFECT and effect.get("value") is not None


def ends_told(effect: Mapping[str, Any]) -> bool:
    """Whether the interval of an effect says anything: it has a width, and leaves something out.

    >>> ends = {"name": "share_of_rows", "value": 0.0}
    >>> [ends_told({**ends, "low": low, "high": high}) for low, high in ((0.0, 0.05), (0.0, 0.0), (0.0, 1.0))]
    [True, False, False]
    """
    low, high, name = effect.get("low"), effect.get("high"), str(effect.get("name"))
    if not is_told(effect) or (low is None and high is None) or bare_size(low, name) == bare_size(high, name):
        return False
    is_share = effect_unit(name) != "plain"
    return not (is_share and low is not None and high is not None and low <= 0.0 and high >= 1.0)


def size_told(effect: Mapping[str, Any]) -> str:
    """Return the size of an effect with its interval, where it has one that says anything.

    >>> size_told({"name": "share_of_rows", "value": 0.0321, "low": 0.01, "high": 0.0543})
    '3.2 % [1.0, 5.4]'
    >>> size_told({"name": "share_changed", "value": 0.0015, "low": 0.0, "high": 1.0})
    '0.15 %'
    >>> size_told({"name": "unknown", "value": 0.0, "low": 0.0, "high": 0.0})
    'cannot be told'
    """
    name = str(effect.get("name"))
    if not is_told(effect):
        return "cannot be told"
    size = effect_size(effect["value"], name)
    return size if not ends_told(effect) else f"{size} [{', '.join(bare_size(effect[end], name) for end in _ENDS)}]"


def threshold_size(value: float | None, name: str) -> str:
    """Return a size that counts in either direction, in the unit of the effect of that name.

    >>> threshold_size(0.03, "accuracy_change"), threshold_size(0.0625006, "share_of_rows")
    ('3.0 points', '6.3 %')
    """
    return _in_unit(value, name, signed=False)


def segment_size(value: float, kind: str) -> str:
    """Return the size of what moved inside a segment.

    >>> segment_size(0.41, "lexical"), segment_size(0.41, "semantic")
    ('41.0 points', '0.41')
    """
    return points(value) if kind in SEGMENTS_IN_POINTS else plain(value)


def _in_unit(value: float | None, name: str, *, signed: bool) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    unit = effect_unit(name)
    if unit == "plain":
        return plain(round(value, _DECIMALS))
    if abs(value) < _ONE_PERCENT:  # others are rounded once, when they are written
        value = round(value, _DECIMALS_OF_SHARES)
    return share(value) if unit == "share" else points(value, signed=signed and unit == "signed")


def _spelled_out(name: str) -> str:
    return visible(name.replace("_", " "))
