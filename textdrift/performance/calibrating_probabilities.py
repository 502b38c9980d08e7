"""How often is a label right where the model says 0.8? Probabilities corrected on documents whose labels are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

__all__ = ["Calibration", "fit_calibration"]

Floats = NDArray[np.float64]

_EDGE = 1e-6
_COMMON_SCALE_SPREAD = 1.0
_OWN_SCALE_SPREAD = 0.25
_BIAS_SPREAD = 1.0
_PREDICTION_SPREAD = 0.5
_MOST_STEPS = 100
_ENOUGH = 1e-9
_SHORTEST_STEP = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """P(label | what the model said): the softmax of ``offset + scale log p + bias``, each class its own.

    Attributes
    ----------
    n_documents:
        Labelled documents it was fitted on.
    parameters:
        Shape (2k + 1,): k scales, k biases, and ``own``, added to the score of the prediction; 0 if not fitted.
    covariance:
        Shape (2k + 1, 2k + 1), of the error of the parameters, ``own`` among them, fitted or not: it need not be 0.
    unknown:
        Shape (k,), boolean: classes that the model never gives a probability.
    offset:
        Shape (k,): log of the label's share where the class is unknown to the model, 0 elsewhere.
    """

    n_documents: float
    parameters: Floats
    covariance: Floats
    unknown: NDArray[np.bool_]
    offset: Floats

    def probabilities(self, probabilities: NDArray[Any], predictions: NDArray[Any]) -> Floats:
        """Return the calibrated probabilities of n rows, shape (n, k); each row sums to 1."""
        logs = _log_probabilities(probabilities, self.unknown)
        return np.asarray(softmax(_scores(self.parameters, logs, predictions, self.offset), axis=1))

    def slope(self, probabilities: NDArray[Any], prediction: int, weights: NDArray[Any]) -> Floats:
        """Return d(weighted sum of calibrated probabilities) / d(parameters) of rows with one prediction.

        The derivative of a softmax is q_y (x_y - sum of q_c x_c) where x are the derivatives of the scores.

        Returns
        -------
        Shape (k, 2k + 1). Cost: O(n k^2).
        """
        logs = _log_probabilities(probabilities, self.unknown)
        predictions = np.full(len(logs), prediction)
        q = softmax(_scores(self.parameters, logs, predictions, self.offset), axis=1)
        weighted = q * weights[:, None]
        is_prediction = np.arange(q.shape[1]) == prediction
        return np.hstack(
            [
                np.diag((weighted * logs).sum(axis=0)) - weighted.T @ (q * logs),
                np.diag(weighted.sum(axis=0)) - weighted.T @ q,
                (weighted.sum(axis=0) * is_prediction - weighted.T @ q[:, prediction])[:, None],
            ]
        )


def fit_calibration(
    probabilities: NDArray[Any],
    predictions: NDArray[Any],
    labels: NDArray[Any],
    weights: NDArray[Any],
    *,
    unknown: NDArray[np.bool_],
    with_prediction: bool = False,
) -> Calibration:
    """Fit the calibration by penalised multinomial logistic regression on log-probabilities.

    With two classes and no penalty it is beta calibration (Kull, Silva Filho and Flach 2017), and Platt's (1999) where
    both scales are equal; with more it is the vector scaling of Guo et al. (2017). The parameters have a normal prior
    around "leave the probabilities as they are": the scales move together freely and apart a little, so that thirty
    documents learn one temperature and thousands learn a scale for each class. The covariance is the inverse Hessian:
    where labels are few it holds what the prior does not know. It is taken as if the prediction could say something
    beyond the probabilities, which the value of the fit leaves out unless asked: with that parameter fitted the
    estimates are worse on other domains (books to electronics .052 against .038), without its error their intervals
    are too narrow where the model's probabilities are wrong in a way that scales and biases cannot mend (.88 for .95).

    Parameters
    ----------
    probabilities:
        Shape (n, k), the model's.
    predictions, labels:
        Shape (n,), classes 0 to k - 1.
    weights:
        Shape (n,), above 0: rows of one document share a weight of 1.
    unknown:
        Shape (k,), boolean: classes that the model gives no probability in either window. They keep the share that
        their label has.
    with_prediction:
        Whether ``own`` is fitted: for a model whose predictions come true more, or less, often than any scales and
        biases of its probabilities can say.

    Returns
    -------
    The calibration. Cost: about ten Newton steps of O(n k^2 + k^3).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.uniform(0.2, 0.8, 4000)
    >>> labels = (rng.random(4000) < true).astype(int)
    >>> boasting = 1 / (1 + ((1 - true) / true) ** 3)
    >>> said = np.column_stack([1 - boasting, boasting])
    >>> calibration = fit_calibration(said, said.argmax(axis=1), labels, np.ones(4000),
    ...                               unknown=np.array([False, False]))
    >>> calibration.probabilities(np.array([[0.1, 0.9]]), np.array([1])).round(1).tolist()
    [[0.3, 0.7]]
    """
    k = probabilities.shape[1]
    shares = np.bincount(labels, weights=weights, minlength=k) + 1.0 / k
    offset = np.where(unknown, np.log(shares / shares.sum()), 0.0)
    logs = _log_probabilities(probabilities, unknown)
    centre, precision = _prior(k)
    free = slice(0, 2 * k + with_prediction)
    rows = np.arange(len(labels))

    def loss(parameters: Floats) -> float:
        fit = log_softmax(_scores(parameters, logs, predictions, offset), axis=1)[rows, labels]
        away = parameters - centre
        return float(away @ precision @ away / 2 - weights @ fit)

    parameters, value = centre, loss(centre)
    for _ in range(_MOST_STEPS):
        gradient, hessian = _derivatives(parameters, logs, predictions, offset, labels, weights)
        gradient, hessian = gradient + precision @ (parameters - centre), hessian + precision
        step = np.zeros_like(parameters)
        step[free] = -np.linalg.solve(hessian[free, free], gradient[free])
        if -gradient @ step < _ENOUGH:
            break
        length = 1.0
        while loss(parameters + length * step) > value and length > _SHORTEST_STEP:
            length /= 2
        parameters = parameters + length * step
        value = loss(parameters)
    _, hessian = _derivatives(parameters, logs, predictions, offset, labels, weights)
    return Calibration(
        n_documents=float(weights.sum()),
        parameters=parameters,
        covariance=np.linalg.inv(hessian + precision),
        unknown=unknown,
        offset=offset,
    )


def _prior(k: int) -> tuple[Floats, Floats]:
    """Return the mean and the precision of the parameters' prior: scales near a common one, and that near 1."""
    covariance = np.diag(
        np.repeat([_OWN_SCALE_SPREAD**2, _BIAS_SPREAD**2, _PREDICTION_SPREAD**2], [k, k, 1]).astype(np.float64)
    )
    covariance[:k, :k] += _COMMON_SCALE_SPREAD**2
    return np.repeat([1.0, 0.0], [k, k + 1]), np.linalg.inv(covariance)


