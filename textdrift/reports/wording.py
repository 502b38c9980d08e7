"""The words and number formats that every renderer shares, and what makes a hostile text harmless to look at."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

__all__ = [
    "bare_size",
    "cause_words",
    "clipped",
    "count",
    "effect_size",
    "effect_words",
    "exact_p_value",
    "kind_words",
    "moment",
    "p_value",
    "pattern_words",
    "plain",
    "points",
    "segment_size",
    "share",
    "tenths",
    "threshold_size",
    "value_text",
    "verdict_words",
    "visible",
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
    "share_of_rows": ("share of rows touched", "share"),
    "share_relabelled": ("share of texts relabelled", "share"),
    "score_shift_unexplained": ("shift that moved labels do not explain", "plain"),
    "std_shift": ("shift in standard deviations", "plain"),
    "std_shift_within_labels": ("shift within the labels, in standard deviations", "plain"),
    "total_variation": ("share of rows moved", "share"),
}

# A p-value below this one is as good as any other to a person.
SMALL_P_VALUE = 0.001

# From here on all three digits that count stand before the point.
WHOLE_FROM = 1000

# Segments are judged by a change of shares for these kinds.
SEGMENTS_IN_POINTS = frozenset({"lexical", "label", "prediction", "concept", "performance"})

# Characters that draw nothing themselves but reorder, hide or split the text around them. Joiners and plain direction
# marks stay as they are: Persian, Hindi, Hebrew and emoji cannot be written without them.
INVISIBLE = frozenset(
    [0x200B, 0xFEFF, *range(0x2060, 0x2065), *range(0x202A, 0x202F), *range(0x2066, 0x2070), *range(0xE0000, 0xE0080)]
)


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


def moment(time: str | None) -> str:
    """Return a time of the report without the digits nobody reads; a text that is no time stays as it is.

    >>> moment("2031-02-28T23:41:00+00:00"), moment("2031-02-28T00:00:00"), moment("week 9"), moment(None)
    ('2031-02-28 23:41 UTC', '2031-02-28', 'week 9', '–')
    """
    if time is None:
        return "–"
    try:
        parsed = datetime.fromisoformat(time)
    except ValueError:
        return visible(time)
    zone = f" {parsed.tzname()}" if parsed.tzinfo else ""
    day_only = not zone and (parsed.hour, parsed.minute, parsed.second, parsed.microsecond) == (0, 0, 0, 0)
    return f"{parsed:%Y-%m-%d}" if day_only else f"{parsed:%Y-%m-%d %H:%M}{zone}"


def share(value: float) -> str:
    """Return a share of rows in percent, small shares with two digits that count.

    >>> share(0.0321), share(0.00012), share(0.0), share(1.0)
    ('3.2 %', '0.012 %', '0 %', '100 %')
    """
    return f"{_percent(value)} %"


def points(value: float, *, signed: bool = False) -> str:
    """Return the distance between two shares in percentage points.

    >>> points(0.0412), points(0.0412, signed=True)
    ('4.1 points', '+4.1 points')
    """
    return f"{'+' if signed and value > 0 else ''}{_percent(value)} points"


def tenths(value: float | None) -> str:
    """Return a number of points with its sign and one digit after the point.

    >>> tenths(-7.43026), tenths(0.62), tenths(0.04), tenths(None)
    ('−7.4', '+0.6', '0.0', '–')
    """
    if value is None:
        return "–"
    shown = f"{value:+,.1f}"
    return "0.0" if shown in {"+0.0", "-0.0"} else shown.replace("-", "−")


def p_value(value: float | None) -> str:
    """Return a p-value as a person reads it.

    >>> p_value(0.0432), p_value(1e-9), p_value(None)
    ('0.043', '< 0.001', '–')
    """
    return "–" if value is None else f"< {SMALL_P_VALUE}" if value < SMALL_P_VALUE else exact_p_value(value)


def exact_p_value(value: float | None) -> str:
    """Return a p-value with two digits that count, however small.

    >>> exact_p_value(0.0432), exact_p_value(1.24e-9), exact_p_value(None)
    ('0.043', '1.2e-9', '–')
    """
    if value is None:
        return "–"
    shown = f"{value:.2g}"
    return shown.replace("e-0", "e-")


def plain(value: float | None) -> str:
    """Return a number with three digits that count, whole numbers in full.

    >>> plain(0.12345), plain(-0.07), plain(123456.7), plain(1000)
    ('0.123', '−0.07', '123,457', '1,000')
    """
    if value is None:
        return "–"
    whole = abs(value) >= WHOLE_FROM
    shown = f"{value:,.0f}" if whole else f"{value:.3g}".replace("e-0", "e-")
    return shown.replace("-", "−") if "e" not in shown else shown


def count(value: int | None) -> str:
    """Return a number of rows with its thousands set apart.

    >>> count(12345)
    '12,345'
    """
    return "–" if value is None else f"{value:,}"


def value_text(value: Any) -> str:
    """Return any value of the report, such as a setting, as a text that is yet to be made ``visible``.

    >>> value_text(True), value_text(None), value_text(0.25), value_text(["a", "b"])
    ('yes', '–', '0.25', '["a", "b"]')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return plain(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def visible(text: object, *, keep: str = "") -> str:
    r"""Return the text with every character that would act instead of being seen written out as an escape.

    Control characters (a terminal obeys them), bidirectional overrides (they reorder what stands beside them),
    zero-width and tag characters (they hide) and lone surrogates (they cannot be written as UTF-8) become ``\x1b``,
    ``\u202e`` and so on. The characters in ``keep`` stay.

    >>> print(visible("red\x1b[31m and \u202eback"))
    red\x1b[31m and \u202eback
    """
    return "".join(c if c in keep or not _acts(c) else c.encode("unicode_escape").decode() for c in str(text))


def clipped(text: str, length: int) -> str:
    """Return the text, cut to a length and ending in an ellipsis where something was cut.

    >>> clipped("a long sentence", 8)
    'a long …'
    """
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _acts(character: str) -> bool:
    return ord(character) in INVISIBLE or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def _in_unit(value: float | None, name: str, *, signed: bool) -> str:
    if value is None:
        return "–"
    unit = EFFECTS[name][1] if name in EFFECTS else "share" if "share" in name.split("_") else "plain"
    if unit == "plain":
        return plain(value)
    return share(value) if unit == "share" else points(value, signed=signed and unit == "signed")


def _spelled_out(name: str) -> str:
    return visible(name.replace("_", " "))


def _percent(value: float) -> str:
    percent = 100.0 * value
    # Decimal, since .2g alone would write 1e-05 for a small share.
    shown = f"{percent:.1f}" if abs(percent) >= 1.0 or percent == 0.0 else f"{Decimal(f'{percent:.2g}'):f}"
    if shown in {"0.0", "100.0", "-100.0"}:
        shown = shown[:-2]
    return shown.replace("-", "−")
