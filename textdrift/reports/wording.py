"""The words that every renderer shares for verdicts, kinds of drift, causes and effects, and sizes in their units."""

from __future__ import annotations

from collections.abc import Mapping

from textdrift.reports.numerals import plain, points, share
from textdrift.reports.visible_text import visible

__all__ = [
    "bare_size",
    "cause_words",
    "effect_size",
    "effect_unit",
    "effect_words",
    "kind_words",
    "pattern_words",
    "remedy_words",
    "segment_size",
    "threshold_size",
    "verdict_words",
]

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
# "signed" points where the direction matters (+3.2 points), or a "plain" number.
EFFECTS: Mapping[str, tuple[str, str]] = {
    "accuracy_change": ("change of accuracy", "signed"),
    "blind_share_change": ("change of the share of words not read", "signed"),
    "excess_new_terms": ("new words beyond chance", "share"),
    "excess_vanished_terms": ("vanished words beyond chance", "share"),
    "js_excess": ("change of style beyond chance, in bits", "plain"),
    "net_relabelled": ("net share of texts relabelled", "share"),
    "leaning_share_change": ("largest change of a label's share of the words", "points"),
    "largest_share_change": ("largest change of one word's share", "points"),
    "share_change_in_segment": ("largest change of one word's share inside a segment", "points"),
    "share_of_rows": ("share of rows touched", "share"),
    "share_relabelled": ("share of texts relabelled", "share"),
    "score_shift_unexplained": ("shift that moved labels do not explain", "plain"),
    "std_shift": ("shift in standard deviations", "plain"),
    "std_shift_in_segment": ("shift inside a segment, in standard deviations", "plain"),
    "std_shift_within_labels": ("shift within the labels, in standard deviations", "plain"),
    "total_variation": ("share of rows moved", "share"),
}

# Segments are judged by a change of shares for these kinds.
SEGMENTS_IN_POINTS = frozenset({"lexical", "label", "prediction", "concept", "performance"})


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
    return KINDS.get(kind, _spelled_out(kind))


def cause_words(cause: str) -> str:
    """Return a cause in everyday words.

    >>> cause_words("truncated")
    'texts cut short'
    """
    return CAUSES.get(cause, _spelled_out(cause))


def effect_words(name: str) -> str:
    """Return what an effect measures, in everyday words; a name not known here is spelled out.

    >>> effect_words("std_shift")
    'shift in standard deviations'
    >>> effect_words("excess_new_types")
    'excess new types'
    """
    return EFFECTS[name][0] if name in EFFECTS else _spelled_out(name)


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


def threshold_size(value: float | None, name: str) -> str:
    """Return a size that counts in either direction, in the unit of the effect of that name.

    >>> threshold_size(0.03, "accuracy_change")
    '3.0 points'
    """
    return _in_unit(value, name, signed=False)


def segment_size(value: float, kind: str) -> str:
    """Return the size of what moved inside a segment.

    >>> segment_size(0.41, "lexical"), segment_size(0.41, "semantic")
    ('41.0 points', '0.41')
    """
    return points(value) if kind in SEGMENTS_IN_POINTS else plain(value)


def _in_unit(value: float | None, name: str, *, signed: bool) -> str:
    if value is None:
        return "–"
    unit = effect_unit(name)
    if unit == "plain":
        return plain(value)
    return share(value) if unit == "share" else points(value, signed=signed and unit == "signed")


def _spelled_out(name: str) -> str:
    return visible(name.replace("_", " "))
