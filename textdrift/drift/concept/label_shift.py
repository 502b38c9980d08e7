"""Does a moved P(label) alone explain what is seen? The story to rule out before concept drift is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledTexts, fit_pooled, guess_label, modelled_labels, pool
from textdrift.drift.contract import DriftResult, Effect, Evidence

__all__ = ["LabelShift", "PriorConsistency", "beyond_prior_p_value", "prior_consistency"]

_EDGE = 1e-4
_POWER = 0.8
_NEWTON_STEPS = 25
_NEWTON_STOP = 1e-8


@dataclass(frozen=True, slots=True)
class PriorConsistency:
    """How far the reference's guess of a label moved, and how far a moved P(label) would have taken it.

    Attributes
    ----------
    score_shift:
        D, mean guess in the current window minus in the reference.
    explained:
        J delta: what D is when only P(label) moved.
    label_delta:
        delta, the change of the label's share.
    separation:
        J, the mean guess among reference texts with the label minus among those without.
    error:
        Standard error of D - J delta.
    score_error:
        Standard error of D.
    """

    score_shift: float
    explained: float
    label_delta: float
    separation: float
    error: float
    score_error: float

    @property
    def p_value(self) -> float:
        """Two-sided p-value of D = J delta."""
        return float(2 * stats.norm.sf(abs(self.score_shift - self.explained) / self.error))

    @property
    def log_likelihood_ratio(self) -> float:
        """Return log N(D; J delta, se) - log N(D; 0, se): above 0 a label shift fits D better than unchanged texts."""
        both = [stats.norm.logpdf(self.score_shift, mean, self.score_error) for mean in (self.explained, 0.0)]
        return float(both[0] - both[1])


@dataclass(frozen=True, slots=True)
class LabelShift:
    """Test whether a change of P(label) alone explains both windows, for the label whose share moved most.

    Null hypothesis: label shift, that is P(text | label) stayed. Two consequences are tested. *Prior consistency*: the
    guess of a model that knows the reference only must move by J delta (Lipton, Wang and Smola 2018), where delta is
    the change of the label's share and J the guess's mean gap between texts with and without the label; both windows
    are scored by the same fold models. *Beyond the prior*: after log-odds are let move by one constant between the
    windows, the residuals must not depend on the score. The p-value is twice the smaller of the two.

    It supports a name, and never decides that something drifted: covariate drift breaks it, too.

    Attributes
    ----------
    n_folds:
        Folds of the cross-fits.
    n_components:
        Principal components of the points.
    level:
        Significance level that ``detectable`` speaks of.
    """

    n_folds: int = 5
    n_components: int = 128
    level: float = 0.05

    def compare(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare two windows of labelled texts.

        Returns
        -------
        Kind ``concept``, effect ``score_shift_unexplained``, |D - J delta|. Evidence ``sizes``: rows ``D``,
        ``J_delta``, ``J``, ``delta``, ``error``, ``score_error``, ``p_prior``, ``p_beyond``, ``log_likelihood_ratio``.

        Raises
        ------
        EmbeddingsError, WindowError
            When the windows do not belong together.

        Examples
        --------
        >>> import numpy as np
        >>> from textdrift.embeddings.embeddings import Embeddings
        >>> rng = np.random.default_rng(1)
        >>> def window(n_bad, n_good):
        ...     bad = np.repeat([True, False], [n_bad, n_good])
        ...     points = rng.normal(size=(n_bad + n_good, 3)) + 1.5 * bad[:, None]
        ...     shares = np.column_stack([bad, ~bad]).astype(float)
        ...     return LabelledEmbeddings(Embeddings(points, "toy"), shares, ("bad", "good"))
        >>> result = LabelShift().compare(window(200, 200), window(280, 120), rng=rng)
        >>> result.p_value > 0.01
        True
        """
        texts = pool(reference, current, n_folds=self.n_folds, n_components=self.n_components, rng=rng)
        columns, notes = modelled_labels(reference, current, self.n_folds)
        notes = (*texts.notes, *notes)
        if not columns:
            return self._undecided(reference, current, (*notes, "label shift was not tested"))
        means = reference.shares.mean(axis=0), current.shares.mean(axis=0)
        column = max(columns, key=lambda c: abs(float(means[1][c] - means[0][c])))
        prior = prior_consistency(texts, column)
        fit = fit_pooled(texts, [column], reference.label_names)
        p_beyond = beyond_prior_p_value(
            fit.label[:, 0], fit.label_probability[:, 0], fit.score[:, 0], fit.is_current, fit.window_probability
        )
        p_value = min(1.0, 2 * max(min(prior.p_value, p_beyond), float(np.finfo(float).tiny)))
        unexplained = abs(prior.score_shift - prior.explained)
        reach = float(stats.norm.ppf(0.975)) * prior.error
        return DriftResult(
            test="concept.label_shift",
            kind="concept",
            statistic=float(stats.norm.isf(p_value / 2)),
            p_value=p_value,
            effects=(
                Effect(
                    name="score_shift_unexplained",
                    value=unexplained,
                    low=max(0.0, unexplained - reach),
                    high=unexplained + reach,
                    detectable=float(stats.norm.isf(self.level / 4) + stats.norm.ppf(_POWER)) * prior.error,
                ),
            ),
            n_documents=(len(reference), len(current)),
            evidence=(Evidence(name="sizes", rows=_sizes(prior, p_beyond)),),
            notes=(*notes, f"label shift was tested for the label {reference.label_names[column]!r}"),
        )

    def _undecided(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, notes: tuple[str, ...]
    ) -> DriftResult:
        unknown = Effect(name="score_shift_unexplained", value=0.0, low=0.0, high=1.0, detectable=np.inf)
        return DriftResult(
            test="concept.label_shift",
            kind="concept",
            statistic=0.0,
            p_value=1.0,
            effects=(unknown,),
            n_documents=(len(reference), len(current)),
            notes=notes,
        )


