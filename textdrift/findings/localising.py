"""Which segment carries the drift: values of segment columns, topics, predicted classes, and pairs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.catalog import CATALOG
from textdrift.drift.contract import DriftResult
from textdrift.drift.slice_search import METHOD, named_places
from textdrift.drift.slices import MINIMUM_SEGMENT, Slice
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.column_sentences import column_of
from textdrift.findings.segment_columns import categories_of_segments
from textdrift.findings.segment_concept import concept_of_segments
from textdrift.findings.segment_features import features_of_segments
from textdrift.findings.segment_performance import accuracy_of_segments
from textdrift.findings.segment_slices import SegmentSlice, segment_slices, sliced_codes, slices_among

__all__ = ["MINIMUM_SEGMENT", "JudgedSegments", "judge_segments", "rank_segments"]

_SEARCHES = MappingProxyType({"lexical": "lexical.segments", "semantic": "embedding.segments"})
_COLUMN_KINDS = ("label", "prediction")
_ORDER = (*_SEARCHES, *_COLUMN_KINDS, "features", "concept", "performance")
_LEAST_PERMUTATIONS = 1999
_MOST_TOLD = 200
_TWO_SIDED_95 = 1.959963984540054
_UNIT_OF = MappingProxyType(
    {
        "lexical": 0.05,
        "semantic": 0.10,
        "label": 0.05,
        "prediction": 0.05,
        "concept": 0.03,
        "performance": 0.03,
        "features": 0.10,
    }
)  # sizes inside a segment, on one scale: what begins to matter there

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
    search:
        ``n_slices``, the most that were searched for one kind, pairs counted; ``n_permutations``; and the ``method``.
        ``None`` where there was nothing to search.
    """

    rows: tuple[Row, ...]
    not_judged: tuple[Row, ...]
    search: Row | None = None

    @property
    def too_small(self) -> tuple[Row, ...]:
        """The values that are too small to be looked at for any kind, the 200 largest, without the key ``kind``."""
        return tuple({key: value for key, value in row.items() if key != "kind"} for row in self._small[:_MOST_TOLD])

    @property
    def _small(self) -> list[Row]:
        return [row for row in self.not_judged if row["kind"] is None and row["value"] is not None]


def rank_segments(
    pair: WindowPair,
    kinds: Sequence[str],
    *,
    alpha: float,
    rng: np.random.Generator,
    results: Sequence[DriftResult] = (),
) -> tuple[Row, ...]:
    """Rank segments by how far they moved, for the kinds that drifted.

    Looked at are the values of the segment columns, topics where vectors were made, predicted classes (but for words,
    meaning and the predictions themselves), and pairs of values of two of these, with 30 documents in each window. A
    pair has the key ``within`` and is listed only where it says more than its two parts.

    Words are judged by the largest significant change of one word's document share, meaning by the shift of the mean,
    labels and predictions by their total variation, features by the distance of their distributions, concept by the
    share of alike texts that changed label, performance by the change of accuracy. P-values are adjusted for every
    slice that was looked at, and for the number of kinds; what is not significant is left out. `judge_segments` also
    says what could not be looked at.
    """
    return judge_segments(pair, kinds, alpha=alpha, rng=rng, results=results).rows


