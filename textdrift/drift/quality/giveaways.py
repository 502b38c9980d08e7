"""Giveaways: the question whether a word gives the label away, as none did before."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.quality.share_change import check_level
from textdrift.stats.contingency import wilson_intervals
from textdrift.tokens.token_counts import TokenCounts
from textdrift.windows.numbers_in_words import percentage

__all__ = ["Giveaways", "LabelledWords"]

Floats = NDArray[np.float64]

_FEWEST = 20
_LEAST_SHARE = 0.01
_PURE = 0.98
_LEAST_BAR = 0.9
_TOLD_BEFORE = 0.9
_FEW = 5
_PRIOR = 20.0  # documents with the labels of the whole window, added to those of each word: few may be pure by chance
_NEW = 0.2
_ROUNDING = 1e-6
_LONGEST = 60
_MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class LabelledWords:
    """The words of the labelled documents of one window.

    ``shares`` has shape (n, k): the share of each label among the copies of a document, rows sum to 1. Both windows of
    a comparison share terms and ``label_names``.
    """

    counts: TokenCounts
    shares: Floats
    label_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Giveaways:
    """Words of the current window whose documents carry one label, more surely than any word of the reference.

    Honest words lean on labels, new topics bring new words that do, and meanings change; none of these makes a word
    that tells the label nearly every time where no word of the reference does. A mark that was written with the label,
    and so leaks it, does. Null hypothesis: no word's documents carry one label more often than p0, where p0 is the
    largest such share of any word of the reference (20 documents with the labels of the whole reference added to each,
    as few documents may be pure by chance), and at least 0.9. Each word of 20 labelled documents of the current window
    and 1 % of them (or the share that makes 20 documents of a smaller reference) is held against p0 of each label by an
    exact binomial test. Words that became five times as frequent are one family and all others another: p is the
    smallest p-value, times the labels, the words of its family and 2.
    A word counts where 98 % of its documents carry the label, unless it told it before (in 9 of 10 of at least 5
    documents of the reference). Linear time.

    The effect is the share of the current window's labelled documents that hold such a word.

    Parameters
    ----------
    level:
        A word is named where its p-value, for all words searched, is at most this; the detectable effect is stated at
        it.

    Examples
    --------
    >>> from scipy import sparse
    >>> rng = np.random.default_rng(0)
    >>> labels = np.eye(2)[rng.integers(0, 2, 1000)]
    >>> words = np.column_stack([np.ones(1000), labels[:, 1] * (rng.random(1000) < 0.4)]).astype(np.int64)
    >>> terms, names = ("cup", "p1"), ("negative", "positive")
    >>> def window(words):
    ...     return LabelledWords(TokenCounts(sparse.csr_matrix(words), terms), labels, names)
    >>> result = Giveaways().compare(window(words * [1, 0]), window(words), rng=rng)
    >>> result.p_value < 1e-6, [row["term"] for row in result.table("giveaways")]
    (True, ['p1'])
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: LabelledWords, current: LabelledWords, *, rng: np.random.Generator) -> DriftResult:
        """Compare the words of two windows; an exact test draws nothing from ``rng``."""
        del rng
        n, m = len(reference.shares), len(current.shares)
        before, after = _by_label(reference), _by_label(current)
        held, held_before = after.sum(axis=1), before.sum(axis=1)
        # A word so rare that a small reference would not know its like cannot be held against what it knows.
        least = max(_FEWEST, _LEAST_SHARE * m, _FEWEST * m / max(1, n))
        searched = np.flatnonzero(held >= least - _ROUNDING)
        bar = _bar(before, held_before)
        is_new = held_before[searched] * m <= _NEW * held[searched] * n
        families = np.where(is_new, np.count_nonzero(is_new), np.count_nonzero(~is_new))
        n_looks = 2 * len(current.label_names) * families[:, None]
        of_label, of_word = after[searched], held[searched][:, None]
        # Documents whose copies disagree count in part, and only whole ones are carried.
        p_values = np.minimum(1.0, n_looks * _binomial_at_least(np.floor(of_label + _ROUNDING), of_word, bar))
        told_before = (held_before >= _FEW - _ROUNDING)[:, None] & (before >= _TOLD_BEFORE * held_before[:, None])
        pure = (of_label >= _PURE * of_word - _ROUNDING) & ~told_before[searched]
        p_values = np.where(pure, np.maximum(p_values, np.finfo(np.float64).tiny), 1.0)
        p_value = float(p_values.min(initial=1.0))
        rows = _rows(current, reference, searched, p_values, self.level)
        named = [row["term"] for row in rows]
        share = _share_holding(current, {*named}) if named else 0.0
        low, high = wilson_intervals(share, m)
        needed = _needed(float(bar.max(initial=0.5)), self.level / float(n_looks.max(initial=1)))
        return DriftResult(
            test="quality.giveaways",
            kind="quality",
            statistic=float(share),
            p_value=p_value,
            effects=(
                Effect(
                    name="share_of_rows", value=share, low=float(low), high=float(high) if m else 1.0,
                    detectable=max(needed, _FEWEST) / m if 0 < needed <= m else inf,
                ),
            ),
            n_documents=(n, m),
            evidence=(
                Evidence(name="causes", rows=_causes(rows, share)),
                Evidence(name="giveaways", rows=rows[:_MOST_WORDS]),
            ),
        )  # fmt: skip


