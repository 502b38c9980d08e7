"""Texts in, Profile out: one pass over a stream, in memory that does not grow with it."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.embeddings.features import Basis, FeatureSums
from textdrift.errors import ProfileError
from textdrift.profiles.binned_units import BinnedUnits
from textdrift.profiles.profile import Profile, Span, check_label
from textdrift.profiles.profile_arguments import check_batch, check_batches, checked_settings
from textdrift.stats.distinct_counting import smallest_hashes
from textdrift.tokens.binned_counting import CountsInBins, hashes_of_texts
from textdrift.tokens.encoding import EncodedBatch, encoded_batches
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.binning import bins_of_hashes, ids_hashed
from textdrift.windows.window import Roles, Window

__all__ = ["profile_texts"]

_ROWS = 50_000
_ROWS_WITH_POINTS = 8192  # a few such batches of vectors wait while their texts are split
_MATRIX = 2
_END = object()


def profile_texts(
    batches: Iterable[Any],
    *,
    tokenization: Tokenization | None = None,
    n_bins: int = 256,
    groups: Iterable[Any] | None = None,
    points: Iterable[Any] | None = None,
    basis: Basis | None = None,
    encoder: str = "",
    name: str = "",
    span: Span | None = None,
) -> Profile:
    """Return the profile of a stream of texts.

    A null or blank text is a row and no document. Rows of a group are summed in one bin; where there are no groups,
    or a row has none, copies and near-copies of a text are (``bins_of_texts``), so nothing is taken for independent
    that is a copy. Units that are no words (``Tokenization.unit``) are counted as asked for, and their texts are binned
    by their words, which splits each text twice.

    Cost: linear in the length of the texts, each looked at once. Memory: the vocabulary and a few batches.

    Parameters
    ----------
    batches:
        Arrays or lists of texts; ``None`` is a null text. Texts that lie in one list are one batch: ``[texts]``.
    tokenization:
        How texts become terms; ``None`` for the default, lower-case words. Not ``collocations``, which are chosen over
        two windows.
    n_bins:
        A power of two, at most 65,536. Windows of unequal size are compared in bins of equal size: 256 allow for one
        that is eight times as large as the other, more bins for more.
    groups:
        One array for each batch, integers or strings: the author, session or thread of each row. ``None``, null or
        blank for a row without.
    points:
        One array for each batch, shape (n_rows, d): the embedding of each row. What is in the row of a null or blank
        text does not matter.
    basis:
        The frame of the sums of embeddings, needed with ``points``, the same for all profiles to be compared.
    encoder:
        The fingerprint of the encoder, needed with ``points``.
    name:
        The window's, for people.
    span:
        From when to when the rows are.

    Raises
    ------
    ProfileError
        When a batch is a text or a table, or holds something else than strings, when groups or points do not go with
        the rows, when one of points, basis and encoder is missing, or when collocations are to be counted.
    SettingsError
        When ``n_bins`` is no power of two or too large, or ``tokenization`` is no ``Tokenization``.

    Examples
    --------
    >>> profile = profile_texts([["Good film!", "good film", ""], [None, "bad"]], name="today")
    >>> profile.n_rows, profile.n_documents, profile.counts.terms
    (5, 3, ('!', 'bad', 'film', 'good'))
    >>> int((profile.counts.sizes > 0).sum())  # the copies share a bin
    2
    """
    check_label(name, span)
    tokenization, n_bins = checked_settings(tokenization, n_bins)
    check_batches(batches)
    given = sum(thing is not None for thing in (points, basis, encoder or None))
    if given not in {0, 3}:
        raise ProfileError("points, the basis of their sums and the fingerprint of their encoder go together: give all")
    stream = _Stream(batches, groups, points)
    counted, sums = CountsInBins(n_bins), None if basis is None else FeatureSums(basis, n_bins)
    way = "texts" if groups is None else "groups"
    units = BinnedUnits(way)
    for words, terms in _encoded(stream.texts(), tokenization):
        hashes, rows = hashes_of_texts(words), stream.done()
        if rows.groups is not None:
            hashes = _hashes_of_groups(rows.groups, hashes)
        units, bins = units | BinnedUnits(way, smallest_hashes(hashes)), bins_of_hashes(hashes, n_bins)
        counted.add(terms, bins)
        if sums is not None and rows.points is not None:
            sums.add(rows.points, bins)
    return Profile(
        name=name,
        n_rows=stream.n_rows,
        counts=counted.counts(),
        sums=sums,
        tokenization=tokenization.described(),
        encoder=encoder,
        units=units,
        span=span,
    )


def _encoded(texts: Iterable[pa.Array], tokenization: Tokenization) -> Iterator[tuple[EncodedBatch, EncodedBatch]]:
    """Yield each batch as the words that its texts are binned by and as the terms that are counted."""
    if tokenization.unit == "words":
        for batch in encoded_batches(texts, tokenization):
            yield batch, batch
    else:
        first, second = itertools.tee(texts)
        yield from zip(encoded_batches(first, Tokenization()), encoded_batches(second, tokenization), strict=True)


@dataclass(slots=True)
class _Rows:
    """What goes with the documents of one piece of the stream."""

    groups: pa.Array | None
    points: NDArray[Any] | None


@dataclass(slots=True)
class _Stream:
    """Pieces of a stream: their texts go ahead, to be split; what goes with them waits its turn."""

    batches: Iterable[Any]
    groups: Iterable[Any] | None
    points: Iterable[Any] | None
    n_rows: int = 0
    _waiting: deque[_Rows] = field(default_factory=deque)

    def texts(self) -> Iterator[pa.Array]:
        """Yield the texts that are documents, piece by piece."""
        size = _ROWS if self.points is None else _ROWS_WITH_POINTS
        for number, (batch, its_groups, its_points) in enumerate(self._batches()):
            texts, groups, points = _texts(batch, number), _groups(its_groups, number), _points(its_points)
            for what, values in (("groups", groups), ("points", points)):
                if values is not None and len(values) != len(texts):
                    raise ProfileError(
                        f"batch {number} has {len(texts)} texts and {len(values)} {what}; give one a row"
                    )
            for start in range(0, len(texts), size):
                piece = texts.slice(start, size)
                self.n_rows += len(piece)
                # The rule of every window says which rows hold a text.
                usable = Window(pa.table({"text": piece}), Roles(text="text"), "").usable
                self._waiting.append(
                    _Rows(
                        None if groups is None else groups.slice(start, size).filter(pa.array(usable)),
                        None if points is None else points[start : start + size][usable],
                    )
                )
                yield piece if usable.all() else piece.filter(pa.array(usable))

    def done(self) -> _Rows:
        """Return what goes with the next piece."""
        return self._waiting.popleft()

    def _batches(self) -> Iterator[tuple[Any, Any, Any]]:
        """Yield each batch with its groups and its points, ``None`` where there are none."""
        beside = [itertools.repeat(None) if things is None else iter(things) for things in (self.groups, self.points)]
        for batch in self.batches:
            found = [next(things, _END) for things in beside]
            for what, thing in zip(("groups", "points"), found, strict=True):
                if thing is _END:
                    raise ProfileError(f"there are more batches of texts than of {what}; give one for each")
            yield batch, found[0], found[1]
        for what, things, given in zip(("groups", "points"), beside, (self.groups, self.points), strict=True):
            if given is not None and next(things, _END) is not _END:
                raise ProfileError(f"there are more batches of {what} than of texts; give one for each")


def _texts(batch: Any, number: int) -> pa.Array:
    check_batch(batch, f"batch {number}")
    texts = _as_array(batch)
    try:
        if pa.types.is_null(texts.type) or pa.types.is_string(texts.type) or pa.types.is_string_view(texts.type):
            texts = texts.cast(pa.large_string())
    except pa.ArrowException as error:
        raise ProfileError(f"batch {number} holds no valid strings: {error}") from error
    if not pa.types.is_large_string(texts.type):
        raise ProfileError(f"batch {number} holds {texts.type}; texts are needed: a list or an Arrow array of strings")
    return texts


def _groups(given: Any, number: int) -> pa.Array | None:
    """Return the groups as strings or integers, null where a row has none."""
    if given is None:
        return None
    check_batch(given, f"batch {number} of groups")
    groups = _as_array(given)
    if pa.types.is_integer(groups.type) or pa.types.is_null(groups.type):
        return groups
    if pa.types.is_string(groups.type) or pa.types.is_large_string(groups.type):
        blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(groups)), 0)
        return pc.if_else(blank, pa.scalar(None, groups.type), groups)
    raise ProfileError(f"the groups of batch {number} hold {groups.type}; whole numbers or strings are needed")


def _as_array(values: Any) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    try:
        return pa.array(values)
    except (pa.ArrowException, UnicodeError, TypeError) as error:
        raise ProfileError(f"a batch must be an array of one kind of values: {error}") from error


def _points(given: Any) -> NDArray[Any] | None:
    if given is None:
        return None
    points: NDArray[Any] = np.asanyarray(given)
    if points.ndim != _MATRIX:
        raise ProfileError(f"points need shape (n_rows, d); got {points.shape}")
    return points


def _hashes_of_groups(groups: pa.Array, otherwise: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the hash of the group of each row, and the hash of its text where it has none."""
    if pa.types.is_null(groups.type):
        return otherwise
    encoded = pc.dictionary_encode(groups)
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    distinct = encoded.dictionary.to_pylist()
    of_distinct = ids_hashed(np.array(distinct)) if distinct else np.zeros(1, dtype=np.uint64)
    return np.where(codes < 0, otherwise, of_distinct[codes])
