"""How labels changed: clear texts crossed, or all moved alike; and whether it looks like sarcasm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from textdrift.drift.concept.changed_documents import label_shares
from textdrift.drift.concept.clear_texts import MATERIAL, ClearTexts, clear_texts
from textdrift.drift.concept.label_poles import label_poles
from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.relabelled_shares import relabelled_ways
from textdrift.stats.log_odds import shrunken_log_odds
from textdrift.tokens.token_counts import TokenCounts
from textdrift.tokens.words import are_words

__all__ = ["Reversal", "reversal"]

_SHOWN_WORDS = 5
_FEWEST_CROSSED = 2.0
_CLEAR_Z = 2.5
_MUCH = math.log(2.0)
_PRIOR = 0.05
_NOTHING = 1e-6
_BOTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """The way in which labels changed for the same texts.

    Attributes
    ----------
    change:
        ``flip``: clear texts crossed over, beyond what a move of all texts explains. ``shift``: labels became more or
        less common for all texts alike. ``none``: neither is beyond chance.
    pattern:
        ``sarcasm``: texts that read positive now carry negative labels, and not as much the other way round.
        ``softened``: the mirror of it. ``two_ways``: both, about as much. ``None``: no such pattern, or the labels have
        no known positive and negative side.
    p_value:
        Of the pattern: twice the largest of the p-values that it needs; 1 where there is none.
    sentence:
        What happened, in one plain sentence.
    words:
        Words that lean to the side the crossing texts read as, those of most crossing texts first.
    ways:
        For each label ``gained``, the share of the texts without it that gained it, and ``lost``, the share of those
        with it that lost it, each with its standard error and one-sided p-value.
    bands:
        For clear texts of each side: how many, the share ``crossed`` with its standard error and 95 % interval,
        ``p_chance``, and ``p_beyond_shift``, of "a uniform move of all log-odds did it".
    """

    change: str
    pattern: str | None
    p_value: float
    sentence: str
    words: tuple[str, ...]
    ways: tuple[dict[str, Any], ...]
    bands: tuple[dict[str, Any], ...]

    def described(self) -> dict[str, Any]:
        """Return the fields as plain values for a report."""
        return {
            "change": self.change,
            "pattern": self.pattern,
            "p_value": self.p_value,
            "sentence": self.sentence,
            "words": list(self.words),
            "ways": [dict(row) for row in self.ways],
            "bands": [dict(row) for row in self.bands],
        }


def reversal(
    fit: PooledFit,
    guess: NDArray[Any],
    label_names: tuple[str, ...],
    *,
    counts: tuple[TokenCounts, TokenCounts] | None = None,
    level: float = 0.05,
) -> Reversal:
    """Tell whether clear texts crossed or all moved alike, one way or both, and whether it looks like sarcasm.

    A text is clear where the reference's guess gives one side at least 0.7. Sarcasm is claimed when three things hold,
    each at half the `level` (its mirror is looked for too), so that claims keep the level: among clearly positive texts
    the negative label became more common, by 3 in 100 or more; more than a uniform move of all log-odds (a changed
    P(label)) would do to them; and a larger share of positive texts turned negative than of negative texts positive,
    where every text counts as much as the guess gives it to a side. Cost: linear in the texts and their words.

    Parameters
    ----------
    fit:
        The cross-fitted guesses, reference rows first.
    guess:
        Shape (N, k), the reference's own guess of the same labels, from `reference_guess`.
    label_names:
        All labels of the windows. Which are positive and negative is read from their names, see `label_poles`.
    counts:
        Words of the reference and current texts, where the words shall be named.
    level:
        Level of a claim, and of ``change``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> guess = rng.choice([0.05, 0.5, 0.95], 6000)
    >>> good = rng.random(6000) < guess
    >>> good[3000:] &= rng.random(3000) > 0.15
    >>> window = np.repeat([0.0, 1.0], 3000)
    >>> y, f = good[:, None].astype(float), guess[:, None]
    >>> fit = PooledFit(("positive",), y, f, f, window, np.full(6000, 0.5), f, np.ones(1))
    >>> found = reversal(fit, f, ("negative", "positive"))
    >>> found.change, found.pattern
    ('flip', 'sarcasm')
    """
    ways = tuple(row for column in range(len(fit.label_names)) for row in _ways(fit, column))
    names, shares, guesses = label_shares(fit, guess, label_names)
    poles = label_poles(names)
    bands = clear_texts(fit, label_names, names, shares, guesses, poles)
    crossing = [band for band in bands if band.material(level / max(1, len(bands)))]
    moved = min((row["p_value"] for row in ways), default=1.0) <= level / max(1, len(ways))
    change = "flip" if crossing else "shift" if moved else "none"
    pattern, p_value, main = None, 1.0, None
    if poles is not None:
        pattern, p_value, main = _pattern(bands, _lean(fit, label_names, poles), level)
    words: tuple[str, ...] = ()
    if main is not None and poles is not None and counts is not None and pattern != "two_ways":
        own = poles[1] if main.reads == "positive" else poles[0]
        words = _words(counts, fit.is_current > 0, main, shares[:, own].sum(axis=1), shares, guesses)
    return Reversal(
        change=change,
        pattern=pattern,
        p_value=p_value,
        sentence=_sentence(change, pattern, main, bands, crossing, words),
        words=words,
        ways=ways,
        bands=tuple(band.described(fit.is_current > 0) for band in bands),
    )


def _ways(fit: PooledFit, column: int) -> list[dict[str, Any]]:
    shares, covariance = relabelled_ways(fit, column)
    errors = np.sqrt(np.diag(covariance))
    return [
        {
            "label": fit.label_names[column],
            "way": way,
            "share": float(share),
            "standard_error": float(error),
            "p_value": float(ndtr(-(share / error))) if error > 0 else 1.0,
        }
        for way, share, error in zip(("gained", "lost"), shares, errors, strict=True)
    ]


def _lean(fit: PooledFit, label_names: tuple[str, ...], poles: tuple[NDArray[np.intp], NDArray[np.intp]]) -> float:
    """Return the z of "as large a share of positive texts turned negative as of negative texts positive".

    Each share is a coefficient in the regression of the other side's y - f on v f of each side and of the rest.
    """
    _, shares, pooled = label_shares(fit, fit.label_probability, label_names)
    v = fit.window_residual
    sides = [pooled[:, side].sum(axis=1) for side in poles]
    rest = np.clip(1 - sides[0] - sides[1], 0.0, 1.0)
    influence, lean = np.zeros(len(v)), 0.0
    for sign, turned, reads in ((1.0, 0, 1), (-1.0, 1, 0)):
        columns = [v * sides[reads], -v * sides[turned]] + ([v * rest] if rest.max() > _NOTHING else [])
        design = np.column_stack(columns)
        inverse = np.linalg.pinv(design.T @ design)
        residual = shares[:, poles[turned]].sum(axis=1) - sides[turned]
        coefficients = inverse @ (design.T @ residual)
        lean += sign * float(coefficients[0])
        influence += sign * (design @ inverse[0]) * (residual - design @ coefficients)
    error = float(np.sqrt((influence**2).sum()))
    return lean / error if error > 0 else 0.0


def _pattern(bands: list[ClearTexts], lean: float, level: float) -> tuple[str | None, float, ClearTexts | None]:
    """Return the pattern, its p-value, and the band that crossed (the larger one of two)."""
    by_side = {band.reads: band for band in bands}
    for reads, pattern, z in (("positive", "sarcasm", lean), ("negative", "softened", -lean)):
        band = by_side.get(reads)
        if band is None:
            continue
        # Two patterns are looked for.
        p_value = min(1.0, 2 * max(band.p_chance, band.p_beyond_shift, float(ndtr(-z))))
        if band.crossed >= MATERIAL and p_value <= level:
            return pattern, p_value, band
    if len(bands) == _BOTH and all(band.material(level) for band in bands):
        p_value = max(max(band.p_chance, band.p_beyond_shift) for band in bands)
        return "two_ways", p_value, max(bands, key=lambda band: band.crossed)
    return None, 1.0, None


def _words(
    counts: tuple[TokenCounts, TokenCounts],
    is_current: NDArray[Any],
    band: ClearTexts,
    own_share: NDArray[Any],
    shares: NDArray[Any],
    guesses: NDArray[Any],
) -> tuple[str, ...]:
    """Return words that lean to the band's side in the reference and stand in crossing texts, by both together."""
    reference, current = counts
    before = own_share[~is_current]
    n, with_label = float(len(before)), float(before.sum())
    held = np.asarray(reference.holders.sum(axis=0), dtype=np.float64).ravel()
    marked = np.asarray(reference.holders.T @ before).ravel()
    odds = shrunken_log_odds(marked, with_label, held - marked, n - with_label, prior=_PRIOR * n)
    leaning = (odds.value >= _MUCH) & (odds.z >= _CLEAR_Z) & are_words(reference.terms)
    turned = (shares - guesses)[:, band.turned_columns].sum(axis=1) * band.members
    crossings = np.where(leaning, np.asarray(current.holders.T @ turned[is_current]).ravel(), 0.0)
    strength = np.where(crossings >= _FEWEST_CROSSED, crossings * odds.value, 0.0)
    order = np.argsort(-strength.round(9), kind="stable")[:_SHOWN_WORDS]
    return tuple(reference.terms[term] for term in order if strength[term] > 0)


def _sentence(
    change: str,
    pattern: str | None,
    main: ClearTexts | None,
    bands: list[ClearTexts],
    crossing: list[ClearTexts],
    words: tuple[str, ...],
) -> str:
    quoted = ", ".join(f"'{word}'" for word in words)
    said = f"; most often with {quoted}" if words else ""
    if main is not None and pattern in ("sarcasm", "softened"):
        likeness = ", as sarcasm does" if pattern == "sarcasm" else ""
        return (
            f"Texts that read {main.reads} now carry {main.turned} labels: {_of_hundred(main)} of 100 clearly "
            f"{main.reads} texts{likeness}{said}."
        )
    if crossing:
        parts = " and ".join(f"{_of_hundred(band)} of 100 texts that clearly read {band.reads}" for band in crossing)
        how = ""
        if len(bands) == _BOTH:
            how = ", both ways" if len(crossing) == _BOTH else ", one way"
        return f"Clear texts changed sides{how}: {parts}."
    if change == "shift":
        return (
            "Labels became more or less common for all texts alike; texts that read clearly one way mostly kept theirs."
        )
    return "How the labels changed follows no pattern that is beyond chance."


def _of_hundred(band: ClearTexts) -> int:
    return max(1, round(100 * band.crossed))