def _by_label(window: LabelledWords) -> Floats:
    """Return how many documents of each label hold each word, shape (v, k)."""
    return np.asarray(window.counts.holders.T @ window.shares, dtype=np.float64)


def _bar(before: Floats, held: Floats) -> Floats:
    """Return, for each label, how surely the most telling word of the reference tells it, shape (k,)."""
    known = held >= _FEWEST - _ROUNDING
    common = before.sum(axis=0) / max(1.0, float(before.sum()))
    shares = (before[known] + _PRIOR * common) / (held[known] + _PRIOR)[:, None]
    return np.asarray(np.maximum(shares.max(axis=0, initial=0.0), _LEAST_BAR))


def _binomial_at_least(k: Floats, n: Floats, p: Floats) -> Floats:
    """Return P(K >= k) of K ~ Binomial(n, p), by the incomplete beta function; n need not be whole."""
    return np.asarray(np.where(k > 0, betainc(np.maximum(k, 1e-9), np.maximum(n - k, 0.0) + 1.0, p), 1.0))


def _needed(bar: float, level: float) -> float:
    """Return how many documents, all of one label, show at a level."""
    return ceil(np.log(level) / np.log(bar)) if bar < 1.0 else inf


def _rows(
    current: LabelledWords, reference: LabelledWords, searched: NDArray[np.intp], p_values: Floats, level: float
) -> tuple[dict[str, Any], ...]:
    before, after = _by_label(reference), _by_label(current)
    rows = []
    for place, label in zip(*np.nonzero(p_values <= level), strict=True):
        word = int(searched[place])
        held_before = float(before[word].sum())
        rows.append(
            {
                "term": current.counts.terms[word],
                "label": current.label_names[int(label)],
                "documents": float(after[word].sum()),
                "label_share": float(after[word, label] / after[word].sum()),
                "reference_documents": held_before,
                "reference_label_share": float(before[word, label] / held_before) if held_before else None,
                "p_value": float(p_values[place, label]),
            }
        )
    return tuple(sorted(rows, key=lambda row: (row["p_value"], -row["documents"], row["term"])))


def _share_holding(current: LabelledWords, words: set[str]) -> float:
    columns = [i for i, term in enumerate(current.counts.terms) if term in words]
    holders = np.asarray(current.counts.holders[:, columns].sum(axis=1)).ravel()
    return float(np.count_nonzero(holders) / len(holders))


def _causes(rows: tuple[dict[str, Any], ...], share: float) -> tuple[dict[str, Any], ...]:
    if not rows:
        return ()
    first = rows[0]
    word, label = (str(first[key])[:_LONGEST] for key in ("term", "label"))
    others = f" ({len(rows)} words do so, in {percentage(share)} of the texts)" if len(rows) > 1 else ""
    sentence = (
        f"'{word}' gives the label away: of {first['documents']:.0f} texts with it "
        f"{percentage(first['label_share'])} are "
        f"labelled '{label}'{others}; no word of the reference is as sure."
    )
    return ({"cause": "leak", "share_of_rows": share, "direction": "up", "sentence": sentence},)
