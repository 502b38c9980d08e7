"""LabelWords: does each label still have its share of the words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.lexical.leaning import LabelledCounts, leaning_words
from textdrift.errors import WindowError
from textdrift.stats.permutations import critical_value, in_two_rounds, permutation_p_value, reference_indicators
from textdrift.tokens.token_counts import check_shared_terms
from textdrift.tokens.words import are_words

__all__ = ["LabelWords"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_HALVES = 2
_FEWEST_LABELS = 2
_FEWEST_DOCUMENTS = 4  # two to learn from and two to look at
_MOST_WORDS = 10
_COLUMNS = 128
_POWER_OF_A_HALF = 0.1337  # normal quantile of 1 - sqrt(0.2): one half of two then shows with power 0.8


@dataclass(frozen=True, slots=True)
class LabelWords:
    """Compare how much of what is said is said in the words that lean on each label.

    Null hypothesis: the documents of both windows are exchangeable as far as their words go, whatever their labels.
    For each label, the share of the word occurrences that lean on it is compared; the statistic is the largest of the
    squared differences of a half, each over its exact variance under random splits. Whole documents are permuted, those
    without a label too: the words decide.

    Which word leans on which label is learned on a random half of the documents and looked at in the other half, and
    the other way round; the smaller of the two p-values counts twice. Learned from the same documents it would know the
    windows as soon as the labels do: where 80 % of one window and 20 % of the other are called positive, by the throw
    of a coin, the words that chance put into one window lean on its label, and of 150 such pairs of 1,000 and 500
    documents 42 % then alarm at a level of 5 %; of the same pairs 3 % do with halves. A window without any label has
    nothing to learn from, and all its documents are looked at.

    The size: ``leaning_share_change``, the largest change of a label's share of the word occurrences among the labels
    whose share changed significantly, 0 when none did. Cost: O(stored counts · labels + B · documents · labels), half
    a second for 10,000 documents a side.

    Parameters
    ----------
    n_permutations:
        Random splits; 99 cheap ones come first and may settle that nothing is there.
    level:
        Significance level of this test, for the labels that count as changed and for the detectable size.

    Examples
    --------
    >>> from scipy import sparse
    >>> from textdrift.tokens.token_counts import TokenCounts
    >>> terms = ("awful", "film", "lovely", "the")
    >>> said = np.array([[1, 1, 0, 2], [0, 1, 1, 2]])
    >>> label = np.arange(200) % 2
    >>> before = LabelledCounts(TokenCounts(sparse.csr_matrix(said[label]), terms), np.eye(2)[label], ("neg", "pos"))
    >>> label = (np.arange(200) % 4 == 0).astype(int)
    >>> after = LabelledCounts(TokenCounts(sparse.csr_matrix(said[label]), terms), np.eye(2)[label], ("neg", "pos"))
    >>> result = LabelWords(n_permutations=199).compare(before, after, rng=np.random.default_rng(0))
    >>> row = result.table("label_words")[0]
    >>> result.p_value, row["label"], row["words"][0]["term"], round(row["current_share"] - row["reference_share"], 3)
    (0.01, 'neg', 'awful', 0.062)
    """

    n_permutations: int = 1999
    level: float = 0.05

    def compare(self, reference: LabelledCounts, current: LabelledCounts, *, rng: np.random.Generator) -> DriftResult:
        """Compare two windows over one vocabulary and the same labels.

        Evidence ``label_words``: a row for each label, the strongest change first, with ``reference_share`` and
        ``current_share`` of the word occurrences, ``low`` and ``high`` of their difference (at 95 % for all labels at
        once), ``p_value`` adjusted over the labels, and ``words``, up to 10 of ``term`` and ``part``: what each word
        adds to the difference.

        Raises
        ------
        TokenizerError
            The windows were counted over two vocabularies.
        WindowError
            The windows have other labels.
        """
        check_shared_terms(reference.counts, current.counts)
        if reference.label_names != current.label_names:
            raise WindowError(
                f"the reference has the labels {reference.label_names}, the current window {current.label_names}; give "
                "both one tuple of the labels of both"
            )
        judged, notes = _judged_labels(reference, current)
        sides = reference.of_labels(judged), current.of_labels(judged)
        if not notes.end and min(map(len, sides)) < _FEWEST_DOCUMENTS:
            notes = _Notes(notes.told, f"A window of {min(map(len, sides))} document(s) cannot show a change: p = 1.")
        halves = () if notes.end else tuple(_halves(sides, rng))
        if halves and not any(half.leaning.any() for half in halves):
            notes = _Notes(notes.told, "No word leans clearly on a label: p = 1.")
        splits = (
            _Splits.nothing(len(judged))
            if notes.end
            else in_two_rounds(lambda b: _Splits.of([half.statistics(b, rng) for half in halves]), self.n_permutations)
        )
        changes = _changes(sides, halves)
        silent = [
            f"No word leans clearly on {name!r}."
            for name, n_words in zip(sides[0].label_names, changes.n_words, strict=True)
            if not notes.end and n_words == 0
        ]
        return DriftResult(
            test="lexical.label_words",
            kind="lexical",
            statistic=float(splits.statistics.max(initial=0.0)),
            p_value=splits.p_value,
            effects=(self._largest(changes, splits, halves),),
            n_documents=(len(reference), len(current)),
            evidence=(
                sizes_table(
                    {
                        "labels_compared": len(judged),
                        "leaning_words": sum(changes.n_words),
                        "labelled_reference": reference.n_labelled,
                        "labelled_current": current.n_labelled,
                    }
                ),
                Evidence(name="label_words", rows=() if notes.end else _rows(sides, changes, splits)),
            ),
            notes=(*notes.told, *silent, *((notes.end,) if notes.end else ())),
        )

    def _largest(self, changes: _Changes, splits: _Splits, halves: tuple[_Half, ...]) -> Effect:
        """Return the largest change of a label whose share changed significantly."""
        name = "leaning_share_change"
        if not halves or not changes.change.size or splits.critical is None:
            return Effect(name=name, value=0.0, low=0.0, high=1.0, detectable=math.inf)
        error = np.sqrt(np.mean([half.null_error**2 for half in halves], axis=0)).max()
        detectable = (splits.critical(self.level / _HALVES) + _POWER_OF_A_HALF) * float(error)
        low, high = changes.low, changes.high
        significant = splits.p_values <= self.level
        if not significant.any():
            return Effect(name=name, value=0.0, low=0.0, high=float(np.maximum(-low, high).max()), detectable=detectable)
        at = int(np.argmax(np.where(significant, np.abs(changes.change), -1.0)))
        ends = (low[at], high[at]) if changes.change[at] >= 0 else (-high[at], -low[at])
        return Effect(
            name=name,
            value=float(abs(changes.change[at])),
            low=max(0.0, float(ends[0])),
            high=float(ends[1]),
            detectable=detectable,
        )
