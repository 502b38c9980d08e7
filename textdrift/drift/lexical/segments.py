"""WordsInSegments: did the words move inside some segment, even where all texts together stayed?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect
from textdrift.drift.lexical.share_changes import share_change
from textdrift.drift.slice_mix import mixes_of
from textdrift.drift.slice_results import (
    TOLD_FROM,
    largest_effect,
    notes_on_mixes,
    search_table,
    segments_table,
    smallest_to_show,
    untested,
)
from textdrift.drift.slice_search import search_slices
from textdrift.drift.slices import Row, SegmentCodes, slices_of
from textdrift.errors import SettingsError, WindowError
from textdrift.stats.contingency import detectable_share_difference
from textdrift.stats.max_statistic import largest_of_parts
from textdrift.tokens.token_counts import TokenCounts, check_shared_terms

__all__ = ["SlicedCounts", "WordsInSegments"]

_MOST_CELLS = 12_000_000  # documents times words
_FEWEST_WORDS, _MOST_WORDS = 300, 2000
_TYPICAL_SHARE = 0.05
_TEST, _EFFECT = "lexical.segments", "share_change_in_segment"


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

    Null hypothesis: within every slice both windows draw their texts from one distribution, given the values of the
    other segment columns. Slices are the values of each segment column and pairs of values of two columns, with at
    least 30 documents in each window. How many documents a slice has may change, and so may the other columns' values
    inside it: a new mix of segments is no drift here.

    In each slice, with z_v the change of the share of documents that hold word v in standard errors, the statistic is
    the larger of the sum of z_v^2 (many words move a little) and max z_v^2 (one word bursts), over the 300 to 2,000
    words in most documents; it is held against splits of the slice's own documents, alike ones against alike ones
    (`mixes_of`), and the slices against each other by the step-down maxima of Westfall and Young (1993), see
    `textdrift.stats.max_statistic`. Within a slice p is exact but for values of other columns that hold fewer than
    eight of its documents. The change that is told is that of documents of one mix.

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
            effect = Effect(name=_EFFECT, value=0.0, low=0.0, high=1.0, detectable=math.inf)
            none = "No word is held by enough documents"
            note = none if slices.judged else "No segment has 30 documents in each window"
            return untested(_TEST, "lexical", effect, slices, (n, m), note)
        held = np.vstack([side.counts.holders[:, words].toarray() for side in (reference, current)])
        mixes = mixes_of(slices.judged, reference.segments, current.segments)
        found = search_slices(
            held.astype(np.float32),
            slices.judged,
            n,
            n_permutations=self.n_permutations,
            statistic=largest_of_parts,
            least_held=float(self.min_documents),
            mixes=mixes,
            rng=rng,
        )
        sizes: dict[int, Row] = {}
        for place in np.flatnonzero(found.p_values <= max(TOLD_FROM, self.level)).tolist():
            first, second = mixes[place].thinned(slices.judged[place].rows, rng)
            change = share_change(reference.counts.taken(first), current.counts.taken(second))
            named = {"term": change.term} if change.term else {}
            sizes[place] = {"effect": change.value, "low": change.low, "high": change.high, **named}
        table = segments_table(slices.judged, found, sizes)
        detectable = detectable_share_difference(
            _TYPICAL_SHARE,
            *smallest_to_show(slices.judged, (n, m)),
            self.level / len(slices.judged) / len(words),
            direction="up",
        )
        return DriftResult(
            test=_TEST,
            kind="lexical",
            statistic=float(found.statistics.max()),
            p_value=found.p_value,
            effects=(largest_effect(_EFFECT, table, level=self.level, detectable=detectable, largest=1.0),),
            n_documents=(n, m),
            evidence=(search_table(slices, found.n_permutations, n_words=len(words)), table),
            notes=notes_on_mixes(mixes),
        )

    def _words(self, reference: TokenCounts, current: TokenCounts) -> NDArray[Any]:
        """Return the words in most documents of both windows together; ties go to the first in the alphabet."""
        held = np.asarray(reference.holders.sum(axis=0) + current.holders.sum(axis=0)).ravel()
        n_documents = len(reference) + len(current)
        n_words = int(np.clip(_MOST_CELLS // max(1, n_documents), _FEWEST_WORDS, _MOST_WORDS))
        order = np.argsort(-held, kind="stable")
        order = order[(held[order] >= self.min_documents) & (held[order] < n_documents)]
        return np.sort(order[:n_words])