def _log_probabilities(probabilities: NDArray[Any], unknown: NDArray[np.bool_]) -> Floats:
    """Return log p of probabilities kept a millionth away from 0, and 0 for unknown classes."""
    clipped = np.where(unknown, 0.0, np.maximum(np.asarray(probabilities, dtype=np.float64), _EDGE))
    return np.where(unknown, 0.0, np.log(np.where(unknown, 1.0, clipped / clipped.sum(axis=1, keepdims=True))))


def _scores(parameters: Floats, logs: Floats, predictions: NDArray[Any], offset: Floats) -> Floats:
    k = logs.shape[1]
    scores = offset + logs * parameters[:k] + parameters[k : 2 * k]
    scores[np.arange(len(logs)), predictions] += parameters[2 * k]
    return scores


def _derivatives(
    parameters: Floats,
    logs: Floats,
    predictions: NDArray[Any],
    offset: Floats,
    labels: NDArray[Any],
    weights: NDArray[Any],
) -> tuple[Floats, Floats]:
    """Return the gradient and the Hessian of minus the weighted log-likelihood."""
    k = logs.shape[1]
    classes = np.arange(k)
    q = softmax(_scores(parameters, logs, predictions, offset), axis=1)
    weighted = q * weights[:, None]
    is_prediction = predictions[:, None] == classes
    mean = np.column_stack([q * logs, q, (q * is_prediction).sum(axis=1)])
    is_label = labels[:, None] == classes
    seen = np.column_stack([is_label * logs, is_label, (is_label & is_prediction).any(axis=1)])
    hessian = -(mean * weights[:, None]).T @ mean
    scales, biases, own = slice(0, k), slice(k, 2 * k), 2 * k
    hessian[scales, scales] += np.diag((weighted * logs**2).sum(axis=0))
    hessian[biases, biases] += np.diag(weighted.sum(axis=0))
    hessian[own, own] += (weighted * is_prediction).sum()
    for block, value in (
        ((scales, biases), np.diag((weighted * logs).sum(axis=0))),
        ((scales, own), (weighted * logs * is_prediction).sum(axis=0)),
        ((biases, own), (weighted * is_prediction).sum(axis=0)),
    ):
        hessian[block] += value
        hessian[block[::-1]] += value.T
    return weights @ (mean - seen), hessian
