"""ShareChange: the word whose share of documents changed most, among those that changed significantly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from textdrift.drift.lexical.terms import TermTests, term_tests
from textdrift.stats.contingency import hypergeometric_exact_p, share_difference_interval
from textdrift.tokens.token_counts import RowCounts
from textdrift.tokens.words import are_words

__all__ = ["ShareChange", "largest_change", "share_change"]


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
        Bonferroni's p-value of "no word's share changed", by the exact test of the strongest word; no permutation.
    """

    term: str
    value: float
    low: float
    high: float
    p_value: float


def share_change(reference: RowCounts, current: RowCounts, *, level: float = 0.05) -> ShareChange:
    """Return the largest significant change of one word's share of documents, with its p-value.

    For a slice of the windows, where a permutation test per slice would be dear.

    >>> import pyarrow as pa
    >>> from textdrift.tokens.counting import count_tokens
    >>> before = pa.array([f"the flight was {'late' if i < 4 else 'fine'}" for i in range(40)])
    >>> after = pa.array([f"the flight was {'late' if i < 34 else 'fine'}" for i in range(40)])
    >>> change = share_change(*count_tokens(before, after))
    >>> change.term, round(change.value, 2), round(change.low, 2), round(change.high, 2), change.p_value < 1e-9
    ('fine', 0.75, 0.52, 0.86, True)
    """
    return largest_change(term_tests(reference, current, level=level), level=level)


def largest_change(tests: TermTests, *, level: float, of_words: bool = True) -> ShareChange:
    """Return ``share_change`` from tests that were already made."""
    held = tests.reference_documents + tests.current_documents
    words = np.flatnonzero(held)
    if of_words:
        words = words[are_words([tests.terms[term] for term in words])]
    n, m = tests.n_documents
    if not words.size or min(n, m) == 0:
        return ShareChange(term="", value=0.0, low=0.0, high=1.0, p_value=1.0)
    change = np.abs(tests.current_share[words] - tests.reference_share[words])
    n_tested = max(1, tests.n_tested)
    # The mid-p of one word may exceed its level a little, and that of the strongest of many words by more.
    strongest = words[np.argmin(tests.p_values[words])]
    in_reference = tests.reference_documents[strongest]
    exact = float(hypergeometric_exact_p(in_reference, held[strongest], n, n + m))
    p_value = min(1.0, max(exact, float(tests.p_values[strongest])) * n_tested) if tests.tested[strongest] else 1.0
    significant = tests.bonferroni[words] <= level
    if significant.any():
        # Words come sorted and argmax takes the first: ties are settled by the term.
        chosen = int(np.argmax(np.where(significant, change.round(12), -1.0)))
    else:
        pooled = held[words] / (n + m)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m) * tests.inflation[words])
        chosen = int(np.argmax(change + spread * special.ndtri(1 - 0.025 / n_tested)))
    word = words[chosen]
    known = 1 / float(tests.inflation[word])  # so many independent documents a document is worth
    low, high = share_difference_interval(
        int(tests.reference_documents[word]) * known,
        n * known,
        int(tests.current_documents[word]) * known,
        m * known,
        confidence=1 - 0.05 / n_tested,
    )
    if not significant.any():
        return ShareChange(term="", value=0.0, low=0.0, high=max(-low, high), p_value=p_value)
    if tests.current_share[word] < tests.reference_share[word]:
        low, high = -high, -low
    return ShareChange(
        term=tests.terms[word], value=float(change[chosen]), low=max(0.0, low), high=high, p_value=p_value
    )
