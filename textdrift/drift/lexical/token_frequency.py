"""TokenFrequency: are the words used as often as before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.lexical.row_splits import PooledRows
from textdrift.drift.lexical.share_changes import largest_change
from textdrift.drift.lexical.terms import TermTests, independent_documents, listed_terms, moved, term_tests
from textdrift.stats.contingency import detectable_share_difference
from textdrift.stats.divergences import cramers_v, population_stability_index
from textdrift.stats.permutations import (
    critical_value,
    in_two_rounds,
    max_standardised,
    permutation_p_value,
)
from textdrift.tokens.token_counts import RowCounts
from textdrift.tokens.words import are_words

__all__ = ["TokenFrequency"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_TYPICAL_SHARE = 0.05
_POWER_80 = 0.84
_TWO_SIDED_95 = 1.96
_FEWEST_DOCUMENTS = 2
_LARGEST_EXPONENT = 700.0
_SPLITS_FOR_THE_SIZE = 199  # enough for the mean and the spread of a divergence, which is no test
_NOTHING = 1e-9
_FALSE_DISCOVERIES = 0.05
_MOST_MARKS = 10
_WORDS = "words"


@dataclass(frozen=True, slots=True)
class TokenFrequency:
    """Compare how many documents hold each term.

    Null hypothesis: the documents of both windows are exchangeable. With d_v the difference of the shares of
    documents that hold term v, and t²_v = d²_v / Var(d_v) under random splits, the statistic is the larger of the
    standardised Σ t²_v, which sees many words move a little, and log max t²_v, which sees one word burst. Whole
    documents are permuted, never tokens: the tokens of one text depend on each other, and tests that count them
    alarm on nearly every pair of windows of long texts (Kilgarriff 2005; Lijffijt et al. 2016). Of large windows bins
    of documents are permuted (Domingo-Enrich, Dwivedi and Mackey 2025).

    The sizes: ``largest_share_change``, the largest change of one word's share of documents among the words that
    changed significantly (0 when none did); and ``js_excess``, the Jensen-Shannon divergence of the word counts in
    bits above its mean under the permutations, for a broad change of style in which no single word stands out. Two
    textbook sizes stand beside them and decide nothing, since two samples of one source exceed their usual bands when
    they are small: the population stability index, and Cramér's V, the chi-square of the word counts per word.

    Cost: O(B · stored counts), a few tenths of a second for a thousand tweets a side; of bins, O(B · bins · terms).

    Parameters
    ----------
    n_permutations:
        Random splits; 99 cheap ones come first and may settle that nothing is there.
    level:
        Significance level of this test, for the words that count as changed and for the detectable sizes.
    min_documents:
        Terms that fewer documents of both windows together hold are left out.
    unit:
        What was counted, see ``textdrift.tokens.tokenization.unit_names``. Of words those are listed that hold a
        letter, a digit or a symbol, of any other unit all.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.tokens.counting import count_tokens
    >>> before = pa.array([f"flight {i % 7} was on time" for i in range(60)])
    >>> after = pa.array([f"flight {i % 7} was {'late' if i % 2 else 'on time'}" for i in range(60)])
    >>> rng = np.random.default_rng(0)
    >>> result = TokenFrequency(n_permutations=199).compare(*count_tokens(before, after), rng=rng)
    >>> result.p_value, result.effects[0].value
    (0.005, 0.5)
    """

    n_permutations: int = 1999
    level: float = 0.05
    min_documents: int = 5
    unit: str = _WORDS

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
        held = tests.reference_documents + tests.current_documents
        # A term that all documents hold, or all but a few, is the mirror of a rare one.
        kept = np.flatnonzero((held >= self.min_documents) & (held < n + m))
        named = are_words([reference.terms[term] for term in kept]) if self._of_words else np.ones(len(kept), bool)
        words = kept[named]
        notes = self._notes(reference, current, len(kept))
        if notes:
            splits = _Splits(np.zeros((2, 1)), np.zeros(1), 1.0, np.ones(len(kept)))
        else:
            holding = PooledRows.holding(reference, current, kept)
            occurring = PooledRows.occurring(reference, current, words)
            splits = in_two_rounds(lambda b: _split(holding, occurring, b, rng), self.n_permutations)
        if not independent_documents(reference, current):
            # Only the bins are independent: each word is judged by the splits of them, and no longer by its documents.
            tests = tests.judged_by(kept, splits.singly)

        totals = [np.asarray(side.occurrences[:, words].sum(axis=0)).ravel() for side in (reference, current)]
        psi = population_stability_index(*totals) if words.size else 0.0
        sizes: dict[str, Any] = {
            "js_bits": float(splits.divergence[0]),
            "js_expected": splits.expected_divergence,
            "psi": psi,
            "cramers_v": cramers_v(*totals) if words.size else 0.0,
            "terms_compared": len(kept),
            "terms_tested_singly": tests.n_tested,
            "rows_permuted": len(reference) + len(current),
        }
        listed = listed_terms(tests, q=_FALSE_DISCOVERIES, of_words=self._of_words)
        if self.unit != _WORDS:
            listed = tuple({**row, "unit": self.unit} for row in listed)
        return DriftResult(
            test="lexical.token_frequency",
            kind="lexical",
            statistic=splits.statistic,
            p_value=splits.p_value,
            effects=(
                self._largest_share_change(tests, splits),
                # What matters of the divergence was learned on words; of few or rare things it means something else.
                *(
                    (self._js_excess(splits, *(side.occurrences[:, words] for side in (reference, current))),)
                    if self._of_words
                    else ()
                ),
            ),
            n_documents=(n, m),
            evidence=(
                sizes_table(sizes),
                Evidence(name="terms", rows=listed),
                *self._marks(tests),
                *(() if self.unit == _WORDS else (Evidence(name="unit", rows=({"unit": self.unit},)),)),
            ),
            notes=notes,
        )

    def _marks(self, tests: TermTests) -> tuple[Evidence, ...]:
        """Return what moved and is no word, such as punctuation: it makes the p-value small and is no size of words."""
        if not self._of_words:
            return ()
        every = moved(tests, q=_FALSE_DISCOVERIES, of_words=False)
        marks = every[~are_words([tests.terms[term] for term in every])][:_MOST_MARKS]
        return (Evidence(name="marks", rows=tests.rows(marks)),) if marks.size else ()

    @property
    def _of_words(self) -> bool:
        return self.unit == _WORDS

    def _notes(self, reference: RowCounts, current: RowCounts, n_terms: int) -> tuple[str, ...]:
        fewest = min(reference.n_documents, current.n_documents)
        if fewest < _FEWEST_DOCUMENTS:
            return (f"A window of {fewest} document(s) cannot show a change of {self.unit}: p = 1.",)
        if min(len(reference), len(current)) < _FEWEST_DOCUMENTS:
            return ("A window in a single bin cannot be compared: p = 1.",)
        if n_terms == 0:
            return (f"No term is held by at least {self.min_documents} documents and not by all: p = 1.",)
        return ()

    def _largest_share_change(self, tests: TermTests, splits: _Splits) -> Effect:
        change = largest_change(tests, level=self.level, of_words=self._of_words)
        n, m = tests.n_documents
        # The word must both make the whole test small and stand out by itself.
        level = min(splits.level_of_one_word(self.level), self.level / max(1, tests.n_tested))
        possible = tests.n_tested > 0 and len(splits.divergence) > 1 and level > 0
        n_known, m_known = n / tests.typical_inflation, m / tests.typical_inflation
        detectable = (
            detectable_share_difference(_TYPICAL_SHARE, n_known, m_known, level, direction="up")
            if possible
            else math.inf
        )
        return Effect(
            name="largest_share_change",
            value=change.value,
            low=change.low,
            high=change.high,
            detectable=detectable,
        )

    def _js_excess(self, splits: _Splits, reference: sparse.csr_matrix, current: sparse.csr_matrix) -> Effect:
        value = float(splits.divergence[0]) - splits.expected_divergence
        permuted = splits.divergence[1:]
        if not permuted.size:
            return Effect(name="js_excess", value=0.0, low=0.0, high=1.0, detectable=math.inf)
        spread = float(permuted.std())
        half = _TWO_SIDED_95 * math.hypot(spread, _divergence_error(reference, current))
        detectable = critical_value(permuted, self.level) - splits.expected_divergence + _POWER_80 * spread
        return Effect(
            name="js_excess",
            value=value,
            low=value - half,
            high=value + half,
            detectable=detectable if 0 < detectable <= 1.0 else math.inf,
        )


@dataclass(frozen=True, slots=True)
class _Splits:
    """What random splits gave: the parts of the statistic, shape (2, B + 1), and the divergence, shape (B + 1,).

    ``singly`` holds for each term the share of splits in which some term moves as much, shape (v,): its p-value,
    corrected for all terms at once.
    """

    parts: Floats
    divergence: Floats
    p_value: float
    singly: Floats

    @property
    def statistic(self) -> float:
        return float(max_standardised(self.parts)[0][0])

    @property
    def expected_divergence(self) -> float:
        permuted = self.divergence[1:]
        return float(permuted.mean()) if permuted.size else 0.0

    def level_of_one_word(self, level: float) -> float:
        """Return the two-sided level of a single word at which it makes the whole test reject at ``level``."""
        largest, _ = max_standardised(self.parts)
        log_max = self.parts[1]
        critical = log_max.mean() + log_max.std() * critical_value(largest[1:], level) if len(largest) > 1 else 0.0
        return float(2 * special.ndtr(-math.exp(min(critical / 2, _LARGEST_EXPONENT))))


def _split(holding: PooledRows, occurring: PooledRows, b: int, rng: np.random.Generator) -> _Splits:
    """Split the rows as observed and ``b`` times at random; the divergence takes a part of them of its own."""
    parts, observed = np.zeros((2, b + 1)), np.zeros(len(holding.held))
    variance, held = holding.residual_variance(), holding.held
    # In bins a term may be spread as evenly as the documents themselves; then no split moves it.
    weight = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > _NOTHING * held)[:, None]
    share = (held / holding.sizes.sum())[:, None]
    # The cost is that of these few lines; six digits are enough up to the size where whole numbers need more.
    if holding.in_bins and holding.by_term.dtype == np.float32:
        weight, share = weight.astype(np.float32), share.astype(np.float32)
    for chunk in holding.chunks(b, rng):
        t2 = chunk.in_reference - share[chunk.terms] * chunk.documents.astype(share.dtype)
        t2 *= t2
        t2 *= weight[chunk.terms]
        parts[0, chunk.splits] += t2.sum(axis=0, dtype=np.float64)
        parts[1, chunk.splits] = np.maximum(parts[1, chunk.splits], t2.max(axis=0))
        if chunk.splits.start == 0:
            observed[chunk.terms] = t2[:, 0]
    # What the largest of all terms reaches in the same splits, observed and random (Westfall and Young 1993).
    singly = 1 - np.searchsorted(np.sort(parts[1]), observed * (1 - _NOTHING)) / (b + 1)
    parts[1] = np.log(np.maximum(parts[1], np.finfo(np.float64).tiny))
    divergence = _divergence_of_splits(occurring, min((b + 1) // 2, _SPLITS_FOR_THE_SIZE), rng)
    largest, _ = max_standardised(parts)
    return _Splits(parts, divergence, permutation_p_value(largest[0], largest[1:]), singly)


def _divergence_of_splits(occurring: PooledRows, b: int, rng: np.random.Generator) -> Floats:
    """Return the Jensen-Shannon divergence in bits of the word counts of each split, shape (b + 1,)."""
    words = PooledRows(occurring.by_term, occurring.words_of_rows, occurring.n_reference)
    totals, every_word = words.held[:, None], words.sizes.sum()
    divergence = np.zeros(b + 1)
    for chunk in words.chunks(b, rng):
        p = chunk.in_reference / np.maximum(chunk.documents, 1)
        q = (totals[chunk.terms] - chunk.in_reference) / np.maximum(every_word - chunk.documents, 1)
        entropy = special.entr((p + q) / 2) - (special.entr(p) + special.entr(q)) / 2
        divergence[chunk.splits] += entropy.sum(axis=0)
    return np.asarray(divergence / np.log(2))


def _divergence_error(reference: sparse.csr_matrix, current: sparse.csr_matrix) -> float:
    """Return the standard error of the divergence by its influence function, documents being independent.

    dJS/dp_v = ½ log2(p_v / mean_v): a document moves the divergence by its own counts beyond its share, so weighted.
    It vanishes when the windows do not differ, where the permutations give the spread.
    """
    totals = [np.asarray(side.sum(axis=0), dtype=np.float64).ravel() for side in (reference, current)]
    shares = [total / max(1.0, total.sum()) for total in totals]
    middle = (shares[0] + shares[1]) / 2
    variance = 0.0
    for side, total, share in zip((reference, current), totals, shares, strict=True):
        gradient = np.zeros(len(share))
        used = share > 0
        gradient[used] = 0.5 * np.log2(share[used] / middle[used])
        lengths = np.asarray(side.sum(axis=1), dtype=np.float64).ravel()
        influence = (side @ gradient - lengths * (share @ gradient)) / max(1.0, total.sum())
        variance += float((influence**2).sum())
    return math.sqrt(variance)
