"""Which words moved: one test per term on the number of documents that hold it, shared by all lexical tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from textdrift.drift.lexical.bins_of_terms import p_values_of_bins
from textdrift.stats.contingency import (
    hypergeometric_mid_p,
    wilson_intervals,
)
from textdrift.stats.log_odds import shrunken_log_odds
from textdrift.stats.multiplicity import benjamini_hochberg
from textdrift.tokens.token_counts import BinnedCounts, RowCounts, check_shared_terms
from textdrift.tokens.words import are_words

__all__ = [
    "TermTests",
    "independent_documents",
    "listed_terms",
    "log_share_without",
    "moved",
    "moved_terms",
    "term_tests",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_LISTED = 100
_PRIOR = 0.05  # of the documents of both windows: what shrinks the log-odds of a term that few documents hold


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTests:
    """One test per term: H0, the documents that hold it are spread over the windows by chance.

    Attributes
    ----------
    terms:
        The shared vocabulary, shape (v,).
    n_documents:
        Documents of both windows, (n, m).
    reference_documents, current_documents:
        How many documents hold each term, shape (v,).
    p_values:
        Two-sided mid-p of the hypergeometric distribution, shape (v,), in (0, 1]. Of bins whose documents may be copies
        of each other, the largest of it, of the normal p-value of the bins' spread, and of Bennett's bound on it.
    inflation:
        How much more the share of a term varies within a window than that of independent documents, at least 1, shape
        (v,).
    tested:
        Terms held by enough documents to be able to show anything at the level asked for (Tarone 1990), shape (v,).
        Which these are depends on the pooled counts alone, so the others cost no power and no validity.
    bonferroni, benjamini_hochberg:
        Adjusted p-values, shape (v,); 1 for a term that was not tested.
    """

    terms: tuple[str, ...]
    n_documents: tuple[int, int]
    reference_documents: Integers
    current_documents: Integers
    p_values: Floats
    inflation: Floats
    tested: NDArray[np.bool_]
    bonferroni: Floats
    benjamini_hochberg: Floats

    def judged_by(self, chosen: NDArray[np.intp], p_values: Floats) -> TermTests:
        """Return the same counts with other adjusted p-values of some terms, and 1 for all others."""
        adjusted = np.ones(len(self.terms))
        adjusted[chosen] = p_values
        return replace(self, bonferroni=adjusted, benjamini_hochberg=adjusted)

    @property
    def n_tested(self) -> int:
        """Terms that were tested."""
        return int(self.tested.sum())

    @property
    def typical_inflation(self) -> float:
        """The median inflation of the tested terms."""
        return float(np.median(self.inflation[self.tested])) if self.tested.any() else 1.0

    @property
    def reference_share(self) -> Floats:
        """Share of the reference documents that hold each term, shape (v,)."""
        return self.reference_documents / max(1, self.n_documents[0])

    @property
    def current_share(self) -> Floats:
        """Share of the current documents that hold each term, shape (v,)."""
        return self.current_documents / max(1, self.n_documents[1])

    @property
    def log_odds(self) -> Floats:
        """Log of the odds that a current document holds each term over those of a reference document, shape (v,).

        Shrunken towards no difference, see ``shrunken_log_odds``: positive where the term became more frequent.
        """
        n, m = self.n_documents
        in_reference, in_current = self.reference_documents, self.current_documents
        return np.asarray(shrunken_log_odds(in_current, m, in_reference, n, prior=_PRIOR * (n + m)).value)

    def scores(self, chosen: NDArray[np.intp]) -> Floats:
        """Return the shrunken log-odds of some terms in standard errors of no difference, what they are ranked by.

        Shrinking keeps a term of few documents from the top (Monroe, Colaresi and Quinn 2008); the standard error is
        that of a term that did not move, so that one which only one window holds is not taken for uncertain.
        """
        n, m = self.n_documents
        in_reference, in_current = self.reference_documents[chosen], self.current_documents[chosen]
        prior = _PRIOR * (n + m)
        value = shrunken_log_odds(in_current, m, in_reference, n, prior=prior).value
        share = (in_reference + in_current) / max(1, n + m)
        information = share * (1 - share) / (1 / (n + prior) + 1 / (m + prior)) if min(n, m) else np.zeros(len(chosen))
        return np.asarray(value * np.sqrt(information / self.inflation[chosen]))

    def strongest_first(self, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
        """Sort term indices by their scores, ties by the term itself."""
        return np.asarray(chosen[np.lexsort((chosen, -np.abs(self.scores(chosen)).round(9)))])

    def rows(self, chosen: NDArray[np.intp]) -> tuple[dict[str, Any], ...]:
        """Return terms as rows of evidence, in the order given; the intervals are those of each share, at 95 %."""
        n, m = self.n_documents
        shares = (self.reference_share[chosen], self.current_share[chosen])
        intervals = [
            wilson_intervals(share, size / self.inflation[chosen]) for share, size in zip(shares, (n, m), strict=True)
        ]
        log_odds, scores = self.log_odds[chosen], self.scores(chosen)
        return tuple(
            {
                "term": self.terms[term],
                "direction": "up" if shares[1][place] > shares[0][place] else "down",
                "reference_share": float(shares[0][place]),
                "current_share": float(shares[1][place]),
                "reference_low": float(intervals[0][0][place]),
                "reference_high": float(intervals[0][1][place]),
                "current_low": float(intervals[1][0][place]),
                "current_high": float(intervals[1][1][place]),
                "reference_documents": int(self.reference_documents[term]),
                "current_documents": int(self.current_documents[term]),
                "log_odds": float(log_odds[place]),
                "score": float(scores[place]),
                "p_value": float(self.benjamini_hochberg[term]),
            }
            for place, term in enumerate(chosen.tolist())
        )


def term_tests(reference: RowCounts, current: RowCounts, *, level: float = 0.05) -> TermTests:
    """Test each term for a change of the share of documents that hold it.

    Documents are the unit: tokens of one text depend on each other, and tests that count tokens alarm on every
    pair of windows of long texts (Lijffijt et al. 2016). H0, term by term: given how many documents hold the term,
    which ones do is independent of the window. Cost: O(stored counts + v).

    Raises
    ------
    TokenizerError
        The windows do not share one vocabulary.
    """
    check_shared_terms(reference, current)
    n, m = reference.n_documents, current.n_documents
    in_reference, in_current = (_documents_holding(side) for side in (reference, current))
    held = in_reference + in_current
    p_values = _mid_p(in_reference, held, n, n + m)
    tested = _testable(held, n, m, level)
    inflation = np.ones(len(held))
    if tested.any() and not independent_documents(reference, current):
        p_values[tested], inflation[tested] = p_values_of_bins(
            reference, current, np.flatnonzero(tested), p_values[tested]
        )
    bonferroni, adjusted = np.ones(len(held)), np.ones(len(held))
    if tested.any():
        bonferroni[tested] = np.minimum(1.0, p_values[tested] * tested.sum())
        adjusted[tested] = benjamini_hochberg(p_values[tested])
    return TermTests(
        terms=reference.terms,
        n_documents=(n, m),
        reference_documents=in_reference,
        current_documents=in_current,
        p_values=p_values,
        inflation=inflation,
        tested=tested,
        bonferroni=bonferroni,
        benjamini_hochberg=adjusted,
    )


def _documents_holding(side: RowCounts) -> Integers:
    if isinstance(side, BinnedCounts):
        return np.asarray(side.holders.sum(axis=0), dtype=np.int64).ravel()
    return np.asarray(side.occurrences.getnnz(axis=0), dtype=np.int64)


def independent_documents(*windows: RowCounts) -> bool:
    """Tell whether the documents of all windows may count as independent, in rows of their own or in bins."""
    return all(not isinstance(counts, BinnedCounts) or counts.of_independent for counts in windows)


def moved_terms(reference: RowCounts, current: RowCounts, *, q: float = 0.05) -> tuple[dict[str, Any], ...]:
    """Return the words whose share of documents changed, as rows of evidence, strongest first, at most 100.

    ``q`` bounds the expected share of false ones among them (Benjamini and Hochberg). Pure punctuation is tested
    with the rest but not listed.

    >>> import pyarrow as pa
    >>> from textdrift.tokens.counting import count_tokens
    >>> before = pa.array([f"the flight was fine {i}" for i in range(40)])
    >>> after = pa.array([f"the flight was late {i}" for i in range(40)])
    >>> [(row["term"], row["direction"]) for row in moved_terms(*count_tokens(before, after))]
    [('fine', 'down'), ('late', 'up')]
    """
    return listed_terms(term_tests(reference, current, level=q), q=q)


def listed_terms(tests: TermTests, *, q: float, of_words: bool = True) -> tuple[dict[str, Any], ...]:
    """Return the rows of ``moved_terms`` from tests that were already made.

    ``of_words=False`` lists terms that are no words too, for units such as punctuation.
    """
    return tests.rows(moved(tests, q=q, of_words=of_words)[:_MOST_LISTED])


def moved(tests: TermTests, *, q: float, of_words: bool = True) -> NDArray[np.intp]:
    """Return the indices of the terms that changed significantly, strongest first."""
    significant = np.flatnonzero(tests.benjamini_hochberg <= q)
    if of_words:
        significant = significant[are_words([tests.terms[term] for term in significant])]
    return tests.strongest_first(significant)


def _mid_p(k: Integers, held: Integers, n: int, total: int) -> Floats:
    # Most terms are rare and share their counts with others: each pair of counts is worked out once.
    pairs, back = np.unique(k * (total + 1) + held, return_inverse=True)
    return np.asarray(hypergeometric_mid_p(pairs // (total + 1), pairs % (total + 1), n, total)[back])


def _testable(held: Integers, n: int, m: int, level: float) -> NDArray[np.bool_]:
    """Return which terms could reach ``level`` after correction for their own number, shape (v,), boolean.

    With K tests, a term counts when its smallest possible p-value is at most level / K; K is the smallest number
    that is not exceeded by the terms that then count (Tarone 1990; for false discoveries, Gilbert 2005).
    """
    total = n + m
    # All documents that hold the term in one window: the most extreme split there is. A term held by more
    # documents than a window has is measured by its complement.
    fewer = np.minimum(held, total - held)
    smallest = np.exp(np.minimum(log_share_without(fewer, n, total), log_share_without(fewer, m, total)))
    ordered = np.sort(smallest)
    tests = np.arange(1, len(ordered) + 1)
    enough = np.searchsorted(ordered, level / tests, side="right") <= tests
    return smallest <= level / tests[np.argmax(enough)] if len(ordered) else np.zeros(0, dtype=bool)


def log_share_without(held: Integers, drawn: int, total: int) -> Floats:
    """Return log C(total - held, drawn) / C(total, drawn): no holder is among the ``drawn`` documents.

    >>> np.exp(log_share_without(np.array([0, 1, 3]), 2, 4)).round(3).tolist()
    [1.0, 0.5, 0.0]
    """
    rest = total - held
    possible = rest >= drawn
    room = np.where(possible, rest - drawn, 0)
    log = special.gammaln(rest + 1) - special.gammaln(room + 1)
    log -= special.gammaln(total + 1) - special.gammaln(total - drawn + 1)
    return np.where(possible, np.minimum(log, 0.0), -np.inf)
