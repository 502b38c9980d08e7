"""ModelCoverage: do the texts hold more words that the model cannot read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.lexical.covered_counts import CoveredCounts, blind_words, check_one_model
from textdrift.stats.permutations import in_two_rounds, max_standardised, permutation_p_value, split_counts
from textdrift.stats.ratios import RatioChange, ratio_change
from textdrift.tokens.words import are_words

__all__ = ["ModelCoverage"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FEWEST = 2
_ROUNDING = 1e-12
_ROWS_OF_A_KIND = 16  # so many rows alike on average make drawing how many of each kind cheaper than shuffling them
_BLOCK_CELLS = 2**22


@dataclass(frozen=True, slots=True)
class ModelCoverage:
    """Compare how much of each window's words a model cannot read.

    A word is lost on a model when its tokenizer does not know it, or knows it only as crumbs of a letter or two, or
    when the vocabulary that the model was trained on does not hold it. Such words make predictions worse whatever
    became of the rest, and no label is needed to see it.

    Null hypothesis: the rows (documents, or bins of them) of both windows are exchangeable. With u_i the unknown words
    of row i, t_i its words and p = Σu / Σt, the first part of the statistic is |Σ (u_i − p t_i)| over the reference;
    the second is the same of heavily split words. Residuals take care of rows of uneven length: a long document moves
    the sum by what it has beyond its share. The larger of both, standardised, is compared with random splits of the
    rows. A row of no word takes part and moves nothing.

    The size: ``blind_share_change``, the change of the share of words that are unknown or heavily split.

    Cost: O(stored counts + B · rows), 50 ms for a thousand tweets a side; where many rows are alike, as tweets are,
    a million take some seconds. Memory is that of the rows.

    Parameters
    ----------
    n_permutations:
        Random splits; 99 cheap ones come first and may settle that nothing is there.
    level:
        Significance level of this test, for the detectable size.
    reader:
        Who reads: the ``encoder``, or a model that the user gave the ``vocabulary`` of.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.drift.lexical.covered_counts import CoveredCounts
    >>> from textdrift.tokens.counting import count_tokens
    >>> before = pa.array([f"order {i % 9} arrived" for i in range(60)])
    >>> after = pa.array([f"order {i % 9} {'xqzvbk' if i % 4 == 0 else 'arrived'}" for i in range(60)])
    >>> sides = count_tokens(before, after)
    >>> unknown = np.array([term == "xqzvbk" for term in sides[0].terms])
    >>> covered = [CoveredCounts(side, unknown, np.zeros_like(unknown)) for side in sides]
    >>> result = ModelCoverage(n_permutations=199).compare(*covered, rng=np.random.default_rng(0))
    >>> result.p_value, round(result.effects[0].value, 3), result.table("blind_words")[0]["term"]
    (0.005, 0.083, 'xqzvbk')
    """

    n_permutations: int = 1999
    level: float = 0.05
    reader: str = "encoder"

    def compare(self, reference: CoveredCounts, current: CoveredCounts, *, rng: np.random.Generator) -> DriftResult:
        """Compare two windows over one vocabulary, read by one model.

        Raises
        ------
        TokenizerError
            The windows were counted over two vocabularies, or a term is marked in two ways.
        """
        check_one_model(reference, current)
        sides = _sides(reference, current)
        n, m = reference.counts.n_documents, current.counts.n_documents
        notes = _notes(sides, fewest=min(n, m, *(len(side.words) for side in sides)))
        splits = _Splits(np.zeros((2, 1)), 1.0)
        if not notes:
            residuals = _residuals(sides)
            splits = in_two_rounds(lambda b: _split(residuals, len(sides[0].words), b, rng), self.n_permutations)
        return DriftResult(
            test="lexical.model_coverage",
            kind="lexical",
            statistic=splits.statistic,
            p_value=splits.p_value,
            effects=(_blind_change(sides, self.level),),
            n_documents=(n, m),
            evidence=(
                sizes_table(_shares(sides)),
                Evidence(name="blind_words", rows=blind_words(reference, current)),
                Evidence(name="reader", rows=({"reader": self.reader},)),
            ),
            notes=notes,
        )


@dataclass(frozen=True, slots=True)
class _Side:
    """How many words each row of a window holds, unknown ones, and known ones that are heavily split; shape (n,)."""

    words: Integers
    unknown: Integers
    split: Integers

    @property
    def unknown_share(self) -> float:
        return float(self.unknown.sum() / max(1, self.words.sum()))

    @property
    def split_share(self) -> float:
        return float(self.split.sum() / max(1, self.words.sum()))


@dataclass(frozen=True, slots=True)
class _Splits:
    """Both parts of the statistic, of the observed split and of random ones, shape (2, B + 1)."""

    parts: Floats
    p_value: float

    @property
    def statistic(self) -> float:
        return float(max_standardised(self.parts)[0][0])


def _sides(reference: CoveredCounts, current: CoveredCounts) -> tuple[_Side, _Side]:
    words = are_words(reference.counts.terms)
    marks = np.stack([words, words & reference.unknown, words & reference.split & ~reference.unknown], axis=1)
    first, second = (
        _Side(*np.asarray(side.counts.occurrences @ marks.astype(np.int64)).T) for side in (reference, current)
    )
    return first, second


def _notes(sides: tuple[_Side, _Side], *, fewest: int) -> tuple[str, ...]:
    if fewest < _FEWEST:
        return ("A window of one document, or in one bin, cannot show which words the model reads no more: p = 1.",)
    if not all(side.words.any() for side in sides):
        return ("A window without a word cannot show which words the model reads no more: p = 1.",)
    if not any(side.unknown.any() or side.split.any() for side in sides):
        return ("The model can read every word of both windows: p = 1.",)
    return ()


def _blind_change(sides: tuple[_Side, _Side], level: float) -> Effect:
    """Return the change of the share of blind words; the detectable one shows in whichever part of them it is."""
    change = _change(sides, ("unknown", "split"), level)
    parts = [name for name in ("unknown", "split") if any(getattr(side, name).any() for side in sides)]
    return Effect(
        name="blind_share_change",
        value=change.value,
        low=change.low,
        high=change.high,
        # Of two parts the larger must stand out, each at half of the level.
        detectable=max(
            (_change(sides, (part,), level / len(parts)).detectable for part in parts), default=change.detectable
        ),
    )


def _change(sides: tuple[_Side, _Side], parts: tuple[str, ...], level: float) -> RatioChange:
    (marked, words), (others, other_words) = (
        (sum(getattr(side, part) for part in parts), side.words) for side in sides
    )
    return ratio_change(marked, words, others, other_words, level=level)


def _shares(sides: tuple[_Side, _Side]) -> dict[str, float]:
    """Return which share of each window's words is blind, unknown, and split."""
    shares: dict[str, float] = {}
    for window, side in zip(("reference", "current"), sides, strict=True):
        unknown, split = side.unknown_share, side.split_share
        shares |= {f"blind_share_{window}": unknown + split}
        shares |= {f"unknown_share_{window}": unknown, f"split_share_{window}": split}
    return shares


