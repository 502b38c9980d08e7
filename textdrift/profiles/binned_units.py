"""BinnedUnits: what was put into the bins of a profile together, and how many different ones there are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import ProfileError
from textdrift.stats.distinct_counting import distinct_estimate, smallest_hashes

__all__ = ["BinnedUnits"]

_WAYS = ("texts", "groups")


@dataclass(frozen=True, slots=True, eq=False)
class BinnedUnits:
    """What a profile puts into bins whole: the copies of a text, or the rows of a group.

    How many there are decides how many bins a window gets in a comparison. Rows do not tell: one text with a thousand
    copies is one unit, and bins that hold equally many rows but not equally many units are not exchangeable.

    Attributes
    ----------
    by:
        ``texts`` (``hashes_of_texts``) or ``groups``.
    hashes:
        The smallest hashes of the units, ascending, at most 1,024, ``uint64``; see ``smallest_hashes``.

    Raises
    ------
    ProfileError
        When ``by`` is another word, or the hashes do not ascend.

    Examples
    --------
    >>> monday = BinnedUnits("texts", np.array([3, 7], dtype=np.uint64))
    >>> (monday | BinnedUnits("texts", np.array([7, 9], dtype=np.uint64))).number
    3.0
    """

    by: str = "texts"
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))

    def __post_init__(self) -> None:
        """Check once."""
        if self.by not in _WAYS:
            raise ProfileError(f"rows are binned by 'texts' or 'groups'; got {self.by!r}")
        if self.hashes.dtype != np.uint64 or self.hashes.ndim != 1 or (self.hashes[1:] <= self.hashes[:-1]).any():
            raise ProfileError("the hashes of the units of a profile must be a row of ascending uint64")

    @property
    def number(self) -> float:
        """How many units there are: exact up to a thousand, then within some 3 %."""
        return distinct_estimate(self.hashes)

    def __or__(self, other: BinnedUnits) -> BinnedUnits:
        """Return the units of both; one of both counts once."""
        return BinnedUnits(self.by, smallest_hashes(self.hashes, other.hashes))
