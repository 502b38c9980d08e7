"""Checkpoints: how far a stream was judged, kept in the history, so that a watch that was killed goes on from there.

One is written before each window is judged. It says where the source stands if the window gets its row, and where it
stands if it does not; whether it did is what the history knows. So a window and its place in the stream are one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from textdrift.watching.stream_rows import Place

__all__ = ["Checkpoint", "Position"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a stream was judged.

    Attributes
    ----------
    resume:
        The first place that was not judged; ``None`` where nothing was.
    judged:
        Places behind it that were, since windows overlap.
    after:
        Where the next window may begin, see ``WindowCutter``.
    seal:
        What the source wrote down to know its rows again.
    """

    resume: Place | None = None
    judged: tuple[Place, ...] = ()
    after: dt.datetime | None = None
    seal: str = ""

    def past(self, places: Sequence[Place], *, still_open: Sequence[Place], end: Place | None) -> Position:
        """Return the position when the rows at these places are judged as well, and those still open are not."""
        resume = min(still_open, default=end)
        known = {*self.judged, *places}
        behind = tuple(sorted(place for place in known if resume is not None and place >= resume))
        return replace(self, resume=resume, judged=behind)

    def to_dict(self) -> dict[str, Any]:
        """Return the position as plain values that JSON can hold."""
        return {
            "resume": self.resume,
            "judged": [list(place) for place in self.judged],
            "after": None if self.after is None else self.after.isoformat(),
            "seal": self.seal,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Take back what ``to_dict`` gave."""
        return cls(
            resume=_place(stored["resume"]),
            judged=tuple((int(first), int(second)) for first, second in stored["judged"]),
            after=None if stored["after"] is None else dt.datetime.fromisoformat(stored["after"]),
            seal=str(stored["seal"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A window about to be judged, and where the stream stands without it and with it.

    Attributes
    ----------
    source:
        Which stream: one of another address has other places.
    window, start:
        The name of the window, and when it began.
    places:
        Of its rows.
    without, with_it:
        The two positions.

    Examples
    --------
    >>> noon = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
    >>> then = Position().past([(0, 0), (0, 20)], still_open=[], end=(0, 40))
    >>> point = Checkpoint(source="a", window="w", start=noon, places=((0, 0), (0, 20)),
    ...                    without=Position(), with_it=then)
    >>> Checkpoint.from_dict(point.to_dict()) == point, point.with_it.resume
    (True, (0, 40))
    """

    source: str
    window: str
    start: dt.datetime
    places: tuple[Place, ...] = field(repr=False)
    without: Position
    with_it: Position

    def to_dict(self) -> dict[str, Any]:
        """Return the checkpoint as plain values that JSON can hold."""
        return {
            "source": self.source,
            "window": self.window,
            "start": self.start.isoformat(),
            "places": [list(place) for place in self.places],
            "without": self.without.to_dict(),
            "with_it": self.with_it.to_dict(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self | None:
        """Take back what ``to_dict`` gave; ``None`` for what is none, such as that of a later version."""
        try:
            return cls(
                source=str(stored["source"]),
                window=str(stored["window"]),
                start=dt.datetime.fromisoformat(stored["start"]),
                places=tuple((int(first), int(second)) for first, second in stored["places"]),
                without=Position.from_dict(stored["without"]),
                with_it=Position.from_dict(stored["with_it"]),
            )
        except (KeyError, TypeError, ValueError):
            return None


def _place(stored: Any) -> Place | None:
    return None if stored is None else (int(stored[0]), int(stored[1]))
