"""Which words moved: one test per term on the number of documents that hold it, shared by all lexical tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from textdrift.errors import TokenizerError
from textdrift.stats.contingency import hypergeometric_mid_p, share_difference_interval
from textdrift.stats.multiplicity import benjamini_hochberg
from textdrift.tokens.token_counts import TokenCounts
from textdrift.tokens.words import is_word

__all__ = [
    "ShareChange",
    "TermTests",
    "is_word",
    "largest_change",
    "listed_terms",
    "log_share_without",
    "moved_terms",
    "share_change",
    "term_tests",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_LISTED = 100


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
        Two-sided mid-p of the hypergeometric distribution, shape (v,), in (0, 1].
    n_tested:
        Terms held by enough documents to be able to show anything at the level asked for (Tarone 1990). Which
        these are depends on the pooled counts alone, so the others cost no power and no validity.
    bonferroni, benjamini_hochberg:
        Adjusted p-values, shape (v,); 1 for a term that was not tested.
    """

    terms: tuple[str, ...]
    n_documents: tuple[int, int]
    reference_documents: Integers
    current_documents: Integers
    p_values: Floats
    n_tested: int
    bonferroni: Floats
    benjamini_hochberg: Floats

    @property
    def reference_share(self) -> Floats:
        """Share of the reference documents that hold each term, shape (v,)."""
        return self.reference_documents / max(1, self.n_documents[0])

    @property
    def current_share(self) -> Floats:
        """Share of the current documents that hold each term, shape (v,)."""
        return self.current_documents / max(1, self.n_documents[1])

    def strongest_first(self, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
        """Sort term indices by evidence (the deviance of the 2 x 2 table), ties by the term itself.

        The deviance orders terms as their p-values do, and still does where p-values run out of digits.
        """
        deviance = _deviance(self.reference_documents[chosen], self.current_documents[chosen], *self.n_documents)
        return np.asarray(chosen[np.lexsort((chosen, -deviance.round(9)))])

    def row(self, term: int) -> dict[str, Any]:
        """Return one term as a row of evidence."""
        reference_share, current_share = float(self.reference_share[term]), float(self.current_share[term])
        return {
            "term": self.terms[term],
            "direction": "up" if current_share > reference_share else "down",
            "reference_share": reference_share,
            "current_share": current_share,
            "reference_documents": int(self.reference_documents[term]),
            "current_documents": int(self.current_documents[term]),
            "p_value": float(self.benjamini_hochberg[term]),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChange:
    """The word whose share of documents changed most, among those that changed significantly.

    Attributes
    ----------
    term:
        The word; empty where none changed significantly.
    value:
        The absolute change of its share of documents, 0 where none changed significantly.
    low, high:
        A 95 % interval that holds for all words at once, so also for the one that was picked for being extreme.
        Where none changed significantly, ``high`` is the largest change of any word that the data cannot rule out.
    p_value:
        Bonferroni's p-value of "no word's share changed", by the term tests; no permutation.
    """

    term: str
    value: float
    low: float
    high: float
    p_value: float


def term_tests(reference: TokenCounts, current: TokenCounts, *, level: float = 0.05) -> TermTests:
    """Test each term for a change of the share of documents that hold it.

    Documents are the unit: tokens of one text depend on each other, and tests that count tokens alarm on every
    pair of windows of long texts (Lijffijt et al. 2016). H0, term by term: given how many documents hold the term,
    which ones do is independent of the window. Cost: O(stored counts + v).

    Raises
    ------
    TokenizerError
        The windows do not share one vocabulary.
    """
    _check_shared(reference, current)
    n, m = len(reference), len(current)
    in_reference, in_current = (np.asarray(side.counts.getnnz(axis=0), dtype=np.int64) for side in (reference, current))
    held = in_reference + in_current
    p_values = _mid_p(in_reference, held, n, n + m)
    tested = _testable(held, n, m, level)
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
        n_tested=int(tested.sum()),
        bonferroni=bonferroni,
        benjamini_hochberg=adjusted,
    )


def moved_terms(reference: TokenCounts, current: TokenCounts, *, q: float = 0.05) -> tuple[dict[str, Any], ...]:
    """Return the words whose share of documents changed, as rows of evidence, strongest first, at most 100.

    ``q`` bounds the expected share of false ones among them (Benjamini and Hochberg). Pure punctuation is tested
    with the rest but not listed.

    >>> import pyarrow as pa
    >>> from textdrift.tokens.tokenizing import count_tokens
    >>> before = pa.array([f"the flight was fine {i}" for i in range(40)])
    >>> after = pa.array([f"the flight was late {i}" for i in range(40)])
    >>> [(row["term"], row["direction"]) for row in moved_terms(*count_tokens(before, after))]
    [('fine', 'down'), ('late', 'up')]
    """
    return listed_terms(term_tests(reference, current, level=q), q=q)


def listed_terms(tests: TermTests, *, q: float) -> tuple[dict[str, Any], ...]:
    """Return the rows of ``moved_terms`` from tests that were already made."""
    significant = np.flatnonzero(tests.benjamini_hochberg <= q)
    words = (term for term in tests.strongest_first(significant) if is_word(tests.terms[term]))
    return tuple(tests.row(term) for term, _ in zip(words, range(_MOST_LISTED), strict=False))


def share_change(reference: TokenCounts, current: TokenCounts, *, level: float = 0.05) -> ShareChange:
    """Return the largest significant change of one word's share of documents, with its p-value.

    For a slice of the windows, where a permutation test per slice would be dear.

    >>> import pyarrow as pa
    >>> from textdrift.tokens.tokenizing import count_tokens
    >>> before = pa.array([f"the flight was {'late' if i < 4 else 'fine'}" for i in range(40)])
    >>> after = pa.array([f"the flight was {'late' if i < 34 else 'fine'}" for i in range(40)])
    >>> change = share_change(*count_tokens(before, after))
    >>> change.term, round(change.value, 2), round(change.low, 2), round(change.high, 2), change.p_value < 1e-9
    ('fine', 0.75, 0.52, 0.86, True)
    """
    return largest_change(term_tests(reference, current, level=level), level=level)


def largest_change(tests: TermTests, *, level: float) -> ShareChange:
    """Return ``share_change`` from tests that were already made."""
    held = tests.reference_documents + tests.current_documents
    words = np.array([term for term in np.flatnonzero(held) if is_word(tests.terms[term])], dtype=np.intp)
    n, m = tests.n_documents
    if not words.size or min(n, m) == 0:
        return ShareChange(term="", value=0.0, low=0.0, high=1.0, p_value=1.0)
    change = np.abs(tests.current_share[words] - tests.reference_share[words])
    p_value = float(tests.bonferroni[words].min())
    significant = tests.bonferroni[words] <= level
    if significant.any():
        # Words come sorted and argmax takes the first: ties are settled by the term.
        chosen = int(np.argmax(np.where(significant, change.round(12), -1.0)))
    else:
        pooled = held[words] / (n + m)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        chosen = int(np.argmax(change + spread * special.ndtri(1 - 0.025 / max(1, tests.n_tested))))
    word = words[chosen]
    low, high = share_difference_interval(
        int(tests.reference_documents[word]),
        n,
        int(tests.current_documents[word]),
        m,
        confidence=1 - 0.05 / max(1, tests.n_tested),
    )
    if not significant.any():
        return ShareChange(term="", value=0.0, low=0.0, high=max(-low, high), p_value=p_value)
    if tests.current_share[word] < tests.reference_share[word]:
        low, high = -high, -low
    return ShareChange(
        term=tests.terms[word], value=float(change[chosen]), low=max(0.0, low), high=high, p_value=p_value
    )


def _check_shared(reference: TokenCounts, current: TokenCounts) -> None:
    """Refuse counts over two vocabularies.

    Raises
    ------
    TokenizerError
        The windows were counted apart.
    """
    if reference.terms is not current.terms and reference.terms != current.terms:
        raise TokenizerError(
            f"the windows were counted over two vocabularies ({len(reference.terms)} and {len(current.terms)} terms); "
            f"one shared vocabulary was needed: count both in one call of count_tokens(reference, current)"
        )


def _mid_p(k: Integers, held: Integers, n: int, total: int) -> Floats:
    # Most terms are rare and share their counts with others: each pair of counts is worked out once.
    pairs, back = np.unique(np.stack([k, held]), axis=1, return_inverse=True)
    return np.asarray(hypergeometric_mid_p(pairs[0], pairs[1], n, total)[back.reshape(-1)])


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


def _deviance(in_reference: Integers, in_current: Integers, n: int, m: int) -> Floats:
    """Return the likelihood ratio statistic G² of each 2 x 2 table, window by presence."""
    pooled = (in_reference + in_current) / max(1, n + m)

    def gain(held: Integers, size: int) -> Floats:
        share = held / max(1, size)
        return np.asarray(size * (special.rel_entr(share, pooled) + special.rel_entr(1 - share, 1 - pooled)))

    return 2 * (gain(in_reference, n) + gain(in_current, m))
