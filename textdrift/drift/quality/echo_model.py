"""What a label is expected to be, given what the model said, and how many labels only repeat it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

__all__ = ["Echo", "answer_design", "fit_echo", "prediction_design"]

Floats = NDArray[np.float64]

_SPREAD = 2.0  # of the normal prior of every parameter: a class that never errs would drive it to infinity
_MOST_STEPS = 50
_ENOUGH = 1e-8
_SHORTEST = 1e-4
_MOST_AT_FIRST = 0.5
_MOST_ECHOED = 0.99
_JITTER = 1e-6
_MOST_WITH_A_TABLE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """How many of the current labels repeat the prediction.

    Attributes
    ----------
    z:
        The efficient score of "some labels are echoes" at none, in standard errors; about standard normal when none is.
    share, error:
        The maximum likelihood estimate of the share of echoes, and its standard error.
    error_at_none:
        The standard error of the estimate where no label is an echo.
    expected:
        The share of current labels that would agree with the prediction, had none been an echo.
    """

    z: float
    share: float
    error: float
    error_at_none: float
    expected: float


def answer_design(log_probabilities: Floats, predictions: NDArray[np.int64], in_current: NDArray[np.bool_]) -> Floats:
    """Return the design where the model gives probabilities, shape (n, k, d).

    A multiple of its log-probability, the same for all classes, is added to the score of a class, see
    ``prediction_design``.
    """
    k = log_probabilities.shape[1]
    return np.concatenate([log_probabilities[:, :, None], prediction_design(predictions, k, in_current)], axis=2)


def prediction_design(predictions: NDArray[np.int64], k: int, in_current: NDArray[np.bool_]) -> Floats:
    """Return the design where only predictions are known, shape (n, k, (k + 1) (k - 1)), or (n, k, 2 k - 1).

    The score of a class is a constant for each prediction: what the reference says of the prediction holds however
    wrong its probabilities are. Of more than 6 classes it is a constant, and another where the class is predicted. In
    the current window, where labels may occur more or less often, a second constant is added.
    """
    n = len(predictions)
    classes = np.broadcast_to(np.eye(k)[:, 1:], (n, k, k - 1))
    predicted = np.eye(k)[predictions]
    if k > _MOST_WITH_A_TABLE:
        parts = [classes, predicted[:, :, None]]
    else:
        parts = [(classes[:, :, None, :] * predicted[:, None, :, None]).reshape(n, k, k * (k - 1))]
    return np.concatenate([*parts, classes * in_current[:, None, None]], axis=2)


def fit_echo(
    design: Floats, labels: NDArray[np.int64], predictions: NDArray[np.int64], in_current: NDArray[np.bool_]
) -> Echo:
    """Fit P(label | answer) on both windows, with a share of current labels that are the prediction itself.

    A current label is drawn from (1 - e) q + e [prediction], where q is the multinomial logit of the design; the
    reference has e = 0. The score at e = 0 is sum of [label = prediction] / q - 1 over the current documents, less what
    the other parameters explain of it (Neyman 1959, Rao 1948). The estimate is that of
    maximum likelihood. Cost: O(n k d^2) a step, some ten steps.

    Parameters
    ----------
    design:
        Shape (n, k, d).
    labels, predictions:
        Shape (n,), classes.
    in_current:
        Shape (n,), boolean.
    """
    agrees = labels == predictions
    theta = _fit(design, labels)
    logs = log_softmax(design @ theta, axis=1)
    expected = float(np.exp(_at(logs, predictions))[in_current].mean())
    score, information = _score_of_echoes(design, logs, predictions, in_current, agrees)
    error_at_none = 1.0 / np.sqrt(information)
    share, error = 0.0, float(error_at_none)
    if score > 0.0:
        start = min(score / information, _MOST_AT_FIRST)
        share, theta, error = _maximised(design, labels, agrees, in_current, theta, start=start)
        logs = log_softmax(design @ theta, axis=1)
        expected = float(np.exp(_at(logs, predictions))[in_current].mean())
    return Echo(
        z=float(score / np.sqrt(information)),
        share=share,
        error=error,
        error_at_none=float(error_at_none),
        expected=expected,
    )


def _at(values: Floats, classes: NDArray[np.int64]) -> Floats:
    return np.asarray(values[np.arange(len(values)), classes])


def _gradients(design: Floats, logs: Floats, classes: NDArray[np.int64]) -> Floats:
    """Return d log q(class) / d theta of each row, shape (n, d)."""
    mean = np.einsum("nk,nkd->nd", np.exp(logs), design)
    return np.asarray(design[np.arange(len(design)), classes] - mean)


def _information(design: Floats, logs: Floats) -> Floats:
    flat = (design * np.exp(0.5 * logs)[:, :, None]).reshape(-1, design.shape[2])
    mean = np.einsum("nk,nkd->nd", np.exp(logs), design)
    return np.asarray(flat.T @ flat - mean.T @ mean)


def _fit(design: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return the parameters of largest penalised likelihood, by Newton's method with halved steps."""
    theta = np.zeros(design.shape[2])
    ridge = np.eye(len(theta)) / _SPREAD**2

    def loss(at: Floats) -> float:
        return float(-_at(log_softmax(design @ at, axis=1), labels).sum() + 0.5 * at @ ridge @ at)

    value = loss(theta)
    for _ in range(_MOST_STEPS):
        logs = log_softmax(design @ theta, axis=1)
        slope = _gradients(design, logs, labels).sum(axis=0) - ridge @ theta
        step = np.linalg.solve(_information(design, logs) + ridge, slope)
        length = 1.0
        while length > _SHORTEST and loss(theta + length * step) > value:
            length /= 2.0
        theta = theta + length * step
        previous, value = value, loss(theta)
        if abs(previous - value) <= _ENOUGH * (1.0 + abs(value)):
            break
    return theta


