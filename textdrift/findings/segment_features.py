"""Segments in which a feature moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.numeric import Numeric
from textdrift.drift.contract import Effect
from textdrift.drift.slice_mix import SliceMix, mixes_of
from textdrift.drift.slice_search import SliceSearch, documents_affordable, named_places, search_slices
from textdrift.drift.slices import SegmentCodes, Slice, segment_codes, slices_of
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.segment_slices import prediction_column

__all__ = ["features_of_segments"]

_MOST_ROWS = 50_000
_MOST_COLUMNS = 8  # the strongest: each more costs the others power
_MOST_CATEGORIES = 20
_PERMUTATIONS_FOR_THE_SIZE = 99

Row = dict[str, Any]
Rows = tuple[NDArray[Any], NDArray[Any]]


def features_of_segments(
    pair: WindowPair, names: Sequence[str], *, level: float, n_permutations: int, rng: np.random.Generator
) -> tuple[list[Row], int]:
    """Return a row for each segment to name, and how many were searched.

    Of each column of numbers a slice is looked at by the ranks and by how far these are from the middle, of each column
    of names by the names; by permutations within slices, alike rows held against alike ones, see
    `textdrift.drift.slice_search`. The size is that of the test of the column that moved most inside the slice, named
    by the key ``feature``. A feature that is a segment too is looked at in the other segments only.

    Parameters
    ----------
    pair:
        Two windows with features and segments.
    names:
        The features that moved, the strongest first; the first eight are looked at.
    level:
        Rows have at most this adjusted p-value.
    n_permutations:
        Of the full round.
    rng:
        Draws rows and permutations.
    """
    rows, codes = _sliced_rows(pair, n_permutations, rng)
    sides = tuple(_taken(side, of_side) for side, of_side in zip(pair.feature_tables.sides, rows, strict=True))
    shown = [name for name in names if name in sides[0].names][:_MOST_COLUMNS]
    searched = [part for part in slices_of(*codes).judged if not set(_columns(part)) & set(shown)]
    if not shown or not searched:
        return [], 0
    n = len(rows[0])
    mixes = mixes_of(searched, *codes)
    found = search_slices(_scores(sides[0], sides[1], shown), searched, n,
                          n_permutations=n_permutations, mixes=mixes, rng=rng)  # fmt: skip
    largest: dict[int, tuple[str, Effect]] = {}
    for place in np.flatnonzero(found.p_values <= level).tolist():
        largest[place] = _largest((sides[0], sides[1]), shown, searched[place], mixes[place], rng)
    return _named(searched, found, largest, level), len(searched)


def _sliced_rows(
    pair: WindowPair, n_permutations: int, rng: np.random.Generator
) -> tuple[Rows, tuple[SegmentCodes, SegmentCodes]]:
    """Return the places of the rows looked at among those of the features, and their segments and predicted classes."""
    columns = [*pair.windows[0].roles.segments]
    predicted = prediction_column(pair)
    if predicted is not None:
        columns.append(predicted)
    at_most = documents_affordable(len(columns), n_permutations, _MOST_ROWS)
    places = [
        np.sort(rng.permutation(len(of_side))[:at_most]) if len(of_side) > at_most else np.arange(len(of_side))
        for of_side in pair.rows_of_features
    ]
    values = {
        name: tuple(
            window.column(name).take(rows[chosen])
            for window, rows, chosen in zip(pair.windows, pair.rows_of_features, places, strict=True)
        )
        for name in columns
    }
    pairs = {name: (first, second) for name, (first, second) in values.items()}
    return (places[0], places[1]), segment_codes(pairs, (len(places[0]), len(places[1])))


def _taken(table: ColumnTable, rows: NDArray[Any]) -> ColumnTable:
    return ColumnTable(
        table.numeric_names, table.numeric[rows], table.categorical_names, table.categories, table.codes[rows]
    )


def _columns(part: Slice) -> tuple[str, ...]:
    return (part.column,) if part.within is None else (part.column, part.within[0])


def _scores(reference: ColumnTable, current: ColumnTable, names: Sequence[str]) -> NDArray[np.float64]:
    """Return what the rows are compared by, shape (n + m, k); a missing value says nothing and has the mean."""
    from scipy.stats import rankdata

    scores = []
    for name in names:
        if name in reference.numeric_names:
            place = reference.numeric_names.index(name)
            values = np.concatenate([reference.numeric[:, place], current.numeric[:, place]])
            held = np.isfinite(values)
            rank = np.zeros(len(values))
            rank[held] = rankdata(values[held]) / (held.sum() + 1) - 0.5
            away = np.where(held, np.abs(rank), 0.25)
            scores += [rank, away]
        else:
            place = reference.categorical_names.index(name)
            codes = np.concatenate([reference.codes[:, place], current.codes[:, place]])
            counts = np.bincount(codes[codes >= 0], minlength=len(reference.categories[place]))
            for code in np.argsort(-counts, kind="stable")[:_MOST_CATEGORIES].tolist():
                share = counts[code] / max(1, counts.sum())
                scores.append(np.where(codes < 0, share, codes == code))
    return np.column_stack(scores)


def _largest(
    sides: tuple[ColumnTable, ColumnTable], names: Sequence[str], part: Slice, mix: SliceMix, rng: np.random.Generator
) -> tuple[str, Effect]:
    """Return the column that moved most inside a slice, by rows of one mix, and by how much."""
    rows = mix.thinned(part.rows, rng) if mix.moved else part.rows
    reference, current = (_taken(side, of_side) for side, of_side in zip(sides, rows, strict=True))
    effects = []
    for name in names:
        if name in reference.numeric_names:
            result = Numeric(n_permutations=_PERMUTATIONS_FOR_THE_SIZE).compare(
                reference.numeric_column(name), current.numeric_column(name), rng=rng
            )
        else:
            result = Categorical(kind="features", n_permutations=_PERMUTATIONS_FOR_THE_SIZE).compare(
                reference.category_column(name), current.category_column(name), rng=rng
            )
        effects.append((name, result.effects[0]))
    return max(effects, key=lambda named: named[1].value)


def _named(
    searched: Sequence[Slice], found: SliceSearch, largest: dict[int, tuple[str, Effect]], level: float
) -> list[Row]:
    sizes = [(largest[i][1].value, largest[i][1].low) if i in largest else (0.0, 0.0) for i in range(len(searched))]
    named = named_places(searched, found.statistics.tolist(), found.p_values.tolist(), sizes, level=level)
    return [
        {
            **searched[place].name,
            "kind": "features",
            "effect": largest[place][1].value,
            "low": largest[place][1].low,
            "high": largest[place][1].high,
            "n_reference": searched[place].sizes[0],
            "n_current": searched[place].sizes[1],
            "p_value": float(found.p_values[place]),
            "feature": largest[place][0],
        }
        for place in named
    ]
