"""Words that lean on a label: held by more of its documents than by those of the other labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import WindowError
from textdrift.stats.log_odds import shrunken_log_odds
from textdrift.tokens.token_counts import TokenCounts
from textdrift.tokens.words import are_words

if TYPE_CHECKING:
    from nltk.probability import ConditionalFreqDist

__all__ = ["LabelledCounts", "leaning_words", "words_by_label"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_CLEAR_Z = 2.5
_FEWEST_DOCUMENTS = 5
_MUCH = math.log(1.5)
_PRIOR = 0.05  # of the labelled documents: what shrinks the log-odds of a word that few documents hold
_MATRIX = 2
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class LabelledCounts:
    """The words of one window's documents, and the labels of those that have one.

    Attributes
    ----------
    counts:
        The words of all n documents, labelled or not.
    shares:
        Shape (n, k): the share of each label among the copies of a document; a row of zeros has no label.
    label_names:
        The k labels, distinct; both windows of a comparison share one and the same tuple.

    Raises
    ------
    WindowError
        When rows, columns and names do not belong together.

    Examples
    --------
    >>> from scipy import sparse
    >>> counts = TokenCounts(sparse.csr_matrix([[1, 0], [0, 1]]), ("bad", "good"))
    >>> LabelledCounts(counts, np.array([[1.0, 0.0], [0.0, 0.0]]), ("negative", "positive")).n_labelled
    1
    """

    counts: TokenCounts
    shares: Floats
    label_names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check once; what comes after this door trusts the rows."""
        shares = np.asarray(self.shares, dtype=np.float64)
        needed = (len(self.counts), len(self.label_names))
        if shares.ndim != _MATRIX or shares.shape != needed:
            raise WindowError(
                f"shares need shape (documents, labels) = {needed}; got {shares.shape}: give one row for each document "
                "and one column for each label name"
            )
        if len(set(self.label_names)) < len(self.label_names):
            raise WindowError(f"label names must be distinct; got {self.label_names}: give each label one column")
        if not np.isfinite(shares).all() or (shares < 0).any() or (shares.sum(axis=1) > 1 + _ROUNDING).any():
            raise WindowError(
                "rows of shares must be finite, not negative and sum to at most 1; give a document without a label a "
                "row of zeros"
            )
        object.__setattr__(self, "shares", shares)

    def __len__(self) -> int:
        """Return the number of documents, labelled or not."""
        return len(self.counts)

    @property
    def n_labelled(self) -> int:
        """How many documents carry a label."""
        return int(np.count_nonzero(self.shares.sum(axis=1)))

    def of_labels(self, columns: Indices) -> LabelledCounts:
        """Return the same documents with some of the labels; those of the others count as without a label."""
        return LabelledCounts(self.counts, self.shares[:, columns], tuple(self.label_names[i] for i in columns))

    def taken(self, documents: Indices) -> LabelledCounts:
        """Return some of the documents, in the order asked for."""
        return LabelledCounts(self.counts.taken(documents), self.shares[documents], self.label_names)


def words_by_label(window: LabelledCounts) -> ConditionalFreqDist:
    """Return how many documents of each label hold each term, as NLTK's conditional frequency distribution.

    A document whose copies disagree counts in parts. The distributions are filled term by term from sums over the
    documents, never token by token. Cost: O(stored counts · labels).

    >>> from scipy import sparse
    >>> counts = TokenCounts(sparse.csr_matrix([[3, 0], [1, 1]]), ("bad", "film"))
    >>> words_by_label(LabelledCounts(counts, np.eye(2), ("negative", "positive")))["positive"].most_common()
    [('bad', 1.0), ('film', 1.0)]
    """
    from nltk.probability import ConditionalFreqDist

    documents = np.asarray(window.counts.holders.T @ window.shares)
    by_label = ConditionalFreqDist()
    for label, of_label in zip(window.label_names, documents.T, strict=True):
        held = np.flatnonzero(of_label)
        terms = (window.counts.terms[term] for term in held)
        by_label[label].update(dict(zip(terms, of_label[held].tolist(), strict=True)))
    return by_label


def leaning_words(windows: Sequence[LabelledCounts]) -> NDArray[np.bool_]:
    """Tell which word leans on which label, shape (v, k), boolean; a word leans on one label at most.

    Two things are asked of it, in each window by itself and then over the windows together, so that a word which one
    window holds more often does not lean on the label which that window holds more often. It must be sure: the
    documents of the label that hold it exceed what chance lets expect by 2.5 standard deviations (Mantel and Haenszel
    1959). And it must be much: the odds that a document of the label holds it are one and a half times those of the
    other labels, after shrinking towards no difference (Monroe, Colaresi and Quinn 2008). At least 5 labelled documents
    hold it. Of several labels it leans on the surest.

    Parameters
    ----------
    windows:
        Counts over one vocabulary and the same labels; a window without labelled documents tells nothing.

    Examples
    --------
    >>> from scipy import sparse
    >>> counts = TokenCounts(sparse.csr_matrix(np.repeat([[1, 0, 1], [0, 1, 1]], 20, axis=0)), ("bad", "good", "the"))
    >>> window = LabelledCounts(counts, np.repeat(np.eye(2), 20, axis=0), ("negative", "positive"))
    >>> leaning_words([window]).tolist()
    [[True, False], [False, True], [False, False]]
    """
    terms = windows[0].counts.terms
    shape = (len(windows[0].label_names), len(terms))
    excess, variance, odds, held = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape[1])
    for window in windows:
        of_label = window.shares.sum(axis=0)[:, None]
        n = float(of_label.sum())
        if n <= 1:
            continue
        by_label = words_by_label(window)
        marked = np.array([[by_label[label][term] for term in terms] for label in window.label_names]).reshape(shape)
        in_all = marked.sum(axis=0)
        told = of_label * (n - of_label) * in_all * (n - in_all) / (n**2 * (n - 1))
        excess += marked - of_label * in_all / n
        variance += told
        odds += told * shrunken_log_odds(marked, of_label, in_all - marked, n - of_label, prior=_PRIOR * n).value
        held += in_all
    telling = variance > _ROUNDING
    z = np.divide(excess, np.sqrt(variance), out=np.zeros(shape), where=telling)
    log_odds = np.divide(odds, variance, out=np.zeros(shape), where=telling)
    z = np.where(log_odds >= _MUCH, z, 0.0)
    if not z.size:
        return np.zeros(shape[::-1], dtype=bool)
    clear = (z.max(axis=0) >= _CLEAR_Z) & (held >= _FEWEST_DOCUMENTS - _ROUNDING) & are_words(terms)
    return np.asarray((np.arange(shape[0]) == z.argmax(axis=0)[:, None]) & clear[:, None])
