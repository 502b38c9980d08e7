"""A number with its noun."""

from __future__ import annotations

__all__ = ["counted"]


def counted(n: int, noun: str) -> str:
    """Return how many there are of something.

    >>> counted(1, "window"), counted(2000, "row"), counted(0, "run")
    ('1 window', '2,000 rows', '0 runs')
    """
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