def judge_segments(
    pair: WindowPair,
    kinds: Sequence[str],
    *,
    alpha: float,
    rng: np.random.Generator,
    results: Sequence[DriftResult] = (),
) -> JudgedSegments:
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
    results:
        What the tests of the run found. Where ``lexical.segments`` and ``embedding.segments`` are among them, their
        segments are taken over; else the search is made here. Topics are looked at where the latter ran.
    """
    roles = pair.windows[0].roles
    of_test = {result.test: result for result in results}
    singles, left_out = segment_slices(pair) if roles.segments else ([], [])
    judged_kinds = [kind for kind in _ORDER if kind in kinds]
    if not roles.segments and "performance" not in judged_kinds:
        return JudgedSegments((), ())
    vectors_made = min(of_test["embedding.segments"].n_documents) > 0 if "embedding.segments" in of_test else False
    n_kinds = max(1, len(judged_kinds))
    n_permutations = max(_LEAST_PERMUTATIONS, ceil(n_kinds / alpha))
    every: list[SegmentSlice] = []
    if set(judged_kinds) - {*_SEARCHES, "features"}:
        codes = sliced_codes(pair, topics=vectors_made, classes=roles.prediction is not None)
        every = slices_among(pair, codes)
    found: list[Row] = []
    searched = [of_test[test] for test in _SEARCHES.values() if test in of_test]
    n_slices, drawn = [], []
    for kind in judged_kinds:
        if kind in _SEARCHES:
            result = of_test.get(_SEARCHES[kind]) or _searched(pair, kind, rng.spawn(1)[0])
            found += [_of_kind(row, kind) for row in result.table("segments") if row["effect"] > 0]
            searched.append(result)
        elif kind in _COLUMN_KINDS:
            # A predicted class holds but one prediction.
            slices = [part for part in every if kind != "prediction" or roles.prediction not in part.columns]
            rows, missing, n = categories_of_segments(
                pair, slices, kind, level=alpha, n_permutations=n_permutations, rng=rng.spawn(1)[0]
            )
            found, left_out = found + rows, left_out + missing
            n_slices.append(n)
            drawn.append(n_permutations)
        elif kind == "features":
            rows, n = features_of_segments(
                pair, _moved_most(results), level=alpha, n_permutations=n_permutations, rng=rng.spawn(1)[0]
            )
            found += rows
            n_slices.append(n)
            drawn.append(n_permutations)
        else:
            if kind == "concept":
                rows, missing = concept_of_segments(pair, every, rng=rng.spawn(1)[0])
            else:
                rows, missing = accuracy_of_segments(pair, topics=vectors_made)
            n_slices.append(len(rows))
            found, left_out = found + _named(rows, every, alpha), left_out + missing
    for row in found:
        row["p_value"] = min(1.0, row["p_value"] * n_kinds)
    kept = [row for row in found if row["p_value"] <= alpha]
    n_slices += [int(result.sizes.get("n_slices", 0)) for result in searched]
    drawn += [int(result.sizes.get("n_permutations", 0)) for result in searched]
    return JudgedSegments(
        tuple(sorted(kept, key=_rank)),
        tuple(sorted(left_out, key=lambda row: -row["n_reference"] - row["n_current"])),
        {"n_slices": max(n_slices, default=len(singles)), "n_permutations": max(drawn, default=0), "method": METHOD},
    )


def _moved_most(results: Sequence[DriftResult]) -> list[str]:
    """Return the features by the evidence that they moved."""
    of_columns = [result for result in results if result.kind == "features" and column_of(result) is not None]
    return [str(column_of(result)) for result in sorted(of_columns, key=lambda r: (r.p_value, -r.effects[0].value))]


def _rank(row: Row) -> tuple[float, float, str, str]:
    return -row["effect"] / _UNIT_OF[row["kind"]], row["p_value"], row["column"], row["value"]


def _searched(pair: WindowPair, kind: str, rng: np.random.Generator) -> DriftResult:
    entry = next(entry for entry in CATALOG if entry.name == _SEARCHES[kind])
    test = entry.test()
    prepared = entry.prepare(pair, test)
    if prepared.reference is None:
        return DriftResult(test=entry.name, kind=kind, statistic=0.0, p_value=1.0, effects=(), n_documents=(0, 0))
    result: DriftResult = test.compare(prepared.reference, prepared.current, rng=rng)
    return result


def _of_kind(row: Row, kind: str) -> Row:
    name: Row = {key: row[key] for key in ("column", "value", "within") if key in row}
    rest = {key: value for key, value in row.items() if key not in (*name, "statistic")}
    return {**name, "kind": kind, **rest}


def _named(rows: Sequence[Row], slices: Sequence[SegmentSlice], level: float) -> list[Row]:
    """Adjust p-values for all rows, and keep those that say more than others, see `named_places`.

    Single values share one half of the level and pairs, of which there may be many more, the other (Bonferroni).
    """
    n_pairs = sum("within" in row for row in rows)
    n_singles = len(rows) - n_pairs
    halves = 2 if n_pairs and n_singles else 1
    for row in rows:
        row["own_p_value"] = row["p_value"]
        row["p_value"] = min(1.0, row["p_value"] * halves * (n_pairs if "within" in row else n_singles))
    none: tuple[NDArray[Any], NDArray[Any]] = (np.zeros(0), np.zeros(0))
    documents = {(part.column, part.value, part.within): part.documents for part in slices}
    keys = [(row["column"], row["value"], _within(row)) for row in rows]
    z = [float(-ndtri(max(row["own_p_value"], np.finfo(float).tiny) / 2)) for row in rows]
    places = named_places(
        [Slice(column, value, documents.get((column, value, within), none), within) for column, value, within in keys],
        z,
        [row["p_value"] for row in rows],
        [_size(row, of_row) for row, of_row in zip(rows, z, strict=True)],
        level=level,
    )
    return [{key: value for key, value in rows[place].items() if key != "own_p_value"} for place in places]


def _within(row: Row) -> tuple[str, str] | None:
    return (row["within"]["column"], row["within"]["value"]) if "within" in row else None


def _size(row: Row, z: float) -> tuple[float, float]:
    """Return a size, and the lower end of its interval as far as z, its distance from nothing in errors, tells it."""
    return row["effect"], row["effect"] * (1 - min(1.0, _TWO_SIDED_95 / max(z, _TWO_SIDED_95)))
