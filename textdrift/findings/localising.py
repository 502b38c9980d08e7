"""Which segment carries the drift: each value of each segment column, tested alone."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.categories import Categories
from textdrift.drift.lexical.share_changes import share_change
from textdrift.drift.window_pair import WindowPair

__all__ = ["MINIMUM_SEGMENT", "rank_segments"]

MINIMUM_SEGMENT = 30
"""Documents that a value needs in both windows to be looked at."""

_WORD_KINDS = ("lexical", "semantic")
_COLUMN_KINDS = ("label", "prediction")
_LEAST_PERMUTATIONS = 1999


def rank_segments(
    pair: WindowPair, kinds: Sequence[str], *, alpha: float, rng: np.random.Generator
) -> tuple[dict[str, Any], ...]:
    """Rank the values of the segment columns by how far they moved, for the kinds that drifted.

    Words are judged by the largest significant change of one word's document share, labels and predictions by their
    total variation. P-values are corrected for every value and kind looked at; values that are not significant are
    left out.
    """
    found: list[dict[str, Any]] = []
    slices = _slices(pair)
    column_kinds = [kind for kind in _COLUMN_KINDS if kind in kinds]
    n_looks = len(slices) * (len(column_kinds) + any(kind in kinds for kind in _WORD_KINDS))
    # enough that a value can be significant after correction for every look
    n_permutations = max(_LEAST_PERMUTATIONS, ceil(n_looks / alpha))
    for column, value, documents in slices:
        for kind in ("lexical",) if any(k in kinds for k in _WORD_KINDS) else ():
            named = next(k for k in _WORD_KINDS if k in kinds)
            reference, current = (
                counts.taken(chosen) for counts, chosen in zip(pair.token_counts, documents, strict=True)
            )
            change = share_change(reference, current)
            row = _row(column, value, named if kind == "lexical" else kind, change.value, change.p_value)
            found.append({**row, "term": change.term} if change.term else row)
        for kind in column_kinds:
            categories = [_restricted(c, chosen) for c, chosen in zip(pair.categories(kind), documents, strict=True)]
            result = Categorical(kind=kind, n_permutations=n_permutations).compare(
                categories[0], categories[1], rng=rng
            )
            found.append(_row(column, value, kind, result.effects[0].value, result.p_value))
    for row in found:
        row["p_value"] = min(1.0, row["p_value"] * n_looks)
    kept = [row for row in found if row["p_value"] <= alpha]
    return tuple(sorted(kept, key=lambda row: (-row["effect"], row["p_value"], row["column"], row["value"])))


def _row(column: str, value: str, kind: str, effect: float, p_value: float) -> dict[str, Any]:
    return {"column": column, "value": value, "kind": kind, "effect": float(effect), "p_value": float(p_value)}


def _slices(pair: WindowPair) -> list[tuple[str, str, tuple[NDArray[Any], NDArray[Any]]]]:
    """Return column, value, and the documents of both windows that carry it (by the first row of each document)."""
    slices = []
    for column in pair.windows[0].roles.segments:
        values = [
            pair.windows[side].column(column).take(pa.array(pair.documents[side].first_rows[counting]))
            for side, counting in enumerate(pair.every_document)
        ]
        shared = sorted(set(values[0].unique().to_pylist()) & set(values[1].unique().to_pylist()) - {None})
        for value in shared:
            chosen = tuple(
                counting[pc.fill_null(pc.equal(held, value), fill_value=False).to_numpy(zero_copy_only=False)]
                for held, counting in zip(values, pair.every_document, strict=True)
            )
            if min(len(chosen[0]), len(chosen[1])) >= MINIMUM_SEGMENT:
                slices.append((column, value, (chosen[0], chosen[1])))
    return slices


def _restricted(categories: Categories, documents: NDArray[Any]) -> Categories:
    held = np.isin(categories.documents, documents)
    return Categories(categories.names, categories.shares[held], categories.documents[held])
