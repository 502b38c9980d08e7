"""WordsInSegments: did the words move inside some segment, even where all texts together stayed?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.lexical.share_changes import ShareChange, share_change
from textdrift.drift.slice_search import SliceSearch, named_places, search_slices
from textdrift.drift.slices import SegmentCodes, Slice, Slices, slices_of
from textdrift.errors import SettingsError, WindowError
from textdrift.stats.contingency import detectable_share_difference
from textdrift.stats.max_statistic import largest_of_parts
from textdrift.tokens.token_counts import TokenCounts, check_shared_terms

__all__ = ["SlicedCounts", "WordsInSegments"]

_MOST_CELLS = 12_000_000  # documents times words
_FEWEST_WORDS, _MOST_WORDS = 300, 2000
_TOLD_FROM = 0.05
_MOST_TOLD = 40
_SMALL_SEGMENT = 0.05
_TYPICAL_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class SlicedCounts:
    """The counted words of one window, and which segments each document lies in; independent documents only."""

    counts: TokenCounts
    segments: SegmentCodes

    def __post_init__(self) -> None:
        """Check once that there are codes for each document."""
        if len(self.counts) != len(self.segments):
            raise WindowError(
                f"each document needs its segments; got the words of {len(self.counts)} documents and the segments of "
                f"{len(self.segments)}"
            )

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsInSegments:
    """Look for segments, and pairs of them, inside which words are held by other shares of the documents.

    Null hypothesis: within every slice both windows draw their texts from one distribution. Slices are the values of
    each segment column and pairs of values of two columns, with at least 30 documents in each window. How many
    documents a slice has may change: a new mix of segments is no drift here.

    In each slice, with z_v the change of the share of documents that hold word v in standard errors, the statistic is
    the larger of the sum of z_v^2 (many words move a little) and max z_v^2 (one word bursts), over the 300 to 2,000
    words in most documents; it is held against splits of the slice's own documents, and the slices against each other
    by the step-down maxima of Westfall and Young (1993), see `textdrift.stats.max_statistic`. Within a slice p is
    exact. Slices of one column, and of several columns while their mix stays, are also exact together.

    Cost: O(B words) for each document in each slice; about ten seconds at most, since `preparing_slices` hands it a
    sample of windows that are larger.

    Parameters
    ----------
    n_permutations:
        Of the full round; 99 cheap ones come first and may settle that nothing is there.
    level:
        Slices count as moved at this adjusted level, and detectable changes are stated at it.
    min_documents:
        Words that fewer documents of a slice hold, in both windows together, are left out of it.
    max_documents:
        Documents of each window at most; a random sample beyond it, and of less where there are many columns.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.tokens.counting import count_tokens
    >>> before = pa.array(["it runs fine" if i % 2 else "it runs well" for i in range(200)])
    >>> after = pa.array([f"it {'freezes' if i < 50 else 'runs'} {'fine' if i % 2 else 'well'}" for i in range(200)])
    >>> codes = SegmentCodes(("plan",), (("free", "paid"),), np.repeat([[0], [1]], 100, axis=0))
    >>> windows = [SlicedCounts(counts, codes) for counts in count_tokens(before, after)]
    >>> result = WordsInSegments(n_permutations=199).compare(*windows, rng=np.random.default_rng(0))
    >>> [(row["value"], row["term"], row["effect"]) for row in result.table("segments")]
    [('free', 'freezes', 0.5)]
    """

    n_permutations: int = 999
    level: float = 0.05
    min_documents: int = 3
    max_documents: int = 10_000

    def __post_init__(self) -> None:
        """Check the configuration once."""
        for name in ("n_permutations", "min_documents", "max_documents"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} must be at least 1; got {getattr(self, name)}")

    def compare(self, reference: SlicedCounts, current: SlicedCounts, *, rng: np.random.Generator) -> DriftResult:
        """Compare two windows slice by slice.

        Parameters
        ----------
        reference, current:
            Words and segments, every row an independent document.
        rng:
            Draws the permutations.

        Raises
        ------
        TokenizerError
            When the windows were counted over two vocabularies.
        """
        check_shared_terms(reference.counts, current.counts)
        slices = slices_of(reference.segments, current.segments)
        n, m = len(reference), len(current)
        words = self._words(reference.counts, current.counts)
        if not slices.judged or not words.size:
            what = "No word is held by enough documents" if slices.judged else "No segment has 30 documents in each"
            return self._silent(slices, (n, m), f"{what}{'' if slices.judged else ' window'}: p = 1.")
        held = np.vstack([side.counts.holders[:, words].toarray() for side in (reference, current)])
        found = search_slices(
            held.astype(np.float32),
            slices.judged,
            n,
            n_permutations=self.n_permutations,
            statistic=largest_of_parts,
            least_held=float(self.min_documents),
            rng=rng,
        )
        told = np.flatnonzero(found.p_values <= max(_TOLD_FROM, self.level)).tolist()
        changes = {
            place: share_change(
                *(
                    side.counts.taken(rows)
                    for side, rows in zip((reference, current), slices.judged[place].rows, strict=True)
                )
            )
            for place in told
        }
        table = _segments_table(slices.judged, found, changes)
        detectable = _detectable(slices.judged, (n, m), self.level / len(slices.judged) / len(words))
        return DriftResult(
            test="lexical.segments",
            kind="lexical",
            statistic=float(found.statistics.max()),
            p_value=found.p_value,
            effects=(self._effect(table, detectable),),
            n_documents=(n, m),
            evidence=(
                sizes_table(
                    {
                        "n_slices": len(slices.judged),
                        "n_pairs": slices.n_pairs,
                        "n_too_small": len(slices.too_small),
                        "n_pairs_left_out": slices.n_pairs_left_out,
                        "n_permutations": found.n_permutations,
                        "n_words": len(words),
                    }
                ),
                table,
            ),
        )

    def _words(self, reference: TokenCounts, current: TokenCounts) -> NDArray[Any]:
        """Return the words in most documents of both windows together; ties go to the first in the alphabet."""
        held = np.asarray(reference.holders.sum(axis=0) + current.holders.sum(axis=0)).ravel()
        n_documents = len(reference) + len(current)
        n_words = int(np.clip(_MOST_CELLS // max(1, n_documents), _FEWEST_WORDS, _MOST_WORDS))
        order = np.argsort(-held, kind="stable")
        order = order[(held[order] >= self.min_documents) & (held[order] < n_documents)]
        return np.sort(order[:n_words])

    def _effect(self, table: Evidence, detectable: float) -> Effect:
        """Return the largest change inside a slice that moved; 0 where none did, up to what would have shown."""
        moved = [row for row in table.rows if row["p_value"] <= self.level]
        name = "share_change_in_segment"
        if not moved:
            return Effect(name=name, value=0.0, low=0.0, high=min(1.0, detectable), detectable=detectable)
        largest = max(moved, key=lambda row: float(row["effect"]))
        size, low, high = (float(largest[end]) for end in ("effect", "low", "high"))
        return Effect(name=name, value=size, low=low, high=high, detectable=detectable)

    def _silent(self, slices: Slices, n_documents: tuple[int, int], note: str) -> DriftResult:
        return DriftResult(
            test="lexical.segments",
            kind="lexical",
            statistic=0.0,
            p_value=1.0,
            effects=(Effect(name="share_change_in_segment", value=0.0, low=0.0, high=1.0, detectable=math.inf),),
            n_documents=n_documents,
            evidence=(sizes_table({"n_slices": len(slices.judged), "n_too_small": len(slices.too_small)}),),
            notes=(note,),
        )


def _detectable(slices: Sequence[Slice], n_documents: tuple[int, int], level: float) -> float:
    """Return the change of a word's share that would have shown in the smallest segment with 5 % of the documents."""
    singles = [part for part in slices if part.within is None]
    large = [
        part
        for part in singles
        if all(size >= _SMALL_SEGMENT * n for size, n in zip(part.sizes, n_documents, strict=True))
    ]
    n, m = min((part.sizes for part in large or singles), key=lambda sizes: 1 / (1 / sizes[0] + 1 / sizes[1]))
    return detectable_share_difference(_TYPICAL_SHARE, n, m, level, direction="up")


def _segments_table(slices: Sequence[Slice], found: SliceSearch, changes: dict[int, ShareChange]) -> Evidence:
    unknown = (0.0, 0.0)
    sizes = [(changes[i].value, changes[i].low) if i in changes else unknown for i in range(len(slices))]
    named = named_places(slices, found.statistics.tolist(), found.p_values.tolist(), sizes, level=_TOLD_FROM)
    rows = [
        {
            **slices[place].name,
            "effect": changes[place].value,
            "low": changes[place].low,
            "high": changes[place].high,
            "n_reference": slices[place].sizes[0],
            "n_current": slices[place].sizes[1],
            "statistic": float(found.statistics[place]),
            "p_value": float(found.p_values[place]),
            **({"term": changes[place].term} if changes[place].term else {}),
        }
        for place in named
    ]
    return Evidence(name="segments", rows=tuple(rows[:_MOST_TOLD]))
