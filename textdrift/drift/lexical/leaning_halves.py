"""Which words lean on which label, learned on one half of the documents and looked at in the other half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.lexical.leaning import LabelledCounts, leaning_words
from textdrift.stats.permutations import permutation_p_value, reference_indicators
from textdrift.tokens.words import are_words

__all__ = ["N_HALVES", "Half", "HalfSplits", "learned_halves"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Sides = tuple[LabelledCounts, LabelledCounts]

N_HALVES = 2
"""How many p-values a pair of windows gives; the smallest counts as often."""

_COLUMNS = 128
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Half:
    """What was learned on one half of the documents, and the words of the others.

    Attributes
    ----------
    leaning:
        Which word leans on which label, shape (v, k).
    tested:
        The documents of each window that are looked at.
    leaned, said:
        Word occurrences of these documents that lean on each label, and all of them, the reference first, shapes (N, k)
        and (N,).
    """

    leaning: NDArray[np.bool_]
    tested: tuple[Indices, Indices]
    leaned: Floats
    said: Floats

    @property
    def residuals(self) -> Floats:
        """Occurrences beyond a document's share of them, shape (N, k); each column sums to zero."""
        shares = self.leaned.sum(axis=0) / max(1.0, float(self.said.sum()))
        residuals = self.leaned - self.said[:, None] * shares
        # Where every document has the same share, what is left is rounding, and would speak once it is standardised.
        same = np.abs(residuals).max(axis=0, initial=0.0) <= _ROUNDING * self.said.max(initial=0.0)
        return np.where(same, 0.0, residuals)

    @property
    def null_variance(self) -> Floats:
        """The exact variance, over random splits, of the residuals that fall into the reference, shape (k,)."""
        n, m = map(len, self.tested)
        return np.asarray((self.residuals**2).sum(axis=0) * n * m / ((n + m) * (n + m - 1)))

    @property
    def null_error(self) -> Floats:
        """The standard deviation of the difference of shares over random splits, shape (k,)."""
        n = len(self.tested[0])
        said = max(1.0, float(self.said[:n].sum())), max(1.0, float(self.said[n:].sum()))
        return np.asarray(np.sqrt(self.null_variance) * (1 / said[0] + 1 / said[1]))

    def statistics(self, n_permutations: int, rng: np.random.Generator) -> Floats:
        """Return D² / Var(D) of each label, D its residuals in the reference; shape (k, B + 1), the observed first."""
        n, m = map(len, self.tested)
        residuals, variance = self.residuals, self.null_variance[:, None]
        blocks = [
            residuals.T @ columns[:, start : start + _COLUMNS].astype(np.float64)
            for columns in reference_indicators(n, m, n_permutations, rng)
            for start in range(0, columns.shape[1], _COLUMNS)
        ]
        squares = np.concatenate(blocks, axis=1) ** 2
        return np.divide(squares, variance, out=np.zeros_like(squares), where=variance > 0)


def learned_halves(sides: Sides, rng: np.random.Generator) -> Iterator[Half]:
    """Yield what each half of the documents teaches about the other one."""
    # One order for both: a window compared with itself is halved alike, and does not differ.
    order = rng.permutation(max(map(len, sides)))
    words = are_words(sides[0].counts.terms)
    for first in (True, False):
        learning, tested = [], []
        for side in sides:
            drawn = order[order < len(side)]
            middle = len(drawn) // N_HALVES
            parts = np.sort(drawn[:middle]), np.sort(drawn[middle:])
            learning.append(side.taken(parts[0 if first else 1]))
            tested.append(parts[1 if first else 0] if side.n_labelled else np.arange(len(side)))
        leaning = leaning_words(learning)
        counts = [side.counts.counts[chosen] for side, chosen in zip(sides, tested, strict=True)]
        yield Half(
            leaning=leaning,
            tested=(tested[0], tested[1]),
            leaned=np.concatenate([part @ leaning.astype(np.float64) for part in counts]),
            said=np.concatenate([part @ words.astype(np.float64) for part in counts]),
        )


@dataclass(frozen=True, slots=True)
class HalfSplits:
    """The statistics of each half, shapes (k, B + 1), and what they say of each label, shape (k,)."""

    halves: tuple[Floats, ...]
    p_values: Floats

    @classmethod
    def of(cls, halves: list[Floats]) -> HalfSplits:
        """Judge the labels by what each half says of them."""
        # The larger of all labels' statistics is what each has to beat (Westfall and Young 1993); of two exact
        # p-values the smaller one counts twice, however the halves depend on each other.
        by_half = [[permutation_p_value(t, half[:, 1:].max(axis=0)) for t in half[:, 0]] for half in halves]
        return cls(tuple(halves), np.minimum(1.0, N_HALVES * np.min(by_half, axis=0)))

    @classmethod
    def none(cls) -> HalfSplits:
        """Stand for windows that could not be compared."""
        return cls((), np.ones(1))

    @property
    def p_value(self) -> float:
        """Of "no label's share of the words changed"."""
        return float(self.p_values.min())

    @property
    def observed(self) -> Floats:
        """The larger of the two halves' statistics of each label, shape (k,)."""
        return np.max([half[:, 0] for half in self.halves], axis=0) if self.halves else np.zeros(1)
