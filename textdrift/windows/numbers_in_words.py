"""Counts with their nouns and shares in percent, in one way for every sentence of the package."""

from __future__ import annotations

__all__ = ["agreed", "counted", "percentage"]


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return how many there are of something; ``plural`` where an s is not enough.

    >>> counted(1, "document"), counted(2000, "row"), counted(0, "cause"), counted(2, "copy", "copies")
    ('1 document', '2,000 rows', '0 causes', '2 copies')
    """
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"


def agreed(n: int, one: str, many: str) -> str:
    """Return the words that agree with a number.

    >>> [f"{counted(n, 'row')} {agreed(n, 'is a copy', 'are copies')}" for n in (1, 2)]
    ['1 row is a copy', '2 rows are copies']
    """
    return one if n == 1 else many


def percentage(share: float, digits: int = 1) -> str:
    """Return a share in percent; none and all have no digits behind the point.

    >>> percentage(0.123), percentage(0.5, digits=0), percentage(0.0), percentage(1.0)
    ('12.3 %', '50 %', '0 %', '100 %')
    """
    return f"{100 * share:.{0 if share in (0.0, 1.0) else digits}f} %"