def _residuals(sides: tuple[_Side, _Side]) -> NDArray[np.complex128]:
    """Return u − p t of each row of both windows: unknown words as the real part, split ones as the imaginary part."""
    words = np.concatenate([side.words for side in sides]).astype(np.float64)
    parts = []
    for name in ("unknown", "split"):
        marked = np.concatenate([getattr(side, name) for side in sides]).astype(np.float64)
        residual = marked - marked.sum() / words.sum() * words
        # What is left by rounding alone must not make a difference between rows.
        residual[np.abs(residual) <= _ROUNDING * words] = 0.0
        parts.append(residual)
    return np.asarray(parts[0] + 1j * parts[1])


def _split(residuals: NDArray[np.complex128], n: int, b: int, rng: np.random.Generator) -> _Splits:
    sums = np.concatenate([[residuals[:n].sum()], _sums_of_splits(residuals, n, b, rng)])
    parts = np.abs(np.stack([sums.real, sums.imag]))
    largest, _ = max_standardised(parts)
    return _Splits(parts, permutation_p_value(largest[0], largest[1:]))


def _sums_of_splits(
    residuals: NDArray[np.complex128], n: int, b: int, rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Return the sum over n rows drawn at random from all, ``b`` times, shape (b,)."""
    sums = np.empty(b, dtype=np.complex128)
    kinds, counts = np.unique(residuals, return_counts=True)
    if len(kinds) * _ROWS_OF_A_KIND <= len(residuals):
        width = max(1, _BLOCK_CELLS // len(kinds))
        for start in range(0, b, width):
            part = sums[start : start + width]
            part[:] = split_counts(counts, n, len(part), rng) @ kinds
        return sums
    shuffled = residuals.copy()
    for i in range(b):
        rng.shuffle(shuffled)
        sums[i] = shuffled[:n].sum()
    return sums
