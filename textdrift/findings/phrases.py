"""Parts of the sentences of findings: shares, sizes, lists, and words from the data that are cut to a length."""

from __future__ import annotations

from textdrift.drift.contract import Effect

__all__ = [
    "DOUBTFUL",
    "SHOWN_WORDS",
    "change_words",
    "clipped",
    "listed",
    "named_size",
    "percent",
    "points",
    "quoted",
    "size_words",
]

DOUBTFUL = 0.05
"""A test that only supports another is said to have found something up to this p-value."""

SHOWN_WORDS = 4

_ONE_DIGIT_BELOW = 0.0995
_LONGEST_WORD = 60


def percent(share: float) -> str:
    """Write a share as a percentage, with a digit where it is small.

    >>> percent(0.123), percent(0.0123), percent(1.0)
    ('12 %', '1.2 %', '100 %')
    """
    digits = 1 if abs(share) < _ONE_DIGIT_BELOW and share != 0 else 0
    return f"{100 * share:.{digits}f} %"


def points(change: float) -> str:
    """Write a change of a share in percentage points.

    >>> points(-0.041)
    '4.1 points'
    """
    return f"{100 * abs(change):.1f} points"


def listed(words: list[str]) -> str:
    """Join words as a person would.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def clipped(text: str, length: int) -> str:
    """Cut a text that is longer.

    >>> clipped("a long sentence", 8)
    'a long …'
    """
    return text if len(text) <= length else f"{text[: length - 1]}…"


def quoted(word: object) -> str:
    """Quote a word, label or value from the data, cut where it is too long to be read."""
    return f"'{clipped(str(word), _LONGEST_WORD)}'"


def size_words(effect: Effect, value: float) -> str:
    """Write a size in the unit of the effect."""
    return named_size(effect.name, value)


def named_size(name: str, value: float) -> str:
    """Write a size in the unit of the effect of that name.

    >>> named_size("std_shift", 0.123), named_size("total_variation", 0.1)
    ('0.12 standard deviations', '10.0 points')
    """
    if name in ("std_shift", "spread_shift", "std_shift_in_segment"):
        return f"{value:.2f} standard deviations"
    return f"{value:.3f} bits" if name == "js_excess" else points(value)


def change_words(row: dict[str, object]) -> str:
    """Write the shares of both windows of a row of evidence.

    >>> change_words({"reference_share": 0.123, "current_share": 0.01})
    '12 % to 1.0 %'
    """
    before, after = float(str(row["reference_share"])), float(str(row["current_share"]))
    return f"{percent(before)} to {percent(after)}"
