"""Ridge logistic regression of many events on one design, all in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

__all__ = ["EventModels", "fit_events"]

_MOST_STEPS = 50
_MOST_INNER_STEPS = 50
_MOST_HALVINGS = 20
_TOLERANCE = 1e-5
_FORCING = 0.1
_ENOUGH = 1e-4
_ROUNDING = 1e-12
_LEAST_EVENTS = 0.5


@dataclass(frozen=True, slots=True)
class EventModels:
    """One fitted model for each event.

    Attributes
    ----------
    centre:
        Shape (d,), what is taken off the features.
    directions:
        Shape (d, d), the principal axes that the slopes stand in.
    slopes:
        Shape (d, k).
    own_slopes:
        Shape (q, k), of the features that each event has for itself.
    constants:
        Shape (k,).
    """

    centre: NDArray[Any]
    directions: NDArray[Any]
    slopes: NDArray[Any]
    own_slopes: NDArray[Any]
    constants: NDArray[Any]

    def probability(self, features: NDArray[Any], own_features: NDArray[Any]) -> NDArray[Any]:
        """Return P(event | features), shape (N, k), of features (N, d) and own features (N, q, k)."""
        shared = (features - self.centre) @ (self.directions @ self.slopes)
        return np.asarray(expit(shared + (own_features * self.own_slopes).sum(axis=1) + self.constants))


def fit_events(
    features: NDArray[Any], events: NDArray[Any], *, own_features: NDArray[Any], inverse_penalty: float
) -> EventModels:
    """Fit P(event | features) of each event by ridge logistic regression, the constant left free.

    Each model is that of its event alone. Fitting them together is what makes many cheap: Newton's steps are solved by
    conjugate gradients (Steihaug 1983; Lin, Weng and Keerthi 2008), so that one product of the design with a matrix
    serves all events, and no event needs a matrix of curvature of its own. On the principal axes of the features the
    curvature is nearly diagonal, as that of texts with one variance would be, and few steps suffice.

    Parameters
    ----------
    features:
        Shape (N, d).
    events:
        Shape (N, k), boolean.
    own_features:
        Shape (N, q, k): features of each event's own; q may be 0.
    inverse_penalty:
        ``C`` of the ridge penalty ``|w|^2 / (2 C)``: larger is freer.

    Returns
    -------
    EventModels. Cost: O(N d^2 + N d k) with some 50 passes, where one event after the other costs O(N d^2 k).

    Examples
    --------
    >>> x = np.linspace(-1, 1, 40)[:, None]
    >>> none = np.empty((40, 0, 2))
    >>> models = fit_events(x, np.hstack([x > 0, x < 0.5]), own_features=none, inverse_penalty=10.0)
    >>> models.probability(x, none)[[0, -1]].round(2).tolist()
    [[0.0, 1.0], [1.0, 0.04]]
    """
    fit = _Fit.of(features, events, own_features, inverse_penalty)
    y = fit.outcomes
    share = np.clip(y.mean(axis=0), _LEAST_EVENTS / len(y), 1 - _LEAST_EVENTS / len(y))
    weights = np.zeros((fit.n_weights, y.shape[1]))
    weights[-1] = np.log(share / (1 - share))
    active = np.arange(y.shape[1])
    for _ in range(_MOST_STEPS):
        part = fit.taken(active)
        score = part.score(weights[:, active])
        slope = part.slope(weights[:, active], score)
        going = np.abs(slope).max(axis=0) > _TOLERANCE * len(y)
        if not going.any():
            break
        active, part = active[going], part.taken(np.flatnonzero(going))
        score, slope = score[:, going], slope[:, going]
        step = part.newton_step(score, slope)
        weights[:, active] += part.shortened(weights[:, active], score, slope, step)
    d = features.shape[1]
    return EventModels(fit.centre, fit.directions, weights[:d], weights[d:-1], weights[-1])


@dataclass(frozen=True, slots=True)
class _Fit:
    """The design on its principal axes; weights stand in rows: d slopes, q own slopes, the constant."""

    design: NDArray[Any]
    own: NDArray[Any]
    outcomes: NDArray[Any]
    energy: NDArray[Any]
    penalty: float
    centre: NDArray[Any]
    directions: NDArray[Any]

    @classmethod
    def of(
        cls, features: NDArray[Any], events: NDArray[Any], own_features: NDArray[Any], inverse_penalty: float
    ) -> _Fit:
        centre = features.mean(axis=0)
        centred = features - centre
        energy, directions = np.linalg.eigh(centred.T @ centred)
        return cls(
            design=centred @ directions,
            own=own_features,
            outcomes=np.asarray(events, dtype=np.float64),
            energy=np.maximum(energy, 0.0),
            penalty=1 / inverse_penalty,
            centre=centre,
            directions=directions,
        )

    @property
    def n_weights(self) -> int:
        return self.design.shape[1] + self.own.shape[1] + 1

    def taken(self, columns: NDArray[Any]) -> _Fit:
        return _Fit(
            self.design, self.own[:, :, columns], self.outcomes[:, columns],
            self.energy, self.penalty, self.centre, self.directions,
        )  # fmt: skip

    def score(self, weights: NDArray[Any]) -> NDArray[Any]:
        d = self.design.shape[1]
        own = np.einsum("nqk,qk->nk", self.own, weights[d:-1])
        return np.asarray(self.design @ weights[:d] + own + weights[-1])

    def _back(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the sums of values (N, k) along every weight, shape (weights, k)."""
        own = np.einsum("nqk,nk->qk", self.own, values)
        return np.vstack([self.design.T @ values, own, values.sum(axis=0)])

    def _ridge(self, weights: NDArray[Any]) -> NDArray[Any]:
        ridge = self.penalty * weights
        ridge[-1] = 0.0
        return ridge

    def slope(self, weights: NDArray[Any], score: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self._back(expit(score) - self.outcomes) + self._ridge(weights))

    def loss(self, weights: NDArray[Any], score: NDArray[Any]) -> NDArray[Any]:
        misfit = np.logaddexp(0.0, score) - self.outcomes * score
        return np.asarray(misfit.sum(axis=0) + 0.5 * self.penalty * (weights[:-1] ** 2).sum(axis=0))

    def newton_step(self, score: NDArray[Any], slope: NDArray[Any]) -> NDArray[Any]:
        """Solve curvature @ step = -slope for every event, by preconditioned conjugate gradients."""
        variance = expit(score) * expit(-score)
        mean = variance.mean(axis=0)
        scale = np.vstack(
            [
                np.outer(self.energy, mean) + self.penalty,
                np.einsum("nqk,nk->qk", self.own**2, variance) + self.penalty,
                np.maximum(variance.sum(axis=0), _ROUNDING),
            ]
        )
        step = np.zeros_like(slope)
        left = -slope
        eased = left / scale
        way = eased.copy()
        size = (left * eased).sum(axis=0)
        enough = _FORCING**2 * size
        for _ in range(_MOST_INNER_STEPS):
            bent = self._back(variance * self.score(way)) + self._ridge(way)
            along = (way * bent).sum(axis=0)
            # An event that is solved stands still while the others go on.
            pace = np.where((size > enough) & (along > 0), size / np.maximum(along, _ROUNDING**2), 0.0)
            step += pace * way
            left -= pace * bent
            eased = left / scale
            now = (left * eased).sum(axis=0)
            way = eased + np.where(pace > 0, now / np.maximum(size, _ROUNDING**2), 0.0) * way
            size = np.where(pace > 0, now, size)
            if not (size > enough).any():
                break
        return step

    def shortened(
        self, weights: NDArray[Any], score: NDArray[Any], slope: NDArray[Any], step: NDArray[Any]
    ) -> NDArray[Any]:
        """Halve the steps that do not lower the loss enough (Armijo 1966)."""
        before, downhill, moved = self.loss(weights, score), (slope * step).sum(axis=0), self.score(step)
        length = np.ones(weights.shape[1])
        for _ in range(_MOST_HALVINGS):
            loss = self.loss(weights + length * step, score + length * moved)
            short = loss > before + _ENOUGH * length * downhill + _ROUNDING * np.abs(before)
            if not short.any():
                break
            length[short] /= 2
        return np.asarray(length * step)
