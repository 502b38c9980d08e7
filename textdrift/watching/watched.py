"""Watched: one window of a stream, as a watch tells it."""

from __future__ import annotations

from dataclasses import dataclass

from textdrift.job import JobResult

__all__ = ["Watched"]


@dataclass(frozen=True, slots=True)
class Watched:
    """One window of a stream, and what else there is to say of it.

    Attributes
    ----------
    window:
        Its name.
    n_rows:
        The rows that it held.
    result:
        The judgement; ``None`` where it failed, and the first of the notes says why.
    notes:
        Rows left out or late, messages not delivered.
    """

    window: str
    n_rows: int
    result: JobResult | None
    notes: tuple[str, ...] = ()
