"""Vocabulary: are there words that the other window does not know."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.lexical.row_splits import PooledRows
from textdrift.drift.lexical.terms import TermTests, log_share_without, term_tests
from textdrift.stats.permutations import (
    critical_value,
    in_two_rounds,
    max_standardised,
    permutation_p_value,
)
from textdrift.stats.vocabulary_growth import (
    forecast_new_types,
    frequency_spectrum,
    heaps_law,
    index_of_dispersion,
)
from textdrift.tokens.token_counts import RowCounts
from textdrift.tokens.words import are_words

__all__ = ["Vocabulary"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_POWER_80 = 0.84
_TWO_SIDED_95 = 1.96
_MOST_LISTED = 50
_FALSE_DISCOVERIES = 0.05
_NEVER = math.log(1e-18)
_FEWEST_DOCUMENTS = 2
_FEWEST_WORDS = 2
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Compare which words each window uses at all; what holds no letter, digit or symbol is no word.

    Null hypothesis: the documents of both windows are exchangeable. Two halves of one stream know only four to six
    tenths of each other's words, so a raw rate of unseen words says nothing. Given how many documents hold each
    term, the number of terms found in one window only has an exact expectation under the null,
    E = Σ_v C(N − df_v, n) / C(N, n), and what exceeds it is drift. The statistic is the largest of four standardised
    numbers: new terms (in the current window only), vanished terms (in the reference only), and for both the pairs
    of a document and such a term it holds, which see a few unknown words that many documents use. Whole documents
    are permuted; of large windows bins of documents, for which N, n and df count bins.

    The size: ``excess_new_terms``, new terms beyond expectation as a share of the terms that the current window uses.
    Beside it stand how fast each vocabulary grows (Heaps' exponent, at the size of the smaller window for both), and a
    forecast: the new terms that as many documents as the current window holds would bring, if nothing changed (Good
    and Toulmin 1956).

    Cost: O(B · stored counts), a few tenths of a second for a thousand tweets a side.

    Parameters
    ----------
    n_permutations:
        Random splits; 99 cheap ones come first and may settle that nothing is there.
    level:
        Significance level of this test, for the detectable size.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.tokens.counting import count_tokens
    >>> before = pa.array([f"order {i % 9} arrived" for i in range(60)])
    >>> after = pa.array([f"order {i % 9} arrived {'via drone' if i % 5 == 0 else ''}" for i in range(60)])
    >>> rng = np.random.default_rng(0)
    >>> result = Vocabulary(n_permutations=199).compare(*count_tokens(before, after), rng=rng)
    >>> result.p_value, [row["term"] for row in result.table("terms")]
    (0.005, ['drone', 'via'])
    """

    n_permutations: int = 1999
    level: float = 0.05

    def compare(self, reference: RowCounts, current: RowCounts, *, rng: np.random.Generator) -> DriftResult:
        """Compare the counts of two windows over one vocabulary.

        Parameters
        ----------
        reference, current:
            A row a distinct text, or a row a bin of them; bins of both windows hold equally many texts on average.
        rng:
            Draws the splits.

        Raises
        ------
        TokenizerError
            The windows were counted over two vocabularies.
        """
        tests = term_tests(reference, current, level=self.level)
        n, m = tests.n_documents
        words = np.flatnonzero(are_words(tests.terms))
        rows = PooledRows.holding(reference, current, words)
        found = _found(tests, rows, words)
        notes: tuple[str, ...] = ()
        if min(*rows.n_rows, n, m) < _FEWEST_DOCUMENTS:
            notes = ("A window of one document, or in one bin, cannot show a change of vocabulary: p = 1.",)
            splits = _Splits(np.zeros((4, 1)), 1.0)
        elif np.count_nonzero(found.held) < _FEWEST_WORDS:
            notes = ("The windows hold one word, or none, so no change of vocabulary could be seen: p = 1.",)
            splits = _Splits(np.zeros((4, 1)), 1.0)
        else:
            splits = in_two_rounds(lambda b: _split(rows, found, b, rng), self.n_permutations)
        return DriftResult(
            test="lexical.vocabulary",
            kind="lexical",
            statistic=splits.statistic,
            p_value=splits.p_value,
            effects=(
                self._excess("excess_new_terms", 0, found.expected_new, found.used_in_current, splits),
                self._excess("excess_vanished_terms", 1, found.expected_vanished, found.used_in_reference, splits),
            ),
            n_documents=(n, m),
            evidence=(
                sizes_table(found.sizes() | splits.expectations(found) | _growth(found, tests.n_documents, rows)),
                Evidence(name="terms", rows=_new_and_vanished(tests)),
            ),
            notes=notes,
        )

    def _excess(self, name: str, part: int, expected: float, used: int, splits: _Splits) -> Effect:
        """Return one part beyond its expectation, as a share of the terms that the window uses."""
        permuted = splits.parts[part, 1:]
        spread = float(permuted.std()) / max(1, used) if permuted.size else 0.0
        if not permuted.size:
            return Effect(name=name, value=0.0, low=-1.0, high=1.0, detectable=math.inf)
        if splits.uneven:
            expected = float(permuted.mean())
        excess = float(splits.parts[part, 0]) - expected
        value = excess / max(1, used) if abs(excess) > _ROUNDING * max(1.0, expected) else 0.0
        # This part must exceed what the largest of all parts exceeds by chance; more than every word cannot be new.
        detectable = (splits.critical(self.level) + _POWER_80) * spread
        return Effect(
            name=name,
            value=value,
            low=value - _TWO_SIDED_95 * spread,
            high=value + _TWO_SIDED_95 * spread,
            detectable=detectable if detectable <= 1.0 else math.inf,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """Documents and rows that hold each term, and the log chance that a window holds none of them, shape (v,)."""

    in_reference: Integers
    in_current: Integers
    rows: Integers
    log_new: Floats
    log_vanished: Floats

    @property
    def held(self) -> Integers:
        return self.in_reference + self.in_current

    @property
    def observed(self) -> tuple[int, int, int, int]:
        """New terms, vanished terms, and the pairs of a document and such a term."""
        new = (self.in_reference == 0) & (self.in_current > 0)
        vanished = (self.in_current == 0) & (self.in_reference > 0)
        pairs = int(self.in_current[new].sum()), int(self.in_reference[vanished].sum())
        return int(new.sum()), int(vanished.sum()), *pairs

    @property
    def used_in_current(self) -> int:
        return int(np.count_nonzero(self.in_current))

    @property
    def used_in_reference(self) -> int:
        return int(np.count_nonzero(self.in_reference))

    @property
    def expected_new(self) -> float:
        return float(np.exp(self.log_new).sum())

    @property
    def expected_vanished(self) -> float:
        return float(np.exp(self.log_vanished).sum())

    def sizes(self) -> dict[str, Any]:
        """Return the numbers as one row of evidence."""
        new, vanished, new_pairs, _ = self.observed
        # Of all (document, term) pairs of the current window, those whose term the reference does not know.
        expected_pairs = float((self.held * np.exp(self.log_new)).sum())
        pairs = max(1, int(self.in_current.sum()))
        return {
            "new": new,
            "expected_new": self.expected_new,
            "vanished": vanished,
            "expected_vanished": self.expected_vanished,
            "used_in_current": self.used_in_current,
            "out_of_vocabulary": new_pairs / pairs,
            "out_of_vocabulary_excess": (new_pairs - expected_pairs) / pairs,
        }


def _found(tests: TermTests, rows: PooledRows, words: NDArray[np.intp]) -> _Found:
    k, others = rows.n_rows
    holding = rows.n_holding_rows
    # A term that no document holds is in no window at all; its expectation is none.
    nowhere = np.where(holding > 0, 0.0, -np.inf)
    return _Found(
        tests.reference_documents[words],
        tests.current_documents[words],
        holding,
        log_new=log_share_without(holding, k, k + others) + nowhere,
        log_vanished=log_share_without(holding, others, k + others) + nowhere,
    )


@dataclass(frozen=True, slots=True)
class _Splits:
    """New terms, vanished terms and the pairs of each, of the observed split and of random ones, shape (4, B + 1).

    Where rows are uneven in size the exact expectation does not hold, and the mean of the random splits stands for it.
    """

    parts: Floats
    p_value: float
    uneven: bool = False

    @property
    def statistic(self) -> float:
        return float(max_standardised(self.parts)[0][0])

    def expectations(self, found: _Found) -> dict[str, float]:
        """Return what the sizes call expected, where the exact expectation does not hold."""
        if not self.uneven or self.parts.shape[1] == 1:
            return {}
        new, vanished, new_pairs, _ = self.parts[:, 1:].mean(axis=1).tolist()
        pairs = max(1, int(found.in_current.sum()))
        return {
            "expected_new": new,
            "expected_vanished": vanished,
            "out_of_vocabulary_excess": (found.observed[2] - new_pairs) / pairs,
        }

    def critical(self, level: float) -> float:
        """Return what the largest standardised part exceeds with probability ``level`` when nothing drifted."""
        return critical_value(max_standardised(self.parts)[0][1:], level)


def _split(rows: PooledRows, found: _Found, b: int, rng: np.random.Generator) -> _Splits:
    # Half of all terms live in one row: which window has them is a sum over rows.
    once = rows.by_term[found.rows == 1]
    singles = np.bincount(once.indices, minlength=len(rows.sizes)).astype(np.float64)
    pairs_of_singles = np.asarray(once.sum(axis=0, dtype=np.float64)).ravel()
    # Common terms are in both windows of any split that will ever be drawn.
    loose = (found.rows > 1) & (np.logaddexp(found.log_new, found.log_vanished) > _NEVER)
    looked_at = PooledRows(rows.by_term[loose], rows.sizes, rows.n_reference)
    held = looked_at.held.astype(rows.by_term.dtype)

    parts, documents = np.zeros((4, b + 1)), np.zeros(b + 1)
    for chunk in looked_at.chunks(b, rng):
        of_chunk = held[chunk.terms]
        new, vanished = chunk.in_reference == 0, chunk.in_reference == of_chunk[:, None]
        parts[0, chunk.splits] += np.count_nonzero(new, axis=0)
        parts[1, chunk.splits] += np.count_nonzero(vanished, axis=0)
        parts[2, chunk.splits] += of_chunk @ new
        parts[3, chunk.splits] += of_chunk @ vanished
        if chunk.is_first:
            documents[chunk.splits] = chunk.documents
            for place, sums in ((0, singles), (2, pairs_of_singles)):
                in_reference = sums @ chunk.rows
                parts[place, chunk.splits] += sums.sum() - in_reference
                parts[place + 1, chunk.splits] += in_reference
    parts[:, 0] = found.observed
    parts = _at_the_observed_size(parts, documents)
    largest, _ = max_standardised(parts)
    return _Splits(parts, permutation_p_value(largest[0], largest[1:]), uneven=bool(np.ptp(rows.sizes) > 1))


def _at_the_observed_size(parts: Floats, documents: Floats) -> Floats:
    """Return the parts as they would be if every split had as many documents in the reference as the observed one.

    Bins are uneven, and a part depends on how many documents a window has; that is the same in the observed split and
    noise in the others. What is taken out, the least-squares line through all splits, treats them alike, so p stays
    exact; of windows of single documents nothing is taken out.
    """
    spread = documents - documents.mean()
    if not spread.any():
        return parts
    slopes = (parts - parts.mean(axis=1, keepdims=True)) @ spread / (spread @ spread)
    return np.asarray(parts - slopes[:, None] * (documents - documents[0]))


def _growth(found: _Found, n_documents: tuple[int, int], rows: PooledRows) -> dict[str, Any]:
    """Return how fast each vocabulary grows, at one size for both, and what as many documents again would bring."""
    n, m = n_documents
    sizes: dict[str, Any] = {}
    for window, held, size in (("reference", found.in_reference, n), ("current", found.in_current, m)):
        exponent = heaps_law(held, size, largest=min(n, m)).exponent if min(n, m) else math.nan
        sizes[f"heaps_exponent_{window}"] = exponent if math.isfinite(exponent) else None
    once = rows.by_term[found.in_current == 1][:, rows.n_reference :]
    per_row = np.asarray(once.sum(axis=0), dtype=np.float64).ravel()
    # Texts are uneven in how many words of their own they hold; that widens the error.
    forecast = forecast_new_types(
        frequency_spectrum(found.in_current), min(1.0, math.log(max(1, m))),
        overdispersion=max(1.0, index_of_dispersion(per_row, rows.sizes[rows.n_reference :])),
    )  # fmt: skip
    return sizes | {
        "forecast_new_types": forecast.expected,
        "forecast_standard_error": forecast.forecast_error,
    }


def _new_and_vanished(tests: TermTests) -> tuple[dict[str, Any], ...]:
    """Return the words that only one window uses and that chance does not explain, the strongest evidence first."""
    in_reference, in_current = tests.reference_documents, tests.current_documents
    one_sided = np.flatnonzero((in_reference == 0) != (in_current == 0))
    words = one_sided[are_words([tests.terms[term] for term in one_sided])]
    significant = words[tests.benjamini_hochberg[words] <= _FALSE_DISCOVERIES]
    return tests.rows(tests.strongest_first(significant)[:_MOST_LISTED])
