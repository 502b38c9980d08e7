"""At least how many of the documents differ, by what a classifier can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.embedding.clouds import Clouds, clouds_of
from textdrift.embeddings import Embeddings
from textdrift.errors import SettingsError
from textdrift.stats.cross_fitting import cross_fitted_probability, principal_components, stratified_folds
from textdrift.stats.separation import SHARE_INFLATION, Separation, separation

__all__ = ["DomainClassifier"]

_INVERSE_PENALTY = 0.3  # of points with total variance 1; 0.03 to 3 were tried on real texts and differ little
_ONE_SIDED_95 = 1.6448536269514722
_TWO_SIDED_95 = 1.959963984540054
_POWER_QUANTILE = 0.8416212335729143
_FLAGGED_BY_CHANCE = 1 / 3  # of unchanged documents, when the bound starts to show: .27 to .40 in planted mixtures
_UNITS_PER_FOLD = 2
_SHOWN_DOCUMENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainClassifier:
    """Say "at least x % of the documents differ": what a classifier can tell apart, it has measured.

    Not a test: there is no null hypothesis and ``has_p_value`` is False. The p-value of a cross-fitted classifier
    rejects two to three times too often, because rows judge the models that judged them.

    A ridge logistic regression on the leading principal components guesses the window of documents that it never saw.
    J, the share of current documents that it gives to the current window less the share of reference documents, is at
    most the total variation distance, whatever the classifier; so the lower bound J - 1.64 errors is one of the share
    of documents that would have to be replaced. The threshold is fixed at equal odds, never searched. Nothing bounds
    the share from above, short of 1: a better classifier might see more.

    Cost: O(N d^2) for the components, then ``n_folds`` fits of O(N k^2). Lopez-Paz and Oquab 2017 for the classifier;
    the error is explained at `textdrift.stats.separation.separation`.

    Parameters
    ----------
    n_folds:
        Folds of the cross-fit; all rows of a unit lie in one.
    n_components:
        Principal components k of the points of both windows.
    max_documents:
        Documents of each window at most, a random sample beyond it.
    level:
        The level at which the detectable share is stated.

    Raises
    ------
    SettingsError
        When a setting cannot be used.
    EmbeddingsError
        When the points cannot be compared.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before, after = rng.normal(size=(600, 8)), rng.normal(size=(600, 8))
    >>> after[:300] += 4
    >>> result = DomainClassifier().compare(Embeddings(before, "demo"), Embeddings(after, "demo"), rng=rng)
    >>> 0.4 < result.effects[0].low <= 0.5, result.has_p_value
    (True, False)
    """

    n_folds: int = 5
    n_components: int = 128
    max_documents: int = 5000
    level: float = 0.05

    def __post_init__(self) -> None:
        """Check the configuration once."""
        for name, least in (("n_folds", 2), ("n_components", 1), ("max_documents", 2 * _UNITS_PER_FOLD)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} must be at least {least}; got {getattr(self, name)}")
        if not 0.0 < self.level < 1.0:
            raise SettingsError(f"level must lie between 0 and 1; got {self.level}")

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two clouds of embeddings.

        Parameters
        ----------
        reference, current:
            One point per distinct text, shapes (n, d) and (m, d).
        rng:
            Draws the sample and deals the folds; the same state gives the same result.

        Returns
        -------
        Kind ``semantic``, without a p-value. Effect ``share_changed``: ``low`` is the 95 % lower bound, ``high`` is 1,
        ``detectable`` the share of documents of another kind, easily known, that would have lifted the lower bound
        above 0 with power 0.8. It is approximate: measured powers are 0.80 to 0.90 in mixtures of tweets with other
        texts; documents that the classifier mistakes count less. Evidence: ``documents``, scored by the probability of
        their own window had both windows been equally large; ``sizes``.
        """
        clouds_of(reference, current)  # strangers are refused before a sample is drawn
        windows = [_sampled(window, self.max_documents, rng) for window in (reference, current)]
        (first, first_rows), (second, second_rows) = windows
        clouds = clouds_of(first, second)
        reason = self._nothing_to_learn(clouds)
        if reason is not None:
            return self._unknown(clouds, reason)
        is_current = np.arange(len(clouds.units)) >= len(first)
        probability = self._out_of_fold(clouds, is_current, rng)
        found = separation(probability, is_current, clouds.units)
        notes = [f"A classifier says this, no test: at least this share differs (cross-fitted, {self.n_folds} folds)."]
        if (len(first), len(second)) != (len(reference), len(current)):
            notes.append(
                f"The classifier looked at a random sample of {len(first)} of {len(reference)} reference and "
                f"{len(second)} of {len(current)} current documents."
            )
        return DriftResult(
            test="embedding.domain_classifier",
            kind="semantic",
            statistic=found.share,
            p_value=1.0,
            effects=(_share_changed(found, self._detectable(clouds)),),
            n_documents=clouds.n_units,
            evidence=(_surest_documents(probability, is_current, (first_rows, second_rows)), _sizes(found)),
            notes=tuple(notes),
            has_p_value=False,
        )

    def _out_of_fold(self, clouds: Clouds, is_current: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        points = principal_components(np.concatenate([clouds.reference, clouds.current]), self.n_components)
        points /= np.sqrt(points.var(axis=0).sum())  # the penalty then means the same for every encoder
        is_unit_current = np.arange(sum(clouds.n_units)) >= clouds.n_units[0]
        folds = stratified_folds(is_unit_current.astype(np.int64), self.n_folds, rng)[clouds.units]
        return cross_fitted_probability(points, is_current, folds, inverse_penalty=_INVERSE_PENALTY)

    def _nothing_to_learn(self, clouds: Clouds) -> str | None:
        needed = _UNITS_PER_FOLD * self.n_folds
        if min(clouds.n_units) < needed:
            return (
                f"A classifier with {self.n_folds} folds needs at least {needed} independent documents of each window; "
                f"it got {clouds.n_units[0]} and {clouds.n_units[1]}: no share was measured."
            )
        if np.ptp(np.concatenate([clouds.reference, clouds.current]), axis=0).max() == 0:
            return "All points of both windows coincide: there is nothing to tell apart."
        return None

    def _unknown(self, clouds: Clouds, reason: str) -> DriftResult:
        return DriftResult(
            test="embedding.domain_classifier",
            kind="semantic",
            statistic=0.0,
            p_value=1.0,
            effects=(Effect(name="share_changed", value=0.0, low=0.0, high=1.0, detectable=float("inf")),),
            n_documents=clouds.n_units,
            notes=(reason,),
            has_p_value=False,
        )

    def _detectable(self, clouds: Clouds) -> float:
        """Return the share x for which J = x (1 - flagged by chance) reaches 1.64 + 0.84 errors, at their widest."""
        u, w = clouds.n_units
        error = SHARE_INFLATION * np.sqrt(0.25 / u + 0.25 / w)
        needed = float((-ndtri(self.level) + _POWER_QUANTILE) * error)
        share = needed / (1 - _FLAGGED_BY_CHANCE)
        return share if share <= 1.0 else float("inf")


def _share_changed(found: Separation, detectable: float) -> Effect:
    return Effect(
        name="share_changed",
        value=max(0.0, found.share),
        low=max(0.0, found.share - _ONE_SIDED_95 * found.share_error),
        high=1.0,
        detectable=detectable,
    )


def _sizes(found: Separation) -> Evidence:
    reach = _TWO_SIDED_95 * found.area_error
    return sizes_table(
        {
            "auc": found.area,
            "auc_low": max(0.0, found.area - reach),
            "auc_high": min(1.0, found.area + reach),
            "flagged_reference": found.flagged_others,
            "flagged_current": found.flagged_events,
            "share_error": found.share_error,
        }
    )


def _surest_documents(
    probability: NDArray[Any], is_current: NDArray[Any], rows: tuple[NDArray[Any], NDArray[Any]]
) -> Evidence:
    prior = is_current.mean()
    of_current, of_reference = probability / prior, (1 - probability) / (1 - prior)
    even_odds = of_current / (of_current + of_reference)
    table = []
    for window, scores, which in (
        ("current", even_odds[is_current], rows[1]),
        ("reference", 1 - even_odds[~is_current], rows[0]),
    ):
        order = np.argsort(-scores, kind="stable")[:_SHOWN_DOCUMENTS]
        table += [{"window": window, "document": int(which[i]), "score": float(scores[i])} for i in order]
    return Evidence(name="documents", rows=tuple(sorted(table, key=lambda row: -row["score"])))


def _sampled(embeddings: Embeddings, at_most: int, rng: np.random.Generator) -> tuple[Embeddings, NDArray[np.int64]]:
    """Return a random sample in the order of its window, and its rows."""
    n = len(embeddings)
    if n <= at_most:
        return embeddings, np.arange(n)
    rows = np.sort(rng.choice(n, size=at_most, replace=False))
    groups = None if embeddings.groups is None else embeddings.groups[rows]
    return Embeddings(embeddings.points[rows], embeddings.encoder, groups), rows