def _score_of_echoes(
    design: Floats,
    logs: Floats,
    predictions: NDArray[np.int64],
    in_current: NDArray[np.bool_],
    agrees: NDArray[np.bool_],
) -> tuple[float, float]:
    """Return the score of e at 0 and its information, other parameters projected out."""
    q = np.exp(_at(logs, predictions))[in_current]
    score = float((agrees[in_current] / q - 1.0).sum())
    shared = _gradients(design[in_current], logs[in_current], predictions[in_current]).sum(axis=0)
    others = _information(design, logs) + np.eye(design.shape[2]) / _SPREAD**2
    information = float((1.0 / q - 1.0).sum() - shared @ np.linalg.solve(others, shared))
    return score, max(information, float(np.finfo(np.float64).tiny))


def _maximised(
    design: Floats,
    labels: NDArray[np.int64],
    agrees: NDArray[np.bool_],
    in_current: NDArray[np.bool_],
    theta: Floats,
    *,
    start: float,
) -> tuple[float, Floats, float]:
    """Return the share of echoes and the other parameters of largest likelihood, and the error of the share.

    Steps are solved from the outer products of the scores (Berndt, Hall, Hall and Hausman 1974) and halved until they
    rise.
    """
    at = np.concatenate([[start], theta])
    ridge = np.eye(len(at)) / _SPREAD**2
    ridge[0] = 0.0

    def mixed(at: Floats) -> tuple[Floats, Floats, Floats]:
        logs = log_softmax(design @ at[1:], axis=1)
        e = np.where(in_current, at[0], 0.0)
        return logs, e, np.where(agrees, e, 0.0) + (1.0 - e) * np.exp(_at(logs, labels))

    def gain(at: Floats) -> float:
        return float(np.log(mixed(at)[2]).sum() - 0.5 * at @ ridge @ at)

    value = gain(at)
    for _ in range(_MOST_STEPS):
        scores = _scores(design, labels, agrees, in_current, *mixed(at))
        step = np.linalg.solve(scores.T @ scores + ridge + _JITTER * np.eye(len(at)), scores.sum(axis=0) - ridge @ at)
        length = 1.0
        while length > _SHORTEST and gain(_inside(at + length * step)) < value:
            length /= 2.0
        if length <= _SHORTEST:
            break
        at = _inside(at + length * step)
        previous, value = value, gain(at)
        if value - previous <= _ENOUGH * (1.0 + abs(value)):
            break
    scores = _scores(design, labels, agrees, in_current, *mixed(at))
    return float(at[0]), at[1:], float(np.sqrt(np.linalg.pinv(scores.T @ scores + ridge)[0, 0]))


def _inside(at: Floats) -> Floats:
    """Keep the share of echoes a share."""
    return np.concatenate([np.clip(at[:1], 0.0, _MOST_ECHOED), at[1:]])


def _scores(
    design: Floats,
    labels: NDArray[np.int64],
    agrees: NDArray[np.bool_],
    in_current: NDArray[np.bool_],
    logs: Floats,
    e: Floats,
    mixed: Floats,
) -> Floats:
    """Return the derivatives of the log-likelihood of each document, shape (n, 1 + d): the share of echoes first."""
    q = np.exp(_at(logs, labels))
    of_share = np.where(in_current, (agrees - q) / mixed, 0.0)
    of_others = _gradients(design, logs, labels) * ((1.0 - e) * q / mixed)[:, None]
    return np.column_stack([of_share, of_others])
