"""Texts that clearly read one way, and how many of them crossed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from textdrift.drift.concept.changed_documents import label_shares
from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.term_polarity import calibrated

__all__ = ["MATERIAL", "ClearTexts", "clear_texts"]

MATERIAL = 0.03
"""Crossings of 100 clear texts, over 100, that are worth a word."""

_CLEAR = 0.7
_FEWEST_DOCUMENTS = 20
_NEWTON_STEPS = 25
_REACH = 1.959963984540054
_PAIR = 2


@dataclass(frozen=True, slots=True)
class ClearTexts:
    """Texts that clearly read one way, and how many of them came to carry another label.

    Attributes
    ----------
    reads, turned:
        The side they read as, and the one that those carry which crossed.
    members:
        Shape (N,), boolean.
    turned_columns:
        Columns of the labels of the other side.
    crossed, error:
        By how much the other side became more common among them, over texts that both windows hold; standard error.
    p_chance:
        One-sided p-value of ``crossed`` being chance.
    p_beyond_shift:
        One-sided p-value of a uniform move of all log-odds having done it, as a changed P(label) does.
    """

    reads: str
    turned: str
    members: NDArray[Any]
    turned_columns: NDArray[Any]
    crossed: float
    error: float
    p_chance: float
    p_beyond_shift: float

    def material(self, level: float) -> bool:
        """Tell whether 3 in 100 or more crossed, beyond chance and beyond a uniform move."""
        return self.crossed >= MATERIAL and max(self.p_chance, self.p_beyond_shift) <= level

    def described(self, is_current: NDArray[Any]) -> dict[str, Any]:
        """Return a row of plain values."""
        return {
            "reads": self.reads,
            "turned": self.turned,
            "n_reference": int((self.members & ~is_current).sum()),
            "n_current": int((self.members & is_current).sum()),
            "crossed": self.crossed,
            "standard_error": self.error,
            "low": self.crossed - _REACH * self.error,
            "high": self.crossed + _REACH * self.error,
            "p_chance": self.p_chance,
            "p_beyond_shift": self.p_beyond_shift,
        }


def clear_texts(
    fit: PooledFit,
    label_names: tuple[str, ...],
    names: tuple[str | None, ...],
    shares: NDArray[Any],
    guesses: NDArray[Any],
    poles: tuple[NDArray[np.intp], NDArray[np.intp]] | None,
) -> list[ClearTexts]:
    """Return the clear texts of the two poles, or of every label where there are none, if they are enough."""
    pooled = label_shares(fit, fit.label_probability, label_names)[2]
    if poles is not None:
        sides = [("positive", "negative", poles[1], poles[0]), ("negative", "positive", poles[0], poles[1])]
    else:
        every = np.arange(len(names))
        rest = "another label"
        mirrored = len(names) == _PAIR
        sides = [
            (name, (names[1 - c] if mirrored else None) or rest, every[[c]], every[every != c])
            for c, name in enumerate(names)
            if name is not None
        ]
    is_current = fit.is_current > 0
    bands = []
    for reads, turned, own, other in sides:
        members = guesses[:, own].sum(axis=1) >= _CLEAR
        if min((members & ~is_current).sum(), (members & is_current).sum()) < _FEWEST_DOCUMENTS:
            continue
        outcome, expected = shares[:, other].sum(axis=1), pooled[:, other].sum(axis=1)
        v = fit.window_residual * members
        weight = float((v**2).sum())
        products = (outcome - expected) * v
        crossed, error = float(products.sum()) / weight, float(np.sqrt((products**2).sum())) / weight
        p_chance = float(ndtr(-(crossed / error))) if error > 0 else 1.0
        p_beyond = _p_beyond_shift(outcome, expected, fit, members)
        bands.append(ClearTexts(reads, turned, members, other, crossed, error, p_chance, p_beyond))
    return bands


def _p_beyond_shift(outcome: NDArray[Any], expected: NDArray[Any], fit: PooledFit, members: NDArray[Any]) -> float:
    """Return the one-sided p-value of "the outcome rose among the members as a uniform move of log-odds made it".

    logit P(outcome) = logit f + a + b w is fitted by Newton's method; then the sum of (y - p) h, h = v 1[member] made
    orthogonal to [1, w] under the weights p (1 - p), has mean zero. Its variance is that of the model, larger where
    the members' reference labels vary more than the model says.
    """
    f = calibrated(expected, outcome)
    offset = np.log(f / (1 - f))
    design = np.column_stack([np.ones_like(fit.is_current), fit.is_current])
    constants = np.zeros(2)
    for _ in range(_NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(offset + design @ constants)))
        information = (design * (p * (1 - p))[:, None]).T @ design
        constants += np.linalg.lstsq(information, design.T @ (outcome - p), rcond=None)[0]
    p = 1 / (1 + np.exp(-(offset + design @ constants)))
    variance = p * (1 - p)
    weighted = design * variance[:, None]
    h = fit.window_residual * members
    h = h - design @ np.linalg.lstsq(weighted.T @ design, weighted.T @ h, rcond=None)[0]
    before = members & (fit.is_current < 1)
    dispersion = max(1.0, float(((outcome - p)[before] ** 2).sum() / variance[before].sum()))
    spread = float(np.sqrt(dispersion * (variance * h**2).sum()))
    return float(ndtr(-(float((outcome - p) @ h) / spread))) if spread > 0 else 1.0
