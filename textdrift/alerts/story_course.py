"""StoryCourse: what a story of drift came to, told when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

__all__ = ["StoryCourse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCourse:
    """The windows of a story so far.

    Attributes
    ----------
    first, last:
        The first and the last window that drifted.
    n_windows, n_labelled:
        How many drifted by their inputs, and by their late labels.
    kinds:
        Of drift, in the order in which they came.

    Examples
    --------
    >>> course = StoryCourse.begun("2026-11-13").grown("2026-11-13", ["lexical"], is_labelled=False)
    >>> course.grown("2026-11-15", ["quality", "lexical"], is_labelled=False)
    StoryCourse(first='2026-11-13', last='2026-11-15', n_windows=2, n_labelled=0, kinds=('lexical', 'quality'))
    """

    first: str
    last: str
    n_windows: int = 0
    n_labelled: int = 0
    kinds: tuple[str, ...] = ()

    @classmethod
    def begun(cls, window: str) -> Self:
        """Return the course of a story that begins with a window."""
        return cls(first=window, last=window)

    def grown(self, window: str, kinds: Sequence[str], *, is_labelled: bool) -> Self:
        """Return the course with one more window that drifted."""
        # Labels come for windows before the last one. Names without a date have no order: the last one counts.
        is_earlier = is_labelled and self.n_windows > 0 and window < self.last
        return replace(
            self,
            last=self.last if is_earlier else window,
            n_windows=self.n_windows + (not is_labelled),
            n_labelled=self.n_labelled + is_labelled,
            kinds=tuple(dict.fromkeys((*self.kinds, *kinds))),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the course as plain values that JSON can hold."""
        return {
            "first": self.first,
            "last": self.last,
            "n_windows": self.n_windows,
            "n_labelled": self.n_labelled,
            "kinds": list(self.kinds),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Take back what ``to_dict`` gave; ``None`` for none."""
        if not stored:
            return None
        return cls(
            first=str(stored["first"]),
            last=str(stored["last"]),
            n_windows=int(stored["n_windows"]),
            n_labelled=int(stored["n_labelled"]),
            kinds=tuple(stored["kinds"]),
        )
