"""Which segment carries the drift: each value of each segment column, tested alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.categories import Categories
from textdrift.drift.lexical.share_changes import share_change
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.segment_concept import concept_of_segments
from textdrift.findings.segment_slices import MINIMUM_SEGMENT, SegmentSlice, not_judged, places_among, segment_slices
from textdrift.performance.by_segment import by_segment
from textdrift.performance.scoring import scored_rows

__all__ = ["MINIMUM_SEGMENT", "JudgedSegments", "judge_segments", "rank_segments"]

_WORD_KINDS = ("lexical", "semantic")
_COLUMN_KINDS = ("label", "prediction")
_LEAST_PERMUTATIONS = 1999

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JudgedSegments:
    """Segments that moved, and what could not be looked at.

    Attributes
    ----------
    rows:
        The segments that moved, see `rank_segments`.
    not_judged:
        ``column``, ``value`` (``None``: documents without one), ``kind`` (``None``: every kind), ``n_reference`` and
        ``n_current``, the documents that there were, and the ``reason``; most documents first.
    """

    rows: tuple[Row, ...]
    not_judged: tuple[Row, ...]


def rank_segments(pair: WindowPair, kinds: Sequence[str], *, alpha: float, rng: np.random.Generator) -> tuple[Row, ...]:
    """Rank the values of the segment columns by how far they moved, for the kinds that drifted.

    Words are judged by the largest significant change of one word's document share, labels and predictions by their
    total variation, concept by the share of alike texts that changed label, performance by the change of accuracy (of
    the predicted classes too). P-values are corrected for every value and kind looked at; values that are not
    significant are left out. `judge_segments` also says what could not be looked at.
    """
    return judge_segments(pair, kinds, alpha=alpha, rng=rng).rows


def judge_segments(pair: WindowPair, kinds: Sequence[str], *, alpha: float, rng: np.random.Generator) -> JudgedSegments:
    """Rank the segments as `rank_segments` does, and list the values that could not be looked at.

    Parameters
    ----------
    pair:
        Two windows with segment columns.
    kinds:
        The kinds that drifted; those that segments are not judged by are passed over.
    alpha:
        Of all values and kinds together.
    rng:
        Of permutations and folds.
    """
    word_kind = next((kind for kind in _WORD_KINDS if kind in kinds), None)
    judged_kinds = [kind for kind in (*_COLUMN_KINDS, "concept", "performance") if kind in kinds]
    if word_kind is None and not judged_kinds:
        return JudgedSegments((), ())
    slices, left_out = segment_slices(pair)
    found: list[Row] = []
    if word_kind is not None:
        found += [_words(pair, part, word_kind) for part in slices]
    for kind, judge in (("concept", _concept), ("performance", _performance)):
        if kind in judged_kinds:
            rows, missing = judge(pair, slices, rng.spawn(1)[0])
            found += rows
            left_out += missing
    columns: list[tuple[SegmentSlice, str, tuple[Categories, Categories]]] = []
    for kind in (kind for kind in _COLUMN_KINDS if kind in judged_kinds):
        for part, categories in _categories(pair, slices, kind):
            sizes = len(categories[0].documents), len(categories[1].documents)
            if min(sizes) >= MINIMUM_SEGMENT:
                columns.append((part, kind, categories))
            else:
                left_out.append(not_judged(part.column, part.value, kind, sizes, f"of this value have a {kind}"))
    n_looks = len(found) + len(columns)
    # enough that a value can be significant after correction for every look
    n_permutations = max(_LEAST_PERMUTATIONS, ceil(n_looks / alpha))
    for part, kind, categories in columns:
        result = Categorical(kind=kind, n_permutations=n_permutations).compare(*categories, rng=rng)
        found.append(_row(part, kind, result.effects[0].value, result.p_value))
    for row in found:
        row["p_value"] = min(1.0, row["p_value"] * n_looks)
    kept = [row for row in found if row["p_value"] <= alpha]
    return JudgedSegments(
        tuple(sorted(kept, key=lambda row: (-row["effect"], row["p_value"], row["column"], row["value"]))),
        tuple(sorted(left_out, key=lambda row: -row["n_reference"] - row["n_current"])),
    )


def _row(part: SegmentSlice, kind: str, effect: float, p_value: float) -> Row:
    return {
        "column": part.column,
        "value": part.value,
        "kind": kind,
        "effect": float(effect),
        "p_value": float(p_value),
    }


def _words(pair: WindowPair, part: SegmentSlice, kind: str) -> Row:
    reference, current = (
        counts.taken(chosen) for counts, chosen in zip(pair.token_counts, part.documents, strict=True)
    )
    change = share_change(reference, current)
    row = _row(part, kind, change.value, change.p_value)
    return {**row, "term": change.term} if change.term else row


_Judge = Callable[[WindowPair, list[SegmentSlice], np.random.Generator], tuple[list[Row], list[Row]]]


def _concept(pair: WindowPair, slices: list[SegmentSlice], rng: np.random.Generator) -> tuple[list[Row], list[Row]]:
    return concept_of_segments(pair, slices, rng=rng)


def _performance(
    pair: WindowPair, slices: list[SegmentSlice], _rng: np.random.Generator
) -> tuple[list[Row], list[Row]]:
    roles = pair.windows[0].roles
    segments = {column: (pair.windows[0].column(column), pair.windows[1].column(column)) for column in roles.segments}
    name = roles.prediction or "prediction"
    sliced = {(part.column, part.value) for part in slices}
    result = by_segment(
        *scored_rows(pair),
        segments,
        prediction_name=None if name in segments else name,
        least_documents=MINIMUM_SEGMENT,
    )
    rows = [
        {
            "column": row.column,
            "value": row.value,
            "kind": "performance",
            "effect": abs(row.change.value or 0.0),
            "change": row.change.value,
            "low": row.change.low,
            "high": row.change.high,
            "reference_accuracy": row.reference.value,
            "current_accuracy": row.current.value,
            "n_reference": row.n_documents[0],
            "n_current": row.n_documents[1],
            "p_value": row.own_p_value,
        }
        for row in result.rows
        if row.column not in segments or (row.column, row.value) in sliced
    ]
    # What is not in a slice has been told for every kind.
    missing = [
        {**row, "kind": "performance"}
        for row in result.not_judged
        if row["column"] not in segments or (row["column"], row["value"]) in sliced
    ]
    return rows, missing


def _categories(
    pair: WindowPair, slices: list[SegmentSlice], kind: str
) -> Iterator[tuple[SegmentSlice, tuple[Categories, Categories]]]:
    every = pair.categories(kind)
    for part in slices:
        reference, current = (_restricted(c, chosen) for c, chosen in zip(every, part.documents, strict=True))
        yield part, (reference, current)


def _restricted(categories: Categories, documents: NDArray[Any]) -> Categories:
    held = places_among(categories.documents, documents)
    return Categories(categories.names, categories.shares[held], categories.documents[held])
