"""What tests inside segments tell alike: the slices that moved, the largest of them, and what was searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.slice_mix import SliceMix
from textdrift.drift.slice_search import SliceSearch, named_places
from textdrift.drift.slices import Row, Slice, Slices

__all__ = [
    "TOLD_FROM",
    "largest_effect",
    "notes_on_mixes",
    "search_table",
    "segments_table",
    "smallest_to_show",
    "untested",
]

TOLD_FROM = 0.05
"""Slices with at most this adjusted p-value are told."""

_MOST_TOLD = 40
_SMALL_SEGMENT = 0.05


def segments_table(slices: Sequence[Slice], found: SliceSearch, sizes: Mapping[int, Row]) -> Evidence:
    """Return the table of the slices to name, at most 40, see `named_places`.

    Parameters
    ----------
    slices:
        All that were searched.
    found:
        What the search found of them.
    sizes:
        Of the slices that may be named: ``effect``, ``low``, ``high``, and more keys, which come last.
    """
    ends = [(sizes[i]["effect"], sizes[i]["low"]) if i in sizes else (0.0, 0.0) for i in range(len(slices))]
    named = named_places(slices, found.statistics.tolist(), found.p_values.tolist(), ends, level=TOLD_FROM)
    rows = []
    for place in named[:_MOST_TOLD]:
        more = dict(sizes[place])
        rows.append(
            {
                **slices[place].name,
                **{end: more.pop(end) for end in ("effect", "low", "high")},
                "n_reference": slices[place].sizes[0],
                "n_current": slices[place].sizes[1],
                "statistic": float(found.statistics[place]),
                "p_value": float(found.p_values[place]),
                **more,
            }
        )
    return Evidence(name="segments", rows=tuple(rows))


def largest_effect(name: str, table: Evidence, *, level: float, detectable: float, largest: float) -> Effect:
    """Return the largest effect inside a slice that moved; 0 where none did, up to what would have shown."""
    moved = [row for row in table.rows if row["p_value"] <= level]
    if not moved:
        return Effect(name=name, value=0.0, low=0.0, high=min(largest, detectable), detectable=detectable)
    most = max(moved, key=lambda row: float(row["effect"]))
    value, low, high = (float(most[end]) for end in ("effect", "low", "high"))
    return Effect(name=name, value=value, low=low, high=high, detectable=detectable)


def smallest_to_show(slices: Sequence[Slice], n_documents: tuple[int, int]) -> tuple[int, int]:
    """Return the sizes of the smallest segment with 5 % of the documents of both windows: drift there should show."""
    singles = [part for part in slices if part.within is None]
    large = [
        part
        for part in singles
        if all(size >= _SMALL_SEGMENT * n for size, n in zip(part.sizes, n_documents, strict=True))
    ]
    return min((part.sizes for part in large or singles), key=lambda sizes: 1 / (1 / sizes[0] + 1 / sizes[1]))


def search_table(slices: Slices, n_permutations: int, **more: int) -> Evidence:
    """Return how much was searched."""
    return sizes_table(
        {
            "n_slices": len(slices.judged),
            "n_pairs": slices.n_pairs,
            "n_too_small": len(slices.too_small),
            "n_pairs_left_out": slices.n_pairs_left_out,
            "n_permutations": n_permutations,
            **more,
        }
    )


def notes_on_mixes(mixes: Sequence[SliceMix]) -> tuple[str, ...]:
    """Return a sentence on each column whose mix could not be held fixed within the slices of other columns."""
    columns = sorted({column for mix in mixes for column in mix.not_held})
    return tuple(
        f"Hardly a value of {column!r} is in both windows, so what changed with it shows in other segments too."
        for column in columns
    )


def untested(
    test: str, kind: str, effect: Effect, slices: Slices, n_documents: tuple[int, int], note: str
) -> DriftResult:
    """Return the result of a test that had nothing to search."""
    return DriftResult(
        test=test,
        kind=kind,
        statistic=0.0,
        p_value=1.0,
        effects=(effect,),
        n_documents=n_documents,
        evidence=(search_table(slices, 0),),
        notes=(f"{note}: p = 1.",),
    )
