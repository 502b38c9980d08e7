"""TokenFrequency: are the words used as often as before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.lexical.terms import TermTests, is_word, largest_change, listed_terms, term_tests
from textdrift.stats.contingency import detectable_share_difference
from textdrift.stats.divergences import population_stability_index
from textdrift.stats.permutations import (
    critical_value,
    in_two_rounds,
    max_standardised,
    permutation_p_value,
    reference_indicators,
)
from textdrift.tokens.token_counts import TokenCounts

__all__ = ["TokenFrequency"]

Floats = NDArray[np.float64]

_TYPICAL_SHARE = 0.05
_POWER_80 = 0.84
_TWO_SIDED_95 = 1.96
_COLUMNS = 128
_FEWEST_DOCUMENTS = 2
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class TokenFrequency:
    """Compare how many documents hold each term.

    Null hypothesis: the documents of both windows are exchangeable. With d_v the difference of the shares of
    documents that hold term v, and t²_v = d²_v / Var(d_v) under random splits, the statistic is the larger of the
    standardised Σ t²_v, which sees many words move a little, and log max t²_v, which sees one word burst. Whole
    documents are permuted, never tokens: the tokens of one text depend on each other, and tests that count them
    alarm on nearly every pair of windows of long texts (Kilgarriff 2005; Lijffijt et al. 2016).

    The sizes: ``largest_share_change``, the largest change of one word's share of documents among the words that
    changed significantly (0 when none did); and ``js_excess``, the Jensen-Shannon divergence of the word counts in
    bits above its mean under the permutations, for a broad change of style in which no single word stands out.

    Cost: O(B · stored counts), a few tenths of a second for a thousand tweets a side.

    Parameters
    ----------
    n_permutations:
        Random splits; 99 cheap ones come first and may settle that nothing is there.
    level:
        Significance level of this test, for the words that count as changed and for the detectable sizes.
    min_documents:
        Terms that fewer documents of both windows together hold are left out.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.tokens.tokenizing import count_tokens
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

    def compare(self, reference: TokenCounts, current: TokenCounts, *, rng: np.random.Generator) -> DriftResult:
        """Compare the counts of two windows over one vocabulary, rows being distinct texts.

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
        words = np.array([is_word(reference.terms[term]) for term in kept], dtype=bool)
        notes = _notes(n, m, len(kept), self.min_documents)
        if notes:
            splits = _Splits(np.zeros((2, 1)), np.zeros(1), 1.0)
        else:
            counts = sparse.vstack([reference.counts, current.counts], format="csr")[:, kept]
            splits = in_two_rounds(lambda b: _split(counts, words, n, m, b, rng), self.n_permutations)

        reference_totals, current_totals = (
            np.asarray(side.counts[:, kept[words]].sum(axis=0)).ravel() for side in (reference, current)
        )
        psi = population_stability_index(reference_totals, current_totals) if words.any() else 0.0
        sizes: dict[str, Any] = {
            "js_bits": float(splits.divergence[0]),
            "js_expected": splits.expected_divergence,
            "psi": psi,
            "terms_compared": len(kept),
            "terms_tested_singly": tests.n_tested,
        }
        return DriftResult(
            test="lexical.token_frequency",
            kind="lexical",
            statistic=splits.statistic,
            p_value=splits.p_value,
            effects=(
                self._largest_share_change(tests, splits),
                self._js_excess(splits, reference.counts[:, kept[words]], current.counts[:, kept[words]]),
            ),
            n_documents=(n, m),
            evidence=(sizes_table(sizes), Evidence(name="terms", rows=listed_terms(tests, q=0.05))),
            notes=notes,
        )

    def _largest_share_change(self, tests: TermTests, splits: _Splits) -> Effect:
        change = largest_change(tests, level=self.level)
        n, m = tests.n_documents
        # The word must both make the whole test small and stand out by itself.
        level = min(splits.level_of_one_word(self.level), self.level / max(1, tests.n_tested))
        possible = tests.n_tested > 0 and len(splits.divergence) > 1 and level > 0
        detectable = detectable_share_difference(_TYPICAL_SHARE, n, m, level, direction="up") if possible else math.inf
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
        critical = critical_value(permuted, self.level)
        return Effect(
            name="js_excess",
            value=value,
            low=value - half,
            high=value + half,
            detectable=critical - splits.expected_divergence + _POWER_80 * spread,
        )


@dataclass(frozen=True, slots=True)
class _Splits:
    """What random splits gave: the parts of the statistic, shape (2, B + 1), and the divergence, shape (B + 1,)."""

    parts: Floats
    divergence: Floats
    p_value: float

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


def _notes(n: int, m: int, n_terms: int, min_documents: int) -> tuple[str, ...]:
    if min(n, m) < _FEWEST_DOCUMENTS:
        return (f"A window of {min(n, m)} document(s) cannot show a change of words: p = 1.",)
    if n_terms == 0:
        return (f"No term is held by at least {min_documents} documents and not by all: p = 1.",)
    return ()


def _split(
    counts: sparse.csr_matrix, words: NDArray[np.bool_], n: int, m: int, b: int, rng: np.random.Generator
) -> _Splits:
    # float32 holds whole numbers to 2^24; beyond, sums of counts need more.
    exact = np.float32 if counts.sum() < 2**24 else np.float64
    by_term = counts.T.tocsr().astype(exact)
    presence = by_term.copy()
    presence.data[:] = 1
    # Most words occur once in a text, so what is counted beyond presence is small.
    repeats = (by_term - presence)[words]
    repeats.eliminate_zeros()

    held = np.asarray(presence.sum(axis=1), dtype=np.float64)
    totals = held[words] + np.asarray(repeats.sum(axis=1), dtype=np.float64)
    pooled = held / (n + m)
    # The exact variance of the difference of shares over random splits: the mean of t² is one.
    variance = pooled * (1 - pooled) * (n + m) ** 2 / (n * m * (n + m - 1))

    parts, divergence = np.empty((2, b + 1)), np.empty(b + 1)
    done = 0
    for columns in reference_indicators(n, m, b, rng):
        for start in range(0, columns.shape[1], _COLUMNS):
            block = np.ascontiguousarray(columns[:, start : start + _COLUMNS])
            at = slice(done, done + block.shape[1])
            in_reference = (presence @ block).astype(np.float64)
            t2 = (in_reference / n - (held - in_reference) / m) ** 2 / variance
            parts[0, at] = t2.sum(axis=0)
            parts[1, at] = np.log(np.maximum(t2.max(axis=0), np.finfo(float).tiny))
            divergence[at] = _jensen_shannon_columns(in_reference[words] + repeats @ block, totals)
            done += block.shape[1]
    largest, _ = max_standardised(parts)
    return _Splits(parts, divergence, permutation_p_value(largest[0], largest[1:]))


def _jensen_shannon_columns(in_reference: Floats, totals: Floats) -> Floats:
    """Return the Jensen-Shannon divergence in bits of each split, from counts of shape (v, b) and totals (v, 1)."""
    in_current = totals - in_reference
    p = in_reference / np.maximum(in_reference.sum(axis=0), 1)
    q = in_current / np.maximum(in_current.sum(axis=0), 1)
    entropy = special.entr((p + q) / 2) - (special.entr(p) + special.entr(q)) / 2
    return np.asarray(entropy.sum(axis=0) / np.log(2))


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