def prior_consistency(texts: PooledTexts, column: int) -> PriorConsistency:
    """Compare the shift of the reference model's guess with the shift that the labels explain.

    D - J delta is the difference of the window means of q = f0 - J y; J's own error enters by delta.
    """
    is_current = texts.is_current
    f0 = guess_label(texts, column, fitted_on=~is_current)
    y = texts.shares[:, column]
    has = texts.codes == column
    with_label, without = f0[~is_current & has], f0[~is_current & ~has]
    separation = float(with_label.mean() - without.mean())
    delta = float(y[is_current].mean() - y[~is_current].mean())
    freed = f0 - separation * y
    separation_variance = _variance_of_mean(with_label) + _variance_of_mean(without)
    variance = _variance_of_mean(freed[is_current]) + _variance_of_mean(freed[~is_current])
    tiny = float(np.finfo(float).tiny)
    return PriorConsistency(
        score_shift=float(f0[is_current].mean() - f0[~is_current].mean()),
        explained=separation * delta,
        label_delta=delta,
        separation=separation,
        error=float(np.sqrt(max(variance + delta**2 * separation_variance, tiny))),
        score_error=float(np.sqrt(max(_variance_of_mean(f0[is_current]) + _variance_of_mean(f0[~is_current]), tiny))),
    )


def beyond_prior_p_value(
    label: NDArray[Any],
    label_probability: NDArray[Any],
    score: NDArray[Any],
    is_current: NDArray[Any],
    window_probability: NDArray[Any],
) -> float:
    """Return the p-value of the score test for a change along the score, beyond one constant added to the log-odds.

    logit P(y) = logit f + a + b w is fitted by Newton's method; then L = (y - p)(h - Z beta), with h = s (w - g) made
    orthogonal to Z = [1, w] under the weights p (1 - p), has mean zero, z = sum(L) / sqrt(sum(L^2)).
    """
    f = np.clip(label_probability, _EDGE, 1 - _EDGE)
    offset = np.log(f / (1 - f))
    design = np.column_stack([np.ones_like(is_current), is_current])
    constants = np.zeros(2)
    for _ in range(_NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(offset + design @ constants)))
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design, design.T @ (label - p))
        constants += step
        if np.abs(step).max() < _NEWTON_STOP:
            break
    p = 1 / (1 + np.exp(-(offset + design @ constants)))
    weighted = design * (p * (1 - p))[:, None]
    h = score * (is_current - window_probability)
    terms = (label - p) * (h - design @ np.linalg.solve(weighted.T @ design, weighted.T @ h))
    spread = float(np.sqrt((terms**2).sum()))
    return float(2 * stats.norm.sf(abs(terms.sum()) / spread)) if spread > 0 else 1.0


def _variance_of_mean(values: NDArray[Any]) -> float:
    return float(values.var() / len(values))


def _sizes(prior: PriorConsistency, p_beyond: float) -> tuple[dict[str, object], ...]:
    return tuple(
        {"name": name, "value": float(value)}
        for name, value in (
            ("D", prior.score_shift),
            ("J_delta", prior.explained),
            ("J", prior.separation),
            ("delta", prior.label_delta),
            ("error", prior.error),
            ("score_error", prior.score_error),
            ("p_prior", prior.p_value),
            ("p_beyond", p_beyond),
            ("log_likelihood_ratio", prior.log_likelihood_ratio),
        )
    )
