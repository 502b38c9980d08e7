"""Segments in which labels or predictions have other shares than before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.categories import Categories
from textdrift.drift.preparing_slices import segments_of
from textdrift.drift.slice_mix import mixes_of
from textdrift.drift.slice_search import documents_affordable, named_places, search_slices
from textdrift.drift.slices import MINIMUM_SEGMENT, Slice
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.segment_slices import SegmentSlice, not_judged, places_among

__all__ = ["categories_of_segments"]

_MOST_DOCUMENTS = 50_000
_PERMUTATIONS_FOR_THE_SIZE = 99

Row = dict[str, Any]


def categories_of_segments(
    pair: WindowPair,
    slices: Sequence[SegmentSlice],
    kind: str,
    *,
    level: float,
    n_permutations: int,
    rng: np.random.Generator,
) -> tuple[list[Row], list[Row], int]:
    """Return a row for each segment to name, those not looked at, and how many were searched.

    The shares of the categories are compared inside each slice by permutations within slices, and the p-values know
    how many slices were looked at (`textdrift.drift.slice_search`). Alike documents are held against alike ones, so
    that a region that grew does not change the labels of every plan (`textdrift.drift.slice_mix`); the size is the
    total variation inside the slice, of documents of one mix.

    Parameters
    ----------
    pair:
        Two windows with labels or predictions.
    slices:
        Segments and pairs of them.
    kind:
        ``label`` or ``prediction``.
    level:
        Rows have at most this adjusted p-value.
    n_permutations:
        Of the full round.
    rng:
        Draws the permutations.
    """
    every = pair.categories(kind)
    n_columns = len({column for part in slices for column in part.columns})
    at_most = documents_affordable(n_columns, n_permutations, _MOST_DOCUMENTS)
    chosen = pair.sample(at_most, (every[0].documents, every[1].documents))
    shown = [_restricted(categories, documents) for categories, documents in zip(every, chosen, strict=True)]
    searched: list[Slice] = []
    of_all: list[SegmentSlice] = []
    left_out: list[Row] = []
    for part in slices:
        first, second = (places_among(side.documents, some) for side, some in zip(shown, part.documents, strict=True))
        if min(len(first), len(second)) >= MINIMUM_SEGMENT:
            searched.append(Slice(part.column, part.value, (first, second), part.within))
            of_all.append(part)
        elif part.within is None:
            sizes = len(first), len(second)
            left_out.append(not_judged(part.column, part.value, kind, sizes, f"of this value have a {kind}"))
    features = np.vstack([side.shares for side in shown])
    mixes = mixes_of(searched, *segments_of(pair, (shown[0].documents, shown[1].documents)))
    found = search_slices(
        features, searched, len(shown[0].documents),
        n_permutations=n_permutations, least_held=1.0, mixes=mixes, rng=rng,
    )  # fmt: skip
    effects = {}
    for place in np.flatnonzero(found.p_values <= level).tolist():
        documents = of_all[place].documents
        if mixes[place].moved:
            first, second = mixes[place].thinned(searched[place].rows, rng)
            documents = shown[0].documents[first], shown[1].documents[second]
        sides = (_restricted(categories, held) for categories, held in zip(every, documents, strict=True))
        result = Categorical(kind=kind, n_permutations=_PERMUTATIONS_FOR_THE_SIZE).compare(*sides, rng=rng)
        effects[place] = result.effects[0]
    sizes_found = [(effects[i].value, effects[i].low) if i in effects else (0.0, 0.0) for i in range(len(searched))]
    named = named_places(searched, found.statistics.tolist(), found.p_values.tolist(), sizes_found, level=level)
    rows = [
        {
            **searched[place].name,
            "kind": kind,
            "effect": effects[place].value,
            "low": effects[place].low,
            "high": effects[place].high,
            "n_reference": searched[place].sizes[0],
            "n_current": searched[place].sizes[1],
            "p_value": float(found.p_values[place]),
        }
        for place in named
    ]
    return rows, left_out, len(searched)


def _restricted(categories: Categories, documents: NDArray[Any]) -> Categories:
    held = places_among(categories.documents, documents)
    return Categories(categories.names, categories.shares[held], categories.documents[held])
