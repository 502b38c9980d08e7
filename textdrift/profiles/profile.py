"""Profile: what is left of a window without its texts, and how profiles merge."""

from __future__ import annotations

import datetime as dt
import functools
import json
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from textdrift.embeddings.features import FeatureSums
from textdrift.errors import ProfileError
from textdrift.profiles.binned_units import BinnedUnits
from textdrift.tokens.binned_counting import CountsInBins
from textdrift.tokens.token_counts import BinnedCounts

__all__ = ["Profile", "Span", "check_comparable", "check_label", "merged"]

_SEVERAL = "several windows"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when the rows of a window are.

    Parameters
    ----------
    start_at, end_at:
        ISO 8601; kept in UTC, and a time without a zone counts as UTC.

    Raises
    ------
    ProfileError
        When a time cannot be read, or the end comes before the start.

    Examples
    --------
    >>> Span("2024-05-01T02:00:00+02:00", "2024-05-02").start_at
    '2024-05-01T00:00:00.000000+00:00'
    """

    start_at: str
    end_at: str

    def __post_init__(self) -> None:
        """Bring both to one form, in which the earlier string is the earlier time."""
        for name in ("start_at", "end_at"):
            object.__setattr__(self, name, _in_utc(getattr(self, name)))
        if self.end_at < self.start_at:
            raise ProfileError(f"a span must not end before it starts; got {self.start_at} to {self.end_at}")

    def __or__(self, other: Span) -> Span:
        """Return the shortest span that covers both."""
        return Span(min(self.start_at, other.start_at), max(self.end_at, other.end_at))


def _in_utc(given: str) -> str:
    try:
        time = dt.datetime.fromisoformat(given)
        time = time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise ProfileError(f"a time such as '2024-05-01T12:00:00+00:00' was needed; got {given!r}") from error
    return time.isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Sums over the documents of a window, in bins: enough to test for drift, and without a text.

    Attributes
    ----------
    name:
        The window's, for people.
    n_rows:
        Rows that were seen; those without a text are no documents.
    counts:
        Of terms; ``None`` where they were not counted.
    sums:
        Of the features of the embeddings; ``None`` where there are none. In the same bins as the counts.
    tokenization:
        How texts became terms (``Tokenization.described``): plain values, empty without counts.
    encoder:
        The fingerprint of the encoder, empty without sums.
    units:
        What was put into bins whole, copies of a text or rows of a group, and how many there are.
    span:
        ``None`` where the rows have no time.

    Raises
    ------
    ProfileError
        When something is not of its type, when there are neither counts nor sums, when they disagree about the
        documents, or when what made them is not told.

    Examples
    --------
    >>> from textdrift.profiles.profiling import profile_texts
    >>> monday = profile_texts([["good film", None]], name="monday")
    >>> both = monday + profile_texts([["bad film"]], name="tuesday")
    >>> both, both.counts.terms
    (Profile(name='several windows', n_rows=3, n_documents=2), ('bad', 'film', 'good'))
    """

    name: str
    n_rows: int
    counts: BinnedCounts | None = None
    sums: FeatureSums | None = None
    tokenization: Mapping[str, Any] = field(default_factory=dict)
    encoder: str = ""
    units: BinnedUnits = field(default_factory=BinnedUnits)
    span: Span | None = None

    def __post_init__(self) -> None:
        """Check once; what merges, compares and saves trusts it."""
        check_label(self.name, self.span)
        for name, kinds, needed in _TYPES:
            _check_type(name, getattr(self, name), kinds, needed)
        object.__setattr__(self, "n_rows", int(self.n_rows))
        if self.counts is None and self.sums is None:
            raise ProfileError("a profile needs counts of terms, or sums of embeddings, or both; got neither")
        if self.counts is not None and self.sums is not None and not np.array_equal(self._sizes, self.sums.counts):
            raise ProfileError("counts and sums of one profile must be of the same documents in the same bins")
        if (self.counts is None) != (not self.tokenization):
            raise ProfileError("counts go with the tokenization that made them, and none without counts")
        if (self.sums is None) != (not self.encoder):
            raise ProfileError("sums go with the fingerprint of the encoder that made their points, and none without")
        if not self.n_documents <= self.n_rows:
            raise ProfileError(f"{self.n_documents} documents cannot come from {self.n_rows} rows")
        try:
            plain = json.loads(json.dumps(dict(self.tokenization), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise ProfileError(f"the tokenization must hold plain values alone: {error}") from error
        # A copy, as it will be after a round through a file: a list where a tuple was.
        object.__setattr__(self, "tokenization", plain)

    @property
    def n_documents(self) -> int:
        """Documents that were summed."""
        return int(self._sizes.sum())

    @property
    def n_units(self) -> int:
        """Copies of a text, or rows of a group, taken as one: about as many as there are."""
        return min(self.n_documents, round(self.units.number)) or self.n_documents

    @property
    def n_bins(self) -> int:
        """Bins of the counts, the sums, or both."""
        return len(self._sizes)

    @property
    def _sizes(self) -> NDArray[np.int64]:
        if self.counts is not None:
            return self.counts.sizes
        return np.zeros(0, dtype=np.int64) if self.sums is None else self.sums.counts

    def __add__(self, other: Profile) -> Profile:
        """Return the profile of the rows of both; see ``merged``."""
        return merged(self, other) if isinstance(other, Profile) else NotImplemented

    def __radd__(self, other: int) -> Profile:
        """Return the profile itself for the 0 that ``sum`` starts from."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def __repr__(self) -> str:
        """Name the window and its size; the sums are no reading matter."""
        return f"Profile(name={self.name!r}, n_rows={self.n_rows}, n_documents={self.n_documents})"


_TYPES: Final = (
    ("n_rows", (int, np.integer), "a whole number"),
    ("counts", (BinnedCounts, type(None)), "BinnedCounts or None"),
    ("sums", (FeatureSums, type(None)), "FeatureSums or None"),
    ("tokenization", Mapping, "a mapping of plain values, as of Tokenization.described(),"),
    ("encoder", str, "the fingerprint of an encoder, a string,"),
)


def _check_type(name: str, value: object, kinds: Any, needed: str) -> None:
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise ProfileError(f"the {name} of a profile is {value!r} ({type(value).__name__}); {needed} was needed")


def check_label(name: Any, span: Any) -> None:
    """Refuse what cannot be the name of a window, or say from when to when it is.

    Raises
    ------
    ProfileError
        When the name is no string, or the span no ``Span``.
    """
    _check_type("name", name, str, "a string")
    _check_type("span", span, (Span, type(None)), "textdrift.profiles.Span(start_at, end_at) or None")


def check_comparable(*profiles: Profile) -> None:
    """Refuse profiles that were not made alike; bins may differ in number.

    Raises
    ------
    ProfileError
        When one has counts or sums and another does not, or when their tokenizations, encoders, bases or the ids
        behind their bins differ. The message says how.
    """
    for given in profiles:
        if not isinstance(given, Profile):
            raise ProfileError(
                f"profiles were needed, one after the other; got {given!r} ({type(given).__name__}); unpack a "
                f"list of them: merged(*profiles)"
            )
    first = profiles[0]
    for other in profiles[1:]:
        pair = f"the profiles {first.name!r} and {other.name!r}"
        for what, name in (("counts of terms", "counts"), ("sums of embeddings", "sums")):
            if (getattr(first, name) is None) != (getattr(other, name) is None):
                without = first if getattr(first, name) is None else other
                raise ProfileError(f"{pair} do not match: {without.name!r} has no {what}; profile both windows alike")
        differing = [
            f"{key} is {first.tokenization.get(key)!r} in one and {other.tokenization.get(key)!r} in the other"
            for key in sorted({*first.tokenization, *other.tokenization})
            if first.tokenization.get(key) != other.tokenization.get(key)
        ]
        if differing:
            raise ProfileError(f"{pair} count different terms: {'; '.join(differing)}; profile both windows alike")
        if first.encoder != other.encoder:
            raise ProfileError(
                f"{pair} come from different encoders ({first.encoder} and {other.encoder}); encode both with one"
            )
        if first.sums is not None and other.sums is not None and not first.sums.basis.agrees_with(other.sums.basis):
            raise ProfileError(f"{pair} have sums over two bases; fit one and use it for both")
        if first.units.by != other.units.by:
            raise ProfileError(
                f"{pair} have bins by {first.units.by} and by {other.units.by}; give groups to both or to none"
            )


def merged(*profiles: Profile) -> Profile:
    """Return the profile of the rows of all, as if one window had held them.

    The counts do not depend, to the last bit, on how rows were spread over profiles or on the order of merging; the
    sums of embeddings do by rounding. Merge a thousand shards in one call: it costs about as much as reading them.

    A name that all share is kept. A term that one shard names and another holds as a hash goes under its name. Of
    shards with and without times, the span covers those with.

    Raises
    ------
    ProfileError
        When there are none, when they were not made alike, or when they have different numbers of bins.
    """
    if not profiles:
        raise ProfileError("at least one profile is needed to merge; got none")
    check_comparable(*profiles)
    if len(profiles) == 1:
        return profiles[0]
    first = profiles[0]
    if len({profile.n_bins for profile in profiles}) > 1:
        found = ", ".join(map(str, sorted({profile.n_bins for profile in profiles})))
        raise ProfileError(f"only profiles of equally many bins can be merged; got {found}; use one n_bins for all")
    total = CountsInBins(first.n_bins)
    for profile in profiles:
        if profile.counts is not None:
            total.include(profile.counts)
    sums = [profile.sums for profile in profiles if profile.sums is not None]
    names = sorted({profile.name for profile in profiles} - {""})
    spans = [profile.span for profile in profiles if profile.span is not None]
    return Profile(
        name=_SEVERAL if len(names) > 1 else "".join(names),
        n_rows=sum(profile.n_rows for profile in profiles),
        counts=None if first.counts is None else total.counts(),
        sums=functools.reduce(operator.add, sums) if sums else None,
        tokenization=first.tokenization,
        encoder=first.encoder,
        units=functools.reduce(operator.or_, [profile.units for profile in profiles]),
        span=functools.reduce(operator.or_, spans) if spans else None,
    )
