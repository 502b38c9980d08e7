"""What share of the drift of the texts is gone when rows are changed or left out: the counterfactual of the triage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from textdrift.drift.window_pair import WindowPair
from textdrift.stats.mean_distance import Share, WeightedRows, mean_distance, share_removed
from textdrift.windows.auditing import Audit
from textdrift.windows.vectors import points_of

__all__ = ["Counterfactual", "TextDrift"]

_MOST_ROWS = 20_000
_MOST_WITH_VECTORS = 2_000
_MOST_ENCODED = 250  # of them: texts of one window that change and have to be encoded, for each counterfactual

_Weights = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Two windows as they might have been.

    Attributes
    ----------
    weights:
        Shapes (n_rows,): what each row of the reference and of the current window counts, 0 where it is left out.
    change:
        Makes the texts of both windows, one for one; a null text is left out. ``None`` leaves them as they are.
    of_all:
        The change makes both windows alike and touches honest texts too, so that nothing would be left to compare if
        the texts that it changes were left out instead.
    """

    weights: _Weights
    change: Callable[[pa.Array], pa.Array] | None = None
    of_all: bool = False


class TextDrift:
    """How far apart the texts of two windows are, row by row as a model meets them, and what would bring them closer.

    The distance is the squared distance of the mean vectors of the rows, without its bias (see ``mean_distance``): once
    of words (the square roots of the shares of the words in each text, as in the distance of Hellinger), and once of
    the vectors of the encoder. Squares add up where distances do not: faults that move the mean in directions that have
    nothing to do with each other have shares that sum to one.

    Copies count as often as they occur. Pairs of rows of one document, or of one group, are left out of the mean
    squares, so that honest copies are no drift; unless copies are what is to be explained (``rows_apart``).

    Cost: linear in the texts of at most 20,000 rows of each window; of 2,000 of them those that change are encoded, at
    most 250 of each window at a time.

    Parameters
    ----------
    pair:
        Two windows with texts.
    rows_apart:
        Rows of one text are independent draws: where copies are the fault, they are part of the law that the rows of a
        window follow, and no accident of the sample.
    rng:
        Draws the rows where there are more.

    Examples
    --------
    >>> from textdrift.windows.reading import read_window
    >>> from textdrift.windows.repairing import unescaped
    >>> from textdrift.windows.window import Roles
    >>> texts = [f"order {i} is late, and {'soap' if i % 2 else 'tea'} {i % 7} is cold" for i in range(400)]
    >>> texts = [text.replace("is", ("was", "is", "seems")[i % 3]) for i, text in enumerate(texts)]
    >>> marked = [f"<p>{text}</p>" if i % 4 == 0 else text for i, text in enumerate(texts[200:])]
    >>> windows = [read_window(side, Roles(), name="window") for side in (texts[:200], marked)]
    >>> pair = WindowPair(*windows, encoder=lambda: None, cache=lambda: None)
    >>> drift = TextDrift(pair, rows_apart=False, rng=np.random.default_rng(0))
    >>> repaired = Counterfactual((np.ones(200), np.ones(200)), unescaped)
    >>> drift.lexical(repaired).value > 0.95
    True
    """

    def __init__(self, pair: WindowPair, *, rows_apart: bool, rng: np.random.Generator) -> None:
        self._pair = pair
        self._known: dict[str, NDArray[Any]] = {}
        self._fewest: int | None = None
        self._sides = (self._drawn(0, rows_apart=rows_apart, rng=rng), self._drawn(1, rows_apart=rows_apart, rng=rng))

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on the rows that were looked at."""
        notes = []
        if max(len(side) for side in self._sides) == _MOST_ROWS:
            notes.append(f"What causes explain of the words was measured on {_MOST_ROWS:,} random rows of a window.")
        if self._fewest is not None:
            notes.append(
                f"What causes explain of the meaning was measured on random rows, {self._fewest} of a window at least."
            )
        return tuple(notes)

    @property
    def has_given_vectors(self) -> bool:
        """Whether the vectors came with the rows: a changed text then has none, and its row is left out instead."""
        return self._pair.windows[0].roles.embeddings is not None

    def lexical(self, what_if: Counterfactual, *, at_most: int = _MOST_ROWS) -> Share | None:
        """Return the share of the drift of the words that would be gone, by so many rows of each window at most.

        ``None`` stands where the windows are not surely apart, so that there is nothing to share out, or where too
        little is left to compare.
        """
        return self._share(what_if, (self._sides[0].first(at_most), self._sides[1].first(at_most)), self._words)

    def semantic(self, what_if: Counterfactual) -> Share | None:
        """Return the share of the drift of the meaning that would be gone.

        ``None`` as for words, and where the rows have no vectors, or given ones which cannot tell.
        """
        if not self.has_given_vectors and not self._pair.space:
            return None
        sides = (self._with_vectors(self._sides[0], what_if), self._with_vectors(self._sides[1], what_if))
        if not self.has_given_vectors:
            return self._share(what_if, sides, self._vectors)
        return None if what_if.of_all else self._share_of_given_vectors(what_if, sides)

    def _with_vectors(self, side: _Side, what_if: Counterfactual) -> _Side:
        """Return the first rows of the random order, so many that what changes among them can be encoded."""
        first = side.first(_MOST_WITH_VECTORS)
        if what_if.change is not None and not self.has_given_vectors:
            n_changed = np.cumsum(~_unchanged(first.texts, what_if.change(first.texts)))
            first = first.first(int(np.searchsorted(n_changed, _MOST_ENCODED, side="right")))
        if len(first) < len(side):
            self._fewest = min(len(first), len(first) if self._fewest is None else self._fewest)
        return first

    def _drawn(self, side: int, *, rows_apart: bool, rng: np.random.Generator) -> _Side:
        """Draw rows with a text, at most as many as are looked at."""
        documents = self._pair.audits[side].documents
        rows = rng.permutation(np.flatnonzero(documents.document_of_row >= 0))[:_MOST_ROWS]
        units = np.arange(documents.document_of_row.size) if rows_apart else self._units(self._pair.audits[side], side)
        return _Side.of(rows, documents.texts.take(pa.array(documents.document_of_row[rows])), units[rows])

    def _units(self, audit: Audit, side: int) -> NDArray[np.int64]:
        if self._pair.groups is not None:
            return self._pair.groups.sides[side]
        of_row = audit.documents.document_of_row
        return of_row if audit.clusters is None else audit.clusters[of_row]

    def _share(
        self, what_if: Counterfactual, sides: tuple[_Side, _Side], features_of: Callable[[pa.Array], Any]
    ) -> Share | None:
        """Return the share by features that any text has."""
        changed = [side.texts if what_if.change is None else what_if.change(side.texts) for side in sides]
        there = [np.asarray(texts.is_valid().to_numpy(zero_copy_only=False), dtype=bool) for texts in changed]
        pool = [*(side.texts for side in sides), *(pc.fill_null(texts, "") for texts in changed)]
        encoded = pc.dictionary_encode(pa.concat_arrays([texts.cast(pa.large_string()) for texts in pool]))
        codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
        places = np.split(codes, np.cumsum([len(texts) for texts in pool])[:-1])
        weights = [weight[side.rows] * held for weight, side, held in zip(what_if.weights, sides, there, strict=True)]
        return _share_of_rows(features_of(encoded.dictionary), places, weights, sides)

    def _share_of_given_vectors(self, what_if: Counterfactual, sides: tuple[_Side, _Side]) -> Share | None:
        """Return the share by vectors that came with the rows; a text that changes has none and is left out."""
        points, weights = [], []
        for side, window, weight in zip(sides, self._pair.windows, what_if.weights, strict=True):
            points.append(points_of(window.column(str(window.roles.embeddings)))[side.rows].astype(np.float64))
            changed = side.texts if what_if.change is None else what_if.change(side.texts)
            weights.append(weight[side.rows] * _unchanged(side.texts, changed))
        n = len(points[0])
        places = [np.arange(n), n + np.arange(len(points[1]))] * 2
        return _share_of_rows(np.concatenate(points), places, weights, sides)

    def _words(self, texts: pa.Array) -> sparse.csr_matrix:
        """Return the square roots of the shares of the words in each text, shape (n_texts, n_terms)."""
        shares = self._pair.words_of(texts).counts.astype(np.float64)
        lengths = np.asarray(shares.sum(axis=1)).ravel()
        shares.data = np.sqrt(shares.data / np.repeat(lengths, np.diff(shares.indptr)))
        return shares

    def _vectors(self, texts: pa.Array) -> NDArray[Any]:
        """Return the vector of each text, shape (n_texts, d); what is asked for twice is encoded once."""
        every = texts.to_pylist()
        new = [text for text in every if text not in self._known]
        if new:
            self._known.update(zip(new, self._pair.vectors_of(pa.array(new, pa.large_string())), strict=True))
        return np.array([self._known[text] for text in every], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Side:
    """Rows of one window that are looked at, in random order: their numbers, texts and units (0, 1, …)."""

    rows: NDArray[np.int64]
    texts: pa.Array
    units: NDArray[np.int64]
    n_units: int

    @classmethod
    def of(cls, rows: NDArray[np.int64], texts: pa.Array, units: NDArray[np.int64]) -> _Side:
        named, numbered = np.unique(units, return_inverse=True)
        return cls(rows, texts, numbered, len(named))

    def first(self, n: int) -> _Side:
        return self if len(self) <= n else _Side.of(self.rows[:n], self.texts.slice(0, n), self.units[:n])

    def __len__(self) -> int:
        return len(self.rows)


def _unchanged(texts: pa.Array, changed: pa.Array) -> NDArray[np.bool_]:
    """Return which texts a change leaves as they are."""
    same = pc.fill_null(pc.equal(texts, changed.cast(texts.type)), fill_value=False)
    return np.asarray(same.to_numpy(zero_copy_only=False), dtype=bool)


def _share_of_rows(
    features: Any, places: list[NDArray[np.int64]], weights: list[NDArray[np.float64]], sides: tuple[_Side, _Side]
) -> Share | None:
    """Compare the means before (the first two places, each row counting once) and after (the others, weighted)."""
    n_units = (sides[0].n_units, sides[1].n_units)
    ones = [np.ones(len(side)) for side in sides]
    rows = [
        WeightedRows(features, place, weight, side.units)
        for place, weight, side in zip(places, [*ones, *weights], [*sides, *sides], strict=True)
    ]
    before = mean_distance(rows[0], rows[1], n_units=n_units)
    return share_removed(before, mean_distance(rows[2], rows[3], n_units=n_units))
